"""Training as a generator of records; it knows neither store nor launcher."""

from gst.training.state import State, run_data, start
from gst.training.streams import stream
from gst.training.train import train

__all__ = ["State", "run_data", "start", "stream", "train"]
