"""Error on the lines between networks of two orders of batches, and how far it rises above both ends."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gst.analysis.source import Source, completed_results
from gst.errors import InputError

if TYPE_CHECKING:
    from gst.store import Store

FloatArray = NDArray[np.float64]
Split = Literal["train", "test"]


class Line(NamedTuple):
    """The error (a fraction of 1) at equal steps on a line, whose two runs branched off at that epoch."""

    key: str
    arm: str
    seed: int
    epoch: int
    settings: str
    shares: FloatArray  # from 0 to 1, [points]
    train: FloatArray
    test: FloatArray

    def barrier(self, split: Split) -> float:
        """The error barrier; see `barrier`."""
        return barrier(self.train if split == "train" else self.test)


def barrier(errors: FloatArray) -> float:
    """The largest error on the line ([points], ends first and last) less the mean of both ends.

    Frankle et al. 2020 (arXiv 1912.05671), section 2, call it linear interpolation instability.
    """
    return float(errors.max() - (errors[0] + errors[-1]) / 2)


class _Point(NamedTuple):
    arm: str
    key: str
    seed: int
    branch_epoch: int
    settings: str
    share: float
    train_accuracy: float
    test_accuracy: float


def lines(store: Store, source: Source) -> tuple[Line, ...]:
    """All lines of the sweep's completed runs, arm by arm. Raises InputError where none was measured."""
    of_branch = {"branch_epoch": "c.branch_epoch"}
    order = ("t.settings", "t.point")
    points = completed_results(store, source, _Point, "connectivity", columns=of_branch, order=order)
    found = []
    for (arm, key, seed, epoch, settings), of_line in itertools.groupby(points, lambda it: it[:5]):
        shares, train, test = np.array([it[5:] for it in of_line], dtype=np.float64).T
        found.append(Line(key, arm, seed, epoch, settings, shares, 1 - train, 1 - test))
    if not found:
        raise InputError(
            f"sweep {source.sweep!r} has no line between networks; `measure: {{connectivity: {{order: 1}}}}` "
            "in its file asks for them, of runs with `from: {arm: ..., epoch: ..., order: 2}`"
        )
    return tuple(found)
