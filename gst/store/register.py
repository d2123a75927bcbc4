"""Entering a sweep into the store: all its runs in one transaction, those of other sweeps shared."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Column, Connection, Table, func, insert, select, update

from gst.config import RunConfig, SweepSpec, config_json, run_key
from gst.config.columns import config_columns
from gst.store.bulk import chunks, insert_missing
from gst.store.schema import configs, runs, sweep_runs, sweeps
from gst.store.utc_time import present


class Member(NamedTuple):
    """A run of a sweep, its place in the order of the sweep file, and what is measured of its network there.

    For `measure` see MeasureConfig.of_state.
    """

    key: str
    hash: str
    seed: int
    arm: str
    position: int
    measure: str | None


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
        Member(run_key(spec), hashes[spec.config], spec.seed, arm, position, spec.config.measure.of_state)
        for position, (arm, spec) in enumerate(sweep.runs())
        if first is None or spec.seed in first
    )
    return Registration(sweep, sweep.digest(), texts, {it: config for config, it in hashes.items()}, members)


def register(connection: Connection, registration: Registration) -> int:
    """The sweep's id; a sweep that is there already becomes the newest of its name and changes no more."""
    moment = _after_others(connection, registration.sweep.name)
    found = connection.execute(
        update(sweeps)
        .where(sweeps.c.name == registration.sweep.name, sweeps.c.digest == registration.digest)
        .values(registered=moment)
        .returning(sweeps.c.sweep_id)
    ).scalar()
    if found is not None:
        return int(found)
    sweep_id = _insert_sweep(connection, registration, moment)
    config_ids = _insert_configs(connection, registration)
    enter(connection, sweep_id, registration.members, config_ids, moment)
    return sweep_id


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
    connection.execute(
        insert(sweep_runs),
        [
            {
                "sweep_id": sweep_id,
                "run_id": run_ids[it.key],
                "arm": it.arm,
                "position": it.position,
                "measure": it.measure,
            }
            for it in members
        ],
    )


def _insert_sweep(connection: Connection, registration: Registration, moment: datetime) -> int:
    sweep = registration.sweep
    values = {
        "name": sweep.name,
        "digest": registration.digest,
        "title": sweep.title,
        "claim": sweep.claim,
        "text": sweep.text,
        "figures": list(sweep.figures),
        "driver_epoch": 0,
        "registered": moment,
        "design": None if sweep.design is None else sweep.design.model_dump(mode="json"),
    }
    return int(connection.execute(insert(sweeps).values(values).returning(sweeps.c.sweep_id)).scalar_one())


def _insert_configs(connection: Connection, registration: Registration) -> dict[str, int]:
    insert_missing(
        connection,
        configs,
        [
            {"hash": it, "config": text, **config_columns(registration.configs[it])._asdict()}
            for it, text in sorted(registration.texts.items())
        ],
    )
    return _ids(connection, configs, configs.c.hash, configs.c.config_id, list(registration.texts))


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
                "status": "pending",
                "attempt": 0,
                "stall": 0,
                "seconds": 0.0,
                "created": moment,
            }
            for key, member in sorted(different.items())
        ],
    )
    return _ids(connection, runs, runs.c.key, runs.c.run_id, list(different))


def _ids(
    connection: Connection, table: Table, name: Column[Any], number: Column[Any], names: Sequence[str]
) -> dict[str, int]:
    found: dict[str, int] = {}
    for chunk in chunks(names):
        rows = connection.execute(select(name, number).select_from(table).where(name.in_(chunk)))
        found.update((key, value) for key, value in rows)
    return found
