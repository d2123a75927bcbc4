"""gst rm: remove runs, sweeps or versions from the store, and the files of the runs that go."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gst.cli.options import Db, Form, choice, opened
from gst.cli.output import note, print_rows
from gst.cli.selection import OfArm, OfSweep, Runs, chosen_runs
from gst.errors import InputError
from gst.words import counted, size

if TYPE_CHECKING:
    from gst.launch.garbage import Garbage
    from gst.store import Store
    from gst.store.remove import Members, Removal

COLUMNS = ("what", "count", "bytes")


def rm(
    runs: Runs = None,
    sweep: OfSweep = None,
    arm: OfArm = None,
    versions: Annotated[
        bool, choice("With --sweep: every version of it, and not one alone.", "--versions")
    ] = False,
    dry_run: Annotated[bool, choice("Only show what would be removed.", "--dry-run")] = False,
    yes: Annotated[bool, choice("Remove it without asking.", "--yes", "-y")] = False,
    db: Db = None,
    form: Form = "table",
) -> None:
    """Remove runs, or a sweep, for good.

    All rows about them go, and their checkpoints. Runs that another sweep or another arm has stay, unless
    they are named by their keys. A version of a sweep goes with its last run. A removed run that its sweep
    file asks for is trained anew by the next `gst sweep`. What is in training is refused. To keep a copy:
    gst export --sweep SWEEP -o FILE.
    """
    from gst.launch.artifacts import artifacts_at, place_for
    from gst.launch.garbage import of_runs, remove

    with opened(db, readonly=dry_run) as store:
        members = _members(store, runs, sweep, arm, versions)
        found, artifacts = store.removal(members), artifacts_at(place_for(store))
        files = of_runs(artifacts, found.runs)
        print_rows(COLUMNS, list(_rows(found, files)), form)
        if dry_run:
            note(f"{_told(found, files)} can go")
            return
        if not (yes or _agreed(f"Remove {_told(found, files)} for good?")):
            note("nothing is removed")
            return
        gone = store.remove(members)
    files = of_runs(artifacts, gone.runs)
    for file in files:
        remove(artifacts, file)
    note(f"{_told(gone, files)} removed")


def _members(
    store: Store, runs: Sequence[str] | None, sweep: str | None, arm: str | None, every: bool
) -> Members:
    from gst.store.remove import Members

    if every and (sweep is None or arm is not None):
        raise InputError("--versions is about a whole sweep: give --sweep, and no --arm")
    chosen = chosen_runs(store, runs, sweep, arm)
    if sweep is None:
        return Members(tuple(run.key for run in chosen))
    name = store.version(sweep).name
    ids = [it.sweep_id for it in store.sweeps(name=name)] if every else [store.sweep_id(sweep)]
    return Members(sweep_ids=tuple(ids), arm=arm)


def _rows(found: Removal, files: Sequence[Garbage]) -> Iterator[tuple[Any, ...]]:
    for version in found.versions:
        yield f"version {version}", 1, None
    if found.shared:
        yield "runs that stay, as they are elsewhere too", found.shared, None
    for table, number in found.rows.items():
        yield f"rows of {table}", number, None
    if files:
        yield "files", len(files), sum(it.size for it in files)


def _told(found: Removal, files: Sequence[Garbage]) -> str:
    whole = [counted(len(found.versions), "version")] if found.versions else []
    total = size(sum(it.size for it in files))
    of_files = [f"{counted(len(files), 'file')} ({total})"] if files else []
    parts = [*whole, counted(len(found.runs), "run"), counted(sum(found.rows.values()), "row"), *of_files]
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def _agreed(question: str) -> bool:
    try:
        return typer.confirm(question, err=True)
    except typer.Abort:
        raise InputError("nobody said yes, so nothing is removed: give --yes") from None
