from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from gst.errors import InputError
from gst.stats.granulated import granulated


def brute_force(x, y, seeds, knobs):
    """psi of each knob and Psi, by scipy's tau-b over subsets that are found by comparing all runs."""

    def in_seed(name, seed):
        """The mean tau over groups, the groups and those left out."""
        rest = [other for other in knobs if other != name]
        settings = {tuple(knobs[other][i] for other in rest) for i in range(len(x)) if seeds[i] == seed}
        taus, left_out = [], 0
        for setting in settings:
            runs = [
                i
                for i in range(len(x))
                if seeds[i] == seed and all(knobs[o][i] == v for o, v in zip(rest, setting, strict=True))
            ]
            if len({x[i] for i in runs}) < 2 or len({y[i] for i in runs}) < 2:
                left_out += 1
            else:
                taus.append(stats.kendalltau([x[i] for i in runs], [y[i] for i in runs]).statistic)
        return (np.mean(taus) if taus else None), len(taus), left_out

    psi = {name: {seed: in_seed(name, seed) for seed in set(seeds)} for name in knobs}
    alive = [name for name in knobs if any(it[0] is not None for it in psi[name].values())]
    means = [
        np.mean([psi[name][seed][0] for name in alive])
        for seed in set(seeds)
        if alive and all(psi[name][seed][0] is not None for name in alive)
    ]
    found = {}
    for name, by_seed in psi.items():
        values = [it[0] for it in by_seed.values() if it[0] is not None]
        found[name] = (values, *(sum(it[place] for it in by_seed.values()) for place in (1, 2)))
    return found, means


def check(tau, values):
    assert tau.n == len(values)
    assert tau.value == (pytest.approx(np.mean(values), abs=1e-12) if values else None)
    if len(values) < 3:
        assert (tau.low, tau.high) == (None, None)
    elif np.ptp(values) > 1e-9:
        low, high = stats.t.interval(
            0.95, len(values) - 1, loc=np.mean(values), scale=np.std(values, ddof=1) / math.sqrt(len(values))
        )
        assert (tau.low, tau.high) == (pytest.approx(max(low, -1)), pytest.approx(min(high, 1)))


@given(st.integers(0, 10**6), st.sampled_from([3, 8]), st.floats(0.5, 1))
def test_as_by_brute_force(seed, different, kept):
    """Incomplete designs of three knobs and four seeds, with many ties or few."""
    rng = np.random.default_rng(seed)
    runs = [run for run in itertools.product(range(4), "abc", (1, 2), "uv") if rng.random() < kept]
    x, y = rng.integers(different, size=(2, len(runs))).tolist()
    seeds, *values = (list(column) for column in zip(*runs, strict=True))
    knobs = dict(zip(("first", "second", "third"), values, strict=True))
    found = granulated(x, y, seeds, knobs)
    expected, means = brute_force(x, y, seeds, knobs)
    for name, (taus, groups, left_out) in expected.items():
        check(found.knobs[name], taus)
        assert (found.knobs[name].groups, found.knobs[name].left_out) == (groups, left_out)
    check(found.mean, means)
    assert found.mean.groups == sum(groups for _, groups, _ in expected.values())


def test_by_hand():
    """One seed, a knob of three values and one of two.

    As `a` varies: x 1 2 3, y 1 3 2 (tau 1/3), and x 4 5 6, y 6 5 4 (tau -1); the mean is -1/3.
    As `b` varies: x 1 4, y 1 6 (tau 1); x 2 5, y 3 5 (tau 1); x 3 6, y 2 4 (tau 1).
    """
    found = granulated(
        [1, 2, 3, 4, 5, 6], [1, 3, 2, 6, 5, 4], [0] * 6, {"a": [0, 1, 2] * 2, "b": [0] * 3 + [1] * 3}
    )
    assert found.knobs["a"][:4] == (pytest.approx(-1 / 3), None, None, 1)
    assert found.knobs["a"][4:] == (2, 0)
    assert found.knobs["b"] == (1, None, None, 1, 3, 0)
    assert found.mean == (pytest.approx(1 / 3), None, None, 1, 5, 0)


def test_a_pooled_tau_that_is_positive_and_a_granulated_one_that_is_negative():
    """One knob moves both quantities far up, within each of its values they move against each other."""
    x, y, seeds, far, near = [], [], [], [], []
    for seed, strong, weak in itertools.product(range(3), range(4), range(3)):
        x.append(10 * strong + weak)
        y.append(10 * strong - weak)
        seeds.append(seed)
        far.append(strong)
        near.append(weak)
    found = granulated(x, y, seeds, {"far": far, "near": near})
    assert stats.kendalltau(x, y).statistic > 0.5
    assert found.knobs["near"] == (-1, None, None, 3, 12, 0)  # no interval of three equal values
    assert found.knobs["far"].value == 1
    assert found.mean.value == 0


def test_the_seed_is_held():
    """Over seeds x and y rise together; within each seed they do not."""
    found = granulated([0, 1, 10, 11], [1, 0, 11, 10], [0, 0, 1, 1], {"knob": [0, 1, 0, 1]})
    assert found.knobs["knob"] == (-1, None, None, 2, 2, 0)


def test_groups_without_variation_are_left_out_and_counted():
    """In the first seed x is the same, in the second y, in the third there is a single run."""
    found = granulated([1, 1, 1, 2, 1], [1, 2, 1, 1, 1], [0, 0, 1, 1, 2], {"knob": [0, 1, 0, 1, 0]})
    assert found.knobs["knob"] == (None, None, None, 0, 0, 3)
    assert found.mean == (None, None, None, 0, 0, 3)


def test_without_a_knob_there_is_no_coefficient():
    found = granulated([1, 2, 3], [1, 2, 3], [0, 1, 2], {})
    assert found == ({}, (None, None, None, 0, 0, 0))


def test_a_knob_that_never_varies_alone_does_not_keep_others_from_their_mean():
    """Each value of `other` goes with one of `knob`, of which there are more."""
    found = granulated([1, 2, 3], [3, 2, 1], [0] * 3, {"knob": [0, 1, 2], "other": [0, 0, 1]})
    assert found.knobs["knob"] == (-1, None, None, 1, 1, 1)
    assert found.knobs["other"].value is None
    assert found.mean.value == -1


def test_refuses_what_is_not_finite_and_runs_that_are_the_same():
    with pytest.raises(InputError, match="not finite"):
        granulated([1, math.nan], [1, 2], [0, 0], {"knob": [0, 1]})
    with pytest.raises(AssertionError, match="two runs have the same seed and knobs"):
        granulated([1, 2], [1, 2], [0, 0], {"knob": [0, 0]})
    with pytest.raises(AssertionError, match="a value for each run"):
        granulated([1, 2], [1, 2], [0, 0], {"knob": [0]})
