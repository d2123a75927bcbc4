"""An axis for stabilities, which crowd below 100% and may reach beyond it."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

KNEE = 0.001
"""Instabilities below this are drawn to a linear scale, larger ones to a logarithmic one."""

# The rounder a tick, the earlier it stands; a later one is left out where it would touch an earlier one.
_TICKS = (
    1,
    0.99,
    0.9,
    0.999,
    0,
    1.01,
    1.1,
    1.001,
    0.5,
    0.995,
    0.95,
    0.7,
    0.97,
    0.8,
    0.998,
    0.98,
    0.9995,
    0.2,
)
_SAME = 1e-9  # places closer than this are one; a smaller margin would be lost in rounding
WIDE, NARROW = 0.08, 0.12
"""Between ticks, as a fraction of the axis: of a panel that has a row to itself, or half of one."""


class StabilityAxis(NamedTuple):
    """Where a stability is drawn, rising to the right.

    Plain, or by the inverse hyperbolic sine of the instability: logarithmic for large ones, linear
    about zero, so that an event that raised the accuracy (a stability above 1) has its place too.
    """

    curved: bool

    def place(self, stability: ArrayLike) -> NDArray[np.float64]:
        """The positions of stabilities on the axis."""
        values = np.asarray(stability, dtype=np.float64)
        return -np.arcsinh((1 - values) / KNEE) if self.curved else values

    def stability(self, place: ArrayLike) -> NDArray[np.float64]:
        """The stabilities at positions on the axis."""
        values = np.asarray(place, dtype=np.float64)
        return 1 - KNEE * np.sinh(-values) if self.curved else values

    def layout(self, stabilities: ArrayLike, gap: float = WIDE) -> dict[str, Any]:
        """Range and ticks for an axis that shows these, with labels that do not touch."""
        places = self.place(stabilities)
        low, high = float(places.min()), float(places.max())
        margin = 0.06 * (high - low) if high - low > _SAME else 0.01
        layout: dict[str, Any] = {"range": [low - margin, high + margin]}
        if not self.curved:
            return layout | {"tickformat": ".2~%"}
        first, last = layout["range"]
        shown: dict[float, str] = {}
        for tick, spot in zip(_TICKS, self.place(_TICKS).tolist(), strict=True):
            if first <= spot <= last and all(abs(spot - other) > gap * (last - first) for other in shown):
                shown[spot] = f"{100 * tick:.4g}%"
        return layout | {"tickvals": list(shown), "ticktext": list(shown.values())}


def stability_axis(stabilities: ArrayLike) -> StabilityAxis:
    """The axis on which these are best told apart.

    Curved where half of them crowd into the top eighth of their range: a plain axis would show that
    half as one vertical line.
    """
    values = np.asarray(stabilities, dtype=np.float64)
    spread = float(np.ptp(values))
    return StabilityAxis(spread > 8 * float(np.median(values.max() - values)))
