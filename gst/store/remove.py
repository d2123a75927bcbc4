"""Removing runs and versions of sweeps, with every row that is about them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Table, delete, func, select, true, update

from gst.errors import InputError
from gst.store.alive import ALIVE
from gst.store.bulk import chunks
from gst.store.schema import (
    ENDED,
    attempts,
    configs,
    looks,
    metadata,
    notes,
    runs,
    sources,
    sweep_runs,
    sweeps,
)
from gst.store.sweeps import lock
from gst.store.versions import Version, versions
from gst.words import counted, short

_OF_RUNS = [
    it for it in reversed(metadata.sorted_tables) if "run_id" in it.c and it not in (runs, sweep_runs)
]
"""Tables with rows of runs, in an order in which they can be deleted."""


class Members(NamedTuple):
    """The places in sweeps that are to be empty: those of these runs, or those of versions or of one arm."""

    keys: tuple[str, ...] = ()
    sweep_ids: tuple[int, ...] = ()
    arm: str | None = None

    @property
    def which(self) -> ColumnElement[bool]:
        """The rows of `sweep_runs`."""
        if self.keys:
            return sweep_runs.c.run_id.in_(select(runs.c.run_id).where(runs.c.key.in_(self.keys)))
        chosen = sweep_runs.c.sweep_id.in_(self.sweep_ids)
        return chosen if self.arm is None else chosen & (sweep_runs.c.arm == self.arm)


class Removal(NamedTuple):
    """What is removed: keys of runs, addresses of whole versions, and the number of rows of each table.

    `shared` runs stay, as another sweep or another arm has them, too.
    """

    runs: tuple[str, ...]
    versions: tuple[str, ...]
    shared: int
    rows: Mapping[str, int]


class _Doomed(NamedTuple):
    """Rows of runs, and the ids of configurations and versions that nothing is left of."""

    members: ColumnElement[bool]
    runs: Sequence[Any]  # with run_id, key, config_id and status
    shared: int
    configs: list[int]
    sweeps: list[Version]

    def rows(self) -> Iterator[tuple[Table, ColumnElement[bool]]]:
        """Each table with a condition on its rows, in an order in which they can be deleted."""
        yield sweep_runs, self.members
        ids = [it.run_id for it in self.runs]
        for table in (*_OF_RUNS, runs):
            for chunk in chunks(ids):
                yield table, table.c.run_id.in_(chunk)
        for chunk in chunks(self.configs):
            yield configs, configs.c.config_id.in_(chunk)
        for table in (looks, notes, sweeps):
            yield table, table.c.sweep_id.in_([it.sweep_id for it in self.sweeps])

    def told(self, rows: Mapping[str, int]) -> Removal:
        """The same in words."""
        versions = tuple(it.address for it in self.sweeps)
        return Removal(tuple(it.key for it in self.runs), versions, self.shared, rows)


def removal(connection: Connection, members: Members) -> Removal:
    """What would be removed. Raises InputError as `remove` does."""
    doomed, count = _doomed(connection, members), Counter[str]()
    for table, which in doomed.rows():
        number = connection.execute(select(func.count()).select_from(table).where(which)).scalar_one()
        count[table.name] += number
    return doomed.told(+count)


def remove(connection: Connection, members: Members) -> Removal:
    """What is removed. A run goes with its last place in a sweep, a version of a sweep with its last run.

    Raises InputError, and removes nothing, where a version is trained that would go whole or lose a run that
    has not ended, and where one would lose some of the runs that it has decided on at a look.
    """
    if connection.dialect.name == "postgresql":
        # Nobody registers or imports a sweep meanwhile, which might share one of these runs.
        connection.exec_driver_sql("LOCK TABLE sweeps IN SHARE ROW EXCLUSIVE MODE")
    lock(connection, true())
    doomed, count = _doomed(connection, members, locked=True), Counter[str]()
    for table, which in doomed.rows():
        if table is sweeps:
            _attribute(connection, [it.sweep_id for it in doomed.sweeps])
        count[table.name] += connection.execute(delete(table).where(which)).rowcount
    return doomed.told(+count)


def _doomed(connection: Connection, members: Members, *, locked: bool = False) -> _Doomed:
    which = members.which
    leaving, staying = (select(sweep_runs.c.run_id).where(it) for it in (which, ~which))
    query = select(runs.c.run_id, runs.c.key, runs.c.config_id, runs.c.status).order_by(runs.c.key)
    query = query.where(runs.c.run_id.in_(leaving), runs.c.run_id.not_in(staying))
    found = connection.execute(query.with_for_update() if locked else query).all()
    places = select(sweep_runs.c.sweep_id).distinct()
    affected, left = (
        set(connection.execute(places.where(it)).scalars())
        for it in (which, sweep_runs.c.sweep_id.in_(places.where(which)) & ~which)
    )
    known = {it.sweep_id: it for it in versions(connection)}
    emptied = affected - left
    open_left = any(it.status not in ENDED for it in found)
    _refuse_trained(connection, known, affected if open_left else emptied)
    _refuse_decided(connection, known, affected & left)
    _refuse_needed(connection, [it.run_id for it in found])
    count = func.count(sweep_runs.c.run_id.distinct())
    every = connection.execute(select(count).where(which)).scalar_one()
    return _Doomed(
        which,
        found,
        every - len(found),
        _configs(connection, Counter(it.config_id for it in found)),
        [known[it] for it in sorted(emptied)],
    )


def _refuse_trained(connection: Connection, known: Mapping[int, Version], ids: Collection[int]) -> None:
    trained = select(runs.c.sweep_id, func.count()).where(ALIVE, runs.c.sweep_id.in_(ids))
    for sweep_id, number in connection.execute(trained.group_by(runs.c.sweep_id)):
        called = known[sweep_id].called
        raise InputError(
            f"sweep {called}: {counted(number, 'run')} in training; nothing is removed. End that first, with "
            f"Ctrl-C where it is driven or with `gst cancel --sweep {called}`"
        )


def _refuse_decided(connection: Connection, known: Mapping[int, Version], ids: Collection[int]) -> None:
    decided = select(looks.c.sweep_id, func.count()).where(looks.c.sweep_id.in_(ids))
    for sweep_id, number in connection.execute(decided.group_by(looks.c.sweep_id)):
        called = known[sweep_id].called
        raise InputError(
            f"sweep {called} has decided at {counted(number, 'look')} on all of its runs; nothing is "
            f"removed. Remove the whole version: gst rm --sweep {called}"
        )


def _refuse_needed(connection: Connection, ids: Sequence[int]) -> None:
    going, (source, run) = set(ids), (runs.alias("source"), runs.alias("run"))
    query = (
        select(source.c.key, run.c.key, sources.c.run_id)
        .join_from(sources, source, source.c.run_id == sources.c.source_id)
        .join(run, run.c.run_id == sources.c.run_id)
        .order_by(source.c.key, run.c.key)
    )
    for part in chunks(ids):
        for needed, by, run_id in connection.execute(query.where(sources.c.source_id.in_(part))):
            if run_id not in going:
                raise InputError(
                    f"run {short(needed)}: run {short(by)} begins from it or needs it; nothing is removed. "
                    "Remove both together, or that one first"
                )


def _configs(connection: Connection, going: Mapping[int, int]) -> list[int]:
    """The configurations all of whose runs go, given the number of those that do."""
    found: list[int] = []
    for chunk in chunks(sorted(going)):
        query = select(runs.c.config_id, func.count()).where(runs.c.config_id.in_(chunk))
        rows = connection.execute(query.group_by(runs.c.config_id))
        found += [config_id for config_id, number in rows if number == going[config_id]]
    return found


def _attribute(connection: Connection, emptied: Sequence[int]) -> None:
    """Have runs that stay count as trained by a sweep that still has them, under a driver that never was."""
    for table in (attempts, runs):
        place = select(func.min(sweep_runs.c.sweep_id)).where(sweep_runs.c.run_id == table.c.run_id)
        values = {"sweep_id": place.scalar_subquery(), "driver_epoch": 0}
        connection.execute(update(table).where(table.c.sweep_id.in_(emptied)).values(values))
