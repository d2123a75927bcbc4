from __future__ import annotations

import functools
import math

import numpy as np
import pytest
from comparisons import compared, runs_of
from scipy import stats
from stores import Run, fill, run_config
from tradeoffs import pruned

from gst.compare.telling import published_words

TEN = [0.5, 0.625, 0.75, 0.5, 0.625, 0.75, 0.625, 0.625, 0.5, 0.75]


def expanded_of_ten() -> tuple[float, float]:
    """The ends of the expanded percentile interval of TEN's mean, in percent (Hesterberg 2015, section 5).

    The sum of ten draws, in eighths, has the tenfold convolution of the distribution of one.
    """
    draw = np.bincount((8 * np.array(TEN)).astype(int)) / 10
    likely = functools.reduce(np.convolve, [draw] * 10)
    tail = stats.norm.cdf(np.sqrt(10 / 9) * stats.t.ppf(0.025, 9))
    low = 100 * np.searchsorted(np.cumsum(likely), tail) / 80
    return low, 2 * 62.5 - low  # the distribution is symmetric


class TestMean:
    def test_ours_is_the_mean_with_its_interval(self, valued):
        found = valued(runs_of("A", TEN), quantity="test_accuracy", arms=["A"], value=60.0)
        assert found.ours.value == pytest.approx(62.5)
        assert found.ours.deviation == pytest.approx(100 * np.std(TEN, ddof=1))
        assert found.ours.low < 62.5 < found.ours.high
        assert found.ours.n == (10,)
        assert found.name == "test accuracy, A"

    @pytest.mark.parametrize(
        ("published", "inside"), [(62.5, True), (50.0, False), (75.0, False), (69.0, True), (70.5, False)]
    )
    def test_whether_the_published_value_lies_inside(self, valued, published, inside):
        found = valued(runs_of("A", TEN), quantity="test_accuracy", arms=["A"], value=published)
        assert (found.ours.low, found.ours.high) == pytest.approx(expanded_of_ten())
        assert (found.inside, found.agrees) == (inside, inside)

    @pytest.mark.parametrize(("published", "too_wide"), [(62.5, False), (96.0, True)])
    def test_an_interval_that_leaves_everything_open_does_not_agree(self, valued, published, too_wide):
        """Three runs, deviation 6 points: 14.9 points to either side, where 96% is 4 points short of all."""
        runs = runs_of("A", [(published + it) / 100 for it in (-4.0, 0.0, 4.0)])
        found = valued(runs, quantity="test_accuracy", arms=["A"], value=published)
        half = stats.t.ppf(0.975, 2) * 4 / math.sqrt(3)
        assert (found.ours.low, found.ours.high) == pytest.approx((published - half, published + half))
        assert (found.too_wide, found.agrees) == (too_wide, None if too_wide else True)
        assert found.inside

    @pytest.mark.parametrize(("spread", "too_wide"), [(0.01, False), (0.25, True)])
    def test_an_interval_about_no_difference_may_be_too_wide(self, valued, spread, too_wide):
        """Half of what a difference could be are 100 points; of three seeds, ours has 5 or 124."""
        runs = [*runs_of("A", [0.5 - spread, 0.5, 0.5 + spread]), *runs_of("B", [0.5] * 3)]
        keys = {"statistic": "difference", "quantity": "test_accuracy", "arms": ["A", "B"]}
        found = valued(runs, value=0, unit="points", **keys)
        assert found.inside
        assert (found.too_wide, found.agrees) == (too_wide, None if too_wide else True)

    def test_give_or_take_its_rounding(self, valued, store):
        fill(store, runs_of("A", [0.4209] * 10))
        assert valued([], quantity="test_accuracy", arms=["A"], value=42).inside
        assert not valued([], quantity="test_accuracy", arms=["A"], value=42.0).inside
        assert valued([], quantity="test_accuracy", arms=["A"], value=42.0, rounding=0.1).inside
        assert not valued([], quantity="test_accuracy", arms=["A"], value=42, rounding=0).inside

    def test_a_published_deviation_makes_it_two_samples(self, valued):
        """By Welch's test, against scipy's from the same summaries."""
        found = valued(
            runs_of("A", TEN), quantity="test_accuracy", arms=["A"], value=71.0, deviation=8.0, runs=5
        )
        ours = 100 * np.array(TEN)
        expected = stats.ttest_ind_from_stats(
            ours.mean(), ours.std(ddof=1), 10, 71.0, 8.0, 5, equal_var=False
        )
        assert found.difference.p == pytest.approx(expected.pvalue)
        assert found.difference.value == pytest.approx(-8.5)
        assert (found.difference.alike, found.agrees, found.inside) == (True, True, False)
        for edge in (found.difference.low, found.difference.high):
            shifted = stats.ttest_ind_from_stats(
                ours.mean() - edge, ours.std(ddof=1), 10, 71.0, 8.0, 5, equal_var=False
            )
            assert shifted.pvalue == pytest.approx(0.05)

    def test_two_samples_may_differ(self, valued):
        keys = {"quantity": "test_accuracy", "arms": ["A"], "value": 90.0, "deviation": 8.0, "runs": 5}
        found = valued(runs_of("A", TEN), **keys)
        assert (found.difference.alike, found.agrees) == (False, False)

    def test_one_run_has_no_interval_and_no_verdict(self, valued):
        found = valued(runs_of("A", [0.5]), quantity="test_accuracy", arms=["A"], deviation=1.0, runs=3)
        assert (found.ours.value, found.ours.low, found.inside, found.agrees) == (50.0, None, None, None)
        assert found.ours.method == "one run, so there is no interval"

    def test_the_definition_of_accuracy_is_the_figures(self, valued, store):
        fill(store, [Run("A", seed, [0.75, 0.5]) for seed in range(3)])
        keys = {"quantity": "test_accuracy", "arms": ["A"]}
        assert valued([], **keys).ours.value == 50.0
        assert valued([], figure={"accuracy": "best"}, **keys).ours.value == 75.0

    def test_several_arms_and_a_run_in_two_of_them_once(self, valued):
        config = run_config(epochs=1)
        runs = [*runs_of("A", [0.25]), Run("B", 0, status="pending"), *runs_of("C", [0.75])]
        found = valued(runs, {"A": config, "B": config}, quantity="test_accuracy", arms=["A", "B", "C"])
        assert (found.ours.value, found.ours.n) == (50.0, (2,))


def line(slope=1):
    return [pruned("cut", i, 1 - i / 64, 0.5 + slope * (i + (i % 3)) / 128) for i in range(12)]


class TestPairs:
    def test_correlations_and_their_p(self, valued, store):
        fill(store, line())
        x, y = [1 - i / 64 for i in range(12)], [(i + (i % 3)) / 128 for i in range(12)]
        keys = {"x": "stability", "y": "test_accuracy", "arms": ["cut"]}
        for statistic, function in (("pearson", stats.pearsonr), ("kendall", stats.kendalltau)):
            expected = function(x, y)
            found = valued([], statistic=statistic, value=-0.9, unit="correlation", **keys)
            assert found.ours.value == pytest.approx(expected.statistic)
            assert (found.ours.n, found.inside is not None) == ((12,), True)
            p = valued([], statistic=f"{statistic}_p", value=0.01, unit="p", **keys)
            assert p.ours.value == pytest.approx(expected.pvalue)
            assert (p.ours.low, p.inside, p.agrees) == (None, None, None)
        assert p.name == "p of tau of stability and test accuracy, cut"

    def test_the_value_and_the_claim_have_the_same_interval(self, store):
        fill(store, line())
        keys = {"x": "stability", "y": "test_accuracy", "arms": ["cut"]}
        value = {"statistic": "pearson", "value": -0.9, "unit": "correlation", "place": "here"} | keys
        claim = {"claim": "So.", "place": "here", "sign": {"expect": "negative"} | keys}
        found = compared(store, values=[value], claims=[claim])
        (part,) = found.claims[0].parts
        assert (found.values[0].ours.low, found.values[0].ours.high) == (part.low, part.high)


class TestTwoArms:
    def test_a_difference_is_first_less_second(self, valued):
        runs = runs_of("A", [0.5, 0.625, 0.75]) + runs_of("B", [0.25, 0.375, 0.375])
        found = valued(runs, statistic="difference", quantity="test_accuracy", unit="points", arms=["A", "B"])
        expected = stats.ttest_1samp([25, 25, 37.5], 0).confidence_interval()
        assert found.ours.value == pytest.approx(87.5 / 3)
        assert (found.ours.low, found.ours.high) == pytest.approx(tuple(expected))
        assert found.name == "test accuracy, A less B"

    def test_the_t_test_pools(self, valued):
        first, second = [0.5, 0.625, 0.75], [0.25, 0.375, 0.4]
        runs = runs_of("A", first) + runs_of("B", second)
        found = valued(runs, statistic="t_test_p", quantity="test_accuracy", unit="p", arms=["A", "B"])
        assert found.ours.value == pytest.approx(stats.ttest_ind(first, second).pvalue)
        assert found.ours.n == (3, 3)


def test_the_fewest_runs_of_an_arm(valued):
    runs = [*runs_of("A", [0.5] * 4), *runs_of("B", [0.5] * 3), Run("B", 3, [0.5], status="failed")]
    found = valued(runs, statistic="runs", unit="count", value=20, arms=["*"])
    assert (found.ours.value, found.agrees) == (3, None)
    assert (found.name, found.printed) == ("runs of each arm", "20")


class TestNotCompared:
    def test_not_run(self, valued):
        found = valued([], quantity="test_accuracy", arms=["A"])
        assert (found.compared, found.measured, found.ours) == (False, True, None)
        assert found.reason == "sweep hand is not in the store; run it: gst sweep hand"

    def test_not_measured(self, valued):
        figure = {"unmeasured": {"beauty": "nobody knows how"}}
        found = valued(runs_of("A", [0.5, 0.5]), figure=figure, quantity="beauty", arms=["A"])
        assert (found.measured, found.reason, found.name) == (False, "nobody knows how", "beauty, A")

    def test_unavailable(self, valued):
        found = valued(
            runs_of("A", [0.5, 0.5]), quantity="test_accuracy", arms=["B"], unavailable="no such runs"
        )
        assert (found.measured, found.reason) == (False, "no such runs")

    def test_runs_without_the_quantity(self, valued):
        found = valued(runs_of("A", [0.5, 0.5]), quantity="iterative_rate", arms=["A"])
        assert found.reason == "these runs have no iterative rate"


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"value": 99.47, "rounding": 0.0005, "deviation": 0.203, "runs": 10}, "99.470% ± 0.203 (n = 10)"),
        ({"value": 42}, "42%"),
        ({"value": 85.2, "runs": 10}, "85.2% (n = 10)"),
        ({"value": 3.5, "range": [3.5, 71], "unit": "ratio", "quantity": "beauty"}, "3.5 to 71"),
        ({"value": 9231114, "unit": "count", "quantity": "parameters"}, "9,231,114"),
        ({"value": 7, "unit": "points", "quantity": "mean_drop"}, "7 points"),
        ({"value": 100, "rounding": 0}, "100%"),
    ],
)
def test_the_published_value_in_words(valued, keys, words):
    figure = {"unmeasured": {"beauty": "nobody knows how"}}
    found = valued([], figure=figure, **({"quantity": "stability", "arms": ["A"]} | keys))
    assert published_words(found) == words
    assert found.ours is None


def test_a_p_in_words(valued):
    keys = {"statistic": "pearson_p", "x": "stability", "y": "test_accuracy", "arms": ["A"], "unit": "p"}
    assert published_words(valued([], value=4.4e-6, runs=30, **keys)) == "4.4e-06 (n = 30)"
    assert math.isclose(valued([], value=4.4e-6, **keys).published, 4.4e-6)
