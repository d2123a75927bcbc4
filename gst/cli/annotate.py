"""gst tag, gst note and gst archive: what people say of runs and sweeps."""

from __future__ import annotations

from typing import Annotated

from gst.cli.complete import stored_sweeps
from gst.cli.options import Db, Form, argument, choice, opened, option
from gst.cli.output import note
from gst.cli.selection import OfArm, OfSweep, Runs, chosen_runs, print_runs, told_version
from gst.errors import InputError


def tag(
    runs: Runs = None,
    add: Annotated[list[str] | None, option("TAG", "Add it; may be repeated.", "--add", "-a")] = None,
    remove: Annotated[
        list[str] | None, option("TAG", "Remove it; may be repeated.", "--remove", "-r")
    ] = None,
    sweep: OfSweep = None,
    arm: OfArm = None,
    db: Db = None,
    form: Form = "table",
) -> None:
    """Add tags to runs, or remove them.

    For example: gst tag 3f2a 90be --add paper --remove draft. `gst ls --tag paper` lists the runs.
    """
    if not add and not remove:
        raise InputError("give --add TAG or --remove TAG")
    with opened(db, readonly=False) as store:
        keys = [run.key for run in chosen_runs(store, runs, sweep, arm)]
        store.tag(keys, add=add or (), remove=remove or ())
        tags = store.tags(keys)
    print_runs(("key", "tags"), [(key, " ".join(tags[key])) for key in keys], form)


def note_command(
    words: Annotated[list[str], argument("[RUN] TEXT", "A run, and what to note.")],
    sweep: Annotated[str | None, option("SWEEP", "About that sweep, in place of a run.")] = None,
    db: Db = None,
) -> None:
    """Keep a note about a run or a sweep.

    For example: gst note 3f2a "the GPU was shared", or gst note --sweep fig3 "before the fix".
    Notes add up; `gst show RUN` and `gst status SWEEP` show them.
    """
    if len(words) != (2 if sweep is None else 1):
        raise InputError(
            'give a run and a text in quotes: gst note RUN "TEXT", or gst note --sweep SWEEP "TEXT"'
        )
    with opened(db, readonly=False) as store:
        if sweep is not None:
            store.note(words[0], sweep_id=told_version(store, sweep).sweep_id)
            note(f"noted about sweep {sweep}")
            return
        key = store.resolve(words[0])
        store.note(words[1], keys=[key])
    note(f"noted about run {key}")


WithArchived = Annotated[bool, choice("With archived sweeps.", "--archived")]
"""Whether lists have sweeps that are archived."""


def archive(
    sweep: Annotated[str, argument("SWEEP", "Its name, or NAME@DIGITS.", autocompletion=stored_sweeps)],
    undo: Annotated[bool, choice("Take it out of the archive.", "--undo")] = False,
    db: Db = None,
) -> None:
    """Archive a sweep: hide it from lists.

    `gst status`, `gst ls` and the dashboard pass over it, and over runs that no other sweep has, unless they
    are asked with --archived or by its name. Nothing is removed. Files for somebody else are made by
    `gst export`.
    """
    with opened(db, readonly=False) as store:
        version = told_version(store, sweep)
        changed = store.archive(version.sweep_id, undo=undo)
    state = "no longer archived" if undo else "archived"
    note(f"sweep {version.called} is {state}" if changed else f"sweep {version.called} was {state} before")
