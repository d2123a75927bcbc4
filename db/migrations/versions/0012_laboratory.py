"""Classes of test images at pruning events, and what networks answer in the end.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
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
