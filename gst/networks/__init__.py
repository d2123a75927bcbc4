"""The networks of the papers as shapes alone, and what pruning takes of them."""
