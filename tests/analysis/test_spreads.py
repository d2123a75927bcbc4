"""How much arms, baselines and their differences vary."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from stores import Run, fill
from tradeoffs import pruned, unpruned

from gst.analysis.quantities import RUN_QUANTITIES
from gst.analysis.results import run_results
from gst.analysis.source import find_source
from gst.analysis.spreads import contrast_spreads

ACCURACY, STABILITY = RUN_QUANTITIES["final_accuracy"], RUN_QUANTITIES["stability"]
NONE, CUT = [0.5, 0.25, 0.625, 0.5], [0.75, 0.5, 0.5, 0.625]


def results(store, runs, **configs):
    fill(store, runs, configs=configs)
    return run_results(store, find_source(store, "hand"))


@pytest.fixture
def runs(store):
    """Four seeds of two arms, and a fifth and a sixth that one arm each has alone."""
    return results(
        store,
        [
            *(unpruned("none", seed, accuracy) for seed, accuracy in enumerate([*NONE, 0.75])),
            *(pruned("cut", seed, 0.5, accuracy) for seed, accuracy in enumerate(CUT)),
            pruned("cut", 5, 0.5, 0.25),
        ],
    )


def test_deviations_are_in_points_and_pairs_those_seeds_that_both_have(runs):
    (found,) = contrast_spreads(runs, [("cut", "none")], ACCURACY)
    none, cut = 100 * np.array([*NONE, 0.75]), 100 * np.array([*CUT, 0.25])
    assert (found.arm, found.baseline, found.runs, found.pairs) == ("cut", "none", (5, 5), 4)
    assert found.deviation_arm == pytest.approx(cut.std(ddof=1))
    assert found.deviation_baseline == pytest.approx(none.std(ddof=1))
    assert found.correlation == pytest.approx(stats.pearsonr(cut[:4], none[:4]).statistic)
    assert found.paired == (pytest.approx((cut - none)[:4].std(ddof=1)), 3, 1)
    assert found.unpaired.deviation == pytest.approx(np.hypot(cut.std(ddof=1), none.std(ddof=1)))
    assert found.unpaired.degrees == pytest.approx(stats.ttest_ind(cut, none, equal_var=False).df)


def test_what_does_not_vary_has_neither_spread_nor_correlation(runs):
    (found,) = contrast_spreads(runs, [("cut", "none")], STABILITY)
    assert (found.deviation_arm, found.deviation_baseline) == (0, 0)
    assert (found.correlation, found.unpaired, found.paired) == (None, None, None)


def test_few_runs_have_what_can_be_computed_of_them(store):
    runs = results(
        store,
        [
            *(unpruned("none", seed, NONE[seed]) for seed in (0, 1)),
            *(pruned("two", seed, 0.5, CUT[seed + 1]) for seed in (0, 1)),
            pruned("one", 0, 0.5, 0.5),
            Run("nothing", 0, [0.5, 0.5], events=[(0, 0.5, 0.5, 0)]),
        ],
    )
    two, one, nothing = contrast_spreads(
        runs, [("two", "none"), ("one", "none"), ("nothing", "none")], STABILITY
    )
    assert (two.pairs, two.deviation_arm) == (2, 0)
    assert (one.runs, one.deviation_arm, one.unpaired, one.paired) == ((1, 2), None, None, None)
    assert (nothing.runs, nothing.pairs) == ((0, 2), 0)
    (two,) = contrast_spreads(runs, [("two", "none")], ACCURACY)
    assert two.correlation is None
    assert two.paired == (pytest.approx(100 * 0.25 / np.sqrt(2)), 1, 1)
