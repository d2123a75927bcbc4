"""The figures of each paper, as recipes."""
