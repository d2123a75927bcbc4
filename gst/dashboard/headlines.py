"""The newest result of each sweep: its headline in words, and all its differences in a small picture."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from dash import html

from gst.analysis.contrasts import ArmContrast, Headline, headline
from gst.analysis.quantities import RUN_QUANTITIES
from gst.analysis.source import Source, has_looked
from gst.figures.panels.contrasts import HOLM, Contrasts
from gst.figures.style import COLOURS
from gst.store import Store
from gst.store.reading import SweepState
from gst.words import counted

SECONDS = 0.1
"""What a look may cost; sweeps that are left have the headline of before, and theirs at one of the next."""
STEP, HEIGHT, MARGIN = 11, 40, 5
"""Of the picture, in pixels: the width of a difference, its height, and what is left empty."""
FAINT = "#888888"
"""The colour of what is not told apart from zero; it is seen on light and dark pages."""
MOST = 24
"""Differences that a picture has at most."""


class _Known(NamedTuple):
    mark: object
    found: Headline


class Headlines:
    """The headline of each sweep, made anew when a run completes. Threads may share it."""

    def __init__(self, store: Store, seconds: float = SECONDS) -> None:
        self._store, self._seconds = store, seconds
        self._known: dict[int, _Known] = {}
        self._lock = threading.Lock()

    def of(self, states: Iterable[SweepState]) -> dict[int, Headline]:
        """Those of sweeps with completed runs, by their ids, as far as they could be made in time."""
        with self._lock:
            end = time.monotonic() + self._seconds
            found = {}
            for state in states:
                it = self._of(state, end) if state.progress.counts["completed"] else None
                if it is not None:
                    found[state.version.sweep_id] = it.found
            return found

    def _of(self, state: SweepState, end: float) -> _Known | None:
        version, progress = state
        mark = (version.digest, version.registered, progress.counts["completed"], progress.heartbeat)
        known = self._known.get(version.sweep_id)
        if (known is None or known.mark != mark) and time.monotonic() < end:
            looked = has_looked(self._store, version)
            about = (version.name, version.label, version.sweep_id, version.digest, version.title, ())
            known = _Known(mark, headline(self._store, Source(*about, looked=looked)))
            self._known[version.sweep_id] = known
        return known


def told(found: Headline) -> html.Div:
    """The headline on a page; why there is none, where there is none."""
    about = Contrasts(RUN_QUANTITIES["final_accuracy"], found.contrasts)
    if found.first is None:
        reason = "no two of its arms can be paired by seed" if not found.contrasts else "not enough seeds yet"
        return html.Div(html.Span(f"No difference of arms: {reason}.", className="faint"), className="result")
    tested = about.tested
    many = f", {found.alike}" if found.alike else ""
    holm = f"; {HOLM}" if about.has_p and len(tested) > 1 else ""
    words = f"{found.first.name}: {about.words(found.first)}"
    said = f"points of final test accuracy, paired by seed{many}{holm}"
    return html.Div(
        [
            html.Img(src=picture(tested, found.first), alt=f"{counted(len(tested), 'difference')} of arms"),
            html.Div([html.Div(words), html.Div(said, className="faint")]),
        ],
        className="result",
    )


def picture(found: Sequence[ArmContrast], first: ArmContrast) -> str:
    """The differences with their intervals about a line at zero, as an image; at most MOST, and the first."""
    shown = [it for it in found[:MOST] if it is not first] + [first]
    shown.sort(key=found.index)
    ends = [end for it in shown if it.test for end in (it.test.low, it.test.high)]
    low, high = min(0.0, *ends), max(0.0, *ends)

    def at(value: float) -> str:
        part = (high - value) / (high - low) if high > low else 0.5
        return f"{MARGIN + part * (HEIGHT - 2 * MARGIN):.1f}"

    width = STEP * len(shown) + 2 * MARGIN
    parts = [f"<path d='M0 {at(0)}H{width}' stroke='{FAINT}' stroke-dasharray='2 2'/>"]
    for place, it in enumerate(shown):
        if it.test is None:
            continue
        colour = COLOURS[0] if it.test.low > 0 or it.test.high < 0 else FAINT
        x = MARGIN + STEP * (place + 0.5)
        parts.append(
            f"<g stroke='{colour}' fill='{colour}'><path d='M{x} {at(it.test.low)}V{at(it.test.high)}'/>"
            f"<circle cx='{x}' cy='{at(it.test.value)}' r='{3.5 if it is first else 2}'/></g>"
        )
    svg = f"<svg xmlns='http://www.w3.org/2000/svg' width='{width}' height='{HEIGHT}'>{''.join(parts)}</svg>"
    return "data:image/svg+xml," + svg.replace("#", "%23")


def result(found: Headline | None, completed: int) -> Any:
    """What a sweep shows of its results; nothing before the first run has completed."""
    if not completed:
        return None
    return html.Div("…", className="result faint") if found is None else told(found)
