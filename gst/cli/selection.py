"""The runs that a command is about: named by the beginnings of their keys, or those of a sweep."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Annotated, Any

from gst.cli.complete import stored_sweeps
from gst.cli.options import argument, option
from gst.cli.output import Format, note, print_rows
from gst.errors import InputError, UnknownNameError
from gst.words import counted, short

if TYPE_CHECKING:
    from gst.store import RunState, Store, Version

Runs = Annotated[list[str] | None, argument("RUN", "The beginnings of their keys.")]
OfSweep = Annotated[
    str | None, option("SWEEP", "All runs of that sweep.", "--sweep", autocompletion=stored_sweeps)
]
OfArm = Annotated[str | None, option("ARM", "With --sweep: of that arm only.", "--arm")]


def told_version(store: Store, sweep: str) -> Version:
    """The version that this name or address means; where a name might mean several, a note says which."""
    found = store.version(sweep)
    if others := (len(store.sweeps(name=found.name)) - 1) * (sweep == found.name):
        listed = f"{counted(others, 'other version')}: gst status --versions {found.name}"
        note(f"{found.address}, {found.words}; {listed}")
    return found


def chosen_runs(
    store: Store, runs: Sequence[str] | None, sweep: str | None, arm: str | None
) -> tuple[RunState, ...]:
    """The states of the runs that a user means, each once, in the order given or in that of the sweep file.

    Raises InputError unless runs or a sweep are named, and not both.
    """
    from gst.store import run_states

    if bool(runs) == (sweep is not None):
        raise InputError("name runs by the beginnings of their keys, or give --sweep; one of the two")
    if (sweep_id := told_sweep(store, sweep, arm)) is not None:
        return run_states(store, sweep_id, arm)
    keys = dict.fromkeys(store.resolve(run) for run in runs or ())
    states = {it.key: it for it in run_states(store)}
    return tuple(states[key] for key in keys)


def refuse_others(runs: Sequence[RunState], statuses: Collection[str], verb: str) -> None:
    """Raise InputError where a run was named that is not in one of these states."""
    wanted = ", ".join(statuses)
    for run in runs:
        if run.status not in statuses:
            raise InputError(
                f"run {short(run.key)} is {run.status}; only runs that are {wanted} can be {verb}"
            )


def told_sweep(store: Store, sweep: str | None, arm: str | None) -> int | None:
    """The id of the version that is meant, if one is. Raises UnknownNameError unless it has the arm."""
    if sweep is None:
        if arm is not None:
            raise InputError("--arm names an arm of a sweep: give --sweep too")
        return None
    sweep_id = told_version(store, sweep).sweep_id
    known = [each.arm for each in store.progress(sweep_id).arms] if arm is not None else []
    if arm is not None and arm not in known:
        raise UnknownNameError(f"arm of sweep {sweep}", arm, known)
    return sweep_id


def print_runs(columns: Sequence[str], rows: Sequence[Sequence[Any]], form: Format) -> None:
    """Rows that begin with a run's key, which people see the beginning of."""
    if form == "table":
        rows = [(short(str(key)), *rest) for key, *rest in rows]
    print_rows(columns, rows, form)
