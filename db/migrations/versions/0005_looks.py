"""Sweeps with a group-sequential design, and what they decided at each look.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

DECISIONS = "'continue', 'reject', 'futility', 'width', 'last'"


def upgrade() -> None:
    # SQLite rebuilds the table, for the words of a new store's, and refuses while a view reads it.
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    views = _drop_views() if on_sqlite else []
    with op.batch_alter_table("sweeps", recreate="always" if on_sqlite else "never") as sweeps:
        sweeps.add_column(sa.Column("design", sa.JSON(none_as_null=True)))
    for definition in views:
        op.get_bind().exec_driver_sql(definition)
    op.create_table(
        "looks",
        sa.Column("sweep_id", sa.Integer(), nullable=False),
        sa.Column("look", sa.Integer(), nullable=False),
        sa.Column("seeds", sa.Integer(), nullable=False),
        sa.Column("pairs", sa.Integer(), nullable=False),
        sa.Column("estimate", sa.Double()),
        sa.Column("low", sa.Double()),
        sa.Column("high", sa.Double()),
        sa.Column("p", sa.Double()),
        sa.Column("level", sa.Double(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("decided", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("look >= 1", name=op.f("ck_looks_look")),
        sa.CheckConstraint("0 <= pairs AND pairs <= seeds", name=op.f("ck_looks_pairs")),
        sa.CheckConstraint(f"decision IN ({DECISIONS})", name=op.f("ck_looks_decision")),
        sa.ForeignKeyConstraint(["sweep_id"], ["sweeps.sweep_id"], name=op.f("fk_looks_sweep_id")),
        sa.PrimaryKeyConstraint("sweep_id", "look", name=op.f("pk_looks")),
        sqlite_with_rowid=False,
    )


def _drop_views() -> list[str]:
    """The definitions of all views, in the order in which they were made; the views are gone."""
    found = op.get_bind().execute(
        sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'view' ORDER BY rowid")
    )
    views = found.all()
    for name, _ in views:
        op.get_bind().exec_driver_sql(f'DROP VIEW "{name}"')
    return [definition for _, definition in views]
