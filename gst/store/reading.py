"""Reads of sweeps, runs and tags for commands and pages, and marks that tell when to read them again."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Select, and_, func, select

from gst.errors import UnknownNameError
from gst.store.archived import visible
from gst.store.progress import Progress, epoch_counts, summed
from gst.store.schema import (
    attempts,
    configs,
    datasets,
    flatness,
    levels,
    looks,
    normality,
    run_tags,
    runs,
    sweep_runs,
    sweeps,
)
from gst.store.versions import ADDRESSES, Version
from gst.words import short

if TYPE_CHECKING:
    from gst.store.store import Store


class SweepState(NamedTuple):
    """A version of a sweep, and its progress without arms."""

    version: Version
    progress: Progress


class Failure(NamedTuple):
    """A run that failed or diverged, and what its last attempt left behind."""

    key: str
    status: str
    seed: int
    model: str
    dataset: str
    reason: str | None
    attempts: int
    last_epoch: int | None
    ended: datetime | None
    host: str | None
    device: str | None
    traceback: str | None
    log_tail: str | None


class Takeover(NamedTuple):
    """A lost attempt at a run; `taker` and `epoch` are of the next one, None where there is none yet."""

    key: str
    attempt: int
    host: str
    taker: str | None
    epoch: int | None  # the first that it trained; 0 also while EL2N networks are trained

    @property
    def words(self) -> str:
        """As a sentence without its full stop."""
        lost = f"run {short(self.key)}: attempt {self.attempt} was lost with its process on {self.host}"
        if self.taker is None or self.epoch is None:
            return f"{lost}, and nobody has gone on with it"
        start = f"epoch {self.epoch}" if self.epoch > 0 else "its beginning"
        return f"{lost}; {self.taker} went on from {start}"


def store_version(store: Store) -> str:
    """A mark that changes whenever a run, what is measured of one, or a sweep does."""
    found = store.select(
        select(
            runs.c.status,
            func.count(),
            func.sum(func.coalesce(runs.c.last_epoch, -1)),
            func.sum(runs.c.attempt),
            func.max(runs.c.heartbeat),
            func.max(runs.c.ended),
        )
        .group_by(runs.c.status)
        .order_by(runs.c.status)
    )
    return _mark(found, _measured(store, select(runs.c.run_id)), _sweeps(store))


def results_version(store: Store) -> str:
    """A mark that changes whenever a run completes, a completed one is measured or a sweep is registered."""
    completed = select(func.count(), func.max(runs.c.ended)).where(runs.c.status == "completed")
    return _mark(store.select(completed), _measured(store, _COMPLETED), _sweeps(store))


def sweep_version(store: Store, name: str) -> str:
    """A mark that changes when a run of that sweep changes its status or is measured, or another is meant."""
    try:
        sweep_id = store.sweep_id(name)
    except UnknownNameError:
        return ""  # a page may show how to get it
    members = select(sweep_runs.c.run_id).where(sweep_runs.c.sweep_id == sweep_id)
    return _mark(
        store.select(
            select(sweep_runs.c.sweep_id, runs.c.status, func.count(), func.max(runs.c.ended))
            .join(runs, runs.c.run_id == sweep_runs.c.run_id)
            .where(sweep_runs.c.sweep_id == sweep_id)
            .group_by(sweep_runs.c.sweep_id, runs.c.status)
            .order_by(runs.c.status)
        ),
        _measured(store, _COMPLETED.where(runs.c.run_id.in_(members))),
    )


def runs_version(store: Store, keys: Sequence[str]) -> str:
    """A mark that changes whenever one of these runs does."""
    columns = (runs.c.key, runs.c.status, runs.c.attempt, runs.c.last_epoch)
    return _mark(store.select(select(*columns).where(runs.c.key.in_(keys)).order_by(runs.c.key)))


def config_ids(store: Store, keys: Sequence[str]) -> dict[str, int]:
    """The configuration of each of these runs, by key in their order."""
    found = store.select(select(runs.c.key, runs.c.config_id).where(runs.c.key.in_(keys)))
    known = {key: int(config_id) for key, config_id in found}
    return {key: known[key] for key in keys if key in known}


def called_by_id(store: Store) -> dict[int, str]:
    """The shortest that means each version, by its id: its name, where the name means it, or its address."""
    found = store.select(select(ADDRESSES.c.address, ADDRESSES.c.sweep_id))
    return {sweep_id: address for address, sweep_id in sorted(found, key=lambda it: -len(it[0]))}


def sweep_names(store: Store, also: Collection[str] | None = ()) -> dict[str, str]:
    """What versions are called, names before addresses and the newest first, and with their options.

    Those are left out of the words where a sweep has one version, with those of its file. Archived ones are
    left out unless they are among `also`, or that is None.
    """
    every = (it for it in store.sweeps() if also is None or not it.archived or it.called in also)
    found = sorted(every, key=lambda it: not it.meant)
    several = Counter(it.name for it in found)
    return {
        it.called: f"{it.called} ({it.words})"
        if it.options or it.archived or several[it.name] > 1
        else it.called
        for it in found
    }


def seeds_at_stop(store: Store, sweep_id: int) -> int | None:
    """The number of seeds of the look at which that sweep stopped; None before, and without a design."""
    query = select(looks.c.seeds).where(looks.c.sweep_id == sweep_id, looks.c.decision != "continue")
    return next((int(seeds) for (seeds,) in store.select(query)), None)


def tag_names(store: Store) -> list[str]:
    """The tags that runs have, sorted."""
    return [tag for (tag,) in store.select(select(run_tags.c.tag).distinct().order_by(run_tags.c.tag))]


def leveled_sweeps(store: Store, also: Collection[str] | None = ()) -> dict[str, str]:
    """Those of sweep_names with a run that has levels."""
    has = select(levels.c.run_id).where(levels.c.run_id == sweep_runs.c.run_id).exists()
    found = {it for (it,) in store.select(select(sweep_runs.c.sweep_id).where(has).distinct())}
    leveled = {it.called for it in store.sweeps() if it.sweep_id in found}
    return {name: words for name, words in sweep_names(store, also).items() if name in leveled}


def sweep_states(store: Store) -> tuple[SweepState, ...]:
    """The state of every version, the newest first."""
    counts: dict[int, list[Any]] = {}
    for sweep_id, *row in store.select(epoch_counts()):
        counts.setdefault(sweep_id, []).append(row)
    return tuple(
        SweepState(it, summed(it.sweep_id, it.name, counts.get(it.sweep_id, ()))) for it in store.sweeps()
    )


def failures(store: Store, most: int, sweep_id: int | None = None) -> tuple[Failure, ...]:
    """Runs that failed or diverged, of that sweep or of all that are not archived: `most`, the last first."""
    last = and_(attempts.c.run_id == runs.c.run_id, attempts.c.attempt == runs.c.attempt)
    query = (
        select(
            *(runs.c.key, runs.c.status, runs.c.seed, configs.c.model, configs.c.dataset),
            *(runs.c.reason, runs.c.attempt, runs.c.last_epoch, runs.c.ended),
            *(attempts.c.host, attempts.c.device, attempts.c.traceback, attempts.c.log_tail),
        )
        .select_from(runs.join(configs).outerjoin(attempts, last))
        .where(runs.c.status.in_(("failed", "diverged")))
        .order_by(runs.c.ended.desc(), runs.c.run_id)
        .limit(most)
    )
    if sweep_id is not None:
        members = select(sweep_runs.c.run_id).where(sweep_runs.c.sweep_id == sweep_id)
        query = query.where(runs.c.run_id.in_(members))
    elif hidden := store.archived():
        query = query.where(visible(hidden))
    return tuple(Failure(*row) for row in store.select(query))


def takeovers(store: Store, sweep_id: int) -> list[Takeover]:
    """The lost attempts at the sweep's runs, the latest first."""
    later = attempts.alias()
    members = select(sweep_runs.c.run_id).where(sweep_runs.c.sweep_id == sweep_id)
    query = (
        select(runs.c.key, attempts.c.attempt, attempts.c.host, later.c.host, later.c.first_epoch)
        .select_from(attempts.join(runs, runs.c.run_id == attempts.c.run_id))
        .outerjoin(later, (later.c.run_id == attempts.c.run_id) & (later.c.attempt == attempts.c.attempt + 1))
        .where(attempts.c.outcome == "lost", attempts.c.run_id.in_(members))
        .order_by(attempts.c.ended.desc(), attempts.c.run_id)
    )
    return [Takeover(*row) for row in store.select(query)]


def run_summary(store: Store, key: str) -> Mapping[str, Any]:
    """The row of the view run_summary for that run; nothing that a run without events has by convention."""
    columns, (row,) = store.query("SELECT * FROM run_summary WHERE key = :key", key=key)
    found = dict(zip(columns, row, strict=True))
    return found if found["events"] else found | dict.fromkeys(OF_EVENTS)


OF_EVENTS = ("mean_stability", "mean_drop", "last_drop", "last_event")
"""Columns of the view run_summary that are about events; without one they are conventions."""


def content_hash(store: Store, dataset_id: int) -> str:
    """The hash of the data set's content."""
    query = select(datasets.c.content_hash).where(datasets.c.dataset_id == dataset_id)
    return str(store.select(query)[0][0])


_COMPLETED = select(runs.c.run_id).where(runs.c.status == "completed")


def _measured(store: Store, of: Select[Any]) -> Sequence[Any]:
    """How much is measured of these runs; it may be added to when they are completed."""
    parts = ((func.count(), flatness), (func.sum(flatness.c.seconds), flatness), (func.count(), normality))
    found = (select(part).select_from(table).where(table.c.run_id.in_(of)) for part, table in parts)
    return store.select(select(*(it.scalar_subquery() for it in found)))


def _sweeps(store: Store) -> Sequence[Any]:
    return store.select(select(func.count(), func.max(sweeps.c.registered)))


def _mark(*found: Iterable[Any]) -> str:
    """A short text that differs for different rows."""
    return hashlib.sha256(repr([[tuple(row) for row in rows] for rows in found]).encode()).hexdigest()[:16]
