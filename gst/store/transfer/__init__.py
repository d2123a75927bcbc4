"""Moving results: a store to files and back, and from one database to another."""

from gst.store.transfer.copying import Copied, TableCopy, copy
from gst.store.transfer.merged import Conflicts, Fate, Merged
from gst.store.transfer.merging import merge
from gst.store.transfer.outgoing import export

__all__ = ["Conflicts", "Copied", "Fate", "Merged", "TableCopy", "copy", "export", "merge"]
