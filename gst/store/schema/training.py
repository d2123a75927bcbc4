"""Tables that every run fills: its epochs, its pruning events and its probes.

Rows of one run lie side by side on disk: SQLite keeps these tables in the order of their keys.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    Computed,
    Double,
    ForeignKeyConstraint,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
)

from gst.store.schema.base import fractions, metadata, of_run

epochs = Table(
    "epochs",
    metadata,
    of_run(),
    Column("epoch", Integer, nullable=False),
    Column("level", Integer, nullable=False),
    Column("train_loss", Double),
    Column("train_accuracy", Double, nullable=False),
    Column("test_loss", Double),
    Column("test_accuracy", Double, nullable=False),
    Column("lr", Double, nullable=False),
    Column("filters_left", Integer),
    Column("parameters_left", BigInteger, nullable=False),
    Column("seconds", Double, nullable=False),
    PrimaryKeyConstraint("run_id", "epoch"),
    CheckConstraint("epoch >= 0", name="epoch"),
    *fractions("train_accuracy", "test_accuracy"),
    sqlite_with_rowid=False,
)

pruning_events = Table(
    "pruning_events",
    metadata,
    of_run(),
    Column("epoch", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("test_accuracy_before", Double, nullable=False),
    Column("test_accuracy_after", Double, nullable=False),
    Column("test_loss_before", Double),
    Column("test_loss_after", Double),
    Column("n_test", Integer, nullable=False),
    Column("removed", Integer, nullable=False),
    Column("mean_score", Double),
    Column("mask_hash", Text, nullable=False),
    Column(
        "instability",
        Double,
        Computed(
            "(test_accuracy_before - test_accuracy_after) / NULLIF(test_accuracy_before, 0)", persisted=True
        ),
    ),
    Column(
        "stability",
        Double,
        Computed("test_accuracy_after / NULLIF(test_accuracy_before, 0)", persisted=True),
    ),
    PrimaryKeyConstraint("run_id", "epoch"),
    CheckConstraint("epoch >= -1", name="epoch"),
    CheckConstraint("removed >= 0", name="removed"),
    *fractions("test_accuracy_before", "test_accuracy_after"),
    sqlite_with_rowid=False,
)

layer_prunings = Table(
    "layer_prunings",
    metadata,
    Column("run_id", Integer, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("layer", Text, nullable=False),
    Column("total", Integer, nullable=False),
    Column("kept_before", Integer, nullable=False),
    Column("kept_after", Integer, nullable=False),
    Column("mean_score", Double),
    Column("removed", JSON(none_as_null=True)),
    PrimaryKeyConstraint("run_id", "epoch", "layer"),
    ForeignKeyConstraint(["run_id", "epoch"], ["pruning_events.run_id", "pruning_events.epoch"]),
    CheckConstraint("0 <= kept_after AND kept_after <= kept_before AND kept_before <= total", name="kept"),
    sqlite_with_rowid=False,
)

probes = Table(
    "probes",
    metadata,
    of_run(),
    Column("epoch", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("test_accuracy", Double, nullable=False),
    Column("test_loss", Double),
    Column("n_test", Integer, nullable=False),
    PrimaryKeyConstraint("run_id", "epoch", "name"),
    *fractions("test_accuracy"),
    sqlite_with_rowid=False,
)
