"""What is measured of a network beside its accuracy: flatness, and how normal its activations are.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "flatness",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("images", sa.Integer(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("eigenpairs", sa.Integer(), nullable=False),
        sa.Column("hessian_trace", sa.Double(), nullable=False),
        sa.Column("significant_trace", sa.Double(), nullable=False),
        sa.Column("stochastic_trace", sa.Double()),
        sa.Column("gradient_trace", sa.Double(), nullable=False),
        sa.Column("tic", sa.Double()),
        sa.Column("epsilon", sa.Double()),
        sa.Column("refined_epsilon", sa.Double()),
        sa.Column("base_loss", sa.Double(), nullable=False),
        sa.Column("products", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=op.f("fk_flatness_run_id")),
        sa.PrimaryKeyConstraint("run_id", "epoch", name=op.f("pk_flatness")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "eigenvalues",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("residual", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id", "epoch"],
            ["flatness.run_id", "flatness.epoch"],
            name=op.f("fk_eigenvalues_run_id_epoch"),
        ),
        sa.PrimaryKeyConstraint("run_id", "epoch", "rank", name=op.f("pk_eigenvalues")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "perturbation_losses",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("epsilon", sa.Double(), nullable=False),
        sa.Column("increase", sa.Double()),
        sa.ForeignKeyConstraint(
            ["run_id", "epoch"],
            ["flatness.run_id", "flatness.epoch"],
            name=op.f("fk_perturbation_losses_run_id_epoch"),
        ),
        sa.PrimaryKeyConstraint("run_id", "epoch", "rank", "epsilon", name=op.f("pk_perturbation_losses")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "normality",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("statistics", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("mean", sa.Double(), nullable=False),
        sa.Column("variance", sa.Double(), nullable=False),
        sa.Column("kurtosis", sa.Double(), nullable=False),
        sa.Column("ks", sa.Double(), nullable=False),
        sa.Column("density", sa.JSON(), nullable=False),
        sa.CheckConstraint("statistics IN ('batch', 'running')", name=op.f("ck_normality_statistics")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=op.f("fk_normality_run_id")),
        sa.PrimaryKeyConstraint("run_id", "epoch", "layer", "statistics", name=op.f("pk_normality")),
        sqlite_with_rowid=False,
    )
