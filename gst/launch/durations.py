"""How long an epoch took in the runs that a store has, and so may take in runs like them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from gst.config import RunConfig, config_hash
from gst.config.columns import config_columns

if TYPE_CHECKING:
    from gst.store import Store


Kind = tuple[str, float, str, int | None]
"""A model, its width, its data set and how many images of a class."""


class Durations(NamedTuple):
    """Measured seconds per epoch: of configurations by hash, and of any of that kind."""

    by_hash: Mapping[str, float]
    by_kind: Mapping[Kind, float]

    def of(self, config: RunConfig) -> float | None:
        """The best guess for a configuration, or None."""
        columns = config_columns(config)
        kind = (columns.model, columns.width, columns.dataset, columns.train_per_class)
        return self.by_hash.get(config_hash(config), self.by_kind.get(kind))


def durations_of(store: Store) -> Durations:
    """The seconds of an epoch in the completed runs of a store."""
    measured = store.query(
        "SELECT c.model, c.width, c.dataset, c.train_per_class, c.hash, SUM(r.seconds), SUM(c.epochs)"
        " FROM runs r JOIN configs c ON c.config_id = r.config_id WHERE r.status = 'completed'"
        " GROUP BY c.model, c.width, c.dataset, c.train_per_class, c.hash"
    )
    seconds: dict[Kind, float] = defaultdict(float)
    epochs: dict[Kind, int] = defaultdict(int)
    for *kind, _, taken, trained in measured.rows:
        seconds[tuple(kind)] += taken
        epochs[tuple(kind)] += trained
    return Durations(
        {row[4]: row[5] / row[6] for row in measured.rows},
        {kind: seconds[kind] / epochs[kind] for kind in seconds},
    )
