"""Runs of many pruning levels: what each level came to, the losses of groups of images, and three views.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

# A level differs from the dense network of the same seeds if the mean difference is at least one
# standard deviation of it (Jin et al. 2022, section 2), here by their squares.
LEVEL_SUMMARY = """
CREATE VIEW level_summary AS
SELECT
    s.*,
    CASE
        WHEN s.n < 2 THEN NULL
        WHEN s.error_change * s.error_change < s.error_change_variance THEN 'match'
        WHEN s.error_change < 0 THEN 'better'
        WHEN s.error_change > 0 THEN 'worse'
        ELSE 'match'
    END AS against_dense
FROM (
    SELECT
        x.config_id,
        x.level,
        count(*) AS n,
        avg(x.weights_left * 1.0 / x.weights) AS weights_left,
        avg(1 - x.test_accuracy) AS test_error,
        avg(1 - x.validation_accuracy) AS validation_error,
        avg(x.train_loss) AS train_loss,
        avg(x.original_loss) AS original_loss,
        avg(x.noisy_loss) AS noisy_loss,
        avg(x.error_change) AS error_change,
        CASE WHEN count(*) > 1 THEN
            sum((x.error_change - x.mean_change) * (x.error_change - x.mean_change)) / (count(*) - 1)
        END AS error_change_variance
    FROM (
        SELECT
            r.config_id,
            l.*,
            dense.test_accuracy - l.test_accuracy AS error_change,
            avg(dense.test_accuracy - l.test_accuracy) OVER (PARTITION BY r.config_id, l.level)
                AS mean_change
        FROM runs r
        JOIN levels l ON l.run_id = r.run_id
        JOIN levels dense ON dense.run_id = r.run_id AND dense.level = 0
        WHERE r.status = 'completed'
    ) x
    GROUP BY x.config_id, x.level
) s
"""

OPTIMAL_LEVELS = """
CREATE VIEW optimal_levels AS
SELECT t.*
FROM (
    SELECT
        'validation' AS chosen_by,
        v.*,
        row_number() OVER (PARTITION BY v.config_id ORDER BY v.validation_error, v.level) AS place
    FROM level_summary v
    WHERE v.validation_error IS NOT NULL
    UNION ALL
    SELECT
        'test' AS chosen_by,
        v.*,
        row_number() OVER (PARTITION BY v.config_id ORDER BY v.test_error, v.level) AS place
    FROM level_summary v
) t
WHERE t.place = 1
"""

SPARSEST_BETTER = """
CREATE VIEW sparsest_better AS
SELECT t.*
FROM (
    SELECT
        v.*,
        row_number() OVER (PARTITION BY v.config_id ORDER BY v.level DESC) AS place
    FROM level_summary v
    WHERE v.against_dense = 'better'
) t
WHERE t.place = 1
"""


def upgrade() -> None:
    _new_columns()
    op.create_table(
        "examples",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("trained", sa.Integer(), nullable=False),
        sa.Column("held_out", sa.JSON(none_as_null=True)),
        sa.Column("noisy", sa.JSON(none_as_null=True)),
        sa.Column("el2n", sa.JSON(none_as_null=True)),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=op.f("fk_examples_run_id")),
        sa.PrimaryKeyConstraint("run_id", "epoch", name=op.f("pk_examples")),
        sqlite_with_rowid=False,
    )
    shares = ("test_accuracy", "validation_accuracy", "train_accuracy", "original_accuracy", "noisy_accuracy")
    op.create_table(
        "levels",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("weights", sa.BigInteger(), nullable=False),
        sa.Column("weights_left", sa.BigInteger(), nullable=False),
        sa.Column("test_loss", sa.Double()),
        sa.Column("test_accuracy", sa.Double(), nullable=False),
        sa.Column("n_validation", sa.Integer(), nullable=False),
        sa.Column("validation_loss", sa.Double()),
        sa.Column("validation_accuracy", sa.Double()),
        sa.Column("train_loss", sa.Double()),
        sa.Column("train_accuracy", sa.Double(), nullable=False),
        sa.Column("n_original", sa.Integer(), nullable=False),
        sa.Column("original_loss", sa.Double()),
        sa.Column("original_accuracy", sa.Double()),
        sa.Column("n_noisy", sa.Integer(), nullable=False),
        sa.Column("noisy_loss", sa.Double()),
        sa.Column("noisy_accuracy", sa.Double()),
        sa.CheckConstraint("level >= 0", name=op.f("ck_levels_level")),
        sa.CheckConstraint("0 <= weights_left AND weights_left <= weights", name=op.f("ck_levels_weights")),
        *(sa.CheckConstraint(f"{it} BETWEEN 0 AND 1", name=op.f(f"ck_levels_{it}")) for it in shares),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=op.f("fk_levels_run_id")),
        sa.PrimaryKeyConstraint("run_id", "level", name=op.f("pk_levels")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "group_losses",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("bin", sa.Integer(), nullable=False),
        sa.Column("n_original", sa.Integer(), nullable=False),
        sa.Column("original_loss", sa.Double()),
        sa.Column("n_noisy", sa.Integer(), nullable=False),
        sa.Column("noisy_loss", sa.Double()),
        sa.Column("loss", sa.Double()),
        sa.CheckConstraint("bin >= 1", name=op.f("ck_group_losses_bin")),
        sa.ForeignKeyConstraint(
            ["run_id", "level"], ["levels.run_id", "levels.level"], name=op.f("fk_group_losses_run_id_level")
        ),
        sa.PrimaryKeyConstraint("run_id", "level", "bin", name=op.f("pk_group_losses")),
        sqlite_with_rowid=False,
    )
    for view in (LEVEL_SUMMARY, OPTIMAL_LEVELS, SPARSEST_BETTER):
        op.execute(view)


def _new_columns() -> None:
    """What older configurations could not say has its default in them, and none in the table."""
    views = _drop_views() if op.get_bind().dialect.name == "sqlite" else []
    with op.batch_alter_table("configs") as configs:
        configs.add_column(sa.Column("width", sa.Double(), nullable=False, server_default="1"))
        configs.add_column(sa.Column("validation", sa.Double(), nullable=False, server_default="0"))
        configs.add_column(sa.Column("levels", sa.Integer()))
        configs.add_column(sa.Column("rewind", sa.Text()))
        configs.add_column(sa.Column("rewind_epoch", sa.Integer()))
    with op.batch_alter_table("configs") as configs:
        configs.alter_column("width", server_default=None)
        configs.alter_column("validation", server_default=None)
    for definition in views:
        op.get_bind().exec_driver_sql(definition)


def _drop_views() -> list[str]:
    """The definitions of all views, in the order in which they were made; the views are gone."""
    found = op.get_bind().execute(
        sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'view' ORDER BY rowid")
    )
    views = found.all()
    for name, _ in views:
        op.get_bind().exec_driver_sql(f'DROP VIEW "{name}"')
    return [definition for _, definition in views]
