"""Statistics over runs: arrays in, small NamedTuples out."""

from gst.stats.correlation import Correlation, correlation, fisher_correlation
from gst.stats.crossed import (
    CrossedRuns,
    between_correlation,
    between_without_each,
    crossed_runs,
    pooled_correlation,
    seeds_correlation,
    within_correlation,
)
from gst.stats.estimate import Estimate, Estimates, bootstrap, bootstrap_groups
from gst.stats.means import mean_interval, mean_intervals
from gst.stats.mixed import MixedModel, mixed_model
from gst.stats.power import power_for_correlation, runs_for_correlation, seeds_for_half_width
from gst.stats.rows import kendall_rows, pearson_rows, rising
from gst.stats.tests import DeviationRule, TTest, holm, one_deviation_rule, paired_t_test, t_test

__all__ = [
    "Correlation",
    "CrossedRuns",
    "DeviationRule",
    "Estimate",
    "Estimates",
    "MixedModel",
    "TTest",
    "between_correlation",
    "between_without_each",
    "bootstrap",
    "bootstrap_groups",
    "correlation",
    "crossed_runs",
    "fisher_correlation",
    "holm",
    "kendall_rows",
    "mean_interval",
    "mean_intervals",
    "mixed_model",
    "one_deviation_rule",
    "paired_t_test",
    "pearson_rows",
    "pooled_correlation",
    "power_for_correlation",
    "rising",
    "runs_for_correlation",
    "seeds_correlation",
    "seeds_for_half_width",
    "t_test",
    "within_correlation",
]
