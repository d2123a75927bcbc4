"""From rows to arrays: which runs a sweep has, what each came to, and how its accuracy developed.

Figures, comparisons and pages start from here, so that they agree on what a run's numbers are.
"""

from gst.analysis.curves import Curve, Quantity, curve_values, curves
from gst.analysis.drops import EventDrop, event_drops, last_drops
from gst.analysis.flatness import (
    FlatnessResult,
    PerturbationResult,
    flatness_results,
    perturbation_results,
)
from gst.analysis.levels import GroupLossResult, LevelResult, group_loss_results, level_results
from gst.analysis.normality import NormalityResult, normality_results
from gst.analysis.optimal import (
    ChosenBy,
    LevelSummary,
    Verdict,
    chosen_by,
    error_difference,
    level_summaries,
    optimal_level,
    paired_rule,
    sparsest_better,
    verdict,
)
from gst.analysis.probes import ProbeResult, probe_results
from gst.analysis.runs import Accuracy, RunResult, distinct, run_results
from gst.analysis.source import Member, Source, find_source
from gst.analysis.table import Table

__all__ = [
    "Accuracy",
    "ChosenBy",
    "Curve",
    "EventDrop",
    "FlatnessResult",
    "GroupLossResult",
    "LevelResult",
    "LevelSummary",
    "Member",
    "NormalityResult",
    "PerturbationResult",
    "ProbeResult",
    "Quantity",
    "RunResult",
    "Source",
    "Table",
    "Verdict",
    "chosen_by",
    "curve_values",
    "curves",
    "distinct",
    "error_difference",
    "event_drops",
    "find_source",
    "flatness_results",
    "group_loss_results",
    "last_drops",
    "level_results",
    "level_summaries",
    "normality_results",
    "optimal_level",
    "paired_rule",
    "perturbation_results",
    "probe_results",
    "run_results",
    "sparsest_better",
    "verdict",
]
