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
    of_run(),
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
    one_of("statistics", ("batch", "running")),
    sqlite_with_rowid=False,
)
