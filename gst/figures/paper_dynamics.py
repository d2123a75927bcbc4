"""Figures of the papers that are dynamics alone: Figures 5 and D.2 of GST 2020, Figure 2 of GST 2019."""

from __future__ import annotations

from functools import partial

from gst.figures import dynamics, dynamics_drawing

TOP = ("No Noise", "PruneL", "Zeroing 1", "Zeroing 50", "Zeroing 1105")
BOTTOM = ("No Noise", "PruneL", "Gaussian 1", "Gaussian 50", "Gaussian 1105")

fig5_top = partial(dynamics.numbers, arms=TOP)
"""Zeroing, of Figure 5's sweep."""
fig5_bottom = partial(dynamics.numbers, arms=BOTTOM)
"""Gaussian noise, of Figure 5's sweep."""
draw_with_arrows = partial(dynamics_drawing.draw, arrows=True)
"""GST 2019 points at the events of its least stable arm."""
