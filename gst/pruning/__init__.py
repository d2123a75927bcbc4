"""The pruning core: score, select, take; schedules are in gst.config."""

from gst.pruning.iterative import WeightPool, prunable_weights, remove, weight_pool
from gst.pruning.layers import FilterLayer, PrunableLayer, WeightLayer, prunable_layers
from gst.pruning.perturb import Disturb, Perturbation, Prune, perturbation
from gst.pruning.pruning_step import (
    ScheduledLayer,
    mask_hash,
    prune_due,
    with_schedules,
)
from gst.pruning.scores import ACTIVATION_PERIOD, ActivationAverage, Scorer, scorer
from gst.pruning.select import select

__all__ = [
    "ACTIVATION_PERIOD",
    "ActivationAverage",
    "Disturb",
    "FilterLayer",
    "Perturbation",
    "PrunableLayer",
    "Prune",
    "ScheduledLayer",
    "Scorer",
    "WeightLayer",
    "WeightPool",
    "mask_hash",
    "perturbation",
    "prunable_layers",
    "prunable_weights",
    "prune_due",
    "remove",
    "scorer",
    "select",
    "weight_pool",
    "with_schedules",
]
