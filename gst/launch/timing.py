"""How long epochs would take on this machine, from a few batches of each network on made-up images."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import torch

from gst.config import DataConfig, Noise, NoPruning, RunConfig, RunSpec
from gst.config.execution import Resources
from gst.config.measure import MeasureConfig
from gst.data import Dataset, Split
from gst.launch.networks import Networks, Task
from gst.launch.plan import ArmPlan, Plan
from gst.launch.trial import has_gpu
from gst.published import TOTALS
from gst.records import DatasetFacts
from gst.training import start
from gst.training.epoch import train_epoch
from gst.training.evaluate import evaluate
from gst.training.optim import precision

MOST_PIXELS = 2**16
"""Pixels of the images that a CPU is timed with: 64 of 32 x 32, where batches have as many."""
FEWEST_IMAGES = 8
TIMED_BATCHES = 2
LEAST_SECONDS = 0.5


class Sizes(NamedTuple):
    """Number of images that one run trains on and is tested on."""

    train: int
    test: int


class Pace(NamedTuple):
    """Seconds of one image, in training and in tests."""

    train: float
    test: float


@dataclass(frozen=True)
class Timing:
    """The pace of each network with the same resources, measured once for all plans."""

    networks: Networks
    paces: dict[tuple[RunConfig, Resources], Pace]

    def timed(self, plan: Plan, facts: Mapping[str, DatasetFacts]) -> Plan:
        """The plan, with an estimate for each arm that has epochs left and whose like no store has.

        `facts` are of the data sets that are here, by their label.
        """
        arms = (self._timed(arm, plan.sweep.resources, facts.get(arm.config.data.label)) for arm in plan.arms)
        return plan._replace(arms=tuple(arms))

    def _timed(self, arm: ArmPlan, resources: Resources, facts: DatasetFacts | None) -> ArmPlan:
        if arm.seconds_per_epoch is not None or not arm.epochs_left:
            return arm
        task = self.networks.task(arm.config)
        sizes = _sizes(arm.config, task, facts)
        kind = _timed_config(arm.config)
        if (kind, resources) not in self.paces:
            self.paces[kind, resources] = _pace(kind, task, resources)
        pace = self.paces[kind, resources]
        again = 1.0 if isinstance(arm.config.pruning, Noise) else len(arm.event_epochs) / arm.run_epochs
        seconds = sizes.train * pace.train + (1 + again) * sizes.test * pace.test
        return arm._replace(seconds_per_epoch=seconds, estimated=True)


def _sizes(config: RunConfig, task: Task, facts: DatasetFacts | None) -> Sizes:
    data = config.data
    train, test = TOTALS[data.name] if facts is None else (facts.train, facts.test)
    chosen = train if data.per_class is None else data.per_class * task.classes
    if data.name == "digits":
        test = train - chosen
    if data.test_per_class is not None:
        test = data.test_per_class * task.classes
    return Sizes(round(chosen * (1 - data.validation)), test)


def _timed_config(config: RunConfig) -> RunConfig:
    """What decides on the pace: the network and its batches, unpruned and unmeasured, on any data."""
    data = DataConfig(name="folder", folder=config.data.label.replace(":", " "), augment=config.data.augment)
    update = {"data": data, "pruning": NoPruning(kind="none"), "measure": MeasureConfig()}
    return config.model_copy(update=update)


def _pace(config: RunConfig, task: Task, resources: Resources) -> Pace:
    """Seconds of an image, from a few batches."""
    on_gpu = bool(resources.gpus) and has_gpu()
    most = max(FEWEST_IMAGES, MOST_PIXELS // (task.image.height * task.image.width))
    training = config.training
    batch, test_batch = (
        size if on_gpu else min(size, most) for size in (training.batch_size, training.test_batch_size)
    )
    sizes = {"batch_size": batch, "test_batch_size": test_batch, "lr_drops": (), "warmup_epochs": 0}
    timed = config.model_copy(update={"training": training.model_copy(update=sizes)})
    images = _made_up(task, max(TIMED_BATCHES * batch, test_batch, most))
    device = torch.device("cuda" if on_gpu else "cpu")
    torch.set_num_threads(max(1, round(resources.cpus)))
    with precision(training.precision, device):
        state = start(RunSpec(timed, 0), images, device)
        return Pace(
            _seconds(lambda: train_epoch(state, 1, 1)) / len(images.train.labels),
            _seconds(lambda: evaluate(state.model, state.dataset, test_batch)) / len(images.test.labels),
        )


def _seconds(work: Callable[[], object]) -> float:
    """Seconds of the work, after a first time, which alone pays for what is made once: the mean of some."""
    work()
    began, times = time.perf_counter(), 0
    while times == 0 or time.perf_counter() - began < LEAST_SECONDS:
        work()
        times += 1
    return (time.perf_counter() - began) / times


def _made_up(task: Task, n: int) -> Dataset:
    generator = torch.Generator().manual_seed(0)
    pixels = torch.randint(256, (n, *task.image), dtype=torch.uint8, generator=generator)
    split = Split(pixels, torch.arange(n) % task.classes)
    channels = task.image.channels
    return Dataset("made up", split, split, task.classes, (0.5,) * channels, (0.25,) * channels, "", "")
