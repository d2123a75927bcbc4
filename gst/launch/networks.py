"""The networks of configurations as outlines, and what pruning will make of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from gst.config import DataConfig, DataName, ModelConfig, PruningConfig, RunConfig
from gst.errors import ConfigError
from gst.networks.events import PlannedEvent, planned_events
from gst.networks.layers import Foreign, layers
from gst.networks.named import outline
from gst.networks.parts import ImageShape, Outline
from gst.networks.reduction import Reduction, parameter_reduction


class Task(NamedTuple):
    """The properties of a data set that shape a network."""

    classes: int
    image: ImageShape


TASKS: Mapping[DataName, Task] = {
    "digits": Task(10, ImageShape(1, 8, 8)),
    "mnist": Task(10, ImageShape(1, 28, 28)),
    "fashion_mnist": Task(10, ImageShape(1, 28, 28)),
    "svhn": Task(10, ImageShape(3, 32, 32)),
    "cifar10": Task(10, ImageShape(3, 32, 32)),
    "cifar100": Task(100, ImageShape(3, 32, 32)),
    "tiny_imagenet": Task(200, ImageShape(3, 64, 64)),
    "imagenet": Task(1000, ImageShape(3, 224, 224)),
}
"""Classes and image shapes of data sets that need not be there for a plan."""


class Networks:
    """The outline of each configuration's network, and what pruning makes of it, worked out once."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._tasks: dict[str, Task] = {}
        self._networks: dict[tuple[ModelConfig, Task], Outline | Foreign] = {}
        self._reductions: dict[tuple[ModelConfig, Task, PruningConfig], Reduction] = {}

    def events(self, config: RunConfig) -> tuple[PlannedEvent, ...]:
        """The configuration's pruning events.

        Raises ConfigError for layers and batch norms that the network does not have.
        """
        found = layers(self._network(config))
        if config.measure.normality is not None and not any(it.role == "block" and it.norm for it in found):
            raise ConfigError(
                f"measure.normality: {config.model.label} has no batch norm, whose activations are measured"
            )
        return planned_events(config, found)

    def reduction(self, config: RunConfig) -> Reduction:
        """Number of parameters that the pruning takes away."""
        kind = (config.model, self.task(config), config.pruning)
        if kind not in self._reductions:
            network, image = self._network(config), kind[1].image
            self._reductions[kind] = parameter_reduction(config.pruning, self.events(config), network, image)
        return self._reductions[kind]

    def _network(self, config: RunConfig) -> Outline | Foreign:
        kind = (config.model, self.task(config))
        if kind not in self._networks:
            self._networks[kind] = network(*kind)
        return self._networks[kind]

    def task(self, config: RunConfig) -> Task:
        """The properties of the configuration's data. Raises DataError for images that are not here."""
        kind = config.data.label
        if kind not in self._tasks:
            known = TASKS.get(config.data.name) if config.data.folder is None else None
            self._tasks[kind] = known or _task(config.data, self._data)
        return self._tasks[kind]


def network(model: ModelConfig, task: Task) -> Outline | Foreign:
    """The layers of that network for that task. Raises ConfigError where it cannot take such images."""
    if model.own_name is not None:  # who plans for these need not wait for torch
        return outline(model.own_name, classes=task.classes, image=task.image, width=model.width)
    from gst.models import network_of

    return network_of(model, classes=task.classes, image=task.image)


def _task(config: DataConfig, data: Path) -> Task:
    from gst.data import load_dataset

    dataset = load_dataset(config, data)
    return Task(dataset.classes, ImageShape(*dataset.image))
