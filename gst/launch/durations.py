"""How long an epoch took in the runs that a store has, and so may take in runs like them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple

from gst.config import RunConfig, config_hash
from gst.config.columns import config_columns
from gst.store import Store
from gst.store.run_states import training_times

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
    measured = training_times(store)
    seconds: dict[Kind, float] = defaultdict(float)
    epochs: dict[Kind, int] = defaultdict(int)
    for it in measured:
        kind = (it.model, it.width, it.dataset, it.train_per_class)
        seconds[kind] += it.seconds
        epochs[kind] += it.epochs
    return Durations(
        {it.hash: it.seconds / it.epochs for it in measured},
        {kind: seconds[kind] / epochs[kind] for kind in seconds},
    )
