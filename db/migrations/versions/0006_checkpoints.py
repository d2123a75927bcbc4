"""The sha256 of checkpoints, where they lie, the one to fall back to and why; how far EL2N networks are.

Revision ID: 0006
Revises: 0005
"""

import json

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
        runs.add_column(sa.Column("el2n_epoch", sa.Integer()))
        runs.create_check_constraint(
            op.f("ck_runs_earlier_checkpoint"), "(earlier_checkpoint IS NULL) = (earlier_epoch IS NULL)"
        )
        runs.create_check_constraint(op.f("ck_runs_earlier_epoch"), "earlier_epoch < checkpoint_epoch")
        runs.create_check_constraint(op.f("ck_runs_scoring"), "el2n_epoch < 0")
    with op.batch_alter_table("attempts", recreate=rebuilt) as attempts:
        attempts.add_column(sa.Column("fallback", sa.Text()))
    with op.batch_alter_table("configs", recreate=rebuilt) as configs:
        configs.add_column(sa.Column("el2n_networks", sa.Integer()))
        configs.add_column(sa.Column("el2n_epochs", sa.Integer()))
    _fill_configs()
    for definition in views:
        op.get_bind().exec_driver_sql(definition)


def _fill_configs() -> None:
    """What older configurations say of EL2N networks; without a number of networks there are ten."""
    connection = op.get_bind()
    found = connection.execute(sa.text("SELECT config_id, config FROM configs WHERE config LIKE '%el2n%'"))
    for config_id, config in found.all():
        examples = json.loads(config).get("measure", {}).get("examples") or {}
        if el2n := examples.get("el2n"):
            networks = sa.text(
                "UPDATE configs SET el2n_networks = :networks, el2n_epochs = :epochs WHERE config_id = :id"
            )
            values = {"networks": el2n.get("replicates", 10), "epochs": el2n["epochs"], "id": config_id}
            connection.execute(networks, values)


def _drop_views() -> list[str]:
    """The definitions of all views, in the order in which they were made; the views are gone."""
    found = op.get_bind().execute(
        sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'view' ORDER BY rowid")
    )
    views = found.all()
    for name, _ in views:
        op.get_bind().exec_driver_sql(f'DROP VIEW "{name}"')
    return [definition for _, definition in views]
