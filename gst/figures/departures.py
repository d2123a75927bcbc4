"""The departures of a figure's runs from the experiment of its paper, as `gst compare` knows them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import cache, wraps
from typing import TYPE_CHECKING, Any

from gst.analysis.deviation import MOST_SHOWN
from gst.analysis.effects import Measured, Measurement
from gst.analysis.source import Source
from gst.compare.departure import Departure, fitting_sweep
from gst.compare.loading import load_published, shipped_file
from gst.compare.published import Published, PublishedSweep
from gst.figures.sheet import Sheet

if TYPE_CHECKING:
    from gst.store import Store

Numbers = Callable[..., Sheet]


def stating_departures(numbers: Numbers, sweeps: Sequence[str], rests_on: Measurement | None) -> Numbers:
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
    known = sweeps or {it for figure in published.figures.values() for it in figure.sweeps}
    if not sweeps and source.sweep not in known:
        return None
    first = {member.arm: member.key for member in reversed(source.completed)}
    configs = {arm: store.spec(first[arm], source.sweep_id).config for arm in source.arms if arm in first}
    own = fitting_sweep(known, source.sweep, next(iter(configs.values()))) or sweeps[0]
    return Departure(own, configs, published.sweeps.get(own, PublishedSweep()))


def _words(departure: Departure, source: Source, measured: Measured) -> tuple[str, ...]:
    """The first differences and the number of the others, each with the number of arms that have it."""
    arms = [*departure.configs]
    found = departure.of_arms(arms, measured)
    said = [f"{words}{_share(having, arms)}" for words, having in found.items()]
    more = len(said) - MOST_SHOWN
    return (*said[:MOST_SHOWN], *((f"and {more} more",) if more > 0 else ()))


def _share(having: Collection[str], arms: Collection[str]) -> str:
    return "" if len(having) == len(arms) else f" in {len(having)} of {len(arms)} arms"


@cache
def _published() -> Published:
    """The published numbers and claims that come with gst, which no process changes."""
    return load_published(shipped_file())
