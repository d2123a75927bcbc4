"""Means over runs at many places: how a quantity develops over the epochs of an arm, with intervals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

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
    """The mean over the `n` runs of an arm at each x, such as epochs counted from 0; arrays are [places].

    `low` and `high` bound the 95% interval of gst.stats.mean_intervals; None with fewer than two runs,
    NaN in a place with a value that is not finite.
    """

    arm: str
    n: int
    x: NDArray[Any]
    mean: FloatArray
    low: FloatArray | None
    high: FloatArray | None

    def mapped(self, made: Callable[[FloatArray], FloatArray]) -> Curve:
        """The curve with what that function makes of the mean and of both bounds."""
        low, high = (None if it is None else made(it) for it in (self.low, self.high))
        return self._replace(mean=made(self.mean), low=low, high=high)

    def numbers(self, place: int) -> dict[str, float | None]:
        """The mean at a place and its bounds, as columns of a table; None for what is not finite."""
        found = {"value": self.mean[place]}
        if self.low is not None and self.high is not None:
            found |= {"low": self.low[place], "high": self.high[place]}
        return {name: float(it) if np.isfinite(it) else None for name, it in found.items()}


_FIRST_EPOCHS = """\
SELECT m.arm, max(coalesce(c.branch_epoch, 0))
FROM sweep_runs m
JOIN runs r ON r.run_id = m.run_id
JOIN configs c ON c.config_id = r.config_id
WHERE m.sweep_id = :sweep_id
GROUP BY m.arm"""


def at_levels(curve: Curve, ends: Mapping[int, int]) -> Curve:
    """The curve at the ends of levels alone, with these as x; `ends` has the level of each last epoch."""
    places = [place for place, epoch in enumerate(curve.x.tolist()) if epoch in ends]
    levels = np.array([ends[epoch] for epoch in curve.x[places].tolist()])
    return curve.mapped(lambda values: values[places])._replace(x=levels)


def curves(
    store: Store,
    source: Source,
    arms: Sequence[str] | None = None,
    quantity: CurveQuantity = "test_accuracy",
) -> tuple[Curve, ...]:
    """A curve for each of those arms, or for all, that has a completed run; in the order given.

    Epochs of an arm that goes on from another one are counted on from there.
    """
    first = dict(store.query(_FIRST_EPOCHS, sweep_id=source.sweep_id).rows)
    return tuple(
        mean_curve(arm, values, first[arm] + np.arange(values.shape[1]))
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


def mean_curve(arm: str, values: FloatArray, x: ArrayLike | None = None) -> Curve:
    """The mean curve of an arm's values [runs, places]; places count from 0 unless they are at x."""
    n, places = values.shape
    at = np.arange(places) if x is None else np.asarray(x)
    if n < 2:
        return Curve(arm, n, at, values[0], None, None)
    finite = np.isfinite(values).all(axis=0)
    bounds = np.full((2, places), np.nan)
    if finite.any():
        found = mean_intervals(values[:, finite].T)
        bounds[:, finite] = found.low, found.high
    return Curve(arm, n, at, values.mean(axis=0), *bounds)
