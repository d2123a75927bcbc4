"""How normal the activations of runs are, layer by layer, before training and after it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Literal, NamedTuple

from gst.analysis.source import Source

if TYPE_CHECKING:
    from gst.store import Store

UNTRAINED = -1
"""The epoch of what was measured before training."""


class NormalityResult(NamedTuple):
    """One layer of a completed run in one arm; see gst.records.Normality for each number."""

    arm: str
    key: str
    seed: int
    epoch: int
    layer: str
    statistics: Literal["batch", "running"]
    n: int
    mean: float
    variance: float
    kurtosis: float
    ks: float
    density: tuple[float, ...]

    @property
    def trained(self) -> bool:
        """Whether it is of a network that was trained."""
        return self.epoch != UNTRAINED


_NORMALITY = """\
SELECT m.arm, r.key, r.seed, n.epoch, n.layer, n.statistics, n.n, n.mean, n.variance, n.kurtosis, n.ks,
    n.density
FROM sweep_runs m
JOIN runs r ON r.run_id = m.run_id
JOIN normality n ON n.run_id = m.run_id
WHERE m.sweep_id = :sweep_id AND (
    n.epoch < 0 OR n.epoch = (SELECT MAX(last.epoch) FROM normality last WHERE last.run_id = n.run_id)
)
ORDER BY m.position, n.epoch, n.statistics"""


def normality_results(store: Store, source: Source) -> tuple[NormalityResult, ...]:
    """The layers of the source's completed runs, untrained and as they were measured last.

    Run by run, untrained first, from input to output; those of a run in two arms are there twice.
    """
    known = {(member.arm, member.key) for member in source.members if member.status == "completed"}
    found = store.query(_NORMALITY, sweep_id=source.sweep_id)
    results = [
        NormalityResult._make((*row[:-1], _numbers(row[-1])))
        for row in found.rows
        if (row[0], row[1]) in known
    ]
    # Sorting is stable: runs keep the order of the sweep file.
    places = {run: place for place, run in enumerate(dict.fromkeys((it.arm, it.key) for it in results))}
    return tuple(
        sorted(results, key=lambda it: (places[it.arm, it.key], it.epoch, it.statistics, depth(it.layer)))
    )


def _numbers(density: str | list[float]) -> tuple[float, ...]:
    """The numbers of a JSON column, which Postgres reads and SQLite hands over as text."""
    return tuple(json.loads(density) if isinstance(density, str) else density)


def depth(layer: str) -> tuple[tuple[int, str], ...]:
    """What to sort layers by, so that they stand from input to output: numbers in their names count up."""
    parts = re.split(r"(\d+)", layer)
    return tuple((int(part), "") if part.isdigit() else (-1, part) for part in parts)
