"""The keys of a configuration, and whether each can change a result of the runs that have it.

A new key needs a rule here: a test goes through all keys of the configuration.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import Literal

from gst.config import Noise, RunConfig

Measurement = Literal["flatness", "normality", "groups", "connectivity"]
"""What a result may rest on beside training and its pruning events; `groups` are those by EL2N score."""
Measured = Collection[Measurement]
Effect = Callable[[RunConfig, Measured], bool]
"""Whether a key can change a result of that configuration which rests on these measurements."""


def _always(config: RunConfig, measured: Measured) -> bool:
    return True


def _learning_rate_drops(config: RunConfig, measured: Measured) -> bool:
    return bool(config.training.lr_drops)


def _test_batches_are_disturbed(config: RunConfig, measured: Measured) -> bool:
    """Noise acts on test batches too; without it a test batch is as good as its images one by one."""
    return isinstance(config.pruning, Noise)


def _coarse(config: RunConfig, measured: Measured) -> bool:
    """bf16 keeps 8 digits of a number's 24; TF32 keeps all, and takes 11 of them into products.

    TF32 is what PyTorch's convolutions do on GPUs since 2020 unless told otherwise: a property of the
    machine, as the order of its sums is.
    """
    return config.training.precision == "bf16"


def _ranked(config: RunConfig, measured: Measured) -> bool:
    """A random choice does not look at scores, unless that of weights that are exchanged does."""
    regrow = getattr(config.pruning, "regrow", None)
    return getattr(config.pruning, "target", None) != "random" or (
        regrow is not None and regrow.target != "random"
    )


def _by_power_iteration(config: RunConfig, measured: Measured) -> bool:
    flatness = config.measure.flatness
    return "flatness" in measured and flatness is not None and flatness.method == "power"


def _results_of(measurement: Measurement) -> Effect:
    """What is measured changes no training, and no result but its own."""
    return lambda config, measured: measurement in measured


def _none(config: RunConfig, measured: Measured) -> bool:
    """What is kept in files beside the store changes no result that is in it."""
    return False


_flatness, _normality, _groups = (_results_of(it) for it in ("flatness", "normality", "groups"))

EFFECTS: Mapping[str, Effect] = MappingProxyType({
    "data.name": _always,
    "data.folder": _always,
    "data.module": _always,
    "data.source": _always,
    "data.per_class": _always,
    "data.draw": _always,
    "data.test_per_class": _always,
    "data.augment": _always,
    "data.label_noise": _always,
    "data.validation": _always,
    "data.normalisation": _always,
    "data.leave_out.indices": _always,
    "data.leave_out.rule": _always,
    "data.leave_out.arm": _always,
    "data.leave_out.level": _always,
    "data.leave_out.share": _always,
    "data.leave_out.at_random": _always,
    "model.name": _always,
    "model.module": _always,
    "model.source": _always,
    "model.width": _always,
    "training.epochs": _always,
    "training.batch_size": _always,
    "training.optimizer.name": _always,
    "training.optimizer.lr": _always,
    "training.optimizer.momentum": _always,
    "training.optimizer.weight_decay": _always,
    "training.sam.rho": _always,
    "training.lr_drops": _always,
    "training.lr_factor": _learning_rate_drops,
    "training.warmup_epochs": _always,
    "training.test_batch_size": _test_batches_are_disturbed,
    "training.precision": _coarse,
    "pruning.kind": _always,
    "pruning.layers": _always,
    "pruning.start": _always,
    "pruning.end": _always,
    "pruning.every": _always,
    "pruning.fraction": _always,
    "pruning.score": _ranked,
    "pruning.score_images": _ranked,
    "pruning.ramp": _always,
    "pruning.rounds": _ranked,
    "pruning.distribution": _always,
    "pruning.regrow.by": _always,
    "pruning.regrow.share": _always,
    "pruning.regrow.decay": _always,
    "pruning.regrow.target": _always,
    "pruning.regrow.entry": _always,
    "pruning.regrow.images": _always,
    "pruning.target": _always,
    "pruning.mask_bn": _always,
    "pruning.scratch": _always,
    "pruning.train_batches": _always,
    "pruning.which": _always,
    "pruning.restore": _always,
    "pruning.levels": _always,
    "pruning.rewind_epoch": _always,
    "pruning.exclude": _always,
    "pruning.rewind": _always,
    "measure.flatness.epoch": _flatness,
    "measure.flatness.images": _flatness,
    "measure.flatness.eigenpairs": _flatness,
    "measure.flatness.method": _flatness,
    "measure.flatness.iterations": _by_power_iteration,
    "measure.flatness.tolerance": _flatness,
    "measure.flatness.trace_products": _flatness,
    "measure.flatness.directions": _flatness,
    "measure.flatness.curve": _flatness,
    "measure.normality.layers": _normality,
    "measure.normality.images": _normality,
    "measure.examples.el2n.epochs": _groups,
    "measure.examples.el2n.replicates": _groups,
    "measure.examples.el2n.width": _groups,
    "measure.examples.groups": _groups,
    "measure.each_example.levels": _none,
    "measure.each_example.epochs": _none,
    "measure.connectivity.order": _results_of("connectivity"),
    "measure.connectivity.points": _results_of("connectivity"),
    "measure.connectivity.statistics": _results_of("connectivity"),
    "scale": _always,
    "from.arm": _always,
    "from.epoch": _always,
    "from.level": _always,
    "from.order": _always,
})  # fmt: skip
"""A rule for each key, by its dotted name."""
