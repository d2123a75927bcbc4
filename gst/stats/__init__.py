"""Statistics over runs: arrays and a generator in, small NamedTuples out."""

from gst.stats.correlation import Correlation, correlation, fisher_correlation
from gst.stats.estimate import Estimate, Estimates, bootstrap, bootstrap_groups
from gst.stats.power import power_for_correlation, runs_for_correlation, seeds_for_half_width
from gst.stats.rows import kendall_rows, pearson_rows, rising
from gst.stats.tests import DeviationRule, TTest, one_deviation_rule, paired_difference, t_test

__all__ = [
    "Correlation",
    "DeviationRule",
    "Estimate",
    "Estimates",
    "TTest",
    "bootstrap",
    "bootstrap_groups",
    "correlation",
    "fisher_correlation",
    "kendall_rows",
    "one_deviation_rule",
    "paired_difference",
    "pearson_rows",
    "power_for_correlation",
    "rising",
    "runs_for_correlation",
    "seeds_for_half_width",
    "t_test",
]
