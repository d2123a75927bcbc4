"""gst archive: sweeps that lists pass over until somebody asks for them."""

from __future__ import annotations

from typing import Annotated

import typer

from gst.cli.complete import stored_sweeps
from gst.cli.options import Db, opened
from gst.cli.output import note
from gst.cli.selection import told_version

WithArchived = Annotated[bool, typer.Option("--archived", help="With archived sweeps.")]


def archive(
    sweep: Annotated[
        str,
        typer.Argument(metavar="SWEEP", help="Its name, or NAME@DIGITS.", autocompletion=stored_sweeps),
    ],
    undo: Annotated[bool, typer.Option("--undo", help="Take it out of the archive.")] = False,
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
