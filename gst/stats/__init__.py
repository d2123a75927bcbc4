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
from gst.stats.granulated import Granulated, GranulatedTau, granulated
from gst.stats.means import mean_interval, mean_intervals
from gst.stats.mixed import MixedModel, mixed_model
from gst.stats.operating import Coverage, Operating, coverage, operating
from gst.stats.power import (
    interval_half_width,
    power_for_difference,
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
from gst.stats.tests import DeviationRule, TTest, holm, one_deviation_rule, paired_t_test, t_test

__all__ = [
    "FEWEST_PAIRS",
    "FUTILE",
    "Correlation",
    "Coverage",
    "CrossedRuns",
    "DeviationRule",
    "Estimate",
    "Estimates",
    "Granulated",
    "GranulatedTau",
    "Interim",
    "MixedModel",
    "Operating",
    "Spending",
    "Spread",
    "TTest",
    "between_correlation",
    "between_without_each",
    "bootstrap",
    "bootstrap_groups",
    "bounds",
    "correlation",
    "coverage",
    "crossed_runs",
    "deviation",
    "deviation_factors",
    "fisher_correlation",
    "granulated",
    "holm",
    "interim",
    "interval_half_width",
    "kendall_rows",
    "mean_interval",
    "mean_intervals",
    "mixed_model",
    "nominal_levels",
    "one_deviation_rule",
    "operating",
    "paired_spread",
    "paired_t_test",
    "pearson_rows",
    "pooled_correlation",
    "power_for_difference",
    "predictive_power",
    "rising",
    "seeds_correlation",
    "seeds_for_difference",
    "seeds_for_half_width",
    "t_test",
    "unpaired_spread",
    "within_correlation",
]
