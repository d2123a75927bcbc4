"""What the process of an attempt and its GPU used, period by period.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "system_samples",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("sample", sa.Integer(), nullable=False),
        sa.Column("start", sa.Double(), nullable=False),
        sa.Column("stop", sa.Double(), nullable=False),
        sa.Column("cpu_use", sa.Double(), nullable=False),
        sa.Column("memory", sa.BigInteger()),
        sa.Column("gpu_use", sa.Double()),
        sa.Column("gpu_memory", sa.BigInteger()),
        sa.Column("gpu_power", sa.Double()),
        sa.CheckConstraint("sample >= 0", name=op.f("ck_system_samples_sample")),
        sa.CheckConstraint("0 <= start AND start < stop", name=op.f("ck_system_samples_start")),
        sa.CheckConstraint("gpu_use BETWEEN 0 AND 1", name=op.f("ck_system_samples_gpu_use")),
        sa.ForeignKeyConstraint(
            ["run_id", "attempt"],
            ["attempts.run_id", "attempts.attempt"],
            name=op.f("fk_system_samples_run_id_attempt"),
        ),
        sa.PrimaryKeyConstraint("run_id", "attempt", "sample", name=op.f("pk_system_samples")),
        sqlite_with_rowid=False,
    )
