"""gst export, gst import and gst db copy: results from one place to another."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from gst.cli.complete import archive_names
from gst.cli.options import Db, Form, argument, choice, opened, option
from gst.cli.output import Format, note, print_rows, print_text
from gst.cli.selection import told_version
from gst.errors import Incomplete, InputError
from gst.words import SHORT, counted, listed, short

if TYPE_CHECKING:
    from gst.store import Store, Version
    from gst.store.transfer import Fate, Merged

FATES: Mapping[Fate, str] = {
    "new": "new",
    "filled": "have results that they lacked",
    "replaced": "have other results than they had",
    "same": "have the same results here",
    "measured": "have the same results here, and measurements that they lacked",
    "kept": "stay as they are here",
    "busy": "left alone, being trained here",
}

Tracker = Literal["mlflow", "tensorboard", "wandb-offline"]
"""Another tracker of experiments."""


def export_command(
    output: Annotated[
        Path,
        option(
            "FOLDER",
            "A folder that is not there yet, or a file NAME.zip; with --to any folder.",
            "--output",
            "-o",
        ),
    ],
    sweep: Annotated[str | None, option("SWEEP", "That sweep and its runs only.")] = None,
    ended: Annotated[
        bool,
        choice(
            "Only what runs have that completed or diverged; the others as if nobody had begun them.",
            "--ended",
        ),
    ] = False,
    to: Annotated[
        Tracker | None, choice("For another tracker of experiments, in place of gst import.", "--to")
    ] = None,
    form: Annotated[
        Literal["parquet", "csv"] | None, choice("The form of the tables.", "--format", default="parquet")
    ] = None,
    db: Db = None,
) -> None:
    """Write a store, or one sweep of it, to files.

    One file a table, and manifest.json, which says what is in them. Nothing in them depends on this
    store, so that `gst import` can take them into any other. With --to: the runs that have begun, as files of
    another tracker; the same command again brings them up to date, and doubles nothing.
    """
    if to is not None and (form is not None or ended):
        given = "--ended is" if form is None else "--format is of the tables"
        raise InputError(f"{given} for gst import; --to has a form of its own")
    with opened(db) as store:
        version = None if sweep is None else told_version(store, sweep)
        if to is not None:
            _track(store, to, output, version)
            return
        sweep_id = version and version.sweep_id
        manifest = store.export(output, sweep_id=sweep_id, form=form or "parquet", ended=ended)
        files = len(store.example_files(sweep_id=sweep_id))
    rows = {name: facts.rows for name, facts in manifest.tables.items()}
    note(", ".join(f"{name}: {count}" for name, count in rows.items() if count))
    if files:
        note(f"left out: {counted(files, 'file')} of single examples; gst sweep makes them again")
    print_text(str(output.absolute()))


def _track(store: Store, tracker: str, output: Path, version: Version | None) -> None:
    from gst.trackers import export_to

    note(counted(export_to(store, tracker, output, version and version.address), "run"))
    print_text(str(output.absolute()))


def import_command(
    folders: Annotated[
        list[str] | None,
        argument(
            "FOLDER...",
            "Folders or zip files that gst export or gst train has written.",
            default=False,
            autocompletion=archive_names,
        ),
    ] = None,
    shipped: Annotated[
        bool,
        choice(
            "Runs that come with gst: in place of FOLDER names, such as criteria, or none for all.",
            "--shipped",
        ),
    ] = False,
    keep_mine: Annotated[
        bool, choice("Where results differ, leave those here as they are.", "--keep-mine")
    ] = False,
    take_theirs: Annotated[
        bool, choice("Where results differ, replace those here.", "--take-theirs")
    ] = False,
    db: Db = None,
    form: Form = "table",
) -> None:
    """Take results in that `gst export` or `gst train` wrote.

    All of them, one FOLDER after another, or none if anything is wrong. Runs that have a result here keep
    it; one that differs from the result in FOLDER is refused, unless you say which to keep. Importing twice
    changes nothing.
    """
    if keep_mine and take_theirs:
        raise InputError("--keep-mine and --take-theirs: give one of them")
    from gst.archive import archives
    from gst.archive.shipped import chosen_archives

    if not (folders or shipped):
        raise InputError(
            "import what? Name folders or zip files, or --shipped for the results that come with gst"
        )
    paths = chosen_archives(folders or ()) if shipped else [Path(it) for it in folders or ()]
    for path in paths:
        next(archives(path))  # before a store is made for what is none
    conflicts = "keep" if keep_mine else "take" if take_theirs else "refuse"
    with opened(db, readonly=False, create=True) as store:
        merged = store.merge(*paths, conflicts=conflicts)  # type: ignore[arg-type]
    _show(merged, form)
    if busy := merged.runs("busy"):
        some = listed(list(map(short, busy)))
        raise Incomplete(
            f"left alone: {counted(len(busy), 'run')} in training here right now: {some}; import again when "
            "they have ended"
        )


def _show(merged: Merged, form: Format) -> None:
    for_people = form == "table"
    fates = [(words if for_people else fate, merged.runs(fate)) for fate, words in FATES.items()]
    rows = [
        ("sweeps", "new", merged.sweeps),
        *(("runs", fate, len(keys)) for fate, keys in fates),
        ("annotations", "new", merged.annotations),
    ]
    print_rows(("what", "fate", "number"), [row for row in rows if row[2] or not for_people], form)
    for conflict in merged.conflicts:
        note(conflict)
    if not merged.changed:
        note("nothing changed: everything was here already")


def copy_command(
    source: Annotated[str, argument("FROM", "A store: an SQLite file or a Postgres URL.")],
    target: Annotated[str, argument("TO", "Another, which is not there yet, or empty.")],
    form: Form = "table",
) -> None:
    """Copy a whole store into another database, as from SQLite to Postgres.

    Every row with its id, in one transaction; then each table is read again on both sides, and must be
    the same. One row of what is printed is a table.
    """
    from gst.store.transfer import copy

    copied = copy(source, target)
    digits = SHORT if form == "table" else None
    print_rows(
        ("table", "rows", "digest", "same"),
        [(it.table, it.target_rows, it.target_digest[:digits], it.same) for it in copied.tables],
        form,
    )
    if copied.running:
        note(f"{counted(copied.running, 'run')} in training; what is written from now on is not in the copy")
