"""Tables of what a run yields: their columns are the fields of its records (see gst.archive.layout).

Rows of one run lie side by side on disk: SQLite keeps these tables in the order of their keys.
"""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    Computed,
    Double,
    ForeignKeyConstraint,
    Integer,
    PrimaryKeyConstraint,
    Table,
)
from sqlalchemy.schema import SchemaItem

from gst.store.schema.base import columns_of, fractions, metadata, one_of
from gst.store.schema.registry import runs


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
