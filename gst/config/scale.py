"""A published configuration made small enough for a laptop, and marked as such."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from gst.config.measure import scaled_measures
from gst.config.pruning import Each, Levels, Noise, Schedules
from gst.config.run import RunConfig, embedded
from gst.config.schedule import exact
from gst.config.task import DataConfig

IMAGES_PER_CLASS = {
    "mnist": 6000,
    "fashion_mnist": 6000,
    "svhn": 7326,
    "cifar10": 5000,
    "cifar100": 500,
    "tiny_imagenet": 500,
    "imagenet": 1281,
}
"""Training images of a class; of MNIST, SVHN and ImageNet on average."""
TEST_IMAGES = {
    "mnist": 892,
    "fashion_mnist": 1000,
    "svhn": 1595,
    "cifar10": 1000,
    "cifar100": 100,
    "tiny_imagenet": 50,
    "imagenet": 50,
}
"""Test images of the smallest class."""


def scaled(config: RunConfig, factor: float, per_class: int | None = None) -> RunConfig:
    """The configuration with epochs, pruning schedules, warm-up and learning-rate drops shrunk by one factor.

    Each layer keeps its fractions, and its number of events where the shorter time holds as many;
    where it does not, it has one event an epoch. Levels stay as many, each of them shorter. Noise lasts
    as long in proportion to the whole run.
    Of measurements that take long, the number of eigenpairs shrinks with the epochs.
    `per_class` trains on a class-balanced subset, drawn from each run's seed unless the data say
    otherwise, and tests on as many images, or on as many as every class has; configurations that differ
    in their number of images keep the proportion, as does the number of those whose loss or gradient ranks
    weights.
    The result is another configuration with another key, and its `scale` says so.
    """
    share = exact(factor)
    content = config.model_dump()
    epochs = max(1, round(config.training.epochs * share))
    content["training"]["epochs"] = epochs
    drops = {int(drop * share) for drop in config.training.lr_drops}
    content["training"]["lr_drops"] = tuple(sorted(drop for drop in drops if 0 < drop < epochs))
    content["training"]["warmup_epochs"] = round(config.training.warmup_epochs * share)
    if isinstance(config.pruning, Schedules):
        content["pruning"] |= _schedules(config.pruning, share, epochs)
    if isinstance(config.pruning, Levels):
        content["pruning"]["rewind_epoch"] = min(int(config.pruning.rewind_epoch * share), epochs - 1)
    if isinstance(config.pruning, Noise):
        content["pruning"]["train_batches"] = _noise(config, config.pruning, share, per_class)
    if per_class is not None:
        content["data"] |= _fewer_images(config.data, per_class)
        for place in (content["pruning"], content["pruning"].get("regrow") or {}):
            for key in ("score_images", "images"):
                if place.get(key) is not None:
                    place[key] = _fewer_in_proportion(place[key], config.data, content["data"])
    content["measure"] = scaled_measures(config.measure, share, epochs).model_dump()
    content["scale"] = config.scale * factor
    if config.branch is not None and config.trunk is not None:
        content["from"]["arm"] = embedded(scaled(config.trunk, factor, per_class))
        if config.branch.epoch is not None:
            content["from"]["epoch"] = min(int(config.branch.epoch * share), epochs - 1)
    if config.chooser is not None:
        content["data"]["leave_out"]["arm"] = embedded(scaled(config.chooser, factor, per_class))
    return RunConfig.model_validate(content)


def _schedules(pruning: Schedules, share: Fraction, epochs: int) -> dict[str, Any]:
    starts, ends, periods = (pruning.each(value) for value in (pruning.start, pruning.end, pruning.every))
    rows = [
        _shrunk(start, end, every, share, epochs)
        for start, end, every in zip(starts, ends, periods, strict=True)
    ]
    names = ("start", "end", "every")
    return {name: _each([row[i] for row in rows]) for i, name in enumerate(names)}


def _shrunk(start: int, end: int, every: int, share: Fraction, epochs: int) -> tuple[int, int, int]:
    """Start, end and period of one layer: as many events as before, if there are epochs enough."""
    events = len(range(start, end + 1, every))
    last = start + (events - 1) * every
    first = min(int(start * share), epochs - 1)
    span = min(int(last * share), epochs - 1) - first
    period = max(1, span // (events - 1)) if events > 1 else 1
    count = min(events, span // period + 1)
    return first, first + (count - 1) * period, period


def _each(values: list[int]) -> Each[int]:
    return values[0] if len(set(values)) == 1 else tuple(values)


def _fewer_images(data: DataConfig, per_class: int) -> dict[str, int]:
    whole = IMAGES_PER_CLASS.get(data.name)
    if data.per_class is None:
        training = per_class
    elif whole is None:
        training = min(per_class, data.per_class)
    else:
        training = math.ceil(Fraction(data.per_class * per_class, whole))
    if data.name == "digits":  # tested on all that is not trained on
        return {"per_class": training}
    most = most_test_images(data) or per_class
    return {"per_class": training, "test_per_class": min(per_class, data.test_per_class or most, most)}


def _fewer_in_proportion(images: int, data: DataConfig, shrunk: dict[str, Any]) -> int:
    """The number of images that a score or a gradient is of; no more than a class has if that is unknown."""
    before, now = data.per_class or IMAGES_PER_CLASS.get(data.name), int(shrunk["per_class"])
    share = Fraction(now, before) if before else Fraction(now, images)
    return max(1, int(images * min(share, Fraction(1))))


def most_test_images(data: DataConfig) -> int | None:
    """Number of test images that every class has; None for a folder's, which only its files know."""
    return TEST_IMAGES.get(data.name) if data.folder is None else None


def _noise(config: RunConfig, pruning: Noise, share: Fraction, per_class: int | None) -> int:
    """The window in training batches: shrunk with the epochs, and with the number of batches in one.

    A single disturbance stays single, and a window stays a window.
    """
    if pruning.train_batches == 1:
        return 1
    whole = IMAGES_PER_CLASS.get(config.data.name)
    if per_class is not None and whole is not None:
        share *= Fraction(per_class, whole)
    return max(2, round(pruning.train_batches * share))
