"""The networks of configurations without their numbers, and what pruning will make of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from torch import nn

from gst.config import (
    DataConfig,
    DataName,
    FilterPruning,
    IterativePruning,
    ModelConfig,
    NoPruning,
    PruningConfig,
    RunConfig,
    WeightPruning,
)
from gst.data import load_dataset
from gst.models import ImageShape, sites, skeleton
from gst.pruning import PlannedEvent, planned_events, planned_removals
from gst.pruning.reduction import Reduction, parameter_reduction


class Task(NamedTuple):
    """The properties of a data set that shape a network."""

    classes: int
    image: ImageShape


TASKS: Mapping[DataName, Task] = MappingProxyType(
    {
        "digits": Task(10, ImageShape(1, 8, 8)),
        "mnist": Task(10, ImageShape(1, 28, 28)),
        "cifar10": Task(10, ImageShape(3, 32, 32)),
        "cifar100": Task(100, ImageShape(3, 32, 32)),
        "imagenet": Task(1000, ImageShape(3, 224, 224)),
    }
)
"""Classes and image shapes of data sets that need not be there for a plan."""


class Networks:
    """The model of each configuration without its numbers, and what pruning makes of it, worked out once."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._tasks: dict[tuple[DataName, str | None], Task] = {}
        self._models: dict[tuple[ModelConfig, Task], nn.Module] = {}
        self._reductions: dict[tuple[ModelConfig, Task, PruningConfig], Reduction] = {}

    def events(self, config: RunConfig) -> tuple[PlannedEvent, ...]:
        """The configuration's pruning events."""
        network = sites(self._model(config))
        if isinstance(config.pruning, IterativePruning):
            return planned_removals(config, network)
        return planned_events(config.pruning, network)

    def reduction(self, config: RunConfig) -> Reduction:
        """Number of parameters that the pruning takes away."""
        kind = (config.model, self._task(config), _essence(config.pruning))
        if kind not in self._reductions:
            self._reductions[kind] = parameter_reduction(kind[2], self._model(config), kind[1].image)
        return self._reductions[kind]

    def _model(self, config: RunConfig) -> nn.Module:
        kind = (config.model, self._task(config))
        if kind not in self._models:
            model, task = kind
            self._models[kind] = skeleton(
                model.name, classes=task.classes, image=task.image, width=model.width
            )
        return self._models[kind]

    def _task(self, config: RunConfig) -> Task:
        kind = (config.data.name, config.data.folder)
        if kind not in self._tasks:
            known = TASKS.get(config.data.name) if config.data.folder is None else None
            self._tasks[kind] = known or _task(config.data, self._data)
        return self._tasks[kind]


def _essence(config: PruningConfig) -> PruningConfig:
    """The configuration with one value for what does not change how many parameters are left in the end."""
    at_once = {"start": 0, "end": 0, "every": 1, "target": "random"}
    match config:
        case FilterPruning():
            return config.model_copy(update={**at_once, "score": "l2", "scratch": False})
        case WeightPruning():
            return config.model_copy(update=at_once)
        case IterativePruning():
            return config.model_copy(update={"rewind": "weights", "rewind_epoch": 0, "target": "random"})
        case _:
            return NoPruning(kind="none")


def _task(config: DataConfig, data: Path) -> Task:
    dataset = load_dataset(config, data)
    return Task(dataset.classes, ImageShape(*dataset.image))
