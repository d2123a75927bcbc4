"""How long an epoch took in the runs that a store has, and so may take in runs like them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from gst.config import RunConfig, config_hash
from gst.config.columns import config_columns
from gst.store import Store
from gst.store.run_states import epoch_seconds

KIND = ("model", "width", "dataset", "train_per_class")
"""Columns of a configuration: its model, its width, its data set and how many images of a class."""


class Durations(NamedTuple):
    """Measured seconds per epoch: of configurations by hash, and of any of that kind."""

    by_hash: Mapping[tuple[Any, ...], float]
    by_kind: Mapping[tuple[Any, ...], float]

    def of(self, config: RunConfig) -> float | None:
        """The best guess for a configuration, or None."""
        columns = config_columns(config)
        kind = tuple(columns[name] for name in KIND)
        return self.by_hash.get((config_hash(config),), self.by_kind.get(kind))


def durations_of(store: Store) -> Durations:
    """The seconds of an epoch in the completed runs of a store."""
    return Durations(epoch_seconds(store, "hash"), epoch_seconds(store, *KIND))
