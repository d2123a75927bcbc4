"""Statistics over runs: arrays and a generator in, small NamedTuples out."""

from gst.stats.correlation import Correlation, correlation, fisher_correlation
from gst.stats.estimate import Estimate, Estimates, bootstrap, bootstrap_groups
from gst.stats.operating import Coverage, Operating, coverage, operating
from gst.stats.power import power_for_correlation, runs_for_correlation, seeds_for_half_width
from gst.stats.rows import kendall_rows, pearson_rows, rising
from gst.stats.sequential import (
    FEWEST_PAIRS,
    FUTILE,
    Interim,
    Spending,
    bounds,
    interim,
    nominal_levels,
    predictive_power,
)
from gst.stats.tests import DeviationRule, TTest, one_deviation_rule, paired_difference, t_test

__all__ = [
    "FEWEST_PAIRS",
    "FUTILE",
    "Correlation",
    "Coverage",
    "DeviationRule",
    "Estimate",
    "Estimates",
    "Interim",
    "Operating",
    "Spending",
    "TTest",
    "bootstrap",
    "bootstrap_groups",
    "bounds",
    "correlation",
    "coverage",
    "fisher_correlation",
    "interim",
    "kendall_rows",
    "nominal_levels",
    "one_deviation_rule",
    "operating",
    "paired_difference",
    "pearson_rows",
    "power_for_correlation",
    "predictive_power",
    "rising",
    "runs_for_correlation",
    "seeds_for_half_width",
    "t_test",
]
