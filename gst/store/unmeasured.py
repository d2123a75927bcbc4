"""Completed runs that lack a measurement of their network: it was asked for later, or by another sweep."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import func, literal, or_, select

from gst.config.course import Course
from gst.config.measure import EachExampleConfig, Measurements
from gst.store.bulk import chunks
from gst.store.schema import connectivity, flatness, normality, runs, sweep_runs

if TYPE_CHECKING:
    from gst.store.store import Store


def unmeasured(store: Store, sweep_id: int, key: str | None = None) -> dict[str, Measurements]:
    """What the sweep's completed runs lack of what it asks for, by key, in the order of the sweep file.

    Of one run, if a key is given.
    """
    query = (
        select(runs.c.key, sweep_runs.c.measure)
        .join(sweep_runs, sweep_runs.c.run_id == runs.c.run_id)
        .where(
            sweep_runs.c.sweep_id == sweep_id,
            sweep_runs.c.measure.is_not(None),
            runs.c.status == "completed",
            *([] if key is None else [runs.c.key == key]),
        )
        .order_by(sweep_runs.c.position)
    )
    texts: dict[str, list[str]] = defaultdict(list)
    for name, text in store.select(query):
        texts[name].append(text)
    return lacking(store, {name: Measurements.stored(asked) for name, asked in texts.items()})


class _LookedAt(NamedTuple):
    course: Course
    first: int  # the run's own first epoch
    epochs: frozenset[int]  # at whose end each training image was looked at

    def lacks(self, asked: EachExampleConfig) -> bool:
        wanted = Measurements(each_example=(asked,)).moments_of_examples(self.course, self.first)
        return not wanted <= self.epochs


def _looked_at(store: Store, keys: Sequence[str]) -> dict[str, _LookedAt]:
    found = {}
    for key in keys:
        config, files = store.spec(key).config, store.example_files(key)
        found[key] = _LookedAt(config.course, config.first_epoch, frozenset(it.epoch for it in files))
    return found


def lacking(store: Store, asked: Mapping[str, Measurements]) -> dict[str, Measurements]:
    """What these runs lack of what is asked of them, by key; those that lack nothing are left out."""
    if not any(map(any, asked.values())):
        return {}
    flat = select(runs.c.key, flatness.c.epoch, flatness.c.settings).join(flatness)
    # Before training and after it; one that was asked for in between has only the second.
    both = or_(normality.c.epoch < 0, normality.c.epoch == runs.c.last_epoch)
    normal = (
        select(runs.c.key, normality.c.settings)
        .join(normality)
        .where(both)
        .group_by(runs.c.key, normality.c.settings)
        .having(func.count(normality.c.epoch.distinct()) == 2)
    )
    lines = select(runs.c.key, connectivity.c.settings, literal("line")).join(connectivity).distinct()
    known = {
        tuple(row)
        for part in chunks(list(asked))
        for query in (flat, normal, lines)
        for row in store.select(query.where(runs.c.key.in_(part)))
    }
    looked_at = _looked_at(store, [key for key, wanted in asked.items() if wanted.each_example])
    left = {
        key: Measurements(
            tuple(it for it in wanted.flatness if (key, it.epoch, it.settings) not in known),
            tuple(it for it in wanted.normality if (key, it.settings) not in known),
            tuple(it for it in wanted.each_example if looked_at[key].lacks(it)),
            tuple(it for it in wanted.connectivity if (key, it.settings, "line") not in known),
        )
        for key, wanted in asked.items()
    }
    return {key: wanted for key, wanted in left.items() if any(wanted)}
