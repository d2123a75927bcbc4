"""A store of short courses: an unpruned arm, a stable one, one that is not, and one of noise."""

from __future__ import annotations

from stores import Run

COURSES = [
    Run("none", 0, [0.25, 0.5, 0.75, 0.75]),
    Run("none", 1, [0.5, 0.5, 0.5, 0.5]),
    Run("S", 0, [0.25, 0.5, 0.75, 0.75], events=[(1, 0.5, 0.5), (2, 0.75, 0.625)]),
    Run("S", 1, [0.5, 0.5, 0.75, 0.5], events=[(1, 0.5, 0.5), (2, 0.75, 0.625)]),
    Run("L", 0, [0.25, 0.25, 0.25, 0.75], events=[(1, 0.5, 0.25), (2, 0.75, 0.25)]),
    Run("L", 1, [0.5, 0.25, 0.5, 1.0], events=[(1, 0.5, 0.25), (2, 0.75, 0.5)]),
    Run("noise", 0, [0.25, 0.5, 0.5, 0.75], events=[(1, 0.5, 0.5), (2, 0.75, 0.5)], ending=0.5),
    Run("noise", 1, [0.5, 0.5, 0.5, 0.5], events=[(1, 0.5, 0.5), (2, 0.75, 0.5)], ending=0.25),
]
"""Two runs of four epochs each; sums of powers of two, so that means are exact."""
