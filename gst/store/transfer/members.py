"""The runs that sweeps of an archive have, and what they decided at their looks."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement, and_, select

from gst.archive import Row
from gst.errors import InputError
from gst.store.schema import looks, runs, sweep_runs, sweeps
from gst.store.transfer.incoming import Incoming, Values
from gst.store.transfer.tables import layout
from gst.store.transfer.target import Name, Target

AGREED = ("seeds", "pairs", "decision")
"""Columns in which a look here and the same look in an archive must agree."""


def add_members(target: Target, incoming: Incoming, new_sweeps: Iterable[Name]) -> None:
    """Enter the runs and looks of the archive's sweeps.

    A sweep that is here has the same runs; one with a design may have come to a later look in one of the two,
    and then has that here, too. Raises InputError for a sweep with other runs or other decisions than here.
    """
    where = incoming.where(sweep_runs)
    names: dict[Name, Values] = {(row["name"], row["digest"]): row for row in incoming.sweeps}
    given: dict[Name, dict[Row, Row]] = {name: {} for name in names}
    for row in incoming.members:
        name = (row["sweep_name"], row["sweep_digest"])
        if name not in given:
            raise InputError(f"{where}: has runs of sweep {name[0]!r}, which is not there")
        given[name][row["position"], row["run_key"], row["arm"]] = tuple(row.values())
    added: list[Row] = []
    for name, members in given.items():
        if not members:
            raise InputError(f"{where}: sweep {name[0]!r} has no runs")
        here = set() if name in new_sweeps else _members(target, name)
        part = members.keys() <= here or here <= members.keys()
        if here and members.keys() != here and not (part and names[name]["design"]):
            raise InputError(f"{where}: sweep {name[0]!r} has other runs than the same sweep here")
        added += [row for member, row in members.items() if member not in here]
    target.insert(layout(sweep_runs), added)
    _add_looks(target, incoming)


def _add_looks(target: Target, incoming: Incoming) -> None:
    of = layout(looks)
    names = [it.name for it in of.columns]
    for rows in incoming.rows(looks):
        for row in rows:
            _refuse_other(target, incoming, dict(zip(names, row, strict=True)))
        target.insert_missing(of, rows)


def _refuse_other(target: Target, incoming: Incoming, theirs: Values) -> None:
    columns = [looks.c[name] for name in AGREED]
    query = select(*columns).join(sweeps, sweeps.c.sweep_id == looks.c.sweep_id)
    same = _named((theirs["sweep_name"], theirs["sweep_digest"])) & (looks.c.look == theirs["look"])
    for here in target.connection.execute(query.where(same)).mappings():
        for name in (it for it in AGREED if here[it] != theirs[it]):
            raise InputError(
                f"{incoming.where(looks)}: look {theirs['look']} of sweep {theirs['sweep_name']!r} has "
                f"{name} {theirs[name]} there, and {here[name]} here: the two have gone different ways"
            )


def _members(target: Target, name: Name) -> set[Row]:
    query = (
        select(sweep_runs.c.position, runs.c.key, sweep_runs.c.arm)
        .join(runs, runs.c.run_id == sweep_runs.c.run_id)
        .join(sweeps, sweeps.c.sweep_id == sweep_runs.c.sweep_id)
        .where(_named(name))
    )
    return {tuple(row) for row in target.connection.execute(query)}


def _named(name: Name) -> ColumnElement[bool]:
    return and_(sweeps.c.name == name[0], sweeps.c.digest == name[1])
