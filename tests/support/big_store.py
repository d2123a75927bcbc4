"""A large store in a moment: registered as any other, and filled with made-up epochs by bulk SQL."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from stores import DIGITS, PROVENANCE, run_config, sweep_of

from gst.store import Store

EVENTS = 20
"""Pruning events of a pruned run."""
_MOMENT = "2026-01-01 00:00:00.000000"


def fill_big(path: Path, *, runs: int, epochs: int, arms: int = 20, name: str = "big") -> None:
    """Make a store with one sweep of that many completed runs; the first arm is unpruned."""
    seeds = range(runs // arms)
    pruning: dict[str, Any] = {
        "kind": "filters", "score": "l2", "target": "largest", "layers": ("conv1",),
        "start": 0, "every": 1, "fraction": 0.5, "end": EVENTS - 1,
    }  # fmt: skip
    configs = {
        f"arm {number:02d}": run_config(
            epochs=epochs, lr=0.001 * (number + 1), pruning=pruning if number else None
        )
        for number in range(arms)
    }
    with Store.open(str(path), create=True) as store:
        sweep_id = store.register(sweep_of(configs, seeds, name=name, title=f"{runs:,} made-up runs"))
        store.take_over(sweep_id)
    with closing(sqlite3.connect(path)) as connection, connection:
        _complete(connection, epochs)


def _complete(connection: sqlite3.Connection, epochs: int) -> None:
    members = connection.execute("SELECT run_id, position, arm FROM sweep_runs ORDER BY run_id").fetchall()
    connection.execute(
        "UPDATE runs SET status='completed', attempt=1, last_epoch=?, furthest_epoch=?, seconds=0.25 * ?,"
        " started=?, heartbeat=?, ended=?, sweep_id=1, driver_epoch=1",
        (epochs - 1, epochs - 1, epochs, _MOMENT, _MOMENT, _MOMENT),
    )
    connection.execute(
        "INSERT INTO datasets (name, train, test, classes, content_hash, source) VALUES (?, ?, ?, ?, ?, ?)",
        (DIGITS.name, DIGITS.train, DIGITS.test, DIGITS.classes, DIGITS.content_hash, DIGITS.source),
    )
    connection.execute(
        "INSERT INTO attempts (run_id, attempt, sweep_id, driver_epoch, first_epoch, dataset_id, host, pid,"
        " device, torch, python, gst, git_commit, git_dirty, precision, deterministic, started, ended,"
        " outcome) SELECT run_id, 1, 1, 1, 0, 1, ?, 1, 'cpu', ?, ?, ?, 'abc', 0, 'fp32', 1, ?, ?,"
        " 'completed' FROM runs",
        (PROVENANCE.host, PROVENANCE.torch, PROVENANCE.python, PROVENANCE.gst, _MOMENT, _MOMENT),
    )
    connection.executemany(
        "INSERT INTO epochs (run_id, epoch, level, train_loss, train_accuracy, test_loss, test_accuracy, lr,"
        " parameters_left, seconds) VALUES (?, ?, 0, ?, ?, ?, ?, 0.001, 1000, 0.25)",
        (row for run_id, position, _ in members for row in _epochs(run_id, position, epochs)),
    )
    connection.executemany(
        "INSERT INTO pruning_events (run_id, epoch, kind, test_accuracy_before, test_accuracy_after, n_test,"
        " removed, mask_hash) VALUES (?, ?, 'filters', ?, ?, 360, 1, 'mask')",
        (row for run_id, position, arm in members if arm != "arm 00" for row in _events(run_id, position)),
    )


def _epochs(run_id: int, position: int, epochs: int) -> Iterator[tuple[object, ...]]:
    best = 0.8 + 0.1 * math.sin(position)
    for epoch in range(epochs):
        grown = 1 - math.exp(-4 * epoch / epochs)
        yield run_id, epoch, 2 - grown, grown, 2.5 - grown, best * grown


def _events(run_id: int, position: int) -> Iterator[tuple[object, ...]]:
    stability = 0.9 - 0.1 * math.sin(position + 0.5 * math.cos(7 * position))
    for epoch in range(EVENTS):
        yield run_id, epoch, 0.5, 0.5 * min(1, stability + 0.002 * epoch)
