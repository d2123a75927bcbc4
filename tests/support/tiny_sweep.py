"""A sweep on handwritten digits that takes a second, and what a store has of it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from gst.config import SweepSpec
from gst.config.document import parse_document
from gst.config.sweep import expand

TINY = """\
title: A tiny sweep
claim: It runs.
note: It shows nothing.
seeds: 2
base:
  data: {name: digits, per_class: 6, draw: 0}
  model: {name: digits_cnn}
  training: {epochs: 3, batch_size: 16, optimizer: {name: adam, lr: 2e-3}}
  pruning:
    kind: filters
    score: l2
    target: largest
    layers: [conv1, conv2]
    start: 0
    end: 1
    every: 1
    fraction: 0.5
arms:
  No Pruning: {pruning: {kind: none}}
  PruneL: {}
figures: [tradeoff]
"""
RUNS, EPOCHS, EVENTS, LAYERS = 4, 12, 4, 8
"""Rows of a store in which the tiny sweep is complete."""


def spec_of(text: str = TINY, name: str = "tiny", **changes) -> SweepSpec:
    """The sweep of that text, as if from a file of that name."""
    return expand(parse_document(text, Path(f"{name}.yaml")), **changes)


RECORDS = ("epochs", "pruning_events", "layer_prunings", "probes")


def records(store: Path) -> dict[str, list[tuple]]:
    """Every row that runs yielded, by table, under the key of its run; without how long it took."""
    with closing(sqlite3.connect(store)) as connection:
        found = {}
        for table in RECORDS:
            columns = [row[1] for row in connection.execute(f"PRAGMA table_xinfo({table})")]
            wanted = ", ".join(f"t.{name}" for name in columns if name not in ("run_id", "seconds"))
            found[table] = connection.execute(
                f"SELECT r.key, {wanted} FROM {table} t JOIN runs r ON r.run_id = t.run_id ORDER BY 1, 2, 3"
            ).fetchall()
        return found


def everything(store: Path) -> list[str]:
    """The whole database as SQL, but for when a sweep was last registered."""
    with closing(sqlite3.connect(store)) as connection:
        connection.execute("CREATE TEMP TABLE unused (a)")  # what is temporary is not dumped
        moments = {row[0] for row in connection.execute("SELECT registered FROM sweeps")}
        dump = list(connection.iterdump())
    for moment in moments:
        dump = [line.replace(moment, "whenever") if "sweeps" in line else line for line in dump]
    return dump


def statuses(store: Path) -> list[str]:
    """The status of each run, sorted."""
    with closing(sqlite3.connect(store)) as connection:
        return sorted(status for (status,) in connection.execute("SELECT status FROM runs"))
