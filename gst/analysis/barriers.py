"""Error on the lines between networks of two orders of batches, and how far it rises above both ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from gst.analysis.source import Source
from gst.errors import InputError
from gst.store.bulk import chunks
from gst.store.schema import configs, connectivity, runs

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


def lines(store: Store, source: Source) -> tuple[Line, ...]:
    """All lines of the sweep's completed runs, arm by arm. Raises InputError where none was measured."""
    columns = ("settings", "point", "share", "train_accuracy", "test_accuracy")
    query = (
        select(runs.c.key, configs.c.branch_epoch, *(connectivity.c[it] for it in columns))
        .join(runs, runs.c.run_id == connectivity.c.run_id)
        .join(configs, configs.c.config_id == runs.c.config_id)
        .order_by(runs.c.key, connectivity.c.settings, connectivity.c.point)
    )
    points: dict[tuple[str, int, str], list[tuple[float, float, float]]] = {}
    for part in chunks(list(source.keys)):
        for key, epoch, settings, _, *numbers in store.select(query.where(runs.c.key.in_(part))):
            points.setdefault((key, epoch, settings), []).append(tuple(numbers))
    members = [it for it in source.members if it.key in source.keys]
    found = [
        Line(key, it.arm, it.seed, epoch, settings, *_columns(values))
        for it in members
        for (key, epoch, settings), values in points.items()
        if key == it.key
    ]
    if not found:
        raise InputError(
            f"sweep {source.sweep!r} has no line between networks; `measure: {{connectivity: {{order: 1}}}}` "
            "in its file asks for them, of runs with `from: {arm: ..., epoch: ..., order: 2}`"
        )
    return tuple(found)


def _columns(values: list[tuple[float, float, float]]) -> tuple[FloatArray, FloatArray, FloatArray]:
    shares, train, test = np.array(values, dtype=np.float64).T
    return shares, 1 - train, 1 - test
