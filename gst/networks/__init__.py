"""The networks of the papers as shapes alone, and what pruning takes of them."""

from gst.networks.events import BEFORE_TRAINING, PlannedEvent, planned_events, removals, units_kept
from gst.networks.layers import Layer, Role, chosen, layers
from gst.networks.named import MODELS, Architecture, Initialisation, outline
from gst.networks.parts import (
    Block,
    Conv,
    Flatten,
    ImageShape,
    Linear,
    MapMean,
    Norm,
    Outline,
    Padding,
    Part,
    Pool,
    ReLU,
    Stage,
)
from gst.networks.reduction import Reduction, parameter_reduction

__all__ = [
    "BEFORE_TRAINING",
    "MODELS",
    "Architecture",
    "Block",
    "Conv",
    "Flatten",
    "ImageShape",
    "Initialisation",
    "Layer",
    "Linear",
    "MapMean",
    "Norm",
    "Outline",
    "Padding",
    "Part",
    "PlannedEvent",
    "Pool",
    "ReLU",
    "Reduction",
    "Role",
    "Stage",
    "chosen",
    "layers",
    "outline",
    "parameter_reduction",
    "planned_events",
    "removals",
    "units_kept",
]
