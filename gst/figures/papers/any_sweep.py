"""Figures of any sweep."""

from __future__ import annotations

from gst.figures import (
    dynamics,
    dynamics_drawing,
    tradeoff,
    tradeoff_drawing,
)
from gst.figures.recipe import Recipes

ANY_SWEEP = Recipes()

ANY_SWEEP.add(
    "tradeoff", "Stability against accuracy, of any sweep", tradeoff.numbers, draw=tradeoff_drawing.draw
)
ANY_SWEEP.add(
    "dynamics", "Accuracy by epoch and arm, of any sweep", dynamics.numbers, draw=dynamics_drawing.draw
)
