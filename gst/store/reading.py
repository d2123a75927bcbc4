"""Reads of sweeps, runs and tags for commands and pages, and marks that tell when to read them again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import ScalarSelect, Select, and_, func, select

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

if TYPE_CHECKING:
    from gst.store.store import Store


class SweepState(NamedTuple):
    """A registered sweep, and its progress without arms. `newest` is False if a later one has its name."""

    title: str
    claim: str
    registered: datetime
    newest: bool
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


def newest_id(name: str) -> ScalarSelect[int]:
    """The id of the newest sweep of that name, for use in a query."""
    query = select(sweeps.c.sweep_id).where(sweeps.c.name == name)
    return query.order_by(sweeps.c.registered.desc(), sweeps.c.sweep_id.desc()).limit(1).scalar_subquery()


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
    """A mark that changes when a run of the newest sweep of that name changes its status or is measured."""
    members = select(sweep_runs.c.run_id).where(sweep_runs.c.sweep_id == newest_id(name))
    return _mark(
        store.select(
            select(sweep_runs.c.sweep_id, runs.c.status, func.count(), func.max(runs.c.ended))
            .join(runs, runs.c.run_id == sweep_runs.c.run_id)
            .where(sweep_runs.c.sweep_id == newest_id(name))
            .group_by(sweep_runs.c.sweep_id, runs.c.status)
            .order_by(runs.c.status)
        ),
        _measured(store, _COMPLETED.where(runs.c.run_id.in_(members))),
    )


def runs_version(store: Store, keys: Sequence[str]) -> str:
    """A mark that changes whenever one of these runs does."""
    columns = (runs.c.key, runs.c.status, runs.c.attempt, runs.c.last_epoch)
    return _mark(store.select(select(*columns).where(runs.c.key.in_(keys)).order_by(runs.c.key)))


def sweep_names(store: Store) -> list[str]:
    """The names of all sweeps, the newest first."""
    found = store.select(select(sweeps.c.name).order_by(sweeps.c.registered.desc(), sweeps.c.sweep_id.desc()))
    return list(dict.fromkeys(name for (name,) in found))


def seeds_at_stop(store: Store, name: str, digest: str) -> int | None:
    """The number of seeds of the look at which that sweep stopped; None before, and without a design."""
    query = (
        select(looks.c.seeds)
        .join(sweeps, sweeps.c.sweep_id == looks.c.sweep_id)
        .where(sweeps.c.name == name, sweeps.c.digest == digest, looks.c.decision != "continue")
    )
    return next((int(seeds) for (seeds,) in store.select(query)), None)


def sweep_digests(store: Store, name: str) -> list[str]:
    """The digests of all sweeps of that name, the first one registered first."""
    query = select(sweeps.c.digest).where(sweeps.c.name == name).order_by(sweeps.c.sweep_id)
    return [digest for (digest,) in store.select(query)]


def tag_names(store: Store) -> list[str]:
    """The tags that runs have, sorted."""
    return [tag for (tag,) in store.select(select(run_tags.c.tag).distinct().order_by(run_tags.c.tag))]


def leveled_sweeps(store: Store) -> list[str]:
    """The names of the sweeps with a run that has levels, the newest first."""
    query = (
        select(sweeps.c.name)
        .join(sweep_runs, sweep_runs.c.sweep_id == sweeps.c.sweep_id)
        .where(select(levels.c.run_id).where(levels.c.run_id == sweep_runs.c.run_id).exists())
        .group_by(sweeps.c.name)
        .order_by(func.max(sweeps.c.sweep_id).desc())
    )
    return [name for (name,) in store.select(query)]


def sweep_states(store: Store) -> tuple[SweepState, ...]:
    """The state of every sweep, the newest first."""
    counts: dict[int, list[Any]] = {}
    for sweep_id, *row in store.select(epoch_counts()):
        counts.setdefault(sweep_id, []).append(row)
    found = store.select(select(sweeps).order_by(sweeps.c.registered.desc(), sweeps.c.sweep_id.desc()))
    newest = {sweep.name: sweep.sweep_id for sweep in reversed(found)}
    return tuple(
        SweepState(
            sweep.title,
            sweep.claim,
            sweep.registered,
            newest[sweep.name] == sweep.sweep_id,
            summed(sweep.sweep_id, sweep.name, counts.get(sweep.sweep_id, ())),
        )
        for sweep in found
    )


def failures(store: Store, most: int) -> tuple[Failure, ...]:
    """The runs that failed or diverged last, at most `most`, the last one first."""
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
    return tuple(Failure(*row) for row in store.select(query))


def run_summary(store: Store, key: str) -> Mapping[str, Any]:
    """The row of the view run_summary for that run."""
    columns, (row,) = store.query("SELECT * FROM run_summary WHERE key = :key", key=key)
    return dict(zip(columns, row, strict=True))


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
