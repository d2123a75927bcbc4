"""Stores with a row in every table, and archives that somebody has meddled with."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from level_stores import examples_of, level_of_run
from stores import (
    DIGITS,
    Run,
    claimed,
    config_of,
    epoch_record,
    event_of,
    fill,
    flatness_of,
    normality_of,
    samples_of,
    sweep_of,
)

from gst.archive.packed import packed
from gst.config import RunSpec, run_key
from gst.config.design import Design, Question
from gst.records import Answers, Connectivity, EpochRecords, Probe
from gst.store import Store
from gst.store.connect import connect, parsed
from gst.store.schema import metadata

MANIFEST = "manifest.json"
RUNS = [
    Run("none", 0, [0.25, 0.5]),
    Run("none", 1, [0.125], status="failed"),
    Run("pruned", 0, [0.5, 0.75], events=[(0, 0.75, 0.5)]),
    Run("pruned", 1, [0.5, 0.625], status="diverged"),
]
UNPRUNED = config_of(0, RUNS[:2])
PROBED = config_of(2, [Run("probed", 0, [0.5], events=[(0, 0.5, 0.25)])])
DESIGN = Design(looks=(3, 5), question=Question(difference=("probed", "none"), of="final_test_accuracy"))
SECOND = sweep_of({"probed": PROBED, "none": UNPRUNED}, name="second")._replace(design=DESIGN)


def populate(store: Store) -> None:
    """Give every table of a store rows: two sweeps, `hand` and `second`, which share a run that has ended.

    The second has a design, and one pair at its first look, so it has gone on to the seeds 3 and 4.
    """
    hand = fill(store, RUNS)
    second = store.register(SECOND)
    driver = store.take_over(second)
    recorder = claimed(store, RunSpec(PROBED, 0), second, driver)
    recorder.uses(DIGITS)
    probe = Probe(0, "targeted_filters_removed", 0.375, float("nan"), 360)
    measured = (flatness_of(0),), (normality_of(0),)
    record = epoch_record(0, train_loss=float("inf"))
    records = EpochRecords(record, (event_of(0, 0.5, 0.25),), (probe,), *measured, examples=(examples_of(),))
    levels: dict[str, Any] = level_of_run(0)
    answers = (Answers(0, 3, packed([0, 9, 1])),)
    recorder.write(replace(records, **levels, answers=answers))
    recorder.samples = samples_of
    recorder.finish()
    line = [
        Connectivity(0, "{}", it, it / 2, run_key(RunSpec(UNPRUNED, 0)), 0.5, 0.75, 0.625, 0.5)
        for it in range(3)
    ]
    store.add_measurements(recorder.key, line)
    assert store.decide(second, driver) is not None
    store.tag([recorder.key], add=["seen", "good"])
    store.note("worth a look", keys=[recorder.key])
    store.note('by hand: \\ "all" of it,\nand more', sweep_id=hand)


def tables(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Everything in a store, ids included."""
    engine = connect(parsed(url), readonly=True)
    with engine.connect() as connection:
        found = {
            table.name: sorted((tuple(row) for row in connection.execute(sa.select(table))), key=repr)
            for table in metadata.sorted_tables
        }
    engine.dispose()
    return found


def facts(folder: Path) -> dict[str, Any]:
    """What a manifest says of tables, which follows from their content alone."""
    found: dict[str, Any] = json.loads((folder / MANIFEST).read_text())["tables"]
    return found


def rewrite_manifest(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    content = json.loads((folder / MANIFEST).read_text())
    change(content)
    (folder / MANIFEST).write_text(json.dumps(content))


def rewrite(folder: Path, table: str, change: Callable[[list[dict[str, str]]], None]) -> None:
    """Change the rows of a table of a CSV archive, so that the manifest still fits."""
    path = folder / f"{table}.csv"
    with path.open(newline="") as file:
        reader = csv.DictReader(file)
        rows, names = list(reader), list(reader.fieldnames or ())
    change(rows)
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    seal(folder, table, rows=len(rows))


def drop(folder: Path, table: str, *columns: str) -> None:
    """Leave columns out of a table's file; the manifest says nothing of that."""
    path = folder / f"{table}.csv"
    with path.open(newline="") as file:
        names, *rows = csv.reader(file)
    kept = [number for number, name in enumerate(names) if name not in columns]
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([row[number] for number in kept] for row in (names, *rows))
    seal(folder, table)


def seal(folder: Path, table: str, **changes: Any) -> None:
    """Have the manifest say of a table's file what it is now."""
    content = json.loads((folder / MANIFEST).read_text())
    (path,) = folder.glob(f"{table}.*")
    content["tables"][table] |= {"sha256": hashlib.sha256(path.read_bytes()).hexdigest(), **changes}
    (folder / MANIFEST).write_text(json.dumps(content))
