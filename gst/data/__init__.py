"""Data sets in memory, the part of one that a run trains on, and its batches."""

from gst.data.dataset import Dataset, Split
from gst.data.load import data_sets_in, load_dataset
from gst.data.loader import batches

__all__ = [
    "Dataset",
    "Split",
    "batches",
    "data_sets_in",
    "load_dataset",
]
