"""Tags, which group runs across sweeps, and notes about runs and sweeps."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, delete, insert, select

from gst.errors import InputError, UnknownNameError
from gst.store.bulk import chunks, ids, insert_missing
from gst.store.schema import notes, run_tags, runs, sweep_runs, sweeps
from gst.store.utc_time import Present
from gst.words import control_character

_TAG = re.compile(r"\w[\w.:/+@-]*")


class Note(NamedTuple):
    """A note; it is about the run, where `sweep` is None, or about the sweep of that name."""

    sweep: str | None
    written: datetime
    text: str


def tag(connection: Connection, keys: Sequence[str], add: Collection[str], remove: Collection[str]) -> None:
    """See Store.tag."""
    for name in (*add, *remove):
        _check(name)
    if both := set(add) & set(remove):
        raise InputError(f"tag {min(both)!r}: it cannot be added and removed at once")
    run_ids = _run_ids(connection, keys)
    present = {name for found in tags(connection, keys).values() for name in found}
    for name in remove:
        if name not in present:
            raise UnknownNameError("tag of these runs", name, present)
    pairs = [{"run_id": run_id, "tag": name} for run_id in sorted(run_ids.values()) for name in sorted(add)]
    insert_missing(connection, run_tags, pairs)
    for chunk in chunks(keys):
        members = select(runs.c.run_id).where(runs.c.key.in_(chunk))
        connection.execute(delete(run_tags).where(run_tags.c.run_id.in_(members), run_tags.c.tag.in_(remove)))


def tags(connection: Connection, keys: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The tags of each of the runs, sorted; no tags where a run has none."""
    found: dict[str, list[str]] = {key: [] for key in keys}
    for chunk in chunks(keys):
        query = select(runs.c.key, run_tags.c.tag).join(run_tags, run_tags.c.run_id == runs.c.run_id)
        for key, name in connection.execute(query.where(runs.c.key.in_(chunk)).order_by(run_tags.c.tag)):
            found[key].append(name)
    return {key: tuple(names) for key, names in found.items()}


def add_note(connection: Connection, text: str, *, keys: Sequence[str], sweep_id: int | None) -> None:
    """Keep a note about each of these runs, or about that sweep."""
    assert bool(keys) == (sweep_id is None), "a note is about runs or about a sweep"
    if found := control_character(text, lines=True):
        raise InputError(f"note: the character {found} is not part of a text; remove it")
    if not text.strip():
        raise InputError("a note needs words: gst note RUN 'why this run matters'")
    said = insert(notes).values(text=text.strip(), written=Present())
    for run_id in _run_ids(connection, keys).values():
        connection.execute(said.values(run_id=run_id))
    if sweep_id is not None:
        connection.execute(said.values(sweep_id=sweep_id))


def notes_of_run(connection: Connection, run_id: int) -> tuple[Note, ...]:
    """The notes about a run and about the sweeps that it is in, oldest first."""
    in_sweeps = select(sweep_runs.c.sweep_id).where(sweep_runs.c.run_id == run_id)
    return _notes(connection, (notes.c.run_id == run_id) | notes.c.sweep_id.in_(in_sweeps))


def notes_of_sweep(connection: Connection, sweep_id: int) -> tuple[Note, ...]:
    """The notes about a sweep, and not those about its runs, oldest first."""
    return _notes(connection, notes.c.sweep_id == sweep_id)


def _notes(connection: Connection, which: ColumnElement[bool]) -> tuple[Note, ...]:
    query = select(sweeps.c.name, notes.c.written, notes.c.text).select_from(notes)
    query = query.outerjoin(sweeps, sweeps.c.sweep_id == notes.c.sweep_id).where(which)
    return tuple(Note(*row) for row in connection.execute(query.order_by(notes.c.written, notes.c.note_id)))


def _check(name: str) -> None:
    if not _TAG.fullmatch(name):
        raise InputError(
            f"tag {name!r}: a tag is one word of letters, digits and any of _ . : / + @ - "
            "that begins with a letter or digit, such as paper or rerun:1"
        )


def _run_ids(connection: Connection, keys: Sequence[str]) -> dict[str, int]:
    found = ids(connection, runs.c.run_id, runs.c.key, keys)
    for key in keys:
        if key not in found:
            raise InputError(f"no run {key!r} in this store")
    return found
