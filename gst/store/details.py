"""Single runs: finding them by the start of their key, and everything that is known of one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Table, func, select

from gst.config import RunSpec, config_from_json
from gst.errors import InputError, UnknownNameError
from gst.store.alive import SILENCE, Silent
from gst.store.annotate import Note, notes_of_run, tags
from gst.store.claim import asked_of
from gst.store.schema import (
    attempts,
    configs,
    epochs,
    examples,
    flatness,
    group_losses,
    layer_prunings,
    levels,
    normality,
    probes,
    pruning_events,
    runs,
    sweep_runs,
    sweeps,
)
from gst.store.versions import ADDRESSES
from gst.words import short

Values = Mapping[str, Any]


class RunDetails(NamedTuple):
    """One run; each mapping is a row by column, times in UTC. `config` has the typed columns, too.

    Of `examples` there is only how many each list has: one number an image would be most of it all.
    """

    key: str
    run: Values
    config: Values
    config_json: Values
    sweeps: tuple[Values, ...]  # name, arm, position
    attempts: tuple[Values, ...]
    epochs: tuple[Values, ...]
    events: tuple[Values, ...]
    layers: tuple[Values, ...]
    probes: tuple[Values, ...]
    flatness: tuple[Values, ...]
    normality: tuple[Values, ...]
    levels: tuple[Values, ...]
    groups: tuple[Values, ...]  # losses by percentile group of EL2N scores, level by level
    examples: tuple[Values, ...]
    tags: tuple[str, ...]
    notes: tuple[Note, ...]  # about the run and about its sweeps
    silent: Silent | None  # where it is marked as running, and nobody trains it


def resolve(connection: Connection, prefix: str) -> str:
    """The key of the only run whose key starts with these digits."""
    starts = runs.c.key.startswith(prefix.lower(), autoescape=True)
    found = list(connection.execute(select(runs.c.key).where(starts).order_by(runs.c.key).limit(6)).scalars())
    if len(found) == 1:
        return str(found[0])
    if found:
        some = ", ".join(short(key) for key in found[:5]) + (", ..." if len(found) > 5 else "")
        raise InputError(f"{prefix!r} is the start of several runs' keys: {some}; give more digits")
    count = connection.execute(select(func.count()).select_from(runs)).scalar_one()
    of_that_name = select(sweeps.c.sweep_id).where(sweeps.c.name == prefix.partition("@")[0])
    if connection.execute(of_that_name).first():
        raise InputError(
            f"no run {prefix!r}, but a sweep: `gst status {prefix}` shows it, and --sweep {prefix} names all "
            "its runs"
        )
    if count > 10:
        raise InputError(f"no run {prefix!r}; there are {count} runs, which `gst ls` lists")
    raise UnknownNameError("run", prefix, map(short, connection.execute(select(runs.c.key)).scalars()))


def spec(connection: Connection, key: str, sweep_id: int | None = None) -> RunSpec:
    """The run's configuration and seed, with the measurements that this sweep asks of its network."""
    columns = (runs.c.run_id, configs.c.config, runs.c.seed)
    query = select(*columns).join(runs, runs.c.config_id == configs.c.config_id)
    row = connection.execute(query.where(runs.c.key == key)).one_or_none()
    if row is None:
        raise InputError(f"no run {key!r} in this store")
    config = config_from_json(row.config)
    if sweep_id is not None:
        asked = asked_of(connection, row.run_id, sweep_id)
        of_state = {
            "flatness": next(iter(asked.flatness), None),
            "normality": next(iter(asked.normality), None),
        }
        config = config.model_copy(update={"measure": config.measure.model_copy(update=of_state)})
    return RunSpec(config, row.seed)


def details(connection: Connection, key: str) -> RunDetails:
    """Everything about that run."""
    found = _rows(connection, runs, runs.c.key == key)
    if not found:
        raise InputError(f"no run {key!r} in this store")
    (run,) = found
    (config,) = _rows(connection, configs, configs.c.config_id == run["config_id"])
    called = (
        select(func.min(ADDRESSES.c.address))  # the name alone, where it means this version: it comes first
        .where(ADDRESSES.c.sweep_id == sweep_runs.c.sweep_id)
        .correlate(sweep_runs)
        .scalar_subquery()
    )
    memberships = (
        select(called.label("name"), sweep_runs.c.sweep_id, sweep_runs.c.arm, sweep_runs.c.position)
        .where(sweep_runs.c.run_id == run["run_id"])
        .order_by(sweep_runs.c.sweep_id, sweep_runs.c.position)
    )

    def of_run(table: Table) -> tuple[Values, ...]:
        return _rows(connection, table, table.c.run_id == run["run_id"])

    return RunDetails(
        key=key,
        run=run,
        config=config,
        config_json=json.loads(config["config"]),
        sweeps=tuple(dict(row) for row in connection.execute(memberships).mappings()),
        attempts=of_run(attempts),
        epochs=of_run(epochs),
        events=of_run(pruning_events),
        layers=of_run(layer_prunings),
        probes=of_run(probes),
        flatness=of_run(flatness),
        normality=of_run(normality),
        levels=of_run(levels),
        groups=of_run(group_losses),
        examples=_counts_of_examples(connection, run["run_id"]),
        tags=tags(connection, [key])[key],
        notes=notes_of_run(connection, run["run_id"]),
        silent=Silent.of(*connection.execute(select(*SILENCE).where(runs.c.key == key)).one()),
    )


def _counts_of_examples(connection: Connection, run_id: int) -> tuple[Values, ...]:
    lists = (examples.c.held_out, examples.c.noisy, examples.c.el2n)
    counts = [func.json_array_length(column).label(column.name) for column in lists]
    query = select(examples.c.epoch, examples.c.trained, *counts).where(examples.c.run_id == run_id)
    return tuple(dict(row) for row in connection.execute(query).mappings())


def _rows(connection: Connection, table: Table, where: ColumnElement[bool]) -> tuple[Values, ...]:
    query = select(table).where(where).order_by(*table.primary_key.columns)
    return tuple(dict(row) for row in connection.execute(query).mappings())
