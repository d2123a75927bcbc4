"""From rows to arrays: which runs a sweep has, what each came to, and how its accuracy developed.

Figures, comparisons and pages start from here, so that they agree on what a run's numbers are.
"""

from gst.analysis.contrasts import ArmContrast, Pairing, baselines, contrasts, pairings
from gst.analysis.curves import Curve, CurveQuantity, curve_values, curves
from gst.analysis.hardest import concentration, hardest_and_rest
from gst.analysis.levels import (
    ChosenBy,
    GroupLossResult,
    LevelResult,
    LevelSummary,
    Verdict,
    chosen_by,
    error_difference,
    group_loss_results,
    level_results,
    level_summaries,
    optimal_level,
    paired_rule,
    sparsest_better,
    verdict,
)
from gst.analysis.looks import decision_in_words, look_in_words
from gst.analysis.measurements import (
    FlatnessResult,
    NormalityResult,
    PerturbationResult,
    flatness_results,
    normality_results,
    perturbation_results,
)
from gst.analysis.results import (
    Accuracy,
    EventDrop,
    ParameterCount,
    ProbeResult,
    RunResult,
    distinct,
    event_drops,
    last_drops,
    parameter_counts,
    probe_results,
    run_results,
)
from gst.analysis.source import Member, Source, Table, find_source

__all__ = [
    "Accuracy",
    "ArmContrast",
    "ChosenBy",
    "Curve",
    "CurveQuantity",
    "EventDrop",
    "FlatnessResult",
    "GroupLossResult",
    "LevelResult",
    "LevelSummary",
    "Member",
    "NormalityResult",
    "Pairing",
    "ParameterCount",
    "PerturbationResult",
    "ProbeResult",
    "RunResult",
    "Source",
    "Table",
    "Verdict",
    "baselines",
    "chosen_by",
    "concentration",
    "contrasts",
    "curve_values",
    "curves",
    "decision_in_words",
    "distinct",
    "error_difference",
    "event_drops",
    "find_source",
    "flatness_results",
    "group_loss_results",
    "hardest_and_rest",
    "last_drops",
    "level_results",
    "level_summaries",
    "look_in_words",
    "normality_results",
    "optimal_level",
    "paired_rule",
    "pairings",
    "parameter_counts",
    "perturbation_results",
    "probe_results",
    "run_results",
    "sparsest_better",
    "verdict",
]
