"""Training as a generator of records; it knows neither store nor launcher."""

from gst.training.branch import branch_off, trunk_again
from gst.training.el2n import El2nEpoch, score_examples
from gst.training.state import State, fitting_data, run_data, start
from gst.training.streams import stream
from gst.training.train import train

__all__ = [
    "El2nEpoch",
    "State",
    "branch_off",
    "fitting_data",
    "run_data",
    "score_examples",
    "start",
    "stream",
    "train",
    "trunk_again",
]
