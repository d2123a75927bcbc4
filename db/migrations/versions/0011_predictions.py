"""What an epoch and an event make of predictions and weights: calibration, churn, distance.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

ADDED = {"epochs": ("test_ece", "distance"), "pruning_events": ("churn", "ece_before", "ece_after")}
COMPUTED = {
    "instability": "(test_accuracy_before - test_accuracy_after) / NULLIF(test_accuracy_before, 0)",
    "stability": "test_accuracy_after / NULLIF(test_accuracy_before, 0)",
}


def upgrade() -> None:
    # SQLite rebuilds a table, for the words of a new store's, and refuses while a view reads it.
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    views = _drop_views() if on_sqlite else []
    for name, columns in ADDED.items():
        with op.batch_alter_table(name, recreate="always" if on_sqlite else "never") as table:
            computed = COMPUTED if on_sqlite and name == "pruning_events" else {}  # no copy can fill these
            for column in computed:
                table.drop_column(column)
            for column in columns:
                table.add_column(sa.Column(column, sa.Double()))
            for column, rule in computed.items():
                table.add_column(sa.Column(column, sa.Double(), sa.Computed(rule, persisted=True)))
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
