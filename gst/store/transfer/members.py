"""The versions of sweeps that an archive has, their runs, and what they decided at their looks."""

from __future__ import annotations

from sqlalchemy import select

from gst.config import config_hash
from gst.config.design import stored_design
from gst.errors import InputError
from gst.store.bulk import chunks
from gst.store.register import grow
from gst.store.schema import looks, runs, sweep_runs, sweeps
from gst.store.transfer.incoming import Incoming, Values
from gst.store.transfer.tables import layout
from gst.store.transfer.target import Name, Target
from gst.store.versions import same_version
from gst.words import short

AGREED = ("seeds", "pairs", "decision")
"""Columns in which a look here and the same look in an archive must agree."""


def new_versions(target: Target, incoming: Incoming) -> dict[Name, Values]:
    """The archive's sweeps that are no version here; the target learns which version each other one is.

    Raises InputError for one without runs, or with other configurations than that of its digest here.
    """
    before, where, new = target.load(sweeps), incoming.where(sweep_runs), {}
    members = _members(incoming)
    hashes = {digest: config_hash(config) for digest, config in incoming.configs.items()}
    for row in incoming.sweeps:
        name, design = (row["name"], row["digest"]), row["design"]
        if not members[name]:
            raise InputError(f"{where}: sweep {name[0]!r} has no runs")
        wanted = frozenset(
            (it["arm"], hashes[incoming.runs[it["run_key"]]["config_hash"]], it["measure"])
            for it in members[name]
        )
        here = same_version(
            target.connection, *name, wanted, None if design is None else stored_design(design)
        )
        if here is not None:
            target.same[name] = here
        elif name in before:
            raise InputError(f"{where}: sweep {name[0]!r} has other runs than the same sweep here")
        else:
            new[name] = row
    return new


def add_members(target: Target, incoming: Incoming) -> None:
    """Enter the runs and looks of the archive's sweeps: versions that are here get the seeds that they lack.

    One with a design may have come to a later look in one of the two, and then has that here, too. Raises
    InputError for one with other runs, which its looks do not explain, or other decisions than here.
    """
    for name, members in _members(incoming).items():
        sweep_id, where = target.load(sweeps)[name], incoming.where(sweep_runs)
        query = select(sweep_runs.c.arm, runs.c.seed, runs.c.key)
        query = query.join(runs, runs.c.run_id == sweep_runs.c.run_id).where(
            sweep_runs.c.sweep_id == sweep_id
        )
        here = {(arm, seed): key for arm, seed, key in target.connection.execute(query)}
        there = [(it["arm"], incoming.runs[it["run_key"]]["seed"]) for it in members]
        missing = [tuple(it.values()) for it, run in zip(members, there, strict=True) if run not in here]
        told, new = {(it["run_key"], it["arm"]) for it in members}, {it["run_key"] for it in members}
        moved = any((key, arm) not in told for (arm, _), key in here.items() if key in new)
        designed = select(sweeps.c.design).where(sweeps.c.sweep_id == sweep_id)
        has_design = target.connection.execute(designed).scalar() is not None
        if missing and (moved or (has_design and not here.keys() <= set(there))):
            raise InputError(f"{where}: sweep {name[0]!r} has other runs than the same sweep here")
        if missing:
            with target.fitting(sweep_runs):
                grow(target.connection, sweep_id, target.sql(layout(sweep_runs), missing))
    _refuse_homeless(target, incoming)
    _add_looks(target, incoming)


def _refuse_homeless(target: Target, incoming: Incoming) -> None:
    """Raise InputError for a run that is in no sweep here: its place in each has a run of another key."""
    member = select(sweep_runs.c.run_id).where(sweep_runs.c.run_id == runs.c.run_id)
    of = {it["run_key"]: it for it in incoming.members}
    for part in chunks(sorted(of)):
        query = select(runs.c.key).where(runs.c.key.in_(part), ~member.exists())
        for key in target.connection.execute(query).scalars():
            name, arm, seed = of[key]["sweep_name"], of[key]["arm"], incoming.runs[key]["seed"]
            raise InputError(
                f"{incoming.where(sweep_runs)}: run {short(key)}: the store has seed {seed} of arm {arm!r} "
                f"of sweep {name!r} under another key, that of an older or a newer gst; it can have one only"
            )


def _members(incoming: Incoming) -> dict[Name, list[Values]]:
    """The members of each sweep of the archive. Raises InputError for those of one that is not in it."""
    found: dict[Name, list[Values]] = {(row["name"], row["digest"]): [] for row in incoming.sweeps}
    for row in incoming.members:
        name = (row["sweep_name"], row["sweep_digest"])
        if name not in found:
            where = incoming.where(sweep_runs)
            raise InputError(f"{where}: has runs of sweep {name[0]!r}, which is not there")
        found[name].append(row)
    return found


def _add_looks(target: Target, incoming: Incoming) -> None:
    of = layout(looks)
    for rows in incoming.rows(looks):
        for row in rows:
            _refuse_other(target, incoming, of.named(row))
        target.insert_missing(of, rows)


def _refuse_other(target: Target, incoming: Incoming, theirs: Values) -> None:
    columns = [looks.c[name] for name in AGREED]
    sweep_id = target.load(sweeps).get((theirs["sweep_name"], theirs["sweep_digest"]))
    same = select(*columns).where(looks.c.sweep_id == sweep_id, looks.c.look == theirs["look"])
    for here in target.connection.execute(same).mappings():
        for name in (it for it in AGREED if here[it] != theirs[it]):
            raise InputError(
                f"{incoming.where(looks)}: look {theirs['look']} of sweep {theirs['sweep_name']!r} has "
                f"{name} {theirs[name]} there, and {here[name]} here: the two have gone different ways"
            )
