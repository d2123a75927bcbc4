from __future__ import annotations

from itertools import pairwise, product
from math import prod
from typing import get_args

import numpy as np
import pytest
from scipy import stats

from gst.compare.contrast import Contrast, Interval
from gst.compare.published import Paper, Rule
from gst.compare.relations import OwnTest
from gst.compare.results import Part
from gst.compare.verdict import (
    TESTS,
    Expected,
    above,
    below,
    by_chance,
    by_interval,
    enough,
    evidence,
    found_nothing,
    held_by,
    mostly,
    together,
    within,
)


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (0.1, 0.3, "held"),
        (0.0, 0.3, "undecided"),  # the interval includes the boundary
        (-0.1, 0.3, "undecided"),
        (-0.3, 0.0, "undecided"),
        (-0.3, -0.1, "not held"),
        (0.0, 0.0, "undecided"),
    ],
)
def test_above_and_below_are_mirror_images(low, high, verdict):
    assert above(low, high) == verdict
    assert below(-high, -low) == verdict


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [(0.0, 0.3, "held"), (0.0, 0.0, "held"), (-0.1, 0.3, "undecided"), (-0.3, -0.1, "not held")],
)
def test_a_tie_does_where_the_order_is_not_strict(low, high, verdict):
    assert above(low, high, strict=False) == verdict


def test_a_tie_may_be_wider():
    assert above(-0.2, 0.1, boundary=-0.3, strict=False) == "held"
    assert above(-0.3, 0.1, boundary=-0.3, strict=False) == "held"
    assert above(-0.4, -0.2, boundary=-0.3, strict=False) == "undecided"
    assert above(-0.5, -0.4, boundary=-0.3, strict=False) == "not held"


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (-0.2, 0.3, "held"),
        (-0.5, 0.5, "held"),  # the ends are inside
        (0.2, 0.6, "undecided"),
        (-0.6, -0.2, "undecided"),
        (-0.6, 0.6, "undecided"),
        (0.6, 0.9, "not held"),
        (-0.9, -0.6, "not held"),
        (0.5, 0.9, "undecided"),
    ],
)
def test_within_a_tolerance(low, high, verdict):
    assert within(low, high, 0.5) == verdict


def test_nothing_found_counts_with_as_many_runs_as_published():
    for low, high, n, verdict in (
        (-0.3, 0.1, 30, "held"),
        (-0.3, 0.1, 29, "undecided"),
        (0.1, 0.3, 5, "not held"),
        (-0.3, -0.1, 50, "not held"),
    ):
        assert found_nothing(Interval(0.0, low, high, (n,), ""), 30)[0] == verdict


def parts(*verdicts, values=None):
    return [
        Part("part", v, value) for v, value in zip(verdicts, values or [-0.1] * len(verdicts), strict=True)
    ]


def test_all_parts_must_hold_and_one_can_contradict():
    assert together(parts("held", "held")) == "held"
    assert together(parts("held", "undecided")) == "undecided"
    assert together(parts("held", "not run", "undecided")) == "not run"
    assert together(parts("held", "not run", "not held")) == "not held"
    assert together([]) == "not run"


def test_most_parts_may_do_if_none_goes_the_other_way():
    assert mostly(parts("held", "held", "undecided"), -1) == "held"
    assert mostly(parts("held", "undecided"), -1) == "undecided"  # half is not most
    assert mostly(parts("held", "held", "not held"), -1) == "not held"
    assert mostly(parts("held", "held", "not run"), -1) == "not run"
    values = [-0.5, -0.4, 0.1]
    assert mostly(parts("held", "held", "undecided", values=values), -1) == "undecided"
    assert mostly(parts("held", "held", "undecided", values=[-it for it in values]), 1) == "undecided"


def test_so_many_parts_are_enough_and_all_of_them_must_be_there():
    assert enough(parts("held", "not held", "held"), 2) == "held"
    assert enough(parts("held", "not held", "not held"), 2) == "not held"
    assert enough(parts("held", "undecided", "not held"), 2) == "undecided"
    assert enough(parts("held", "held", "not run"), 2) == "not run"
    assert enough([], 1) == "not run"


def test_most_parts_are_more_than_half():
    assert enough(parts("held", "held", "not held"), "most") == "held"
    assert enough(parts("held", "not held"), "most") == "not held"
    assert enough(parts("held", "undecided"), "most") == "undecided"


def test_every_rule_of_a_paper_and_every_test_of_its_own_is_there():
    assert set(TESTS) == {None, *get_args(Rule), *get_args(OwnTest)}


@pytest.mark.parametrize(
    ("outcomes", "margin", "verdicts"),
    [
        (("above",), 0.0, ("held", "undecided", "not held")),
        (("above", "match"), 0.0, ("held", "undecided", "not held")),
        (("above", "match"), 2.5, ("held", "held", "held")),
        (("below",), 0.0, ("not held", "undecided", "held")),
        (("match",), 0.5, ("not held", "held", "not held")),
    ],
)
def test_what_a_difference_says_by_its_interval(outcomes, margin, verdicts):
    intervals = [
        Interval((low + high) / 2, low, high, (3,), "made up")
        for low, high in ((1, 2), (-0.5, 0.5), (-2, -1))
    ]
    assert tuple(held_by(it, Expected(outcomes, margin)) for it in intervals) == verdicts


PAPER = Paper(name="A", citation="B")
UP = Interval(2.0, 0.5, 3.5, (5,), "made up", 0.02)
NO_PART = Part("part", "undecided")


@pytest.mark.parametrize(
    ("found", "outcome", "p"),
    [(UP, "above", 0.02), (UP, "below", 1.0), (UP.negated(), "below", 0.02), (UP.negated(), "above", 1.0)],
)
def test_a_direction_has_a_chance_and_a_p(found, outcome, p):
    part = by_chance(NO_PART, found, Expected((outcome,)))
    assert (part.chance, part.direction_p) == (pytest.approx(0.025), p)
    assert by_chance(NO_PART, found, Expected((outcome,), level=0.9)).chance == pytest.approx(0.05)


def test_a_direction_without_significance_has_an_even_chance():
    for outcomes in (("above",), ("above", "match")):
        part = by_chance(NO_PART, UP, Expected(outcomes, significant=False))
        assert (part.chance, part.direction_p) == (0.5, 0.02)
    assert by_chance(NO_PART, UP, Expected(("match",), 0.5, significant=False)) == NO_PART


@pytest.mark.parametrize(
    "expected", [Expected(("match",), 0.5), Expected(("above", "match")), Expected(("above",), margin=0.5)]
)
def test_no_direction_has_none(expected):
    assert by_chance(NO_PART, UP, expected) == NO_PART


@pytest.mark.parametrize("level", [0.95, 0.8])
@pytest.mark.parametrize("outcome", ["above", "below"])
def test_the_chance_is_how_often_a_direction_is_held_where_there_is_none(level, outcome):
    """4,000 contrasts of 4 seeds each, of differences that are normal about 0."""
    drawn = np.random.default_rng(5).normal(size=(4000, 4))
    made = [
        by_interval(Contrast(dict(enumerate(it)), 0.0), Expected((outcome,), level=level), PAPER)
        for it in drawn
    ]
    held = np.mean([part.verdict == "held" for part in made])
    (chance,) = {part.chance for part in made}
    assert chance == pytest.approx((1 - level) / 2)
    assert held == pytest.approx(chance, abs=4 * np.sqrt(chance * (1 - chance) / 4000))
    ps = [part.direction_p for part in made]
    assert np.mean(np.array(ps) < 0.05) == pytest.approx(0.025, abs=0.01)
    assert np.mean(np.array(ps) == 1) == pytest.approx(0.5, abs=0.03)


def evident(*parts):
    """Parts with these chances and p values."""
    return [NO_PART._replace(chance=chance, direction_p=p) for chance, p in parts]


def test_a_claim_of_one_part_has_its_evidence():
    assert evidence(evident((0.025, 0.01)), 1) == (0.025, 0.01)


def test_of_all_parts_the_weakest_counts():
    """They hold together no more often than the rarest of them does, whatever they share."""
    assert evidence(evident((0.025, 0.01), (0.1, 0.2), (0.05, 0.04)), 3) == (0.025, 0.2)


def test_of_parts_apart_the_chance_is_the_product():
    parts_apart = evident((0.025, 0.01), (0.1, 0.2), (0.5, 0.04))
    assert evidence(parts_apart, 3, apart=True) == (pytest.approx(0.025 * 0.1 * 0.5), 0.2)


def test_an_order_of_means_holds_by_chance_no_more_often_than_it_says():
    """Three groups whose means are one: each order has 1 chance in 6, which the product exceeds."""
    drawn = np.random.default_rng(8).normal(size=(2000, 3, 4))
    expected = Expected(("above",), significant=False)
    held = 0
    for groups in drawn:
        sides = [dict(enumerate(it)) for it in groups]
        steps = [by_interval(Contrast(*two), expected, PAPER) for two in pairwise(sides)]
        held += all(part.verdict == "held" for part in steps)
        chance, _ = evidence(steps, 2, apart=True)
    assert chance == 0.25
    assert held / 2000 == pytest.approx(1 / 6, abs=4 * np.sqrt(5 / 36 / 2000))


@pytest.mark.parametrize("needed", [1, 2, 3])
def test_of_some_parts_the_chance_is_that_of_so_many_independent_ones(needed):
    """Against every combination of parts that are held and are not."""
    chances = (0.025, 0.1, 0.3, 0.0)
    found, _ = evidence(evident(*((it, 1.0) for it in chances)), needed)
    ways = (way for way in product((True, False), repeat=4) if sum(way) >= needed)
    expected = sum(
        prod(it if held else 1 - it for it, held in zip(chances, way, strict=True)) for way in ways
    )
    assert found == pytest.approx(expected)


def test_of_equal_parts_the_chance_is_binomial():
    found, _ = evidence(evident(*[(0.025, 1.0)] * 7), 4)
    assert found == pytest.approx(stats.binom.sf(3, 7, 0.025))


@pytest.mark.parametrize(("needed", "p"), [(1, 0.03), (2, 0.04), (3, 0.3)])
def test_the_p_of_some_parts(needed, p):
    """3 times the smallest, twice the second, once the largest: Benjamini & Heller 2008, section 2."""
    assert evidence(evident((0.1, 0.3), (0.1, 0.01), (0.1, 0.02)), needed)[1] == pytest.approx(p)


def test_the_p_of_some_parts_is_small_no_more_often_than_it_says():
    """Of three parts one is true beyond doubt, and two are needed: 20,000 times, of uniform p."""
    drawn = np.random.default_rng(6).uniform(size=(20_000, 2))
    found = np.array([evidence(evident((0.1, 0.0), (0.1, one), (0.1, two)), 2)[1] for one, two in drawn])
    assert np.mean(found <= 0.05) == pytest.approx(1 - 0.975**2, abs=4 * np.sqrt(0.05 * 0.95 / 20_000))
    assert found.max() == 1


def test_more_parts_than_there_are_cannot_hold():
    assert evidence(evident((0.025, 0.01)), 2) == (0, 1)
    assert enough(parts("held"), 2) == "not held"


def test_no_evidence_where_a_part_expects_no_direction():
    assert evidence([*evident((0.025, 0.01)), NO_PART], 1) == (None, None)
    assert evidence([], 1) == (None, None)
