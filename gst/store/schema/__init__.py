"""The tables. db/migrations makes them and db/README.md draws them; a test holds all three together.

Epochs are 0-based, accuracies fractions of 1, times UTC; a loss that is not a number is NULL. Sweeps,
configurations and runs come first: what is to be trained, who has trained it, and what people say of it. Then
what a run yields: columns are the fields of its records (see gst.archive.layout). Rows of one run lie side by
side on disk there: SQLite keeps such a table in the order of its keys.
"""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    Computed,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.schema import SchemaItem

from gst.records import STATUSES as STATUSES
from gst.records import TABLES
from gst.store.schema.base import columns, columns_of, fractions, of_run, one_of
from gst.store.schema.base import metadata as metadata

ENDED = ("completed", "failed", "diverged", "cancelled")
"""Statuses that no claim changes."""
DECISIONS = ("continue", "reject", "futility", "width", "last")
"""What a look came to: the sweep goes on; or it stopped, for a difference, because going on was futile,
because the interval was narrow enough, or because this was the last look."""
OUTCOMES = ("completed", "failed", "interrupted", "diverged", "lost", "cancelled")

sweeps = Table(
    "sweeps",
    metadata,
    Column("sweep_id", Integer, primary_key=True),
    *columns_of("sweeps"),
    UniqueConstraint("name", "digest"),
)

configs = Table(
    "configs",
    metadata,
    Column("config_id", Integer, primary_key=True),
    *columns_of("configs"),
    UniqueConstraint("hash"),
)
"""`config` is the very text that the hash is of, so not JSON."""

_of_runs = columns_of("runs", "seed")
_of_runs.insert(-1, Column("artifacts", Text))  # a place of one machine, which no archive has
runs = Table(
    "runs",
    metadata,
    Column("run_id", Integer, primary_key=True),
    *_of_runs,
    UniqueConstraint("config_id", "seed"),
    one_of("status", STATUSES),
    CheckConstraint("(checkpoint IS NULL) = (checkpoint_epoch IS NULL)", name="checkpoint"),
    CheckConstraint("checkpoint_epoch <= last_epoch", name="checkpoint_epoch"),
    CheckConstraint("(earlier_checkpoint IS NULL) = (earlier_epoch IS NULL)", name="earlier_checkpoint"),
    CheckConstraint("earlier_epoch < checkpoint_epoch", name="earlier_epoch"),
    CheckConstraint("el2n_epoch < 0", name="scoring"),
    UniqueConstraint("key"),
)

sweep_runs = Table(
    "sweep_runs",
    metadata,
    Column("sweep_id", Integer, ForeignKey("sweeps.sweep_id"), nullable=False),
    Column("run_id", Integer, ForeignKey("runs.run_id"), nullable=False),
    *columns("arm text, position integer, measure text?"),
    PrimaryKeyConstraint("sweep_id", "position"),
    UniqueConstraint("sweep_id", "run_id", "arm"),
    Index(None, "run_id"),
)

sources = Table(
    "sources",
    metadata,
    of_run(),
    Column("source_id", Integer, ForeignKey("runs.run_id"), nullable=False),
    Column("epoch", Integer),
    PrimaryKeyConstraint("run_id", "source_id"),
    CheckConstraint("epoch >= 0", name="epoch"),
    CheckConstraint("run_id <> source_id", name="other"),
    Index(None, "source_id"),
    sqlite_with_rowid=False,
)
"""Runs that must have completed before a run begins, and the epoch at whose end it needs their state."""

kept_states = Table(
    "kept_states",
    metadata,
    of_run(),
    *columns("epoch integer, checkpoint text, sha256 text, artifacts text"),
    PrimaryKeyConstraint("run_id", "epoch"),
    sqlite_with_rowid=False,
)

example_files = Table(
    "example_files",
    metadata,
    of_run(),
    *columns("epoch integer, level integer, images integer, name text, sha256 text"),
    *columns("bytes integer, artifacts text", "bytes"),
    PrimaryKeyConstraint("run_id", "epoch"),
    CheckConstraint("level >= 0", name="level"),
    CheckConstraint("images >= 0", name="images"),
    sqlite_with_rowid=False,
)

looks = Table(
    "looks",
    metadata,
    Column("sweep_id", Integer, ForeignKey("sweeps.sweep_id"), nullable=False),
    *columns("look integer, seeds integer, pairs integer, estimate float?, low float?, high float?"),
    *columns("p float?, level float, decision text, decided time"),
    PrimaryKeyConstraint("sweep_id", "look"),
    CheckConstraint("look >= 1", name="look"),
    CheckConstraint("0 <= pairs AND pairs <= seeds", name="pairs"),
    one_of("decision", DECISIONS),
    sqlite_with_rowid=False,
)

datasets = Table(
    "datasets",
    metadata,
    Column("dataset_id", Integer, primary_key=True),
    *columns_of("datasets"),
    UniqueConstraint("name", "content_hash"),
)

attempts = Table(
    "attempts",
    metadata,
    of_run(),
    *columns_of("attempts", "peak_memory"),
    PrimaryKeyConstraint("run_id", "attempt"),
    one_of("outcome", OUTCOMES),
    CheckConstraint("(ended IS NULL) = (outcome IS NULL)", name="ended"),
)

system_samples = Table(
    "system_samples",
    metadata,
    Column("run_id", Integer, nullable=False),
    *columns_of("system_samples", "memory", "gpu_memory"),
    PrimaryKeyConstraint("run_id", "attempt", "sample"),
    ForeignKeyConstraint(["run_id", "attempt"], [attempts.c.run_id, attempts.c.attempt]),
    CheckConstraint("sample >= 0", name="sample"),
    CheckConstraint("0 <= start AND start < stop", name="start"),
    *fractions("gpu_use"),
    sqlite_with_rowid=False,
)
"""No result is compared by it, and nothing that is computed of a run reads it."""

# What people write about runs and sweeps; nothing that is computed reads it.
run_tags = Table(
    "run_tags",
    metadata,
    of_run(),
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
    *columns("text text, written time"),
    CheckConstraint("(run_id IS NULL) <> (sweep_id IS NULL)", name="about"),
    CheckConstraint("text <> ''", name="text"),
    Index(None, "run_id"),
    Index(None, "sweep_id"),
)


def _table(
    name: str, key: str, *rules: SchemaItem, of: Table = runs, by: str = "run_id", large: str = ""
) -> Table:
    """The table of a kind of record, in which the columns `key` tell rows apart.

    A row belongs to one `of` another table, whose columns `by` it repeats. Columns in `large` have 64 bits.
    """
    return Table(
        name,
        metadata,
        Column("run_id", Integer, nullable=False),
        *columns_of(name, *large.split()),
        PrimaryKeyConstraint(*key.split()),
        ForeignKeyConstraint(by.split(), [of.c[it] for it in by.split()]),
        *rules,
        sqlite_with_rowid=False,
    )


epochs = _table(
    "epochs",
    "run_id epoch",
    CheckConstraint("epoch >= 0", name="epoch"),
    *fractions("train_accuracy", "test_accuracy"),
    large="parameters_left",
)
pruning_events = _table(
    "pruning_events",
    "run_id epoch",
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
    CheckConstraint("epoch >= -1", name="epoch"),
    CheckConstraint("removed >= 0", name="removed"),
    *fractions("test_accuracy_before", "test_accuracy_after"),
)
layer_prunings = _table(
    "layer_prunings",
    "run_id epoch layer",
    CheckConstraint("0 <= kept_after AND kept_after <= kept_before AND kept_before <= total", name="kept"),
    of=pruning_events,
    by="run_id epoch",
)
event_classes = _table(
    "event_classes",
    "run_id epoch label",
    CheckConstraint("label >= 0", name="label"),
    CheckConstraint("right_before BETWEEN 0 AND images AND right_after BETWEEN 0 AND images", name="right"),
    of=pruning_events,
    by="run_id epoch",
)
probes = _table("probes", "run_id epoch name", *fractions("test_accuracy"))
flatness = _table("flatness", "run_id epoch settings")
eigenvalues = _table("eigenvalues", "run_id epoch settings rank", of=flatness, by="run_id epoch settings")
perturbation_losses = _table(
    "perturbation_losses", "run_id epoch settings rank epsilon", of=flatness, by="run_id epoch settings"
)
normality = _table(
    "normality",
    "run_id epoch settings layer statistics",
    one_of("statistics", ("batch", "running")),
)
examples = _table("examples", "run_id epoch")
levels = _table(
    "levels",
    "run_id level",
    CheckConstraint("level >= 0", name="level"),
    CheckConstraint("0 <= weights_left AND weights_left <= weights", name="weights"),
    *fractions(
        "test_accuracy", "validation_accuracy", "train_accuracy", "original_accuracy", "noisy_accuracy"
    ),
    large="weights weights_left",
)
group_losses = _table(
    "group_losses",
    "run_id level bin",
    CheckConstraint("bin >= 1", name="bin"),
    of=levels,
    by="run_id level",
)
answers = _table("answers", "run_id epoch")
connectivity = _table(
    "connectivity",
    "run_id epoch settings point",
    CheckConstraint("point >= 0", name="point"),
    *fractions("share", "train_accuracy", "test_accuracy"),
)

MEASUREMENTS = (perturbation_losses, eigenvalues, flatness, normality, connectivity)
"""Those of YIELDED that a completed run may get later, in an order in which rows can be deleted."""
YIELDED = tuple(metadata.tables[name] for name in reversed(list(TABLES.values())))
"""The tables of records, in an order in which rows can be deleted; each has `run_id` and `epoch`."""
