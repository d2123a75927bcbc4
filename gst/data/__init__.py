"""Data sets in memory, the part of one that a run trains on, and its batches."""

from gst.data.dataset import Dataset, Split
from gst.data.fetch import fetch, refuse_other
from gst.data.load import config_of, data_sets_in, load_dataset, wanted
from gst.data.loader import Batch, batches
from gst.data.subset import training_data
from gst.data.whole import read_whole

__all__ = [
    "Batch",
    "Dataset",
    "Split",
    "batches",
    "config_of",
    "data_sets_in",
    "fetch",
    "load_dataset",
    "read_whole",
    "refuse_other",
    "training_data",
    "wanted",
]
