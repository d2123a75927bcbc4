"""What can be said of a run by name, in the units in which papers print it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from statistics import fmean
from types import MappingProxyType

from gst.analysis import Accuracy, FlatnessResult
from gst.compare.level_quantities import LEVEL_QUANTITIES
from gst.compare.measured import MeasuredRun
from gst.compare.rising import rising
from gst.compare.unit import Quantity, Unit

LEADING = 10
"""Eigenvalues of largest magnitude that GST 2020's Figure E.1 shows."""


def _stability(it: MeasuredRun, accuracy: Accuracy) -> float | None:
    """The mean over events; 100 in an unpruned run and in one pruned before training, as in GST 2020."""
    return 100 * it.run.stability if it.run.measured or it.run.scratch else None


def _drop(it: MeasuredRun, accuracy: Accuracy) -> float | None:
    return 100 * it.run.mean_drop if it.run.measured or it.run.scratch else None


def _last_drop(it: MeasuredRun, accuracy: Accuracy) -> float | None:
    return None if it.last_event is None else 100 * it.last_event.drop


def _last_drop_from_previous_epoch(it: MeasuredRun, accuracy: Accuracy) -> float | None:
    """From the test that ended the epoch before the last event, as in GST 2019's Figure A2."""
    drop = None if it.last_event is None else it.last_event.drop_since_previous
    return None if drop is None else 100 * drop


def _gain(it: MeasuredRun, accuracy: Accuracy) -> float | None:
    """Over the unpruned run of the same sweep with the same seed, network and data."""
    return None if it.unpruned is None else 100 * (it.run.accuracy(accuracy) - it.unpruned.accuracy(accuracy))


def _removal_drop(it: MeasuredRun, accuracy: Accuracy) -> float | None:
    """What it costs a noise run, after its last epoch, to lose every filter that noise has acted on."""
    return None if it.after_removal is None else 100 * (it.run.final_accuracy - it.after_removal)


def _reduction(it: MeasuredRun, accuracy: Accuracy) -> float | None:
    """The share of parameters that are masked in the end, biases and batch norm included."""
    return None if not it.parameters else 100 * (1 - it.parameters_left / it.parameters)


def _flat(of: Callable[[FlatnessResult], float | None]) -> Callable[[MeasuredRun, Accuracy], float | None]:
    """That of a run's flatness; None where it was not measured."""
    return lambda it, _: None if it.flatness is None else of(it.flatness)


def _leading_eigenvalue(it: FlatnessResult) -> float | None:
    """The mean of the ten of largest magnitude, as GST 2020's Figure E.1 shows them."""
    return float(it.dominant[:LEADING].mean()) if len(it.dominant) else None


def _distance(it: MeasuredRun, accuracy: Accuracy) -> float | None:
    """The mean over layers, trained."""
    return fmean(distances) if (distances := it.distances(trained=True)) else None


def _distance_growth(it: MeasuredRun, accuracy: Accuracy) -> float | None:
    """The mean over layers once trained less that before."""
    before, after = it.distances(trained=False), it.distances(trained=True)
    return fmean(after) - fmean(before) if before and after else None


def _percent_of(value: float | None) -> float | None:
    return None if value is None else 100 * value


QUANTITIES: Mapping[str, Quantity] = MappingProxyType(
    {
        "test_accuracy": Quantity("test accuracy", "percent", lambda it, which: 100 * it.run.accuracy(which)),
        "final_train_accuracy": Quantity(
            "training accuracy, last epoch",
            "percent",
            lambda it, _: 100 * (it.run.final_gap + it.run.final_accuracy),
        ),
        "generalization_gap": Quantity(
            "generalization gap", "points", lambda it, which: 100 * it.run.gap(which)
        ),
        "stability": Quantity("stability", "percent", _stability),
        "mean_drop": Quantity("mean drop", "points", _drop),
        "last_event_drop": Quantity("drop at the last event", "points", _last_drop),
        "last_event_drop_from_previous_epoch": Quantity(
            "drop at the last event from the epoch before", "points", _last_drop_from_previous_epoch
        ),
        "accuracy_gain": Quantity("accuracy gained over the unpruned run", "points", _gain),
        "final_removal_drop": Quantity("drop when filters are removed at the end", "points", _removal_drop),
        "parameters": Quantity("parameters", "count", lambda it, _: it.parameters),
        "parameter_reduction": Quantity("parameters masked in the end", "percent", _reduction),
        "iterative_rate": Quantity(
            "iterative rate", "percent", lambda it, _: _percent_of(it.run.iterative_rate)
        ),
        "noise_train_batches": Quantity("batches of noise", "batches", lambda it, _: it.run.train_batches),
        "epochs": Quantity("epochs", "epochs", lambda it, _: it.run.epochs),
        "data_size": Quantity("training images of a class", "images", lambda it, _: it.run.train_per_class),
        "flatness_epoch": Quantity(
            "epoch at which flatness is measured, from 1", "epochs", _flat(lambda it: it.epoch + 1)
        ),
        "flatness_samples": Quantity(
            "images on which flatness is measured", "count", _flat(lambda it: it.images)
        ),
        "hessian_eigenvalues": Quantity(
            "leading eigenvalues that are found", "count", _flat(lambda it: it.eigenpairs)
        ),
        "hessian_trace": Quantity("trace of the Hessian", "number", _flat(lambda it: it.hessian_trace)),
        "hessian_eigenvalue": Quantity(
            "mean of the ten leading eigenvalues", "number", _flat(_leading_eigenvalue)
        ),
        "gradient_covariance_trace": Quantity(
            "trace of the gradients' covariance", "number", _flat(lambda it: it.gradient_trace)
        ),
        "tic": Quantity("information criterion", "ratio", _flat(lambda it: it.tic)),
        "epsilon": Quantity("step that raises the loss by 0.1", "fraction", _flat(lambda it: it.epsilon)),
        "loss_rise_by_rank": Quantity(
            "tau of an eigenvector's rank and the rise in loss along it",
            "correlation",
            lambda it, _: rising(it.loss_rises),
        ),
        "normality_distance": Quantity("distance from the normal distribution", "fraction", _distance),
        "normality_distance_growth": Quantity(
            "growth of the distance from the normal distribution", "fraction", _distance_growth
        ),
        "normality_distance_by_depth": Quantity(
            "tau of a layer's depth and its distance from the normal distribution",
            "correlation",
            lambda it, _: rising(it.distances(trained=True)),
        ),
        **LEVEL_QUANTITIES,
    }
)
"""Every quantity that `gst compare` measures, by the name that files of published numbers use."""


def difference_unit(quantity: str) -> Unit:
    """The unit of a difference of two values of that quantity."""
    unit = QUANTITIES[quantity].unit
    return "points" if unit == "percent" else unit
