"""Files of single training examples.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
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
