"""Entering a sweep into the store: all its runs in one transaction, those of other sweeps shared."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple, cast

from sqlalchemy import Connection, case, delete, func, insert, select, update

from gst.archive.layout import UNTRIED
from gst.config import RunConfig, RunSpec, SweepSpec, config_json, run_key
from gst.config.columns import config_columns, sweep_columns
from gst.store.bulk import ids, insert_missing, inserting
from gst.store.schema import configs, runs, sweep_runs, sweeps
from gst.store.sources import Needs, enter_sources, needs
from gst.store.utc_time import present
from gst.store.versions import same_version, structure


class Member(NamedTuple):
    """A run of a sweep, its place in the order of the sweep file, and what is measured of its network there.

    For `measure` see MeasureConfig.of_state; `needs` are other runs.
    """

    key: str
    hash: str
    seed: int
    arm: str
    position: int
    measure: str | None
    needs: Needs = ()


class Registration(NamedTuple):
    """A sweep made ready to be entered: everything that takes time and needs no lock."""

    sweep: SweepSpec
    digest: str
    texts: dict[str, str]  # by hash: the canonical JSON
    configs: dict[str, RunConfig]  # by hash
    members: tuple[Member, ...]


def prepare(sweep: SweepSpec) -> Registration:
    """The sweep with all its hashes; of a sweep with a design, the runs of its first look."""
    hashes: dict[RunConfig, str] = {}
    texts: dict[str, str] = {}
    for _, config, _ in sweep.configs:
        text = config_json(config)
        hashes[config] = hashlib.sha256(text.encode()).hexdigest()
        texts[hashes[config]] = text
    first = None if sweep.design is None else sweep.design.seeds_of(1)
    members = tuple(
        member(spec, hashes[spec.config], arm, position, spec.config.measure.of_state)
        for position, (arm, spec) in enumerate(sweep.runs())
        if first is None or spec.seed in first
    )
    return Registration(sweep, sweep.digest(), texts, {it: config for config, it in hashes.items()}, members)


def member(spec: RunSpec, digest: str, arm: str, position: int, measure: str | None) -> Member:
    """The run, whose configuration has that hash, at that place of a sweep."""
    return Member(run_key(spec), digest, spec.seed, arm, position, measure, needs(spec))


def register(connection: Connection, registration: Registration) -> int:
    """See Store.register; the version becomes the newest of its name, and has the words of this file."""
    moment = _after_others(connection, registration.sweep.name)
    sweep_id = version_of(connection, registration)
    if sweep_id is None:
        sweep_id = _insert_sweep(connection, registration, moment)
    if sweep_id is None:  # another has entered it since; the insertion has waited for its end
        sweep_id = version_of(connection, registration)
    assert sweep_id is not None
    _renew(connection, sweep_id, registration, moment)
    missing = _missing(connection, sweep_id, registration.members)
    if missing:
        config_ids = insert_configs(connection, registration.configs, registration.texts)
        enter(connection, sweep_id, missing, config_ids, moment)
    return sweep_id


def version_of(connection: Connection, registration: Registration) -> int | None:
    """The id of the version that this is one of, if it is there."""
    sweep = registration.sweep
    wanted = structure((arm, config) for arm, config, _ in sweep.configs)
    return same_version(connection, sweep.name, registration.digest, wanted, sweep.design)


def _renew(connection: Connection, sweep_id: int, registration: Registration, moment: datetime) -> None:
    """What the file says now. Whoever else registers the version waits from here on.

    Text and options are one fact: other options of the same text, which come to the same, change nothing.
    """
    sweep = registration.sweep
    words = {"title": sweep.title, "claim": sweep.claim, "text": sweep.text, "figures": list(sweep.figures)}
    told = (sweeps.c.text == sweep.text) & (sweep.options != "")
    options = case((told, func.coalesce(sweeps.c.options, sweep.options)), else_=sweep.options)
    changed = update(sweeps).where(sweeps.c.sweep_id == sweep_id)
    connection.execute(changed.values(registered=moment, options=options, **words))


def _missing(connection: Connection, sweep_id: int, members: Sequence[Member]) -> list[Member]:
    """Those that the version does not have, by arm and seed: a run of a former gst may have another key."""
    query = select(sweep_runs.c.arm, runs.c.seed).join(runs, runs.c.run_id == sweep_runs.c.run_id)
    known = {tuple(row) for row in connection.execute(query.where(sweep_runs.c.sweep_id == sweep_id))}
    return [it for it in members if (it.arm, it.seed) not in known]


def _after_others(connection: Connection, name: str) -> datetime:
    """The present moment, or one after all sweeps of that name, where a clock was ahead when they came."""
    newest = select(func.max(sweeps.c.registered)).where(sweeps.c.name == name)
    found, moment = connection.execute(newest).scalar(), present(connection)
    return moment if found is None else max(moment, found + timedelta(microseconds=1))


def enter(
    connection: Connection,
    sweep_id: int,
    members: Sequence[Member],
    config_ids: Mapping[str, int],
    moment: datetime,
) -> None:
    """Make runs members of the sweep; those that are not in the store are pending from now on.

    `config_ids` are those of the store, by hash.
    """
    run_ids = _insert_runs(connection, members, config_ids, moment)
    enter_sources(connection, {it.key: it.needs for it in members})
    rows = [
        {
            "sweep_id": sweep_id,
            "run_id": run_ids[it.key],
            "arm": it.arm,
            "position": it.position,
            "measure": it.measure,
        }
        for it in members
    ]
    grow(connection, sweep_id, rows)


def grow(connection: Connection, sweep_id: int, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add rows of `sweep_runs` to a version.

    One that has members is numbered anew: arms as they were, the seeds of each in order. A design has left
    room for the seeds to come.
    """
    of = sweep_runs.c.sweep_id == sweep_id
    last = connection.execute(select(func.max(sweep_runs.c.position)).where(of)).scalar()
    designed = connection.execute(select(sweeps.c.design).where(sweeps.c.sweep_id == sweep_id)).scalar()
    if last is None or designed is not None:
        connection.execute(insert(sweep_runs), rows)
        return
    connection.execute(insert(sweep_runs), [{**row, "position": row["position"] + last + 1} for row in rows])
    query = select(sweep_runs, runs.c.seed).join(runs, runs.c.run_id == sweep_runs.c.run_id).where(of)
    members = connection.execute(query.order_by(sweep_runs.c.position)).mappings().all()
    arms = {arm: place for place, arm in enumerate(dict.fromkeys(it["arm"] for it in members))}
    ordered = sorted(members, key=lambda it: (arms[it["arm"]], it["seed"]))
    numbered = [
        {**{column.name: it[column.name] for column in sweep_runs.c}, "position": place}
        for place, it in enumerate(ordered)
    ]
    connection.execute(delete(sweep_runs).where(of))
    connection.execute(insert(sweep_runs), numbered)


def _insert_sweep(connection: Connection, registration: Registration, moment: datetime) -> int | None:
    """Its id; None where another has entered it at the same time."""
    values = sweep_columns(registration.sweep, registration.digest, moment)
    make = inserting(connection)(sweeps).values(values).on_conflict_do_nothing()
    return cast(int | None, connection.execute(make.returning(sweeps.c.sweep_id)).scalar())


def insert_configs(
    connection: Connection, found: Mapping[str, RunConfig], texts: Mapping[str, str]
) -> dict[str, int]:
    """Enter these configurations, given with their canonical JSON by hash; their ids by hash."""
    rows = [
        {"hash": digest, "config": texts[digest], **config_columns(config)}
        for digest, config in sorted(found.items())
    ]
    insert_missing(connection, configs, rows)
    return ids(connection, configs.c.config_id, configs.c.hash, list(found))


def _insert_runs(
    connection: Connection, members: Sequence[Member], config_ids: Mapping[str, int], moment: datetime
) -> dict[str, int]:
    different = {member.key: member for member in members}
    insert_missing(
        connection,
        runs,
        [
            {
                "key": key,
                "config_id": config_ids[member.hash],
                "seed": member.seed,
                "created": moment,
                **UNTRIED,
            }
            for key, member in sorted(different.items())
        ],
    )
    return ids(connection, runs.c.run_id, runs.c.key, list(different))
