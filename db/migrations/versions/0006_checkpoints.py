"""The sha256 of checkpoints, the one to fall back to, where they lie, and why an attempt fell back.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    # SQLite rebuilds a table, for the words of a new store's, and refuses while a view reads it.
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    views = _drop_views() if on_sqlite else []
    rebuilt = "always" if on_sqlite else "never"
    with op.batch_alter_table("runs", recreate=rebuilt) as runs:
        runs.add_column(sa.Column("checkpoint_sha256", sa.Text()))
        runs.add_column(sa.Column("earlier_checkpoint", sa.Text()))
        runs.add_column(sa.Column("earlier_epoch", sa.Integer()))
        runs.add_column(sa.Column("earlier_sha256", sa.Text()))
        runs.add_column(sa.Column("artifacts", sa.Text()))
        runs.create_check_constraint(
            op.f("ck_runs_earlier_checkpoint"), "(earlier_checkpoint IS NULL) = (earlier_epoch IS NULL)"
        )
        runs.create_check_constraint(op.f("ck_runs_earlier_epoch"), "earlier_epoch < checkpoint_epoch")
    with op.batch_alter_table("attempts", recreate=rebuilt) as attempts:
        attempts.add_column(sa.Column("fallback", sa.Text()))
    for definition in views:
        op.get_bind().exec_driver_sql(definition)


def _drop_views() -> list[str]:
    """The definitions of all views, in the order in which they were made; the views are gone."""
    found = op.get_bind().execute(
        sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'view' ORDER BY rowid")
    )
    views = found.all()
    for name, _ in views:
        op.get_bind().exec_driver_sql(f'DROP VIEW "{name}"')
    return [definition for _, definition in views]
