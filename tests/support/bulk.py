"""Stores with very many runs, filled by plain SQL in seconds: for benchmarks and for plans of queries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from sqlalchemy import Connection, insert, update
from stores import PROVENANCE, run_config, sweep_of

from gst.store import Store
from gst.store.moment import now
from gst.store.schema import attempts, epochs, layer_prunings, pruning_events, runs

ARMS = 10
CHUNK = 50
"""Runs whose rows are made and inserted at a time: 10,000 runs of 325 epochs would not fit into memory."""


def bulk_fill(store: Store, count: int, length: int = 325, *, events: int = 20, name: str = "bulk") -> int:
    """The id of a sweep of `count` completed runs with `length` epochs; nine arms of ten are pruned.

    Each pruned run has that many events of one layer. Accuracies follow from the run's number.
    """
    pruning = {
        "kind": "filters", "score": "l2", "target": "smallest", "layers": ("conv1",),
        "start": 0, "end": length - 1, "every": 1, "fraction": 0.5,
    }  # fmt: skip
    configs = {
        f"arm {arm}": run_config(epochs=length, lr=0.001 * (arm + 1), pruning=pruning if arm else None)
        for arm in range(ARMS)
    }
    sweep_id = store.register(sweep_of(configs, range(count // ARMS), name=name))
    driver = store.take_over(sweep_id)
    with store._writer.begin() as connection:
        _complete(connection, sweep_id, driver, length)
        found = connection.execute(runs.select().order_by(runs.c.run_id)).all()
        for start in range(0, len(found), CHUNK):
            _insert(connection, [(run.run_id, run.config_id > 1) for run in found[start : start + CHUNK]],
                    sweep_id, length, events)  # fmt: skip
    return sweep_id


def _complete(connection: Connection, sweep_id: int, driver: int, length: int) -> None:
    values = {
        "status": "completed", "attempt": 1, "last_epoch": length - 1, "furthest_epoch": length - 1,
        "started": now(), "heartbeat": now(), "ended": now(), "sweep_id": sweep_id, "driver_epoch": driver,
        "seconds": 0.25 * length,
    }  # fmt: skip
    connection.execute(update(runs).values(values))


def _insert(
    connection: Connection, chunk: list[tuple[int, bool]], sweep_id: int, length: int, events: int
) -> None:
    connection.execute(insert(attempts), [_attempt(run_id, sweep_id) for run_id, _ in chunk])
    connection.execute(insert(epochs), [row for run_id, _ in chunk for row in _epochs(run_id, length)])
    pruned = [run_id for run_id, is_pruned in chunk if is_pruned]
    if pruned and events:
        connection.execute(insert(pruning_events), [r for it in pruned for r in _events(it, length, events)])
        connection.execute(insert(layer_prunings), [r for it in pruned for r in _layers(it, length, events)])


def _attempt(run_id: int, sweep_id: int) -> dict[str, Any]:
    facts = {name: getattr(PROVENANCE, name) for name in ("host", "pid", "device", "python", "torch", "gst")}
    return facts | {
        "run_id": run_id, "attempt": 1, "sweep_id": sweep_id, "driver_epoch": 1, "first_epoch": 0,
        "precision": "float32", "deterministic": True, "started": now(), "ended": now(),
        "outcome": "completed", "seconds": 80.0, "peak_memory": 10**9,
    }  # fmt: skip


def _epochs(run_id: int, length: int) -> Iterator[dict[str, Any]]:
    rising = 0.8 + 0.1 * (1 - np.exp(-np.arange(length) / 50)) + 0.0001 * (run_id % 97)
    for epoch, accuracy in enumerate(rising.round(4).tolist()):
        yield {
            "run_id": run_id, "epoch": epoch, "level": 0, "train_loss": 0.1, "train_accuracy": 0.99,
            "test_loss": 0.5, "test_accuracy": accuracy, "lr": 0.001, "filters_left": 1000,
            "parameters_left": 9_000_000, "seconds": 0.25,
        }  # fmt: skip


def _event_epochs(length: int, events: int) -> range:
    return range(0, length, max(1, length // events))


def _events(run_id: int, length: int, events: int) -> Iterator[dict[str, Any]]:
    for epoch in _event_epochs(length, events):
        yield {
            "run_id": run_id, "epoch": epoch, "kind": "filters", "test_accuracy_before": 0.85,
            "test_accuracy_after": 0.85 - 0.0005 * (run_id % 89), "test_loss_before": 0.5,
            "test_loss_after": 0.6, "n_test": 10_000, "removed": 4, "mean_score": 0.125, "mask_hash": "m",
        }  # fmt: skip


def _layers(run_id: int, length: int, events: int) -> Iterator[dict[str, Any]]:
    for epoch in _event_epochs(length, events):
        yield {
            "run_id": run_id, "epoch": epoch, "layer": "conv1", "total": 512, "kept_before": 512,
            "kept_after": 508, "mean_score": 0.125, "removed": [1, 2, 3, 4],
        }  # fmt: skip
