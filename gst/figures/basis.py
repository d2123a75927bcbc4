"""Old names of `sweep_runs` and `sheet`, until every figure is a sheet."""

from gst.analysis.quantities import stability
from gst.figures.sheet import Row, as_table
from gst.figures.sweep_runs import SweepRuns
from gst.figures.sweep_runs import SweepRuns as Basis
from gst.figures.sweep_runs import sweep_runs as basis
from gst.figures.sweep_runs import without_event as unpaced

__all__ = ["Basis", "Row", "SweepRuns", "as_table", "basis", "stability", "unpaced"]
