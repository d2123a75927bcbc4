"""Against scipy, numpy and resampling written out, not against ourselves."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from gst.compare.contrast import (
    Contrast,
    Interval,
    correlation_interval,
    mean_of,
    strength_interval,
    trend_interval,
)
from gst.compare.quantities import Pairs
from gst.errors import InputError
from gst.stats.estimate import bootstrap


@pytest.fixture
def rng():
    return np.random.default_rng(7)


def interval(first, second, level=0.95):
    return Contrast(first, second).interval(level)


def test_few_values_have_students_interval_and_many_are_bootstrapped(rng):
    values = rng.normal(5, 1, 7).tolist()
    found = mean_of(values)
    assert (found.low, found.high) == pytest.approx(
        tuple(stats.ttest_1samp(values, 0).confidence_interval(0.95))
    )
    assert found.method == "95% t"
    eight = mean_of([*values, 5.0])
    assert eight.method == "95% expanded percentile bootstrap, all resamples"
    assert (eight.n, eight.value) == ((8,), pytest.approx(np.mean([*values, 5.0])))
    assert (eight.low, eight.high) == bootstrap([*values, 5.0])[1:3]


def test_one_value_has_no_interval():
    with pytest.raises(InputError, match="at least 2 values, found 1"):
        mean_of([1.0])


def test_equal_values_have_an_interval_without_width():
    found = mean_of([0.1, 0.1, 0.1])
    assert (found.value, found.low, found.high) == (0.1, 0.1, 0.1)


def test_the_same_seeds_are_paired(rng):
    """A spread that both sides share does not widen the interval."""
    shared = rng.normal(0, 10, 10)
    first = {seed: 1 + value for seed, value in enumerate(shared)}
    found = interval(first, dict(enumerate(shared)))
    assert (found.value, found.low, found.high) == pytest.approx((1, 1, 1))
    assert found.n == (10,)
    assert found.method == "95% t, paired by seed"
    assert found.p is None


@pytest.mark.parametrize("n", [2, 5, 12])
@pytest.mark.parametrize("level", [0.95, 0.9])
def test_differences_by_seed_have_students_interval_and_test(n, level, rng):
    first, second = rng.normal(1, 1, n), rng.normal(0, 1, n)
    found = interval(dict(enumerate(first)), dict(enumerate(second)), level)
    expected = stats.ttest_rel(first, second)
    assert (found.low, found.high) == pytest.approx(tuple(expected.confidence_interval(level)))
    assert (found.value, found.p) == pytest.approx((first.mean() - second.mean(), expected.pvalue))
    assert (found.n, found.method) == ((n,), f"{100 * level:g}% t, paired by seed")


def test_pairs_are_by_seed_and_not_by_place():
    first, second = {0: 10.0, 1: 20.0, 2: 31.0}, {2: 30.0, 1: 20.0, 0: 10.0}
    found = interval(first, second)
    assert found.value == pytest.approx(1 / 3)
    assert found.high == pytest.approx(stats.ttest_1samp([0, 0, 1], 0).confidence_interval().high)


def test_a_seed_that_is_missing_does_not_undo_the_pairs():
    first = {seed: seed + 1.0 for seed in range(10)}
    second = {seed: float(seed) for seed in range(8)}
    found = interval(first, second)
    assert (found.value, found.n) == (1.0, (8,))
    alone = interval(first, {seed: float(seed) for seed in range(7)})
    assert alone.n == (10, 7)


@pytest.mark.parametrize("n", [(10, 3), (40, 50)])
def test_unpaired_values_have_welchs_interval_and_test(n, rng):
    first, second = rng.normal(1, 1, n[0]), rng.normal(0, 3, n[1])
    found = interval(dict(enumerate(first)), dict(enumerate(second, start=100)), 0.9)
    expected = stats.ttest_ind(first, second, equal_var=False)
    assert (found.low, found.high) == pytest.approx(tuple(expected.confidence_interval(0.9)))
    assert (found.n, found.p, found.method) == (n, pytest.approx(expected.pvalue), "90% Welch t")


def test_two_constants_differ_without_doubt():
    found = interval({0: 2.0, 1: 2.0}, {5: 1.0, 6: 1.0, 7: 1.0})
    assert (found.value, found.low, found.high, found.n) == (1.0, 1.0, 1.0, (2, 3))
    assert found.implied_p == 0


def test_one_run_on_a_side_is_refused():
    with pytest.raises(InputError, match="at least 2"):
        interval({0: 1.0}, {0: 2.0})
    with pytest.raises(InputError, match="at least 2 runs on each side, found 10 and 1"):
        interval(dict.fromkeys(range(10), 1.0), {50: 2.0})


@pytest.mark.parametrize("level", [0.95, 0.9])
def test_a_difference_from_a_number(level, rng):
    values = rng.normal(3, 1, 5)
    found = interval(dict(enumerate(values)), 2.0, level)
    expected = stats.ttest_1samp(values, 2.0)
    low, high = expected.confidence_interval(level)
    assert (found.value, found.low, found.high) == pytest.approx((values.mean() - 2, low - 2, high - 2))
    assert (found.p, found.n, found.method) == (
        pytest.approx(expected.pvalue), (5,), f"{100 * level:g}% t",
    )  # fmt: skip
    other = interval(2.0, dict(enumerate(values)), level)
    assert other == found.negated()
    assert (other.low, other.high) == (-found.high, -found.low)


def test_the_p_that_an_interval_implies():
    """Fisher's interval of 6 pairs is normal in artanh, so it gives back the p of Fisher's test."""
    x, y = np.arange(6.0), np.array([0.0, 2, 1, 3, 5, 4])
    found = correlation_interval("pearson", one_configuration(x, y))
    fisher = stats.pearsonr(x, y)
    assert (found.low, found.high) == pytest.approx(tuple(fisher.confidence_interval()))
    assert found.p is None
    assert found.implied_p == pytest.approx(2 * stats.norm.sf(np.arctanh(fisher.statistic) * np.sqrt(3)))
    assert found.negated().implied_p == pytest.approx(found.implied_p)
    whole = Interval(2.0, 2 - 1.959964, 2 + 1.959964, (5,), "made up")
    assert whole.implied_p == pytest.approx(2 * stats.norm.sf(2))
    assert whole._replace(p=0.25).implied_p == 0.25
    assert Interval(0.0, 0.0, 0.0, (5,), "made up").implied_p == 1


def one_configuration(x, y) -> Pairs:
    return Pairs(np.asarray(x), np.asarray(y), ("one",) * len(x), tuple(range(len(x))))


def grid(x, y) -> Pairs:
    """Runs of [configurations, seeds]."""
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    rows, columns = np.indices(x.shape).reshape(2, -1)
    return Pairs(x.ravel(), y.ravel(), tuple(map(str, rows)), tuple(map(int, columns)))


def drawn_grid(rng, configurations: int, seeds: int, slope: float = 0.4) -> tuple[np.ndarray, np.ndarray]:
    """X and y [configurations, seeds] that configurations and seeds both move."""
    x = rng.normal(size=(configurations, 1)) + 0.5 * rng.normal(size=(configurations, seeds))
    y = slope * x + rng.normal(size=(1, seeds)) + 0.5 * rng.normal(size=(configurations, seeds))
    return x, y


def r(x, y) -> float:
    return np.corrcoef(x, y)[0, 1]


def tau(x, y) -> float:
    return stats.kendalltau(x, y).statistic


KINDS = {"pearson": r, "kendall": tau}


def crossed(rng, grids, statistic, *, configurations=True, common=True):
    """The statistic of resamples of grids: columns drawn for all in common, rows for each by itself."""
    found = []
    for _ in range(2000):
        columns = rng.integers(8, size=8)
        of_grids = []
        for x, y in grids:
            rows = rng.integers(len(x), size=len(x)) if configurations else np.arange(len(x))
            cells = np.ix_(rows, columns if common else rng.integers(8, size=8))
            of_grids.append((x[cells].ravel(), y[cells].ravel()))
        found.append(statistic(of_grids))
    return np.array(found)


def ends(found, within=0.08):
    """The percentiles of resamples, give or take what chance does to 2,000 of them."""
    bounds = np.nanquantile(found, [0.025, 0.975])
    return pytest.approx(tuple(bounds), abs=within * np.ptp(bounds))


@pytest.mark.parametrize("kind", KINDS)
def test_a_correlation_draws_configurations_and_seeds(kind, rng):
    x, y = drawn_grid(rng, 6, 8)
    found = correlation_interval(kind, grid(x, y))
    assert found.value == pytest.approx(KINDS[kind](x.ravel(), y.ravel()))
    assert (found.low, found.high) == ends(crossed(rng, [(x, y)], lambda of: KINDS[kind](*of[0])))
    assert (found.n, found.p) == ((48,), None)
    assert found.method == "95% crossed bootstrap, 10,000 resamples over 6 configurations and 8 seeds"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("configurations", [2, 3])
def test_of_too_few_configurations_only_seeds_are_left_out(kind, configurations, rng):
    """Student's interval from the jackknife over seeds, on the scale of artanh."""
    x, y = drawn_grid(rng, configurations, 6)

    def place(kept) -> float:
        return np.arctanh(KINDS[kind](x[:, kept].ravel(), y[:, kept].ravel()))

    without = np.array([place([seed for seed in range(6) if seed != left]) for left in range(6)])
    error, middle = np.sqrt(5 * without.var()), place(range(6))
    found = correlation_interval(kind, grid(x, y))
    expected = np.tanh([middle, *stats.t.interval(0.95, 5, middle, error)])
    assert (found.value, found.low, found.high) == pytest.approx(tuple(expected))
    assert found.n == (6 * configurations,)
    assert found.method == f"95% jackknife over seeds, of these {configurations} configurations"


def test_of_one_configuration_runs_are_drawn(rng):
    x = rng.normal(size=8)
    y = x + rng.normal(size=8)
    found = correlation_interval("pearson", one_configuration(x, y))
    drawn = crossed(rng, [(x[None], y[None])], lambda of: r(*of[0]))
    assert (found.low, found.high) == ends(drawn)
    assert found.method == "95% percentile bootstrap, all resamples"


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        ((5, 2), "no interval: 2 seeds are too few to draw from; run more seeds"),
        ((3, 2), "of these configurations needs at least 3 seeds, found 2; run more seeds"),
        ((1, 2), "at least 3 pairs, found 2; run more seeds"),
    ],
)
def test_two_seeds_say_nothing_of_a_correlation(shape, words, rng):
    with pytest.raises(InputError, match=words):
        correlation_interval("pearson", grid(*drawn_grid(rng, *shape)))


def strength(of) -> float:
    return abs(r(*of[0])) - abs(r(*of[1]))


@pytest.mark.parametrize("configurations", [3, 5])
def test_the_strength_of_a_correlation_has_no_sign(configurations, rng):
    x, weak = drawn_grid(rng, configurations, 8)
    strong = -x + 0.1 * rng.normal(size=x.shape)
    found = strength_interval(grid(x, strong), grid(x, weak))
    assert found.value == pytest.approx(strength([(x.ravel(), it.ravel()) for it in (strong, weak)]))
    drawn = crossed(rng, [(x, strong), (x, weak)], strength, configurations=configurations > 3)
    assert (found.low, found.high) == ends(drawn)
    assert (found.n, found.method) == (
        (8 * configurations,) * 2, "95% crossed bootstrap, 10,000 resamples",
    )  # fmt: skip
    assert found.low > 0
    assert strength_interval(grid(x, weak), grid(x, strong)).high < 0


def test_the_same_seeds_are_drawn_on_both_sides(rng):
    """Of too few configurations to be drawn, two sides that are the same differ in no resample."""
    of = grid(*drawn_grid(rng, 3, 8))
    found = strength_interval(of, of)
    assert (found.value, found.low, found.high) == (0, 0, 0)
    # Seeds are known by their names: in another order it is the same side.
    order = rng.permutation(len(of.x))
    shuffled = Pairs(of.x[order], of.y[order], *(tuple(np.array(it)[order]) for it in of[2:]))
    found = strength_interval(of, shuffled)
    assert (found.low, found.high) == pytest.approx((0, 0), abs=1e-12)


def test_configurations_are_drawn_for_each_side(rng):
    of = grid(*drawn_grid(rng, 6, 8))
    found = strength_interval(of, of)
    assert found.value == 0
    assert found.low < -0.01
    assert found.high > 0.01


def trend(of) -> float:
    return tau(range(len(of)), [r(*it) for it in of])


def test_the_same_seeds_are_drawn_at_all_levels(rng):
    """Y turns away from x, so r falls from level to level in each resample that all levels share."""
    x, noise = rng.normal(size=(2, 3, 8))
    of = [(x, x + weight * noise) for weight in (0.5, 0.6, 0.7)]
    found = trend_interval("kendall", [1, 2, 3], [grid(*it) for it in of])
    assert (found.value, found.low, found.high) == pytest.approx((-1, -1, -1))
    assert found.n == (24, 24, 24)
    apart = crossed(rng, of, trend, configurations=False, common=False)
    assert np.quantile(apart, 0.975) > 0  # what seeds of their own would say


def test_how_correlations_develop(rng):
    """From a strong negative one to a strong positive one over four levels."""
    x = rng.normal(size=(5, 8))
    of = [(x, slope * x + rng.normal(0, 0.5, x.shape)) for slope in (-2, -0.5, 0.5, 2)]
    pairs = [grid(*it) for it in of]
    rises = trend_interval("kendall", [1, 2, 3, 4], pairs)
    assert rises.value == pytest.approx(1)
    assert rises.low > 0
    falls = trend_interval("kendall", [4, 3, 2, 1], pairs)
    assert falls.value == pytest.approx(-1)
    assert falls.high < 0
    found = trend_interval("pearson", [1, 2, 4, 9], pairs)

    def rise(of) -> float:
        return r([1, 2, 4, 9], [r(*it) for it in of])

    assert found.value == pytest.approx(rise([(it.x, it.y) for it in pairs]))
    assert (found.low, found.high) == ends(crossed(rng, of, rise))
    with pytest.raises(InputError, match="at least 3 levels, found 2"):
        trend_interval("pearson", [1, 2], pairs[:2])


def test_a_trend_of_too_few_seeds(rng):
    pairs = [grid(*drawn_grid(rng, 5, 2)) for _ in range(3)]
    with pytest.raises(InputError, match="2 seeds are too few to draw from; run more seeds"):
        trend_interval("kendall", [1, 2, 3], pairs)
    with pytest.raises(InputError, match="2 seeds are too few to draw from; run more seeds"):
        strength_interval(*pairs[:2])


def test_no_correlation_where_something_does_not_vary():
    pairs = one_configuration(np.ones(10), np.arange(10.0))
    with pytest.raises(InputError, match="needs variation"):
        strength_interval(pairs, pairs)
    few = one_configuration([0.0, 0, 1], np.arange(3.0))
    with pytest.raises(InputError, match="of the resamples have no variation in x or y"):
        strength_interval(few, few)
