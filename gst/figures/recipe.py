"""Figures by name: their titles and sweeps, and numbers that say how runs depart from the paper's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, wraps
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import plotly.graph_objects as go

from gst.analysis.deviation import MOST_SHOWN
from gst.analysis.effects import Measured, Measurement
from gst.analysis.source import Source
from gst.compare.departure import Departure, fitting_sweep
from gst.compare.loading import load_published, shipped_file
from gst.compare.published import Published, PublishedSweep
from gst.config.figure_name import FigureName
from gst.figures import frame
from gst.figures.sheet import Sheet
from gst.words import cut

if TYPE_CHECKING:
    from gst.store import Store

Numbers = Callable[..., Sheet]


class Figure(NamedTuple):
    """One figure: `numbers` computes its sheet from a store and a sweep's name, `draw` the picture from it.

    `sweep` is the sweep that a paper's figure is drawn from; `family` has the sweeps of a figure that the
    paper shows for several benchmarks, one each. A figure of any sweep has neither.
    """

    numbers: Numbers
    title: str
    sweep: str | None = None
    family: tuple[str, ...] = ()

    def draw(self, sheet: Sheet) -> go.Figure:
        """The picture of the sheet."""
        return frame.draw(sheet)

    @property
    def sweeps(self) -> tuple[str, ...]:
        """The sweeps that the figure is drawn from, one at a time; none for a figure of any sweep."""
        return (self.sweep,) if self.sweep else self.family


_Numbers = TypeVar("_Numbers", bound=Numbers)


class Recipes(dict[str, Figure]):
    """The figures of one paper by name, in the order of the paper."""

    def figure(
        self,
        name: FigureName,
        title: str,
        sweep: str | None = None,
        *,
        family: tuple[str, ...] = (),
        rests_on: Measurement | None = None,
    ) -> Callable[[_Numbers], _Numbers]:
        """Register the decorated function as the numbers of a figure of that name; several may share one.

        `rests_on` is the measurement that it shows, beside training and its pruning events.
        """
        own = (sweep,) if sweep else family

        def register(numbers: _Numbers) -> _Numbers:
            stated = _stating_departures(numbers, own, rests_on)
            self[name] = Figure(stated, title, sweep, family)
            return numbers

        return register

    def each(self, numbers: Numbers, titles: Mapping[FigureName, str]) -> None:
        """Register these numbers as figures of those titles, each of the sweep of its own name."""
        for name, title in titles.items():
            self.figure(name, title, name)(numbers)


def _stating_departures(numbers: Numbers, sweeps: Sequence[str], rests_on: Measurement | None) -> Numbers:
    """The function with sheets that state how their runs depart from those of the paper.

    `sweeps` are the paper's for that figure, none for a figure of any sweep; `rests_on` is the measurement
    that it shows, if any.
    """
    measured: Measured = () if rests_on is None else (rests_on,)

    @wraps(numbers)
    def stated(store: Store, sweep: str, **parameters: Any) -> Sheet:
        sheet = numbers(store, sweep, **parameters)
        own = _departure(store, sheet.source, sweeps)
        if own is None:
            return sheet
        return sheet._replace(deviations=_words(own, sheet.source, measured), differs=own.about.differs)

    return stated


def _departure(store: Store, source: Source, sweeps: Sequence[str]) -> Departure | None:
    """The source beside the published sweep that it stands for; None for a sweep that no paper is about."""
    published = _published()
    known = sweeps or published.measured_sweeps
    if not sweeps and source.sweep not in known:
        return None
    first = {member.arm: member.key for member in reversed(source.completed)}
    configs = {arm: store.spec(first[arm], source.sweep_id).config for arm in source.arms if arm in first}
    own = fitting_sweep(known, source.sweep, next(iter(configs.values()))) or sweeps[0]
    return Departure(own, configs, published.sweeps.get(own, PublishedSweep()))


def _words(departure: Departure, source: Source, measured: Measured) -> tuple[str, ...]:
    """The first differences and the number of the others, each with the number of arms that have it."""
    arms = departure.configs
    found = {words: len(having) for words, having in departure.of_arms(arms, measured).items()}
    said = [words if n == len(arms) else f"{words} in {n} of {len(arms)} arms" for words, n in found.items()]
    return tuple(cut(said, MOST_SHOWN))


@cache
def _published() -> Published:
    """The published numbers and claims that come with gst, which no process changes."""
    return load_published(shipped_file())
