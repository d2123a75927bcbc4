"""The tables. db/migrations makes them and db/README.md draws them; a test holds all three together.

Epochs are 0-based, accuracies fractions of 1, times UTC; a loss that is not a number is NULL.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

from gst.store.moment import Time

STATUSES = ("pending", "running", "completed", "failed", "interrupted", "diverged", "cancelled")
ENDED = ("completed", "failed", "diverged", "cancelled")
"""Statuses that no claim changes."""
OUTCOMES = ("completed", "failed", "interrupted", "diverged", "lost", "cancelled")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _one_of(column: str, values: tuple[str, ...]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def _fraction(*columns: str) -> list[CheckConstraint]:
    return [CheckConstraint(f"{column} BETWEEN 0 AND 1", name=column) for column in columns]


def _of_run() -> Column[Any]:
    return Column("run_id", Integer, ForeignKey("runs.run_id"), nullable=False)


sweeps = Table(
    "sweeps",
    metadata,
    Column("sweep_id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("claim", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("figures", JSON, nullable=False),
    Column("driver_epoch", Integer, nullable=False),
    Column("registered", Time, nullable=False),
    UniqueConstraint("name", "digest"),
)

configs = Table(
    "configs",
    metadata,
    Column("config_id", Integer, primary_key=True),
    Column("hash", Text, nullable=False, unique=True),
    Column("config", Text, nullable=False),  # the very text that the hash is of, so not JSON
    Column("dataset", Text, nullable=False),
    Column("train_per_class", Integer),
    Column("augment", Boolean, nullable=False),
    Column("label_noise", Double, nullable=False),
    Column("model", Text, nullable=False),
    Column("epochs", Integer, nullable=False),
    Column("batch_size", Integer, nullable=False),
    Column("optimizer", Text, nullable=False),
    Column("lr", Double, nullable=False),
    Column("weight_decay", Double, nullable=False),
    Column("precision", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("score", Text),
    Column("target", Text),
    Column("layers", Text),
    Column("scratch", Boolean, nullable=False),
    Column("prune_start", Integer),
    Column("prune_end", Integer),
    Column("retrain_period", Integer),
    Column("iterative_rate", Double),
    Column("total_fraction", Double),
    Column("train_batches", Integer),
    Column("scale", Double, nullable=False),
    Column("width", Double, nullable=False),
    Column("validation", Double, nullable=False),
    Column("levels", Integer),
    Column("rewind", Text),
    Column("rewind_epoch", Integer),
)

runs = Table(
    "runs",
    metadata,
    Column("run_id", Integer, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("config_id", Integer, ForeignKey("configs.config_id"), nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("status", Text, nullable=False),
    Column("reason", Text),
    Column("attempt", Integer, nullable=False),
    Column("stall", Integer, nullable=False),
    Column("last_epoch", Integer),
    Column("furthest_epoch", Integer),
    Column("checkpoint", Text),
    Column("checkpoint_epoch", Integer),
    Column("seconds", Double, nullable=False),
    Column("created", Time, nullable=False),
    Column("started", Time),
    Column("heartbeat", Time),
    Column("ended", Time),
    Column("sweep_id", Integer, ForeignKey("sweeps.sweep_id")),
    Column("driver_epoch", Integer),
    UniqueConstraint("config_id", "seed"),
    _one_of("status", STATUSES),
    CheckConstraint("(checkpoint IS NULL) = (checkpoint_epoch IS NULL)", name="checkpoint"),
    CheckConstraint("checkpoint_epoch <= last_epoch", name="checkpoint_epoch"),
)

sweep_runs = Table(
    "sweep_runs",
    metadata,
    Column("sweep_id", Integer, ForeignKey("sweeps.sweep_id"), nullable=False),
    Column("run_id", Integer, ForeignKey("runs.run_id"), nullable=False),
    Column("arm", Text, nullable=False),
    Column("position", Integer, nullable=False),
    PrimaryKeyConstraint("sweep_id", "position"),
    UniqueConstraint("sweep_id", "run_id", "arm"),
    Index(None, "run_id"),
)

# What people say of runs and sweeps; nothing that is computed reads it.
run_tags = Table(
    "run_tags",
    metadata,
    _of_run(),
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

datasets = Table(
    "datasets",
    metadata,
    Column("dataset_id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("train", Integer, nullable=False),
    Column("test", Integer, nullable=False),
    Column("classes", Integer, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("source", Text, nullable=False),
    UniqueConstraint("name", "content_hash"),
)

attempts = Table(
    "attempts",
    metadata,
    _of_run(),
    Column("attempt", Integer, nullable=False),
    Column("sweep_id", Integer, ForeignKey("sweeps.sweep_id"), nullable=False),
    Column("driver_epoch", Integer, nullable=False),
    Column("first_epoch", Integer, nullable=False),
    Column("dataset_id", Integer, ForeignKey("datasets.dataset_id")),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("device", Text, nullable=False),
    Column("gpu", Text),
    Column("gpu_driver", Text),
    Column("cuda", Text),
    Column("torch", Text, nullable=False),
    Column("python", Text, nullable=False),
    Column("gst", Text, nullable=False),
    Column("git_commit", Text),
    Column("git_dirty", Boolean),
    Column("precision", Text, nullable=False),
    Column("deterministic", Boolean, nullable=False),
    Column("started", Time, nullable=False),
    Column("ended", Time),
    Column("outcome", Text),
    Column("traceback", Text),
    Column("log_tail", Text),
    Column("peak_memory", BigInteger),
    Column("seconds", Double),
    Column("cpus", Double),
    Column("gpus", Double),
    PrimaryKeyConstraint("run_id", "attempt"),
    _one_of("outcome", OUTCOMES),
    CheckConstraint("(ended IS NULL) = (outcome IS NULL)", name="ended"),
)

# Rows of one run lie side by side on disk: SQLite keeps these tables in the order of their keys.
epochs = Table(
    "epochs",
    metadata,
    _of_run(),
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
    *_fraction("train_accuracy", "test_accuracy"),
    sqlite_with_rowid=False,
)

pruning_events = Table(
    "pruning_events",
    metadata,
    _of_run(),
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
    *_fraction("test_accuracy_before", "test_accuracy_after"),
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
    _of_run(),
    Column("epoch", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("test_accuracy", Double, nullable=False),
    Column("test_loss", Double),
    Column("n_test", Integer, nullable=False),
    PrimaryKeyConstraint("run_id", "epoch", "name"),
    *_fraction("test_accuracy"),
    sqlite_with_rowid=False,
)

flatness = Table(
    "flatness",
    metadata,
    _of_run(),
    Column("epoch", Integer, nullable=False),
    Column("images", Integer, nullable=False),
    Column("method", Text, nullable=False),
    Column("eigenpairs", Integer, nullable=False),
    Column("hessian_trace", Double, nullable=False),
    Column("significant_trace", Double, nullable=False),
    Column("stochastic_trace", Double),
    Column("gradient_trace", Double, nullable=False),
    Column("tic", Double),
    Column("epsilon", Double),
    Column("refined_epsilon", Double),
    Column("base_loss", Double, nullable=False),
    Column("products", Integer, nullable=False),
    Column("seconds", Double, nullable=False),
    PrimaryKeyConstraint("run_id", "epoch"),
    sqlite_with_rowid=False,
)


def _of_flatness() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["run_id", "epoch"], ["flatness.run_id", "flatness.epoch"])


eigenvalues = Table(
    "eigenvalues",
    metadata,
    Column("run_id", Integer, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("rank", Integer, nullable=False),
    Column("value", Double, nullable=False),
    Column("residual", Double, nullable=False),
    PrimaryKeyConstraint("run_id", "epoch", "rank"),
    _of_flatness(),
    sqlite_with_rowid=False,
)

perturbation_losses = Table(
    "perturbation_losses",
    metadata,
    Column("run_id", Integer, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("rank", Integer, nullable=False),
    Column("epsilon", Double, nullable=False),
    Column("increase", Double),
    PrimaryKeyConstraint("run_id", "epoch", "rank", "epsilon"),
    _of_flatness(),
    sqlite_with_rowid=False,
)

normality = Table(
    "normality",
    metadata,
    _of_run(),
    Column("epoch", Integer, nullable=False),
    Column("layer", Text, nullable=False),
    Column("statistics", Text, nullable=False),
    Column("n", Integer, nullable=False),
    Column("mean", Double, nullable=False),
    Column("variance", Double, nullable=False),
    Column("kurtosis", Double, nullable=False),
    Column("ks", Double, nullable=False),
    Column("density", JSON, nullable=False),
    PrimaryKeyConstraint("run_id", "epoch", "layer", "statistics"),
    _one_of("statistics", ("batch", "running")),
    sqlite_with_rowid=False,
)

examples = Table(
    "examples",
    metadata,
    _of_run(),
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
    _of_run(),
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
    *_fraction(
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

YIELDED = (
    layer_prunings,
    pruning_events,
    probes,
    eigenvalues,
    perturbation_losses,
    flatness,
    normality,
    examples,
    group_losses,
    levels,
    epochs,
)
"""What a run yields, in an order in which rows can be deleted; each table has `run_id` and `epoch`."""
