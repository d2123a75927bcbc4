"""How a quantity develops over the epochs of an arm: every run, and their mean with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gst.analysis.quantities import EPOCH_QUANTITIES
from gst.analysis.source import Source, completed_numbers
from gst.stats.means import mean_intervals

if TYPE_CHECKING:
    from gst.store import Store

CurveQuantity = Literal[
    "test_accuracy", "train_accuracy", "test_loss", "train_loss", "lr", "test_ece", "distance"
]
"""What has a curve, of EPOCH_QUANTITIES."""
FloatArray = NDArray[np.float64]


class Curve(NamedTuple):
    """An arm's mean over its completed runs, per epoch, counted from 0; fractions of 1, losses or rates.

    `low` and `high` bound the 95% interval of gst.stats.mean_intervals; None with fewer than two runs,
    NaN in an epoch with a loss that is not finite.
    """

    arm: str
    n: int
    epochs: NDArray[np.int64]
    mean: FloatArray
    low: FloatArray | None
    high: FloatArray | None


def at_levels(curve: Curve, ends: Sequence[int]) -> Curve:
    """The curve at the ends of levels alone, which are counted from 0 in place of epochs.

    `ends` are the last epochs of all levels.
    """
    low, high = (None if it is None else it[list(ends)] for it in (curve.low, curve.high))
    return curve._replace(epochs=np.arange(len(ends)), mean=curve.mean[list(ends)], low=low, high=high)


def curves(
    store: Store,
    source: Source,
    arms: Sequence[str] | None = None,
    quantity: CurveQuantity = "test_accuracy",
) -> tuple[Curve, ...]:
    """A curve for each of those arms, or for all, that has a completed run; in the order given."""
    return tuple(
        mean_curve(arm, values)
        for arm in (source.arms if arms is None else arms)
        if (values := curve_values(store, source, arm, quantity)).size
    )


def curve_values(
    store: Store, source: Source, arm: str, quantity: CurveQuantity = "test_accuracy"
) -> FloatArray:
    """The values of the arm's completed runs, of shape (runs, epochs); a loss that is not finite is NaN."""
    place, values = completed_numbers(
        store,
        source,
        ("value",),
        "epochs",
        columns={"value": f"t.{EPOCH_QUANTITIES[quantity].of}"},  # each is a column
        where="m.arm = :arm",
        order=["t.epoch"],
        arm=arm,
    )
    _, epochs = np.unique(place, return_counts=True)
    assert len(set(epochs)) < 2, f"completed runs of arm {arm!r} have {sorted(set(epochs))} epochs"
    return values.reshape(len(epochs), -1) if len(epochs) else np.empty((0, 0))


def mean_curve(arm: str, values: FloatArray) -> Curve:
    """The mean curve of an arm's values [runs, epochs]."""
    n, epochs = values.shape
    count = np.arange(epochs)
    if n < 2:
        return Curve(arm, n, count, values[0], None, None)
    finite = np.isfinite(values).all(axis=0)
    bounds = np.full((2, epochs), np.nan)
    if finite.any():
        found = mean_intervals(values[:, finite].T)
        bounds[:, finite] = found.low, found.high
    return Curve(arm, n, count, values.mean(axis=0), *bounds)
