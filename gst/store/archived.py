"""Sweeps that are archived: hidden from lists until somebody asks for them, and none the worse for it.

A version is archived by a note about it, and taken out by another one: the last of them counts. So it needs
no column, goes with exports and imports, and says when it was done.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, Connection, select

from gst.store.annotate import add_note
from gst.store.schema import notes, runs, sweep_runs

ARCHIVED, RESTORED = "archived", "no longer archived"
"""The texts of these notes."""


def archived(connection: Connection) -> frozenset[int]:
    """The ids of the versions that are archived."""
    told = notes.c.sweep_id.is_not(None) & notes.c.text.in_((ARCHIVED, RESTORED))
    query = select(notes.c.sweep_id, notes.c.text).where(told).order_by(notes.c.written, notes.c.note_id)
    last = {int(sweep_id): text for sweep_id, text in connection.execute(query)}
    return frozenset(sweep_id for sweep_id, text in last.items() if text == ARCHIVED)


def archive(connection: Connection, sweep_id: int, *, undo: bool) -> bool:
    """Archive that version, or take it out of the archive; whether that changed anything."""
    if (sweep_id in archived(connection)) != undo:
        return False
    add_note(connection, RESTORED if undo else ARCHIVED, keys=(), sweep_id=sweep_id)
    return True


def visible(hidden: Collection[int]) -> ColumnElement[bool]:
    """The condition on runs that another version than these hidden ones has them."""
    members = select(sweep_runs.c.run_id).where(sweep_runs.c.sweep_id.not_in(hidden))
    return runs.c.run_id.in_(members)
