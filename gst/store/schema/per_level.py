"""Tables of runs that have levels, or look at single training images."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    Double,
    ForeignKeyConstraint,
    Integer,
    PrimaryKeyConstraint,
    Table,
)

from gst.store.schema.base import fractions, metadata, of_run

examples = Table(
    "examples",
    metadata,
    of_run(),
    Column("epoch", Integer, nullable=False),
    Column("trained", Integer, nullable=False),
    Column("held_out", JSON(none_as_null=True)),
    Column("noisy", JSON(none_as_null=True)),
    Column("el2n", JSON(none_as_null=True)),
    PrimaryKeyConstraint("run_id", "epoch"),
    sqlite_with_rowid=False,
)

levels = Table(
    "levels",
    metadata,
    of_run(),
    Column("level", Integer, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("weights", BigInteger, nullable=False),
    Column("weights_left", BigInteger, nullable=False),
    Column("test_loss", Double),
    Column("test_accuracy", Double, nullable=False),
    Column("n_validation", Integer, nullable=False),
    Column("validation_loss", Double),
    Column("validation_accuracy", Double),
    Column("train_loss", Double),
    Column("train_accuracy", Double, nullable=False),
    Column("n_original", Integer, nullable=False),
    Column("original_loss", Double),
    Column("original_accuracy", Double),
    Column("n_noisy", Integer, nullable=False),
    Column("noisy_loss", Double),
    Column("noisy_accuracy", Double),
    PrimaryKeyConstraint("run_id", "level"),
    CheckConstraint("level >= 0", name="level"),
    CheckConstraint("0 <= weights_left AND weights_left <= weights", name="weights"),
    *fractions(
        "test_accuracy", "validation_accuracy", "train_accuracy", "original_accuracy", "noisy_accuracy"
    ),
    sqlite_with_rowid=False,
)

group_losses = Table(
    "group_losses",
    metadata,
    Column("run_id", Integer, nullable=False),
    Column("level", Integer, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("bin", Integer, nullable=False),
    Column("n_original", Integer, nullable=False),
    Column("original_loss", Double),
    Column("n_noisy", Integer, nullable=False),
    Column("noisy_loss", Double),
    Column("loss", Double),
    PrimaryKeyConstraint("run_id", "level", "bin"),
    ForeignKeyConstraint(["run_id", "level"], ["levels.run_id", "levels.level"]),
    CheckConstraint("bin >= 1", name="bin"),
    sqlite_with_rowid=False,
)
