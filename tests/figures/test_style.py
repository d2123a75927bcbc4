from __future__ import annotations

import itertools

import pytest

from gst.figures.style import (
    COLOURS,
    SYMBOLS,
    TEMPLATE,
    Look,
    looks,
    p_value,
    percent,
    plain,
    signed,
    wrapped,
)


def test_forty_two_arms_look_different():
    arms = [f"arm {number}" for number in range(42)]
    assert len(set(looks(arms).values())) == 42
    assert looks(arms)["arm 0"] == Look(COLOURS[0], SYMBOLS[0])
    neighbours = list(looks(arms).values())
    assert all(a.colour != b.colour and a.symbol != b.symbol for a, b in itertools.pairwise(neighbours))


def test_hollow_markers_are_open():
    look = Look("#000", "square")
    assert look.marker(10)["symbol"] == "square"
    assert look.marker(10, hollow=True)["symbol"] == "square-open"
    assert Look("#000", "star").marker(10)["size"] > look.marker(10)["size"]


def test_axis_titles_can_be_read():
    for axis in (TEMPLATE.layout.xaxis, TEMPLATE.layout.yaxis):
        assert axis.title.font.size >= 14
    assert TEMPLATE.layout.font.size >= 14


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (0.5, "p = 0.5"),
        (0.0151, "p = 0.015"),
        (0.001, "p = 0.001"),
        (4.4e-6, "p = 4×10⁻⁶"),
        (0.000996, "p = 1×10⁻³"),
        (2.04e-31, "p = 2×10⁻³¹"),
        (1e-120, "p < 10⁻⁹⁹"),
        (0.0, "p < 10⁻⁹⁹"),
    ],
)
def test_p_values(p, text):
    assert p_value(p) == text


def test_small_words():
    assert percent(0.92345) == "92.3%"
    assert percent(0.92346, 2) == "92.35%"
    assert signed(-0.734) == "−0.73"
    assert signed(0.5) == "0.50"
    assert plain("a<b & c") == "a&lt;b &amp; c"
    assert wrapped("PruneS every 6", 9) == "PruneS<br>every 6"
    assert wrapped("a < b", 99) == "a &lt; b"
    assert wrapped("unbreakable", 3) == "unbreakable"
