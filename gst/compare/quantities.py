"""Quantities of a run by name, in the units in which papers print them, and arrays of them over runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import fmean
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gst.analysis.effects import Measurement
from gst.analysis.quantities import (
    FLATNESS_QUANTITIES,
    LEVEL_QUANTITIES,
    RUN_QUANTITIES,
    Quantity,
    Unit,
    mean_drop,
    stability,
)
from gst.compare.measured import MeasuredRun
from gst.config import Levels
from gst.errors import InputError
from gst.grouping import grouped
from gst.stats.rows import rising

FloatArray = NDArray[np.float64]
BySeed = Mapping[int, float]


class Pairs(NamedTuple):
    """Two quantities of runs, [n] each, with what each run shares with others: configuration and seed."""

    x: FloatArray
    y: FloatArray
    configurations: tuple[str, ...]
    seeds: tuple[int, ...]


OfRun = Callable[[MeasuredRun], float | None]
MeasuredQuantity = Quantity[OfRun]
LEADING = 10
"""Eigenvalues of largest magnitude that GST 2020's Figure E.1 shows."""


def _quantity(words: str, unit: Unit, of: OfRun | str) -> MeasuredQuantity:
    """The quantity that a function computes, or a path of attributes; None where the path has a None."""
    if isinstance(of, str):
        of = _at(of.split("."))
    return Quantity(words, words, words, words, unit, of, text_format=".5g")


def _at(path: Sequence[str]) -> OfRun:
    def of(run: MeasuredRun) -> Any:
        found: Any = run
        for name in path:
            found = None if found is None else getattr(found, name)
        return found

    return of


def _known(known: Quantity[Any], path: str) -> MeasuredQuantity:
    """A quantity that figures show too, under their words and in their unit."""
    return _quantity(known.words, known.unit, path)


def _gain(it: MeasuredRun) -> float | None:
    """Over the unpruned run of the same sweep with the same seed, network and data."""
    return None if it.unpruned is None else it.run.accuracy(it.accuracy) - it.unpruned.accuracy(it.accuracy)


def _removal_drop(it: MeasuredRun) -> float | None:
    """The cost to a noise run, after its last epoch, of losing every filter that noise has acted on."""
    return None if it.after_removal is None else it.run.final_accuracy - it.after_removal


def _reduction(it: MeasuredRun) -> float | None:
    """The share of parameters that are masked in the end, biases and batch norm included."""
    return None if not it.parameters else 1 - it.parameters_left / it.parameters


def _leading_eigenvalue(it: MeasuredRun) -> float | None:
    """The mean of the ten of largest magnitude, as GST 2020's Figure E.1 shows them."""
    largest = () if it.flatness is None else it.flatness.dominant[:LEADING]
    return float(np.mean(largest)) if len(largest) else None


def _distance(it: MeasuredRun) -> float | None:
    """The mean over layers, trained."""
    return fmean(distances) if (distances := it.distances(trained=True)) else None


def _distance_growth(it: MeasuredRun) -> float | None:
    """The mean over layers once trained less that before."""
    before, after = it.distances(trained=False), it.distances(trained=True)
    return fmean(after) - fmean(before) if before and after else None


def _rewind_epoch(it: MeasuredRun) -> float | None:
    return it.config.pruning.rewind_epoch if isinstance(it.config.pruning, Levels) else None


# What is measured of a level is of the level that is looked at, and losses of the images that are meant.
QUANTITIES: Mapping[str, MeasuredQuantity] = {
    "test_accuracy": _quantity("test accuracy", "percent", lambda it: it.run.accuracy(it.accuracy)),
    "final_train_accuracy": _quantity("training accuracy, last epoch", "percent",
        lambda it: it.run.final_gap + it.run.final_accuracy),
    "generalization_gap": _quantity("generalization gap", "points", lambda it: it.run.gap(it.accuracy)),
    "stability": _quantity("stability", "percent", lambda it: stability(it.run, pruned_before_training=True)),
    "mean_drop": _quantity("mean drop", "points", lambda it: mean_drop(it.run, pruned_before_training=True)),
    "last_event_drop": _quantity("drop at the last event", "points", "last_event.drop"),
    "last_event_drop_from_previous_epoch": _quantity("drop at the last event from the epoch before", "points",
        "last_event.drop_since_previous"),
    "accuracy_gain": _quantity("accuracy gained over the unpruned run", "points", _gain),
    "final_removal_drop": _quantity("drop when filters are removed at the end", "points", _removal_drop),
    "parameters": _quantity("parameters", "count", "parameters"),
    "parameter_reduction": _quantity("parameters masked in the end", "percent", _reduction),
    "iterative_rate": _known(RUN_QUANTITIES["iterative_rate"], "run.iterative_rate"),
    "noise_train_batches": _quantity("batches of noise", "batches", "run.train_batches"),
    "epochs": _quantity("epochs", "epochs", "run.epochs"),
    "data_size": _known(RUN_QUANTITIES["train_per_class"], "run.train_per_class"),
    "flatness_epoch": _quantity("epochs trained before flatness is measured", "epochs",
        lambda it: it.flatness and it.flatness.epoch + 1),
    "flatness_samples": _quantity("images on which flatness is measured", "count", "flatness.images"),
    "hessian_eigenvalues": _quantity("leading eigenvalues that are found", "count", "flatness.eigenpairs"),
    "hessian_trace": _known(FLATNESS_QUANTITIES["hessian_trace"], "flatness.hessian_trace"),
    # without those of at most 0.6% of the largest magnitude (GST 2020, E.1)
    "significant_trace": _quantity("trace of the Hessian without its small eigenvalues", "number",
        "flatness.significant_trace"),
    "hessian_eigenvalue": _quantity("mean of the ten leading eigenvalues", "number", _leading_eigenvalue),
    "gradient_covariance_trace": _known(FLATNESS_QUANTITIES["gradient_trace"], "flatness.gradient_trace"),
    "tic": _known(FLATNESS_QUANTITIES["tic"], "flatness.tic"),
    "epsilon": _known(FLATNESS_QUANTITIES["epsilon"], "flatness.epsilon"),
    "loss_rise_by_rank": _quantity("tau of an eigenvector's rank and the rise in loss along it",
        "correlation", lambda it: rising(it.loss_rises)),
    "normality_distance": _quantity("distance from the normal distribution", "fraction", _distance),
    "normality_distance_growth": _quantity("growth of the distance from the normal distribution", "fraction",
        _distance_growth),
    "normality_distance_by_depth": _quantity(
        "tau of a layer's depth and its distance from the normal distribution", "correlation",
        lambda it: rising(it.distances(trained=True))),
    "test_error": _known(LEVEL_QUANTITIES["test_error"], "view.level.test_error"),
    "test_error_improvement": _quantity("test error less than the dense network's", "points",
        lambda it: it.view and it.view.level.test_accuracy - it.view.dense.test_accuracy),
    "sparsity": _quantity("weights removed", "percent",
        lambda it: it.view and 1 - it.view.level.weights_left),
    "weights_left": _known(LEVEL_QUANTITIES["weights_left"], "view.level.weights_left"),
    "train_loss": _known(LEVEL_QUANTITIES["train_loss"], "view.train_loss"),
    "loss_difference": _quantity("training loss over the dense network's", "loss", "view.change"),
    "absolute_loss_difference": _quantity("size of the change in training loss", "loss",
        "view.absolute_change"),
    "loss_change_of_the_hardest_fifth": _quantity("change in loss of the hardest fifth over that of the rest",
        "ratio", "view.concentration"),
    "loss_difference_by_group": _quantity("tau of a group's EL2N scores and its change in loss",
        "correlation", "view.change_by_group"),
    "loss_of_noisy_images": _known(LEVEL_QUANTITIES["noisy_loss"], "view.level.noisy_loss"),
    "loss_gap_of_noisy_images": _quantity("loss of mislabelled images over that of the others", "loss",
        "view.noisy_gap"),
    "noisy_loss_difference": _quantity("loss of mislabelled images over the dense network's", "loss",
        "view.noisy_change"),
    "label_noise": _quantity("label noise", "percent", "config.data.label_noise"),
    "rewind_epoch": _quantity("epoch that levels go back to", "epochs", _rewind_epoch),
    "subgroups": _quantity("groups of training images", "count",
        lambda it: len(it.losses[0]) if it.losses else None),
}  # fmt: skip
"""Every quantity that `gst compare` measures, by the name that files of published numbers use."""


RESTS_ON: Mapping[str, Measurement] = {
    **dict.fromkeys((
        "flatness_epoch", "flatness_samples", "hessian_eigenvalues", "hessian_trace", "hessian_eigenvalue",
        "significant_trace", "gradient_covariance_trace", "tic", "epsilon", "loss_rise_by_rank",
    ), "flatness"),
    **dict.fromkeys((
        "normality_distance", "normality_distance_growth", "normality_distance_by_depth",
    ), "normality"),
    **dict.fromkeys((
        "absolute_loss_difference", "loss_change_of_the_hardest_fifth", "loss_difference_by_group",
        "subgroups",
    ), "groups"),
}  # fmt: skip
"""The measurement that a quantity rests on; of the others losses of a group of images rest on the groups."""


def difference_unit(quantity: str) -> Unit:
    """The unit of a difference of two values of that quantity."""
    unit = QUANTITIES[quantity].unit
    return "points" if unit == "percent" else unit


def words_of(quantity: str) -> str:
    """The quantity in words; its name where it is not measured."""
    known = QUANTITIES.get(quantity)
    return known.words if known else quantity.replace("_", " ")


def value_of(it: MeasuredRun, quantity: str) -> float | None:
    """The run's value of that quantity, in its unit; None where it has none."""
    known = QUANTITIES[quantity]
    found = known.of(it)
    return None if found is None else float(known.in_unit(found))


def by_seed(runs: Sequence[MeasuredRun], quantity: str, name: str) -> BySeed:
    """The value of each seed: of its run, or the mean over its runs where the group has several arms.

    Of several arms only seeds count that all of them have, so that no seed's mean is of other arms than
    another's. Raises InputError where no run has such a value.
    """
    if not runs:
        raise InputError(f"no runs of {name} in this part")
    arms: dict[str, dict[int, float]] = {}
    for it in runs:
        value = value_of(it, quantity)
        if value is not None:
            arms.setdefault(it.run.arm, {})[it.run.seed] = value
    if not arms or len(arms) < len({it.run.arm for it in runs}):
        raise InputError(f"runs of {name} have no {QUANTITIES[quantity].words}")
    seeds = set.intersection(*(set(values) for values in arms.values()))
    if not seeds:
        raise InputError(f"the arms of {name} have no seed in common")
    return {seed: float(np.mean([values[seed] for values in arms.values()])) for seed in sorted(seeds)}


def by_value(runs: Iterable[MeasuredRun], quantity: str) -> dict[float, tuple[MeasuredRun, ...]]:
    """The runs at each value of a quantity, from the smallest value on; those without one are left out."""
    values = ((value_of(it, quantity), it) for it in runs)
    found = grouped((value, it) for value, it in values if value is not None)
    return {value: tuple(found[value]) for value in sorted(found)}


def pairs(runs: Iterable[MeasuredRun], x: str, y: str) -> Pairs:
    """Both quantities of each run that has both, a run in several arms once.

    A configuration at another level counts as another one. Raises InputError where none has both.
    """
    once = {it.identity: it for it in runs}.values()
    both = [(it, value_of(it, x), value_of(it, y)) for it in once]
    found = [(it, first, second) for it, first, second in both if first is not None and second is not None]
    if not found:
        lacking = [name for name in (x, y) if all(value_of(it, name) is None for it in once)]
        raise InputError(
            f"these runs have no {' and '.join(QUANTITIES[it].words for it in lacking or (x, y))}"
        )
    return Pairs(
        np.array([first for _, first, _ in found], dtype=np.float64),
        np.array([second for _, _, second in found], dtype=np.float64),
        tuple(f"{it.run.config_id}{it.identity[1:]}" for it, _, _ in found),
        tuple(it.run.seed for it, _, _ in found),
    )
