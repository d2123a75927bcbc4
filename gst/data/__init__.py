"""Data sets in memory, the part of one that a run trains on, and its batches."""

from gst.data.dataset import Dataset, DatasetSummary, Split
from gst.data.load import data_sets_in, is_here, load_dataset
from gst.data.loader import Batch, batches
from gst.data.subset import training_data

__all__ = [
    "Batch",
    "Dataset",
    "DatasetSummary",
    "Split",
    "batches",
    "data_sets_in",
    "is_here",
    "load_dataset",
    "training_data",
]
