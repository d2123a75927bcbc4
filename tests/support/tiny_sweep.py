"""A sweep on handwritten digits that takes a second, a longer one, and what a store has of them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Table, select

from gst.config import SweepSpec
from gst.config.document import parse_document
from gst.config.sweep import expand
from gst.store.connect import connect, parsed
from gst.store.schema import YIELDED, runs

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
RUNS, EPOCHS, EVENTS, LAYERS, CLASSES = 4, 12, 4, 8, 40
"""Rows of a store in which the tiny sweep is complete."""

# With so few images the difference is not settled at the first look, and is at the second.
LOOKING = TINY.replace(
    "seeds: 2",
    "seeds: {looks: [3, 5, 40], spending: pocock,"
    " question: {difference: [PruneL, No Pruning], of: final_test_accuracy}}",
).replace("epochs: 3", "epochs: 2")
"""The tiny sweep with a design in the place of seeds; it stops at the second of three looks."""

NOISE = """\
  Noise:
    seeds: [0]
    pruning: {kind: zeroing, score: l2, target: largest, layers: [conv1, conv2], start: 0, end: 8, every: 2,
              fraction: 0.5, train_batches: 6}
    measure:
      flatness: {epoch: 12, images: 16, eigenpairs: 2, iterations: 5, trace_products: 2, directions: 1}
      normality: {layers: 1, images: 16}
"""

LEVELS = """\
  Levels:
    seeds: [0]
    data.label_noise: 0.2
    training.epochs: 8
    pruning: {kind: imp, score: magnitude, target: smallest, fraction: 0.2, levels: 2, rewind_epoch: 2}
    measure: {examples: {el2n: {epochs: 1, replicates: 2}, groups: 4}}
"""

# Long enough to be hurt in the middle: seconds a run, more than workers live without their driver.
# Its first run has levels, of 8 and twice 6 epochs; its last is measured, and has noise in place of pruning.
# So no table of results stays empty.
LONG = (
    TINY.replace("per_class: 6", "per_class: 100")
    .replace("batch_size: 16", "batch_size: 8")
    .replace("epochs: 3", "epochs: 20")
    .replace("end: 1", "end: 8")
    .replace("every: 1", "every: 2")
    .replace("  No Pruning: {pruning: {kind: none}}\n", LEVELS)
    .replace("figures: [tradeoff]\n", NOISE)
)
LONG_RUNS = 4

# The same length, but for what is measured: two runs, one for each of two machines.
PAIR = (
    TINY.replace("seeds: 2", "seeds: 1")
    .replace("per_class: 6", "per_class: 100")
    .replace("batch_size: 16", "batch_size: 8")
    .replace("epochs: 3", "epochs: 20")
)


def spec_of(text: str = TINY, name: str = "tiny", **changes: Any) -> SweepSpec:
    """The sweep of that text, as if from a file of that name."""
    return expand(parse_document(text, Path(f"{name}.yaml")), **changes)


def records(store: Path | str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row that runs yielded, by table, under the key of its run; without how long it took.

    The store is a file or a URL; rows of one and the same sweep are equal, whatever the database.
    """
    return {table.name: _rows(store, table, {"run_id", "seconds"}) for table in sorted(YIELDED, key=str)}


def results(store: Path | str) -> dict[str, list[tuple[Any, ...]]]:
    """The same, and how each run ended."""
    wanted = {"seed", "status", "reason", "last_epoch"}
    return records(store) | {"runs": _rows(store, runs, {column.name for column in runs.c} - wanted)}


def _rows(store: Path | str, table: Table, without: set[str]) -> list[tuple[Any, ...]]:
    columns = [column for column in table.c if column.name not in without]
    query = select(runs.c.key, *columns).select_from(table)
    if table is not runs:
        query = query.join(runs, runs.c.run_id == table.c.run_id)
    engine = connect(parsed(str(store)), readonly=True)
    try:
        with engine.connect() as connection:
            found = [tuple(row) for row in connection.execute(query)]
    finally:
        engine.dispose()
    return sorted(found, key=lambda row: row[:3])  # here, because databases differ in how they sort text


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
