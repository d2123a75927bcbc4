"""The tables. db/migrations makes them and db/README.md draws them; a test holds all three together.

Epochs are 0-based, accuracies fractions of 1, times UTC; a loss that is not a number is NULL.
"""

from __future__ import annotations

from gst.records import STATUSES, TABLES
from gst.store.schema.base import metadata
from gst.store.schema.registry import (
    ENDED,
    OUTCOMES,
    attempts,
    configs,
    datasets,
    example_files,
    kept_states,
    looks,
    notes,
    run_tags,
    runs,
    sources,
    sweep_runs,
    sweeps,
    system_samples,
)
from gst.store.schema.yielded import (
    answers,
    connectivity,
    eigenvalues,
    epochs,
    event_classes,
    examples,
    flatness,
    group_losses,
    layer_prunings,
    levels,
    normality,
    perturbation_losses,
    probes,
    pruning_events,
)

__all__ = [
    "ENDED",
    "MEASUREMENTS",
    "OUTCOMES",
    "STATUSES",
    "YIELDED",
    "answers",
    "attempts",
    "configs",
    "connectivity",
    "datasets",
    "eigenvalues",
    "epochs",
    "event_classes",
    "example_files",
    "examples",
    "flatness",
    "group_losses",
    "kept_states",
    "layer_prunings",
    "levels",
    "looks",
    "metadata",
    "normality",
    "notes",
    "perturbation_losses",
    "probes",
    "pruning_events",
    "run_tags",
    "runs",
    "sources",
    "sweep_runs",
    "sweeps",
    "system_samples",
]

MEASUREMENTS = (perturbation_losses, eigenvalues, flatness, normality, connectivity)
"""Those of YIELDED that a completed run may get later, in an order in which rows can be deleted."""
YIELDED = tuple(metadata.tables[name] for name in reversed(list(TABLES.values())))
"""The tables of records, in an order in which rows can be deleted; each has `run_id` and `epoch`."""
