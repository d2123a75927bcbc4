"""The results: sweeps, configurations, runs, attempts and what they yield; two views.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

# Everything is a subquery on the key of the run, so that a view filtered to a few runs reads no others.
RUN_SUMMARY = """
CREATE VIEW run_summary AS
SELECT
    s.run_id, s.key, s.config_id, s.seed, s.status, s.reason, s.attempt, s.last_epoch,
    c.model, c.dataset, c.train_per_class, c.label_noise, c.optimizer, c.lr, c.epochs,
    c.kind, c.score, c.target, c.layers, c.scratch, c.prune_start, c.prune_end, c.retrain_period,
    c.iterative_rate, c.total_fraction, c.train_batches, c.scale,
    final.test_accuracy AS final_test_accuracy,
    best.test_accuracy AS best_test_accuracy,
    best.epoch AS best_epoch,
    final.train_accuracy AS final_train_accuracy,
    final.train_accuracy - final.test_accuracy AS final_gap,
    best.train_accuracy - best.test_accuracy AS best_gap,
    CASE WHEN s.last_epoch IS NULL THEN NULL WHEN s.events = 0 THEN 1.0 ELSE (
        SELECT avg(p.stability) FROM pruning_events p
        WHERE p.run_id = s.run_id AND p.epoch >= 0 AND p.removed > 0
    ) END AS mean_stability,
    CASE WHEN s.last_epoch IS NULL THEN NULL WHEN s.events = 0 THEN 0.0 ELSE (
        SELECT avg(p.test_accuracy_before - p.test_accuracy_after) FROM pruning_events p
        WHERE p.run_id = s.run_id AND p.epoch >= 0 AND p.removed > 0
    ) END AS mean_drop,
    CASE WHEN s.last_epoch IS NULL THEN NULL WHEN s.events = 0 THEN 0.0 ELSE (
        SELECT p.test_accuracy_before - p.test_accuracy_after FROM pruning_events p
        WHERE p.run_id = s.run_id AND p.epoch = s.last_event
    ) END AS last_drop,
    s.events,
    s.last_event,
    s.seconds
FROM (
    SELECT
        r.*,
        (
            SELECT count(*) FROM pruning_events p
            WHERE p.run_id = r.run_id AND p.epoch >= 0 AND p.removed > 0
        ) AS events,
        (
            SELECT max(p.epoch) FROM pruning_events p
            WHERE p.run_id = r.run_id AND p.epoch >= 0 AND p.removed > 0
        ) AS last_event,
        (
            SELECT e.epoch FROM epochs e
            WHERE e.run_id = r.run_id AND e.epoch >= COALESCE((
                SELECT max(p.epoch) FROM pruning_events p
                WHERE p.run_id = r.run_id AND p.epoch >= 0 AND p.removed > 0
            ), 0)
            ORDER BY e.test_accuracy DESC, e.epoch
            LIMIT 1
        ) AS best_epoch
    FROM runs r
) s
JOIN configs c ON c.config_id = s.config_id
LEFT JOIN epochs final ON final.run_id = s.run_id AND final.epoch = s.last_epoch
LEFT JOIN epochs best ON best.run_id = s.run_id AND best.epoch = s.best_epoch
"""

TRADEOFF = """
CREATE VIEW tradeoff AS
SELECT
    m.sweep_id, w.name AS sweep, m.arm, m.position,
    r.run_id, r.key, r.seed, r.config_id,
    r.mean_stability AS stability,
    r.mean_drop AS "drop",
    r.final_test_accuracy, r.best_test_accuracy, r.final_gap, r.best_gap,
    r.scale, r.dataset, r.model
FROM sweep_runs m
JOIN sweeps w ON w.sweep_id = m.sweep_id
JOIN run_summary r ON r.run_id = m.run_id
WHERE r.status = 'completed'
"""


def upgrade() -> None:
    op.create_table(
        "configs",
        sa.Column("config_id", sa.Integer(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("config", sa.Text(), nullable=False),
        sa.Column("dataset", sa.Text(), nullable=False),
        sa.Column("train_per_class", sa.Integer()),
        sa.Column("augment", sa.Boolean(), nullable=False),
        sa.Column("label_noise", sa.Double(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("epochs", sa.Integer(), nullable=False),
        sa.Column("batch_size", sa.Integer(), nullable=False),
        sa.Column("optimizer", sa.Text(), nullable=False),
        sa.Column("lr", sa.Double(), nullable=False),
        sa.Column("weight_decay", sa.Double(), nullable=False),
        sa.Column("precision", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("score", sa.Text()),
        sa.Column("target", sa.Text()),
        sa.Column("layers", sa.Text()),
        sa.Column("scratch", sa.Boolean(), nullable=False),
        sa.Column("prune_start", sa.Integer()),
        sa.Column("prune_end", sa.Integer()),
        sa.Column("retrain_period", sa.Integer()),
        sa.Column("iterative_rate", sa.Double()),
        sa.Column("total_fraction", sa.Double()),
        sa.Column("train_batches", sa.Integer()),
        sa.Column("scale", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("config_id", name=op.f("pk_configs")),
        sa.UniqueConstraint("hash", name=op.f("uq_configs_hash")),
    )
    op.create_table(
        "datasets",
        sa.Column("dataset_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("train", sa.Integer(), nullable=False),
        sa.Column("test", sa.Integer(), nullable=False),
        sa.Column("classes", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("dataset_id", name=op.f("pk_datasets")),
        sa.UniqueConstraint("name", "content_hash", name=op.f("uq_datasets_name_content_hash")),
    )
    op.create_table(
        "sweeps",
        sa.Column("sweep_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("claim", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("driver_epoch", sa.Integer(), nullable=False),
        sa.Column("registered", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sweep_id", name=op.f("pk_sweeps")),
        sa.UniqueConstraint("name", "digest", name=op.f("uq_sweeps_name_digest")),
    )
    op.create_table(
        "runs",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("config_id", sa.Integer(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("stall", sa.Integer(), nullable=False),
        sa.Column("last_epoch", sa.Integer()),
        sa.Column("furthest_epoch", sa.Integer()),
        sa.Column("checkpoint", sa.Text()),
        sa.Column("checkpoint_epoch", sa.Integer()),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started", sa.DateTime(timezone=True)),
        sa.Column("heartbeat", sa.DateTime(timezone=True)),
        sa.Column("ended", sa.DateTime(timezone=True)),
        sa.Column("sweep_id", sa.Integer()),
        sa.Column("driver_epoch", sa.Integer()),
        sa.CheckConstraint(
            "status IN ('pending', 'running', 'completed', 'failed', 'interrupted', 'diverged')",
            name=op.f("ck_runs_status"),
        ),
        sa.CheckConstraint(
            "(checkpoint IS NULL) = (checkpoint_epoch IS NULL)", name=op.f("ck_runs_checkpoint")
        ),
        sa.CheckConstraint("checkpoint_epoch <= last_epoch", name=op.f("ck_runs_checkpoint_epoch")),
        sa.ForeignKeyConstraint(["config_id"], ["configs.config_id"], name=op.f("fk_runs_config_id")),
        sa.ForeignKeyConstraint(["sweep_id"], ["sweeps.sweep_id"], name=op.f("fk_runs_sweep_id")),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_runs")),
        sa.UniqueConstraint("config_id", "seed", name=op.f("uq_runs_config_id_seed")),
        sa.UniqueConstraint("key", name=op.f("uq_runs_key")),
    )
    op.create_table(
        "attempts",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("sweep_id", sa.Integer(), nullable=False),
        sa.Column("driver_epoch", sa.Integer(), nullable=False),
        sa.Column("first_epoch", sa.Integer(), nullable=False),
        sa.Column("dataset_id", sa.Integer()),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("gpu", sa.Text()),
        sa.Column("gpu_driver", sa.Text()),
        sa.Column("cuda", sa.Text()),
        sa.Column("torch", sa.Text(), nullable=False),
        sa.Column("python", sa.Text(), nullable=False),
        sa.Column("gst", sa.Text(), nullable=False),
        sa.Column("git_commit", sa.Text()),
        sa.Column("git_dirty", sa.Boolean()),
        sa.Column("precision", sa.Text(), nullable=False),
        sa.Column("deterministic", sa.Boolean(), nullable=False),
        sa.Column("started", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended", sa.DateTime(timezone=True)),
        sa.Column("outcome", sa.Text()),
        sa.Column("traceback", sa.Text()),
        sa.Column("log_tail", sa.Text()),
        sa.Column("peak_memory", sa.BigInteger()),
        sa.Column("seconds", sa.Double()),
        sa.CheckConstraint(
            "outcome IN ('completed', 'failed', 'interrupted', 'diverged', 'lost')",
            name=op.f("ck_attempts_outcome"),
        ),
        sa.CheckConstraint("(ended IS NULL) = (outcome IS NULL)", name=op.f("ck_attempts_ended")),
        sa.ForeignKeyConstraint(["dataset_id"], ["datasets.dataset_id"], name=op.f("fk_attempts_dataset_id")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=op.f("fk_attempts_run_id")),
        sa.ForeignKeyConstraint(["sweep_id"], ["sweeps.sweep_id"], name=op.f("fk_attempts_sweep_id")),
        sa.PrimaryKeyConstraint("run_id", "attempt", name=op.f("pk_attempts")),
    )
    op.create_table(
        "epochs",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("train_loss", sa.Double()),
        sa.Column("train_accuracy", sa.Double(), nullable=False),
        sa.Column("test_loss", sa.Double()),
        sa.Column("test_accuracy", sa.Double(), nullable=False),
        sa.Column("lr", sa.Double(), nullable=False),
        sa.Column("filters_left", sa.Integer()),
        sa.Column("parameters_left", sa.BigInteger(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.CheckConstraint("epoch >= 0", name=op.f("ck_epochs_epoch")),
        sa.CheckConstraint("test_accuracy BETWEEN 0 AND 1", name=op.f("ck_epochs_test_accuracy")),
        sa.CheckConstraint("train_accuracy BETWEEN 0 AND 1", name=op.f("ck_epochs_train_accuracy")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=op.f("fk_epochs_run_id")),
        sa.PrimaryKeyConstraint("run_id", "epoch", name=op.f("pk_epochs")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "probes",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("test_accuracy", sa.Double(), nullable=False),
        sa.Column("test_loss", sa.Double()),
        sa.Column("n_test", sa.Integer(), nullable=False),
        sa.CheckConstraint("test_accuracy BETWEEN 0 AND 1", name=op.f("ck_probes_test_accuracy")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=op.f("fk_probes_run_id")),
        sa.PrimaryKeyConstraint("run_id", "epoch", "name", name=op.f("pk_probes")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "pruning_events",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("test_accuracy_before", sa.Double(), nullable=False),
        sa.Column("test_accuracy_after", sa.Double(), nullable=False),
        sa.Column("test_loss_before", sa.Double()),
        sa.Column("test_loss_after", sa.Double()),
        sa.Column("n_test", sa.Integer(), nullable=False),
        sa.Column("removed", sa.Integer(), nullable=False),
        sa.Column("mean_score", sa.Double()),
        sa.Column("mask_hash", sa.Text(), nullable=False),
        sa.Column(
            "instability",
            sa.Double(),
            sa.Computed(
                "(test_accuracy_before - test_accuracy_after) / NULLIF(test_accuracy_before, 0)",
                persisted=True,
            ),
        ),
        sa.Column(
            "stability",
            sa.Double(),
            sa.Computed("test_accuracy_after / NULLIF(test_accuracy_before, 0)", persisted=True),
        ),
        sa.CheckConstraint("epoch >= -1", name=op.f("ck_pruning_events_epoch")),
        sa.CheckConstraint("removed >= 0", name=op.f("ck_pruning_events_removed")),
        sa.CheckConstraint(
            "test_accuracy_after BETWEEN 0 AND 1", name=op.f("ck_pruning_events_test_accuracy_after")
        ),
        sa.CheckConstraint(
            "test_accuracy_before BETWEEN 0 AND 1", name=op.f("ck_pruning_events_test_accuracy_before")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=op.f("fk_pruning_events_run_id")),
        sa.PrimaryKeyConstraint("run_id", "epoch", name=op.f("pk_pruning_events")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "sweep_runs",
        sa.Column("sweep_id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("arm", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=op.f("fk_sweep_runs_run_id")),
        sa.ForeignKeyConstraint(["sweep_id"], ["sweeps.sweep_id"], name=op.f("fk_sweep_runs_sweep_id")),
        sa.PrimaryKeyConstraint("sweep_id", "position", name=op.f("pk_sweep_runs")),
        sa.UniqueConstraint("sweep_id", "run_id", "arm", name=op.f("uq_sweep_runs_sweep_id_run_id_arm")),
    )
    op.create_index(op.f("ix_sweep_runs_run_id"), "sweep_runs", ["run_id"])
    op.create_table(
        "layer_prunings",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("kept_before", sa.Integer(), nullable=False),
        sa.Column("kept_after", sa.Integer(), nullable=False),
        sa.Column("mean_score", sa.Double()),
        sa.Column("removed", sa.JSON(none_as_null=True)),
        sa.CheckConstraint(
            "0 <= kept_after AND kept_after <= kept_before AND kept_before <= total",
            name=op.f("ck_layer_prunings_kept"),
        ),
        sa.ForeignKeyConstraint(
            ["run_id", "epoch"],
            ["pruning_events.run_id", "pruning_events.epoch"],
            name=op.f("fk_layer_prunings_run_id_epoch"),
        ),
        sa.PrimaryKeyConstraint("run_id", "epoch", "layer", name=op.f("pk_layer_prunings")),
        sqlite_with_rowid=False,
    )
    op.execute(RUN_SUMMARY)
    op.execute(TRADEOFF)
