"""Tables of runs that measure the flatness of their loss, or their activations."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Column,
    Double,
    ForeignKeyConstraint,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
)

from gst.store.schema.base import metadata, of_run, one_of

flatness = Table(
    "flatness",
    metadata,
    of_run(),
    Column("epoch", Integer, nullable=False),
    Column("settings", Text, nullable=False),
    Column("images", Integer, nullable=False),
    Column("method", Text, nullable=False),
    Column("eigenpairs", Integer, nullable=False),
    Column("hessian_trace", Double),
    Column("significant_trace", Double),
    Column("stochastic_trace", Double),
    Column("gradient_trace", Double),
    Column("tic", Double),
    Column("epsilon", Double),
    Column("refined_epsilon", Double),
    Column("base_loss", Double),
    Column("products", Integer, nullable=False),
    Column("seconds", Double, nullable=False),
    PrimaryKeyConstraint("run_id", "epoch", "settings"),
    sqlite_with_rowid=False,
)


def _of_flatness() -> ForeignKeyConstraint:
    key = ("run_id", "epoch", "settings")
    return ForeignKeyConstraint(key, [f"flatness.{name}" for name in key])


eigenvalues = Table(
    "eigenvalues",
    metadata,
    Column("run_id", Integer, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("settings", Text, nullable=False),
    Column("rank", Integer, nullable=False),
    Column("value", Double, nullable=False),
    Column("residual", Double, nullable=False),
    PrimaryKeyConstraint("run_id", "epoch", "settings", "rank"),
    _of_flatness(),
    sqlite_with_rowid=False,
)

perturbation_losses = Table(
    "perturbation_losses",
    metadata,
    Column("run_id", Integer, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("settings", Text, nullable=False),
    Column("rank", Integer, nullable=False),
    Column("epsilon", Double, nullable=False),
    Column("increase", Double),
    PrimaryKeyConstraint("run_id", "epoch", "settings", "rank", "epsilon"),
    _of_flatness(),
    sqlite_with_rowid=False,
)

normality = Table(
    "normality",
    metadata,
    of_run(),
    Column("epoch", Integer, nullable=False),
    Column("settings", Text, nullable=False),
    Column("layer", Text, nullable=False),
    Column("statistics", Text, nullable=False),
    Column("n", Integer, nullable=False),
    Column("mean", Double),
    Column("variance", Double),
    Column("kurtosis", Double),
    Column("ks", Double),
    Column("density", JSON, nullable=False),
    PrimaryKeyConstraint("run_id", "epoch", "settings", "layer", "statistics"),
    one_of("statistics", ("batch", "running")),
    sqlite_with_rowid=False,
)
