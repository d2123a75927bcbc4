"""Weights that come back, and the test after that; classes of test images at events; final answers; files of
single examples; runs that need other runs; lines between networks.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

ADDED: dict[str, dict[str, sa.types.TypeEngine]] = {
    "pruning_events": {
        "regrown": sa.Integer(),
        "test_accuracy_regrown": sa.Double(),
        "test_loss_regrown": sa.Double(),
    },
    "layer_prunings": {"regrown": sa.Integer()},
    "configs": {"branch_epoch": sa.Integer()},
    "examples": {"left_out": sa.JSON()},
}
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
            for column, kind in columns.items():
                table.add_column(sa.Column(column, kind))
            for column, rule in computed.items():
                table.add_column(sa.Column(column, sa.Double(), sa.Computed(rule, persisted=True)))
    for definition in views:
        op.get_bind().exec_driver_sql(definition)
    _classes_and_answers()
    _example_files()
    _sources()
    _connectivity()


def _classes_and_answers() -> None:
    op.create_table(
        "event_classes",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("label", sa.Integer(), nullable=False),
        sa.Column("images", sa.Integer(), nullable=False),
        sa.Column("right_before", sa.Integer(), nullable=False),
        sa.Column("right_after", sa.Integer(), nullable=False),
        sa.Column("answered_before", sa.Integer(), nullable=False),
        sa.Column("moved", sa.JSON(), nullable=False),
        sa.CheckConstraint("label >= 0", name=op.f("ck_event_classes_label")),
        sa.CheckConstraint(
            "right_before BETWEEN 0 AND images AND right_after BETWEEN 0 AND images",
            name=op.f("ck_event_classes_right"),
        ),
        sa.ForeignKeyConstraint(
            ["run_id", "epoch"],
            ["pruning_events.run_id", "pruning_events.epoch"],
            name=op.f("fk_event_classes_run_id_epoch"),
        ),
        sa.PrimaryKeyConstraint("run_id", "epoch", "label", name=op.f("pk_event_classes")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "answers",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("images", sa.Integer(), nullable=False),
        sa.Column("classes", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=op.f("fk_answers_run_id")),
        sa.PrimaryKeyConstraint("run_id", "epoch", name=op.f("pk_answers")),
        sqlite_with_rowid=False,
    )


def _example_files() -> None:
    op.create_table(
        "example_files",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("images", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("artifacts", sa.Text(), nullable=False),
        sa.CheckConstraint("level >= 0", name=op.f("ck_example_files_level")),
        sa.CheckConstraint("images >= 0", name=op.f("ck_example_files_images")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=op.f("fk_example_files_run_id")),
        sa.PrimaryKeyConstraint("run_id", "epoch", name=op.f("pk_example_files")),
        sqlite_with_rowid=False,
    )


def _connectivity() -> None:
    op.create_table(
        "connectivity",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.Column("point", sa.Integer(), nullable=False),
        sa.Column("share", sa.Double(), nullable=False),
        sa.Column("other", sa.Text(), nullable=False),
        sa.Column("train_loss", sa.Double()),
        sa.Column("train_accuracy", sa.Double(), nullable=False),
        sa.Column("test_loss", sa.Double()),
        sa.Column("test_accuracy", sa.Double(), nullable=False),
        sa.CheckConstraint("point >= 0", name=op.f("ck_connectivity_point")),
        sa.CheckConstraint("share BETWEEN 0 AND 1", name=op.f("ck_connectivity_share")),
        sa.CheckConstraint("train_accuracy BETWEEN 0 AND 1", name=op.f("ck_connectivity_train_accuracy")),
        sa.CheckConstraint("test_accuracy BETWEEN 0 AND 1", name=op.f("ck_connectivity_test_accuracy")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=op.f("fk_connectivity_run_id")),
        sa.PrimaryKeyConstraint("run_id", "epoch", "settings", "point", name=op.f("pk_connectivity")),
        sqlite_with_rowid=False,
    )


def _sources() -> None:
    op.create_table(
        "sources",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer()),
        sa.CheckConstraint("epoch >= 0", name=op.f("ck_sources_epoch")),
        sa.CheckConstraint("run_id <> source_id", name=op.f("ck_sources_other")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=op.f("fk_sources_run_id")),
        sa.ForeignKeyConstraint(["source_id"], ["runs.run_id"], name=op.f("fk_sources_source_id")),
        sa.PrimaryKeyConstraint("run_id", "source_id", name=op.f("pk_sources")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_sources_source_id"), "sources", ["source_id"])


def _drop_views() -> list[str]:
    """The definitions of all views, in the order in which they were made; the views are gone."""
    found = op.get_bind().execute(
        sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'view' ORDER BY rowid")
    )
    views = found.all()
    for name, _ in views:
        op.get_bind().exec_driver_sql(f'DROP VIEW "{name}"')
    return [definition for _, definition in views]
