"""The pruning core: score, select, take; schedules are in gst.config."""

from gst.pruning.iterative import WeightPool, planned_removals, prunable_weights, remove, weight_pool
from gst.pruning.layers import FilterLayer, PrunableLayer, WeightLayer, chosen_sites, prunable_layers
from gst.pruning.perturb import Disturb, Perturbation, Prune, perturbation
from gst.pruning.pruning_step import (
    BEFORE_TRAINING,
    PlannedEvent,
    ScheduledLayer,
    mask_hash,
    planned_events,
    prune_due,
    with_schedules,
)
from gst.pruning.scores import ACTIVATION_PERIOD, ActivationAverage, Scorer, scorer
from gst.pruning.select import select

__all__ = [
    "ACTIVATION_PERIOD",
    "BEFORE_TRAINING",
    "ActivationAverage",
    "Disturb",
    "FilterLayer",
    "Perturbation",
    "PlannedEvent",
    "PrunableLayer",
    "Prune",
    "ScheduledLayer",
    "Scorer",
    "WeightLayer",
    "WeightPool",
    "chosen_sites",
    "mask_hash",
    "perturbation",
    "planned_events",
    "planned_removals",
    "prunable_layers",
    "prunable_weights",
    "prune_due",
    "remove",
    "scorer",
    "select",
    "weight_pool",
    "with_schedules",
]
