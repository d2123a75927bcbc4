from __future__ import annotations

from typing import get_args

import pytest

from gst.compare.contrast import Interval
from gst.compare.published import Rule
from gst.compare.results import Part
from gst.compare.verdict import (
    TESTS,
    Expected,
    above,
    below,
    enough,
    held_by,
    insignificant,
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
    assert insignificant(-0.3, 0.1, 30, 30) == "held"
    assert insignificant(-0.3, 0.1, 29, 30) == "undecided"
    assert insignificant(0.1, 0.3, 5, 30) == "not held"
    assert insignificant(-0.3, -0.1, 50, 30) == "not held"


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


def test_every_rule_of_a_paper_is_a_test():
    assert set(TESTS) == {None, *get_args(Rule)}


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
