"""The pruning core: score, select, take; schedules are in gst.config."""

from gst.pruning.event import (
    BEFORE_TRAINING,
    PlannedEvent,
    ScheduledLayer,
    act,
    mask_hash,
    planned_events,
    scheduled,
)
from gst.pruning.layers import FilterLayer, PrunableLayer, WeightLayer, chosen_sites, prunable_layers
from gst.pruning.perturb import Disturb, Perturbation, Prune, perturbation
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
    "act",
    "chosen_sites",
    "mask_hash",
    "perturbation",
    "planned_events",
    "prunable_layers",
    "scheduled",
    "scorer",
    "select",
]
