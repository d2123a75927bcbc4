"""Old names of `means`, until every figure is a sheet."""

from gst.figures.means import RunMean as Group
from gst.figures.means import run_mean as group

__all__ = ["Group", "group"]
