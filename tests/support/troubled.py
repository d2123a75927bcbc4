"""A sweep in which much went wrong: a run in every state that a sweep can leave it in."""

from __future__ import annotations

from stores import Run

TROUBLED = [
    Run("base", 0, [0.5, 0.625, 0.75]),
    Run("base", 1, [0.5], status="failed"),
    Run("base", 2, [0.5, 0.25], status="running"),
    Run("pruned", 0, [0.5, 0.625, 0.5], events=[(1, 0.5, 0.25)]),
    Run("pruned", 1, [0.5], events=[(0, 0.5, 0.5)], status="interrupted"),
    Run("pruned", 2, [0.5, 0.5, 0.5], events=[(1, 0.5, 0.5)], status="diverged"),
    Run("last", 0, [0.25, 0.25, 0.25]),
]
