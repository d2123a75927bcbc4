"""The look and the wording of figures: template, colours for colour-blind readers, numbers in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any, NamedTuple

import plotly.graph_objects as go

from gst.stats.correlation import Correlation

WIDTH, HEIGHT = 1200, 660
"""Pixels of a picture. On a page a figure takes the width of the page."""
INK, FAINT, GRID = "#222222", "#666666", "#e6e6e6"
BASELINE = "#444444"
HALO = ", ".join(f"{x}px {y}px 2px white" for x in (-1, 1) for y in (-1, 1))
"""White around a label with marks or lines behind it."""
# Okabe and Ito (2008) without black, which is for text and baselines, and yellow, too pale on white.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "x", "star", "triangle-down")

TEMPLATE = go.layout.Template(
    layout={
        "font": {"family": "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif", "size": 14},
        "font_color": INK,
        "title": {"font_size": 22, "x": 0, "xref": "container", "pad": {"l": 24}},
        "title_subtitle_font": {"size": 14, "color": FAINT},
        "paper_bgcolor": "white",
        "plot_bgcolor": "white",
        "colorway": list(COLOURS),
        "hoverlabel": {"bgcolor": "white", "font_color": INK, "align": "left"},
        "xaxis": (
            _axis := {
                "title_font_size": 16,
                "title_standoff": 12,
                "gridcolor": GRID,
                "zeroline": False,
                "showline": True,
                "linecolor": "#999999",
                "ticks": "outside",
                "tickcolor": "#999999",
                "automargin": True,
            }
        ),
        "yaxis": _axis,
        "annotationdefaults": {"showarrow": False, "font_size": 14},
    }
)


LONG = 12
"""Letters from which on a word that long names share is left out of all of them."""
BRIEF = 40
"""Letters that a list of exceptions may have; a longer one is replaced by the range of n."""
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
SMALL = ("triangle-up", "triangle-down", "star")
"""Symbols that plotly draws smaller than others of the same size."""


class Look(NamedTuple):
    """How an arm is drawn in every panel."""

    colour: str
    symbol: str

    def marker(self, size: float, *, hollow: bool = False) -> dict[str, Any]:
        """A plotly marker; a hollow one is for runs that were scaled down."""
        grown = size * 1.25 if self.symbol in SMALL else size
        if hollow:
            line = {"color": self.colour, "width": 2}
            return {"color": self.colour, "symbol": f"{self.symbol}-open", "size": grown, "line": line}
        line = {"color": "white", "width": 1}
        return {"color": self.colour, "symbol": self.symbol, "size": grown, "line": line}


def looks(arms: Sequence[str]) -> dict[str, Look]:
    """The look of each arm, by its place; up to 42 arms have different looks."""
    return {
        arm: Look(COLOURS[place % len(COLOURS)], SYMBOLS[place % len(SYMBOLS)])
        for place, arm in enumerate(arms)
    }


def bars(
    values: Sequence[float],
    ends: Iterable[tuple[float | None, float | None]],
    colour: str,
    thickness: float = 2,
    width: float = 4,
) -> dict[str, Any]:
    """Plotly's error bars around the values, from one end to the other; a value without ends has none."""
    low, high = zip(*ends, strict=True) if values else ((), ())
    return {
        "array": [None if it is None else it - value for value, it in zip(values, high, strict=True)],
        "arrayminus": [None if it is None else value - it for value, it in zip(values, low, strict=True)],
        "color": colour,
        "thickness": thickness,
        "width": width,
    }


def percent(fraction: float, digits: int = 1) -> str:
    """A fraction of 1 in percent: `92.4%`."""
    return f"{100 * fraction:.{digits}f}%"


def signed(value: float, digits: int = 2, *, plus: bool = False) -> str:
    """A number with a true minus sign: `−0.73`; with `plus`, one above 0 has its sign, too."""
    return f"{'+' if plus and value > 0 else ''}{value:.{digits}f}".replace("-", "−")


def bounds(found: Correlation) -> str:
    """The interval with a space before it: ` [−0.91, −0.20]`; empty where there is none."""
    if found.low is None or found.high is None:
        return ""
    return f" [{signed(found.low)}, {signed(found.high)}]"


def p_value(p: float) -> str:
    """A p value in words: `p = 0.015`, `p = 4×10⁻⁶`, or that it is too small to say."""
    if p >= 0.001:
        return f"p = {p:.2g}"
    if p < 1e-99:
        return "p < 10⁻⁹⁹"
    digit, power = f"{p:.0e}".split("e")
    return f"p = {digit}×10{str(int(power)).translate(_RAISED)}"


def plain(text: str) -> str:
    """The text escaped for plotly, which takes `<` for the start of a tag and `%{` for that of a number."""
    return escape(text, quote=False).replace("%{", "%&#123;")


def wrapped(text: str, width: int) -> str:
    """The plain text with line breaks between words, in lines of about that width."""
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return "<br>".join(plain(line) for line in lines)


def told_apart(names: Sequence[str], most: int) -> list[str]:
    """The names, of at most that many letters each.

    Longer ones lose the long words that all of them have, and then their middle; an ellipsis stands for both.
    Different names that would be the same then stay whole.
    """
    long = [set(name.split()) for name in names if len(name) > most]
    shared = {it for it in set.intersection(*long) if len(it) > LONG} if len(long) > 1 else set()

    def cut(name: str) -> str:
        text = " ".join("…" if it in shared else it for it in name.split())
        return (
            text
            if len(text) <= most
            else f"{text[: most // 2].rstrip()}…{text[-((most - 1) // 2) :].lstrip()}"
        )

    found = {name: cut(name) if len(name) > most else name for name in names}
    alike = Counter(found.values())
    return [name if alike[found[name]] > 1 else found[name] for name in names]


def counted(groups: Sequence[tuple[str, int]], what: str) -> str:
    """The number of runs at each place in words: `n = 10 at every mark but PruneL at 30% (9)`."""
    if not groups:
        return f"no {what}"
    usual = Counter(n for _, n in groups).most_common(1)[0][0]
    others = [f"{name} ({n})" for name, n in groups if n != usual]
    if not others:
        return f"n = {usual} at every {what}"
    listed = ", ".join(others)
    if len(listed) > BRIEF:
        fewest, most = min(n for _, n in groups), max(n for _, n in groups)
        return f"n = {fewest} to {most} at a {what}"
    return f"n = {usual} at every {what} but {listed}"


def intervals(methods: Iterable[str | None]) -> str:
    """A sentence on how the intervals of means were made, or that there are none."""
    made = list(dict.fromkeys(it for it in methods if it))
    return (
        f"Intervals of means: {'; '.join(made)}." if made else "No mean has an interval: none is of two runs."
    )


def sentences(notes: Iterable[str]) -> list[str]:
    """The notes with capital letters and full stops."""
    return [note[0].upper() + note[1:] + ("" if note.endswith(".") else ".") for note in notes]
