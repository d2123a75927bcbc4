"""Runs that need others: which ones, which of them can begin, and which will not for want of another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import Connection, func, select

from gst.config import RunSpec, run_key
from gst.config.sources import sources as needed_by
from gst.errors import InputError
from gst.store.bulk import ids, insert_missing
from gst.store.schema import ENDED, runs, sources, sweep_runs
from gst.words import short

if TYPE_CHECKING:
    from gst.store.store import Store

Needs = tuple[tuple[str, int | None], ...]
"""The keys of runs, each with the epoch at whose end its state is needed, or None where none is."""

_SOURCE = runs.alias("source")
WAITING = (
    select(sources.c.run_id)
    .join(_SOURCE, _SOURCE.c.run_id == sources.c.source_id)
    .where(sources.c.run_id == runs.c.run_id, _SOURCE.c.status != "completed")
    .exists()
)
"""The condition that a run needs another one that has not completed."""


def needs(spec: RunSpec) -> Needs:
    """What that run needs."""
    return tuple((run_key(it.spec), it.epoch) for it in needed_by(spec))


def enter_sources(connection: Connection, needed: Mapping[str, Needs]) -> None:
    """Note what these runs need, by key. Raises InputError for one that needs a run that is not here."""
    found = {key: of_run for key, of_run in needed.items() if of_run}
    named = {*found, *(key for of_run in found.values() for key, _ in of_run)}
    run_ids = ids(connection, runs.c.run_id, runs.c.key, sorted(named))
    rows = []
    for key, of_run in sorted(found.items()):
        for source, epoch in of_run:
            if source not in run_ids:
                raise InputError(f"run {short(key)} needs run {short(source)}, which is not in this store")
            rows.append({"run_id": run_ids[key], "source_id": run_ids[source], "epoch": epoch})
    insert_missing(connection, sources, rows)


def states_needed(connection: Connection, key: str) -> frozenset[int]:
    """See Store.states_needed."""
    query = select(sources.c.epoch).join(runs, runs.c.run_id == sources.c.source_id)
    wanted = query.where(runs.c.key == key, sources.c.epoch.is_not(None))
    return frozenset(connection.execute(wanted).scalars())


class Blocked(NamedTuple):
    """A run that cannot begin, for `source` has ended without completing: `status` says how."""

    key: str
    arm: str
    seed: int
    source: str
    status: str

    @property
    def words(self) -> str:
        """Which run waits for which, in a sentence."""
        return (
            f"{self.arm}, seed {self.seed} (run {short(self.key)}) is not trained: run {short(self.source)}, "
            f"which it needs, is {self.status}"
        )


def blocked(store: Store, sweep_id: int) -> tuple[Blocked, ...]:
    """The sweep's runs that wait for a run that has ended, or that itself waits so; in file order."""
    place = func.min(sweep_runs.c.position)
    columns = (runs.c.key, sweep_runs.c.arm, runs.c.seed, _SOURCE.c.key, _SOURCE.c.status)
    query = (
        select(*columns)
        .join(sweep_runs, sweep_runs.c.run_id == runs.c.run_id)
        .join(sources, sources.c.run_id == runs.c.run_id)
        .join(_SOURCE, _SOURCE.c.run_id == sources.c.source_id)
        .where(sweep_runs.c.sweep_id == sweep_id, runs.c.status.not_in(ENDED))
        .where(_SOURCE.c.status != "completed")
        .group_by(*columns)
        .order_by(place)
    )
    waiting = [Blocked(*row) for row in store.select(query)]
    found: dict[str, Blocked] = {}
    while new := [it for it in waiting if it.key not in found and (it.status in ENDED or it.source in found)]:
        for it in new:
            cause = found.get(it.source, it)
            found[it.key] = it._replace(source=cause.source, status=cause.status)
    return tuple(dict.fromkeys(found[it.key] for it in waiting if it.key in found))
