"""The columns of sweeps, and of configurations, so that queries need not look into their JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from gst.config.pruning import IterativePruning, Levels, Noise, PruningConfig, Removal
from gst.config.run import RunConfig
from gst.config.sweep import SweepSpec

OF_PRUNING = (
    *("score", "target", "layers", "prune_start", "prune_end", "retrain_period", "iterative_rate"),
    *("total_fraction", "levels", "rewind", "rewind_epoch"),
)
"""Columns of `configs` that a configuration need not have."""


def sweep_columns(sweep: SweepSpec, digest: str, moment: datetime) -> dict[str, Any]:
    """The columns of `sweeps` for a sweep of that digest that is registered at that moment."""
    return {
        "name": sweep.name,
        "digest": digest,
        "title": sweep.title,
        "claim": sweep.claim,
        "text": sweep.text,
        "figures": list(sweep.figures),
        "driver_epoch": 0,
        "registered": moment,
        "design": None if sweep.design is None else sweep.design.model_dump(mode="json"),
        "options": sweep.options,
    }


def config_columns(config: RunConfig) -> dict[str, Any]:
    """The columns of `configs` that follow from a configuration; None where it has no such thing.

    `iterative_rate` and `total_fraction` are fractions of a layer: those of the layer that loses
    most, per event and in all. `retrain_period` is the epochs between two events of the layer with
    the largest total fraction, the first such layer if there are several. Of a run of many levels the
    rate is that of one removal, of what is left then, and the total what these come to but for rounding.
    `epochs` are all of a run's own epochs, which count from `branch_epoch` on where it has a trunk;
    `el2n_epochs` are those of each of its EL2N networks.
    """
    data, training, pruning, el2n = config.data, config.training, config.pruning, config.measure.el2n
    return {
        "dataset": data.label,
        "train_per_class": data.per_class,
        "augment": data.augment,
        "label_noise": data.label_noise,
        "model": config.model.label,
        "epochs": config.own_epochs,
        "batch_size": training.batch_size,
        "optimizer": training.optimizer.name,
        "lr": training.optimizer.lr,
        "weight_decay": training.optimizer.weight_decay,
        "precision": training.precision,
        "kind": pruning.kind,
        "scratch": isinstance(pruning, Removal) and pruning.scratch,
        "train_batches": pruning.train_batches if isinstance(pruning, Noise) else None,
        "scale": config.scale,
        "width": config.model.width,
        "validation": data.validation,
        "branch_epoch": None if config.branch is None else config.first_epoch,
        "el2n_networks": None if el2n is None else el2n.replicates,
        "el2n_epochs": None if el2n is None else el2n.epochs,
        **dict.fromkeys(OF_PRUNING),
        **_of_pruning(pruning),
    }


def _of_pruning(pruning: PruningConfig) -> dict[str, Any]:
    """Those of OF_PRUNING that this kind of pruning has."""
    found: dict[str, Any] = {}
    if isinstance(pruning, Levels):
        found = {"levels": pruning.levels, "rewind_epoch": pruning.rewind_epoch}
    if isinstance(pruning, IterativePruning):
        return found | {
            "score": pruning.score,
            "target": pruning.target,
            "rewind": pruning.rewind,
            "iterative_rate": pruning.fraction,
            "total_fraction": 1 - (1 - pruning.fraction) ** pruning.levels,
        }
    if not isinstance(pruning, Removal | Noise):
        return found
    # Only the model knows the names that `last-N` and `blocks` stand for; nothing here depends on them.
    layers = tuple(str(number) for number in range(pruning.layer_count or 1))
    schedules = [layer.schedule for layer in pruning.schedules(layers)]
    largest = max(schedules, key=lambda schedule: schedule.fraction)
    at_once = isinstance(pruning, Removal) and pruning.scratch
    return {
        "score": pruning.score,
        "target": pruning.target,
        "layers": pruning.layers if isinstance(pruning.layers, str) else ",".join(pruning.layers),
        "prune_start": min(schedule.start for schedule in schedules),
        "prune_end": pruning.last_end,
        "retrain_period": largest.every,
        "iterative_rate": float(max(it.fraction if at_once else it.iterative_rate for it in schedules)),
        "total_fraction": float(largest.fraction),
    }
