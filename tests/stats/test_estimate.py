from __future__ import annotations

import functools
import itertools
import math
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from gst.errors import InputError
from gst.stats import estimate, resample
from gst.stats.estimate import bootstrap, bootstrap_groups
from gst.stats.means import mean_interval, mean_intervals
from gst.stats.resample import ENUMERATED, chances, resample_count

SKEWED = np.random.default_rng(7).exponential(size=14)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def distinct(samples: np.ndarray, /, *, axis: int) -> np.ndarray:
    rising = np.sort(samples, axis=axis)
    return (np.diff(rising, axis=axis) > 0).sum(axis=axis) + 1.0


def test_a_world_that_can_be_enumerated() -> None:
    # Of the resamples of (0, 1), a quarter have the mean 0, half 0.5, a quarter 1.
    assert bootstrap([0, 1], method="percentile", level=0.4)[:4] == (0.5, 0.5, 0.5, 2)
    assert bootstrap([0, 1], method="percentile", level=0.9)[:4] == (0.5, 0.0, 1.0, 2)
    # The median of three draws of (0, 1, 2) is 0 with 7/27, 1 with 13/27, 2 with 7/27.
    median = functools.partial(bootstrap, [2, 0, 1], statistic="median", method="percentile")
    assert median(level=0.4)[:4] == (1, 1, 1, 3)
    assert median(level=0.6)[:4] == (1, 0, 2, 3)


@settings(deadline=None, max_examples=20)
@given(st.lists(st.integers(-50, 50), min_size=5, max_size=6), st.floats(0.5, 0.97))
def test_few_values_have_all_their_resamples(values: list[int], level: float) -> None:
    """Against every ordered resample, written out: 6 to the power of 6 at most, all equally likely."""
    means = np.sort([np.mean(drawn) for drawn in itertools.product(values, repeat=len(values))])
    found = bootstrap(values, method="percentile", level=level)
    tail = (1 - level) / 2 * len(means)
    low, high = means[math.ceil(tail - 1e-6) - 1], means[len(means) - math.ceil(tail - 1e-6)]
    assert found[:3] == pytest.approx((np.mean(values), low, high), abs=1e-9)
    assert bootstrap(values, seed=1) == bootstrap(values, seed=2)  # nothing is drawn


def test_chances_are_those_of_drawing() -> None:
    assert chances(2).tolist() == [0.25, 0.5, 0.25]
    for units in range(2, ENUMERATED + 1):
        assert chances(units).sum() == pytest.approx(1)
        assert len(chances(units)) == resample_count(units, 10) == math.comb(2 * units - 1, units)
    assert chances(ENUMERATED + 1) is None
    assert resample_count(ENUMERATED + 1, 10) == 10


def test_the_method_is_said_in_words() -> None:
    assert bootstrap(SKEWED).method == "95% expanded percentile bootstrap, 10,000 resamples"
    assert bootstrap([0, 1, 2, 3, 4]).method == "95% expanded percentile bootstrap, all resamples"
    assert bootstrap(SKEWED, method="bca", level=0.999, resamples=2000).method == (
        "99.9% BCa bootstrap, 2,000 resamples"
    )


@pytest.mark.parametrize("method", ["percentile", "bca"])
@pytest.mark.parametrize("statistic", ["mean", np.std])
def test_agrees_with_scipy(method: str, statistic: object) -> None:
    function = np.mean if statistic == "mean" else np.std
    expected = stats.bootstrap(
        (SKEWED,), function, method={"bca": "BCa"}.get(method, method), n_resamples=40_000, rng=rng(1)
    ).confidence_interval
    found = bootstrap(SKEWED, statistic=statistic, method=method, resamples=40_000, seed=2)  # type: ignore[arg-type]
    assert found.value == pytest.approx(function(SKEWED))
    monte_carlo = 0.02 * (expected.high - expected.low)
    assert found.low == pytest.approx(expected.low, abs=monte_carlo)
    assert found.high == pytest.approx(expected.high, abs=monte_carlo)


@pytest.mark.parametrize("method", ["percentile", "bca"])
@pytest.mark.parametrize(("name", "function"), [("mean", np.mean), ("median", np.median)])
def test_the_named_statistics_are_those_of_numpy(name: str, function: object, method: str) -> None:
    for size in (3, 7, 14, 15):
        named, general = (
            bootstrap(SKEWED.repeat(2)[:size], statistic=statistic, method=method, seed=1)  # type: ignore[arg-type]
            for statistic in (name, function)
        )
        assert named[:4] == pytest.approx(general[:4], rel=1e-12)


def test_bca_moves_where_percentile_does_not() -> None:
    percentile = bootstrap(SKEWED, method="percentile")
    bca = bootstrap(SKEWED, method="bca")
    assert bca.low > percentile.low
    assert bca.high > percentile.high + 0.05 * (percentile.high - percentile.low)


@pytest.mark.parametrize("method", ["percentile", "bca"])
@pytest.mark.parametrize("statistic", ["mean", "median", np.std])
def test_many_groups_are_each_group_alone(method: str, statistic: str) -> None:
    groups = rng(3).normal(size=(6, 9))
    together = bootstrap_groups(groups, statistic=statistic, method=method, resamples=500, seed=4)
    for index, group in enumerate(groups):
        alone = bootstrap(group, statistic=statistic, method=method, resamples=500, seed=4)
        assert together.value[index] == pytest.approx(alone.value, rel=1e-12)
        assert together.low[index] == pytest.approx(alone.low, rel=1e-12)
        assert together.high[index] == pytest.approx(alone.high, rel=1e-12)
        assert together.n == alone.n == 9


@pytest.mark.parametrize("statistic", ["mean", "median", np.std])
def test_blocks_and_what_is_kept_change_nothing(statistic: str, monkeypatch: pytest.MonkeyPatch) -> None:
    groups = rng(3).normal(size=(5, 9))
    found = functools.partial(
        bootstrap_groups, groups, statistic=statistic, method="bca", level=0.9, resamples=101
    )
    whole = found()
    other_units = bootstrap_groups(groups[:, :8], statistic=statistic, seed=1)
    assert other_units.n == 8
    kept = found()
    monkeypatch.setattr(estimate, "KEPT", 0)
    for again in (kept, found()):
        for one, other in zip(whole[:3], again[:3], strict=True):
            np.testing.assert_array_equal(one, other)
    for block in (1, 20, 300):
        monkeypatch.setattr(estimate, "blocks", functools.partial(resample.blocks, most=block))
        for one, other in zip(whole[:3], found()[:3], strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-12)


def test_the_seed_decides() -> None:
    assert bootstrap(SKEWED, seed=0) == bootstrap(SKEWED, seed=0)
    assert bootstrap(SKEWED, seed=0) != bootstrap(SKEWED, seed=1)


samples = st.lists(st.integers(-50, 50), min_size=5, max_size=12)


@settings(deadline=None, max_examples=40)
@given(samples, st.randoms(use_true_random=False), st.sampled_from(["mean", "median"]))
def test_order_does_not_matter(values: list[int], random: object, statistic: str) -> None:
    shuffled = list(values)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = (bootstrap(v, statistic=statistic, resamples=200) for v in (values, shuffled))  # type: ignore[arg-type]
    assert one == other


@settings(deadline=None, max_examples=40)
@given(
    samples,
    st.integers(-1000, 1000),
    st.floats(0.001, 1000),
    st.sampled_from(["mean", "median"]),
    st.sampled_from(["percentile", "bca"]),
)
def test_follows_shift_and_scale(
    values: list[int], shift: int, scale: float, statistic: str, method: str
) -> None:
    array = np.array(values, dtype=float)
    plain, moved = (
        bootstrap(v, statistic=statistic, method=method, resamples=200)  # type: ignore[arg-type]
        for v in (array, scale * array + shift)
    )
    for one, other in zip(plain[:3], moved[:3], strict=True):
        assert scale * one + shift == pytest.approx(other, rel=1e-9, abs=1e-9 * (scale * 50 + abs(shift)))


@settings(deadline=None, max_examples=40)
@given(samples, st.sampled_from(["mean", "median"]), st.sampled_from(["percentile", "bca"]))
def test_intervals_lie_within_the_values(values: list[int], statistic: str, method: str) -> None:
    found = bootstrap(values, statistic=statistic, method=method, resamples=200)  # type: ignore[arg-type]
    rounding = 1e-12 * np.ptp(values)
    assert min(values) - rounding <= found.low <= found.high <= max(values) + rounding


@pytest.mark.parametrize("method", ["percentile", "bca"])
@pytest.mark.parametrize("statistic", ["mean", "median", np.mean])
def test_equal_values_have_no_width(method: str, statistic: str) -> None:
    found = bootstrap([0.1] * 7, statistic=statistic, method=method)
    assert found.low == found.high == found.value == pytest.approx(0.1)


@pytest.mark.parametrize("values", [[], [0.5]])
def test_refuses_fewer_than_two_values(values: list[float]) -> None:
    with pytest.raises(InputError, match=f"at least 2 values, found {len(values)}.*more seeds"):
        bootstrap(values)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_refuses_what_is_not_finite(bad: float) -> None:
    with pytest.raises(InputError, match="1 of 4 values are not finite"):
        bootstrap_groups([[0.1, 0.2], [bad, 0.3]])


@pytest.mark.parametrize("level", [0, 1, 95, np.nan])
def test_refuses_a_level_that_is_none(level: float) -> None:
    with pytest.raises(InputError, match="between 0 and 1"):
        bootstrap([0, 1], level=level)


@pytest.mark.parametrize("count", [2, 3, 4])
def test_refuses_ends_beyond_all_resamples(count: int) -> None:
    with pytest.raises(InputError, match=f"{count} values are too few for a 95% bootstrap interval"):
        bootstrap(range(count))
    assert bootstrap(range(count), method="percentile").n == count


def test_refuses_too_few_resamples() -> None:
    bootstrap(SKEWED, method="percentile", resamples=40)
    with pytest.raises(InputError, match="39 resamples are too few for a 95% interval; at least 40"):
        bootstrap(SKEWED, resamples=39)


def test_refuses_a_statistic_without_a_value() -> None:
    with np.errstate(all="ignore"), pytest.raises(InputError, match="not a finite number"):
        bootstrap(
            [0.0, 1.0, 2.0], method="percentile", statistic=lambda samples, axis: 1 / samples.mean(axis=axis)
        )


def test_refuses_bca_where_all_resamples_lie_on_one_side() -> None:
    many = np.arange(20.0)  # a resample of 20 practically never has 20 different values
    assert bootstrap(many, statistic=distinct).high < 20
    with pytest.raises(InputError, match=r"BCa cannot be computed.*percentile"):
        bootstrap(many, statistic=distinct, method="bca")


@pytest.mark.parametrize("method", ["percentile", "bca"])
def test_covers_at_its_level(method: str) -> None:
    # 2,000 experiments of 40 values each; the standard error of the coverage is half a percent.
    groups = rng(11).normal(size=(2000, 40))
    found = bootstrap_groups(groups, method=method, resamples=2000, seed=12)
    covered = np.mean((found.low <= 0) & (found.high >= 0))
    assert 0.92 <= covered <= 0.965


def test_ten_values_are_covered_as_documented() -> None:
    groups = rng(13).normal(size=(2000, 10))
    found = bootstrap_groups(groups, method="percentile", resamples=2000)
    assert 0.88 <= np.mean((found.low <= 0) & (found.high >= 0)) <= 0.92


@pytest.mark.parametrize("n", [2, 5, 7, 8, 10, 20])
def test_means_are_covered_at_their_level(n: int) -> None:
    groups = rng(14).normal(size=(2000, n))
    found = mean_intervals(groups, resamples=5000)
    assert 0.935 <= np.mean((found.low <= 0) & (found.high >= 0)) <= 0.965


def test_few_means_have_students_interval() -> None:
    values = [1.0, 2, 4]
    expected = stats.t.interval(0.95, 2, loc=np.mean(values), scale=stats.sem(values))
    assert mean_interval(values)[:3] == pytest.approx((7 / 3, *expected))
    assert mean_interval(values).method == "95% t"
    assert mean_interval([0.1] * 3)[:3] == (0.1, 0.1, 0.1)
    assert mean_interval(SKEWED) == bootstrap(SKEWED)


def test_the_expanded_interval_is_farther_out() -> None:
    """For a large bootstrap of normal quantiles it is Student's."""
    values = stats.norm.ppf((np.arange(12) + 0.5) / 12)
    found = bootstrap(values, resamples=200_000)
    expected = stats.t.interval(0.95, 11, loc=0, scale=stats.sem(values))
    assert found[1:3] == pytest.approx(expected, rel=0.03)


@pytest.mark.parametrize(("groups", "n", "resamples"), [(2000, 10, 10_000), (1, 20_000, 1000)])
def test_memory_is_bounded(groups: int, n: int, resamples: int) -> None:
    # Undivided, either would hold 160 MB and more at once.
    values = rng().normal(size=(groups, n))
    tracemalloc.start()
    try:
        bootstrap_groups(values, resamples=resamples)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 60e6
