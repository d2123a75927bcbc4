"""The keys of a configuration, and whether each can change a result of the runs that have it.

A new key needs a rule here: a test goes through all keys of the configuration.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
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


EFFECTS: Mapping[str, Effect] = {
    **dict.fromkeys((
        "data.name", "data.folder", "data.module", "data.source", "data.per_class", "data.draw",
        "data.test_per_class", "data.augment", "data.label_noise", "data.validation", "data.normalisation",
        "data.leave_out.indices", "data.leave_out.rule", "data.leave_out.arm", "data.leave_out.level",
        "data.leave_out.share", "data.leave_out.at_random",
        "model.name", "model.module", "model.source", "model.width",
        "training.epochs", "training.batch_size", "training.optimizer.name", "training.optimizer.lr",
        "training.optimizer.momentum", "training.optimizer.weight_decay", "training.sam.rho",
        "training.lr_drops", "training.warmup_epochs",
        "pruning.kind", "pruning.layers", "pruning.start", "pruning.end", "pruning.every", "pruning.fraction",
        "pruning.ramp", "pruning.distribution", "pruning.regrow.by", "pruning.regrow.share",
        "pruning.regrow.decay", "pruning.regrow.target", "pruning.regrow.entry", "pruning.regrow.images",
        "pruning.target", "pruning.mask_bn", "pruning.scratch", "pruning.train_batches", "pruning.which",
        "pruning.restore", "pruning.levels", "pruning.rewind_epoch", "pruning.exclude", "pruning.rewind",
        "scale",
        "from.arm", "from.epoch", "from.level", "from.order",
    ), _always),
    "training.lr_factor": _learning_rate_drops,
    "training.test_batch_size": _test_batches_are_disturbed,
    "training.precision": _coarse,
    **dict.fromkeys(("pruning.score", "pruning.score_images", "pruning.rounds"), _ranked),
    **dict.fromkeys((
        "measure.flatness.epoch", "measure.flatness.images", "measure.flatness.eigenpairs",
        "measure.flatness.method", "measure.flatness.tolerance", "measure.flatness.trace_products",
        "measure.flatness.directions", "measure.flatness.curve",
    ), _results_of("flatness")),
    "measure.flatness.iterations": _by_power_iteration,
    **dict.fromkeys(("measure.normality.layers", "measure.normality.images"), _results_of("normality")),
    **dict.fromkeys((
        "measure.examples.el2n.epochs", "measure.examples.el2n.replicates", "measure.examples.el2n.width",
        "measure.examples.groups",
    ), _results_of("groups")),
    **dict.fromkeys(("measure.each_example.levels", "measure.each_example.epochs"), _none),
    **dict.fromkeys((
        "measure.connectivity.order", "measure.connectivity.points", "measure.connectivity.statistics",
    ), _results_of("connectivity")),
}  # fmt: skip
"""A rule for each key, by its dotted name."""
