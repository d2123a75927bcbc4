"""Where the panel of the dynamics is, what of the curves it shows, and how its arms look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gst.figures.dynamics import Dynamics
from gst.figures.style import BASELINE, COLOURS, Look, looks

QUANTITY = {
    "test_accuracy": "Test accuracy",
    "train_accuracy": "Training accuracy",
    "test_loss": "Test loss",
    "train_loss": "Training loss",
}
SHOWN = 0.9
"""How much of all curves is sure to be inside the panel; the rest is mostly of the first epochs."""
DASHES = ("solid", "dash", "dot", "dashdot")
BASELINES = (BASELINE, "#888888", "#aaaaaa")


class Panel(NamedTuple):
    """Where a panel is in the figure, the ends of its y axis, and how its arms look."""

    row: int
    col: int
    low: float
    high: float
    looks: Mapping[str, Look]
    dashes: Mapping[str, str]
    cut: bool

    @property
    def place(self) -> dict[str, Any]:
        """The arguments that plotly wants."""
        return {"row": self.row, "col": self.col}


def panel_of(found: Dynamics, row: int, col: int) -> Panel:
    """The panel in that place of a figure."""
    low, high = window(found)
    means = _finite([course.curve.mean for course in found.courses])
    cut = bool(((means < low) | (means > high)).any())
    return Panel(row, col, low, high, arm_looks(found), arm_dashes(found), cut)


def arm_looks(found: Dynamics) -> dict[str, Look]:
    """The look of each arm: a colour for one that is pruned, a grey for one that is not."""
    look = looks([course.arm for course in found.courses if course.pruned])
    unpruned = [course.arm for course in found.courses if not course.pruned]
    return look | {
        arm: Look(BASELINES[place % len(BASELINES)], "circle") for place, arm in enumerate(unpruned)
    }


def arm_dashes(found: Dynamics) -> dict[str, str]:
    """How the line of each arm is broken: differently once the colours begin again."""
    pruned = [course.arm for course in found.courses if course.pruned]
    dashes = {arm: DASHES[place // len(COLOURS) % len(DASHES)] for place, arm in enumerate(pruned)}
    return {course.arm: dashes.get(course.arm, "solid") for course in found.courses}


def window(found: Dynamics) -> tuple[float, float]:
    """The ends of the axis: most of the curves, without first epochs that would flatten all others."""
    values = _finite([course.curve.mean for course in found.courses])
    bounds = [bound for course in found.courses for bound in (course.curve.low, course.curve.high)]
    if not values.size:
        return 0.0, 1.0
    shown = np.concatenate([values, _finite([bound for bound in bounds if bound is not None])])
    low, high = float(shown.min()), float(shown.max())
    if found.quantity.endswith("accuracy"):
        most = float(np.quantile(values, 1 - SHOWN))
        low = max(low, most - 0.6 * (high - most))
        endings = [ending.mean for ending in found.endings]
        low = min([low, *(ending for ending in endings if ending > low - 0.5 * (high - low))])
    else:
        most = float(np.quantile(values, SHOWN))
        high = min(high, most + 0.6 * (most - low))
    margin = 0.05 * (high - low) or 0.01
    return low - margin, high + margin


def _finite(curves: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    values: NDArray[np.float64] = np.concatenate([np.empty(0), *curves])
    return np.asarray(values[np.isfinite(values)])
