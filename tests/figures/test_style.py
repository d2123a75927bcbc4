from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest

import gst
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
    told_apart,
    wrapped,
)


def test_forty_two_arms_look_different():
    arms = [f"arm {number}" for number in range(42)]
    assert len(set(looks(arms).values())) == 42
    assert looks(arms)["arm 0"] == Look(COLOURS[0], SYMBOLS[0])
    neighbours = list(looks(arms).values())
    assert all(a.colour != b.colour and a.symbol != b.symbol for a, b in itertools.pairwise(neighbours))


def test_long_names_are_told_apart():
    names = ["PruneL " + "schedule=cosine " * 4 + end for end in ("every=2", "every=6")]
    assert told_apart(["No Pruning", *names], 40) == [
        "No Pruning",
        "PruneL … … … … every=2",
        "PruneL … … … … every=6",
    ]
    assert told_apart(["a" * 30 + "b" * 30], 11) == ["aaaaa…bbbbb"]
    alike = ["a" * 30 + middle + "b" * 30 for middle in ("x", "y", "")]
    assert told_apart([*alike, alike[0]], 11) == [*alike, alike[0]]
    assert told_apart(["short", "names"], 5) == ["short", "names"]


def test_hollow_markers_are_open():
    look = Look("#000", "square")
    assert look.marker(10)["symbol"] == "square"
    assert look.marker(10, hollow=True)["symbol"] == "square-open"
    assert Look("#000", "star").marker(10)["size"] > look.marker(10)["size"]


def test_every_grey_of_a_figure_has_its_twin_on_dark_paper():
    """The style sheet of pages, which keeps all colours else, is told of each as browsers write it."""
    package = Path(gst.__file__).parent
    sheet = (package / "dashboard" / "assets" / "gst.css").read_text()
    sources = [*(package / "figures").rglob("*.py"), *(package / "dashboard").glob("*.py")]
    text = "".join(path.read_text() for path in sources if path.name != "comparison_page.py")
    greys = {int(it[:2], 16) for it in re.findall('"#([0-9a-fA-F]{6})"', text) if it == it[:2] * 3}
    assert {0x22, 0x44, 0x66, 0xE6} <= greys
    for grey in (*greys, 255):
        for what in ("fill", "stroke"):
            assert f'[style*="{what}: rgb({grey}, {grey}, {grey})"]' in sheet


def luminance(colour: str) -> float:
    """The relative luminance of `#rrggbb`, as WCAG 2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (it / 12.92 if it <= 0.04045 else ((it + 0.055) / 1.055) ** 2.4 for it in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_curves_can_be_told_from_dark_paper():
    """WCAG 2.2, 1.4.11: what is drawn has a contrast of 3 to what is behind it."""
    sheet = (Path(gst.__file__).parent / "dashboard" / "assets" / "gst.css").read_text()
    (paper,) = re.findall(r"--paper: light-dark\(#ffffff, (#[0-9a-f]{6})\)", sheet)
    assert min((luminance(it) + 0.05) / (luminance(paper) + 0.05) for it in COLOURS) > 3


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
