"""Statistics over runs: arrays and a generator in, small NamedTuples out."""

from gst.stats.correlation import Correlation, correlation, fisher_correlation
from gst.stats.estimate import Estimate, Estimates, bootstrap, bootstrap_groups
from gst.stats.granulated import Granulated, GranulatedTau, granulated
from gst.stats.operating import Coverage, Operating, coverage, operating
from gst.stats.power import (
    interval_half_width,
    power_for_correlation,
    power_for_difference,
    runs_for_correlation,
    seeds_for_difference,
    seeds_for_half_width,
)
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
from gst.stats.spread import Spread, deviation, deviation_factors, paired_spread, unpaired_spread
from gst.stats.tests import DeviationRule, TTest, one_deviation_rule, paired_difference, t_test

__all__ = [
    "FEWEST_PAIRS",
    "FUTILE",
    "Correlation",
    "Coverage",
    "DeviationRule",
    "Estimate",
    "Estimates",
    "Granulated",
    "GranulatedTau",
    "Interim",
    "Operating",
    "Spending",
    "Spread",
    "TTest",
    "bootstrap",
    "bootstrap_groups",
    "bounds",
    "correlation",
    "coverage",
    "deviation",
    "deviation_factors",
    "fisher_correlation",
    "granulated",
    "interim",
    "interval_half_width",
    "kendall_rows",
    "nominal_levels",
    "one_deviation_rule",
    "operating",
    "paired_difference",
    "paired_spread",
    "pearson_rows",
    "power_for_correlation",
    "power_for_difference",
    "predictive_power",
    "rising",
    "runs_for_correlation",
    "seeds_for_difference",
    "seeds_for_half_width",
    "t_test",
    "unpaired_spread",
]
