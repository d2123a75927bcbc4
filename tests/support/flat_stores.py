"""Runs with measurements: a pruned, an unpruned and a scratch arm with different flatness."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from stores import SCRATCH, Run, flatness_of

from gst.records import Flatness, PerturbationLoss

Row = tuple[float, float, tuple[float, ...], float, float | None]
"""Of a run: stability, final accuracy, leading eigenvalues, the gradients' trace and epsilon."""

CUT: list[Row] = [
    (0.5, 0.75, (3.0, -1.0, 0.5), 8.0, 0.25),
    (0.75, 0.6875, (4.0, -2.0, 1.0), 9.0, 0.125),
    (0.625, 0.71875, (3.5, -1.0, 0.25), 10.0, None),
    (0.875, 0.703125, (5.0, -2.5, 1.0), 14.0, 0.1875),
]
NONE: list[Row] = [
    (1.0, 0.625, (8.0, -3.0, 2.0), 24.0, 0.0625),
    (1.0, 0.65625, (9.0, -4.0, 1.0), 21.0, 0.03125),
]
SMALL: list[Row] = [(1.0, 0.59375, (9.5, 2.0, -5.0), 27.0, 0.015625)]


def measured(
    values: Sequence[float], noise: float, epsilon: float | None, *, epoch: int = 1, **changes: Any
) -> Flatness:
    """With losses along two eigenvectors that rise with the square of the step, times the eigenvalue."""
    losses = tuple(
        PerturbationLoss(rank, at * 0.01, values[rank] * at * at / 4096)
        for rank in (0, 1)
        for at in (-16, -12, -4, 0, 4, 12, 16)
    )
    content = {"gradient_trace": noise, "tic": noise / sum(values), "epsilon": epsilon, "losses": losses}
    return flatness_of(epoch, sorted(values, reverse=True), **(content | changes))


def flat_runs(
    arm: str, table: Iterable[Row], events: Sequence[tuple[Any, ...]] = (), **changes: Any
) -> list[Run]:
    """Two epochs, an event after the first of stable-but-not-quite runs, and a measurement after the last."""
    return [
        Run(
            arm,
            seed,
            [0.5, accuracy],
            events=events or ([(0, 0.5, 0.5 * stability)] if stability < 1 else ()),
            measured=[measured(values, noise, epsilon)],
            **changes,
        )
        for seed, (stability, accuracy, values, noise, epsilon) in enumerate(table)
    ]


def mixed() -> list[Run]:
    """Seven runs: four pruned, two unpruned, one pruned before training."""
    scratch = flat_runs("scratch", SMALL, events=[(SCRATCH, 0.5, 0.5)])
    return [*flat_runs("none", NONE), *flat_runs("cut", CUT), *scratch]
