"""What people do to runs: cancel, tag and note them; and how much of its machine an attempt had.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

STATUSES = "'pending', 'running', 'completed', 'failed', 'interrupted', 'diverged', 'cancelled'"
OUTCOMES = "'completed', 'failed', 'interrupted', 'diverged', 'lost', 'cancelled'"


def upgrade() -> None:
    # SQLite rebuilds a table to change a check, and refuses while a view reads it.
    views = _drop_views() if op.get_bind().dialect.name == "sqlite" else []
    with op.batch_alter_table("runs") as runs:
        runs.drop_constraint(op.f("ck_runs_status"), type_="check")
        runs.create_check_constraint(op.f("ck_runs_status"), f"status IN ({STATUSES})")
    with op.batch_alter_table("attempts") as attempts:
        attempts.add_column(sa.Column("cpus", sa.Double()))
        attempts.add_column(sa.Column("gpus", sa.Double()))
        attempts.drop_constraint(op.f("ck_attempts_outcome"), type_="check")
        attempts.create_check_constraint(op.f("ck_attempts_outcome"), f"outcome IN ({OUTCOMES})")
    for definition in views:
        op.get_bind().exec_driver_sql(definition)
    op.create_table(
        "run_tags",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.CheckConstraint("tag <> ''", name=op.f("ck_run_tags_tag")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=op.f("fk_run_tags_run_id")),
        sa.PrimaryKeyConstraint("run_id", "tag", name=op.f("pk_run_tags")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_run_tags_tag"), "run_tags", ["tag"])
    op.create_table(
        "notes",
        sa.Column("note_id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer()),
        sa.Column("sweep_id", sa.Integer()),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(run_id IS NULL) <> (sweep_id IS NULL)", name=op.f("ck_notes_about")),
        sa.CheckConstraint("text <> ''", name=op.f("ck_notes_text")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=op.f("fk_notes_run_id")),
        sa.ForeignKeyConstraint(["sweep_id"], ["sweeps.sweep_id"], name=op.f("fk_notes_sweep_id")),
        sa.PrimaryKeyConstraint("note_id", name=op.f("pk_notes")),
    )
    op.create_index(op.f("ix_notes_run_id"), "notes", ["run_id"])
    op.create_index(op.f("ix_notes_sweep_id"), "notes", ["sweep_id"])


def _drop_views() -> list[str]:
    """The definitions of all views, in the order in which they were made; the views are gone."""
    found = op.get_bind().execute(
        sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'view' ORDER BY rowid")
    )
    views = found.all()
    for name, _ in views:
        op.get_bind().exec_driver_sql(f'DROP VIEW "{name}"')
    return [definition for _, definition in views]
