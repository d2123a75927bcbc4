"""How far one can walk along a direction before the loss has risen by so much."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import torch
from torch import Tensor

from gst.measure.free import FreeParameters
from gst.records import PerturbationLoss

INCREASE, STEP, LIMIT, DIRECTIONS = 0.1, 0.01, 0.4, 10
"""The rise in loss, the grid, its end and the number of leading eigenvectors of GST 2020, appendix E.2."""
HALVINGS = 12
"""Halvings of the grid's step, after which epsilon is known to 2.4e-6."""


class Epsilon(NamedTuple):
    """The search's outcome.

    `grid` is the smallest |epsilon| on the grid at which the largest rise over all directions and both
    signs is at least INCREASE, `refined` the point before it where the rise passes INCREASE; None
    where no point up to LIMIT does. `losses` has what was seen on the grid.
    """

    grid: float | None
    refined: float | None
    losses: tuple[PerturbationLoss, ...]


def epsilon_search(
    loss: Callable[[], float],
    free: FreeParameters,
    directions: Tensor,
    *,
    base: float,
    curve: float = 0.0,
) -> Epsilon:
    """Walk along each direction, [k, directions] of unit length, both ways, on a grid from 0 outwards.

    `loss` is of the network as it stands, `base` its value where the walk begins; the network is
    there again in the end. The walk ends at the first grid point where some direction has risen
    enough, but not before `curve`: up to there all losses are seen, for their picture (Figure E.4).
    """
    seen = [PerturbationLoss(rank, 0.0, 0.0) for rank in range(directions.shape[1])]
    grid = refined = None
    for number in range(1, round(LIMIT / STEP) + 1):
        distance = number * STEP
        if grid is not None and distance > curve + STEP / 2:
            break
        here = [
            PerturbationLoss(
                rank, sign * distance, _rise(loss, free, directions[:, rank], sign * distance, base)
            )
            for rank in range(directions.shape[1])
            for sign in (-1, 1)
        ]
        seen += here
        risen = [it for it in here if not it.increase < INCREASE]  # a loss that is not a number has risen
        if risen and grid is None:
            grid = distance
            refined = min(_refined(loss, free, directions[:, it.rank], it.epsilon, base) for it in risen)
    return Epsilon(grid, refined, tuple(sorted(seen, key=lambda it: (it.rank, it.epsilon))))


def _refined(
    loss: Callable[[], float], free: FreeParameters, direction: Tensor, epsilon: float, base: float
) -> float:
    """Where between the grid point before and this one the rise passes INCREASE, by bisection."""
    sign = 1 if epsilon > 0 else -1
    low, high = abs(epsilon) - STEP, abs(epsilon)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if _rise(loss, free, direction, sign * middle, base) < INCREASE:
            low = middle
        else:
            high = middle
    return high


def _rise(
    loss: Callable[[], float], free: FreeParameters, direction: Tensor, epsilon: float, base: float
) -> float:
    with moved(free, direction, epsilon):
        return loss() - base


@contextmanager
def moved(free: FreeParameters, direction: Tensor, epsilon: float) -> Iterator[None]:
    """The network `epsilon` along the direction [k], for the duration of the context."""
    before = [parameter.detach().clone() for parameter in free.parameters]
    _set(free.parameters, (a + epsilon * b for a, b in zip(before, free.expand(direction), strict=True)))
    try:
        yield
    finally:
        _set(free.parameters, before)


@torch.no_grad()
def _set(parameters: Iterable[Tensor], values: Iterable[Tensor]) -> None:
    for parameter, value in zip(parameters, values, strict=True):
        parameter.copy_(value)
