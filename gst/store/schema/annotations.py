"""Tables of tags and notes, which people write about runs and sweeps; nothing that is computed reads them."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
)

from gst.store.schema.base import metadata, of_run
from gst.store.utc_time import Time

run_tags = Table(
    "run_tags",
    metadata,
    of_run(),
    Column("tag", Text, nullable=False),
    PrimaryKeyConstraint("run_id", "tag"),
    Index(None, "tag"),
    CheckConstraint("tag <> ''", name="tag"),
    sqlite_with_rowid=False,
)

notes = Table(
    "notes",
    metadata,
    Column("note_id", Integer, primary_key=True),
    Column("run_id", Integer, ForeignKey("runs.run_id")),
    Column("sweep_id", Integer, ForeignKey("sweeps.sweep_id")),
    Column("text", Text, nullable=False),
    Column("written", Time, nullable=False),
    CheckConstraint("(run_id IS NULL) <> (sweep_id IS NULL)", name="about"),
    CheckConstraint("text <> ''", name="text"),
    Index(None, "run_id"),
    Index(None, "sweep_id"),
)
