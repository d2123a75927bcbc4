"""gst gc: remove checkpoints and files of single examples that no run needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from gst.cli.options import Db, Form, choice, opened, option
from gst.cli.output import note, print_rows
from gst.cli.selection import told_version
from gst.errors import InputError
from gst.words import size

if TYPE_CHECKING:
    from gst.launch.garbage import Findings

COLUMNS = ("file", "size", "reason")


def gc(
    sweep: Annotated[str | None, option("SWEEP", "Files of that sweep's runs only.")] = None,
    older: Annotated[
        float, option("MINUTES", "Leave alone what was written since; it may be in use.", min=0)
    ] = 60.0,
    foreign: Annotated[
        bool,
        choice(
            "Also of runs that the store does not know: only if no other store uses the folder.", "--foreign"
        ),
    ] = False,
    dry_run: Annotated[bool, choice("Only show what would be removed.", "--dry-run")] = False,
    db: Db = None,
    form: Form = "table",
) -> None:
    """Remove checkpoints and other files of runs that no run needs.

    Those of killed attempts and drivers, and of runs that have ended, unless they are kept for good. They are
    in GST_ARTIFACT_DIR or where the store has the last one; what gst has not written there is left alone.
    """
    if foreign and sweep is not None:
        raise InputError("--foreign is about runs that no sweep of the store has: leave --sweep out")
    from datetime import timedelta

    from gst.launch.artifacts import artifacts_at, place_for
    from gst.launch.garbage import find, remove

    with opened(db) as store:
        artifacts = artifacts_at(place_for(store))
        sweep_id = None if sweep is None else told_version(store, sweep).sweep_id
        found = find(artifacts, store, older=timedelta(minutes=older), sweep_id=sweep_id, foreign=foreign)
    if not dry_run:
        for garbage in found.garbage:
            remove(artifacts, garbage)
    rows = [(it.file, size(it.size) if form == "table" else it.size, it.reason) for it in found.garbage]
    if rows or form != "table":
        print_rows(COLUMNS, rows, form)
    note(_total(found, dry_run=dry_run))
    for line in _left_alone(found, older):
        note(line)


def _total(found: Findings, *, dry_run: bool) -> str:
    count = len(found.garbage)
    verb = "can go" if dry_run else "removed"
    total = size(sum(it.size for it in found.garbage))
    return f"{count} file{'' if count == 1 else 's'}, {total}, {verb}"


def _left_alone(found: Findings, older: float) -> list[str]:
    reasons = (
        (found.young, f"written in the last {older:g} minutes, maybe by a run in training"),
        (found.foreign, "of runs that this store does not know; --foreign removes them, too"),
        (found.unknown, "not written by gst, as far as the name tells"),
    )
    return [f"left alone: {count}, {reason}" for count, reason in reasons if count]
