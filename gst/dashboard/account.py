"""What a report says of a sweep: where its runs come from, and what they were."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from gst.analysis import Table
from gst.store import Progress, Store

_OF_SWEEP = "FROM sweep_runs m JOIN runs r ON r.run_id = m.run_id"
_SWEEP = "SELECT name, title, claim, digest, text, figures, registered FROM sweeps WHERE sweep_id = :sweep_id"
_SOFTWARE = """\
SELECT gst, git_commit, git_dirty, torch, python, cuda, device, gpu, precision, deterministic, host,
    count(*) AS attempts
FROM attempts
WHERE outcome IS NOT NULL AND run_id IN (SELECT run_id FROM sweep_runs WHERE sweep_id = :sweep_id)
GROUP BY gst, git_commit, git_dirty, torch, python, cuda, device, gpu, precision, deterministic, host
ORDER BY attempts DESC, host"""
_DATASETS = """\
SELECT name, train, test, classes, content_hash, source
FROM datasets
WHERE dataset_id IN (
    SELECT a.dataset_id FROM attempts a JOIN sweep_runs m ON m.run_id = a.run_id WHERE m.sweep_id = :sweep_id
)
ORDER BY name, content_hash"""
_ENDED = f"SELECT min(r.started), max(r.ended) {_OF_SWEEP} WHERE m.sweep_id = :sweep_id"
_FAILED = f"""\
SELECT m.arm, r.key, r.seed, r.status, r.reason, r.last_epoch + 1 AS epochs, a.host, a.traceback
{_OF_SWEEP}
LEFT JOIN attempts a ON a.run_id = r.run_id AND a.attempt = r.attempt
WHERE m.sweep_id = :sweep_id AND r.status IN ('failed', 'diverged', 'cancelled')
ORDER BY m.position"""
_CONFIGS = """\
SELECT m.arm, count(DISTINCT m.run_id) AS runs, c.*
FROM sweep_runs m JOIN runs r ON r.run_id = m.run_id JOIN configs c ON c.config_id = r.config_id
WHERE m.sweep_id = :sweep_id
GROUP BY m.arm, c.config_id
ORDER BY min(m.position)"""
_YES_OR_NO = ("augment", "scratch", "git_dirty", "deterministic")
"""Columns that SQLite has as 0 or 1."""
_NOT_SETTINGS = ("arm", "runs", "config_id", "hash", "config")


class Account(NamedTuple):
    """A registered sweep in words and rows. `figures` are those that its file names."""

    name: str
    title: str
    claim: str
    digest: str
    text: str
    figures: tuple[str, ...]
    registered: Any
    began: Any
    ended: Any
    progress: Progress
    software: Table
    datasets: Table
    failed: Table
    shared: tuple[tuple[str, object], ...]  # settings that all arms have in common
    arms: Table  # and those in which they differ


def account(store: Store, sweep: str) -> Account:
    """The newest sweep of that name. Raises UnknownNameError."""
    sweep_id = store.sweep_id(sweep)
    name, title, claim, digest, text, figures, registered = store.query(_SWEEP, sweep_id=sweep_id).rows[0]
    began, ended = store.query(_ENDED, sweep_id=sweep_id).rows[0]
    shared, arms = _settings(_table(store, _CONFIGS, sweep_id))
    return Account(
        name,
        title,
        claim,
        digest,
        text,
        _names(figures),
        registered,
        began,
        ended,
        store.progress(sweep_id),
        _table(store, _SOFTWARE, sweep_id),
        _table(store, _DATASETS, sweep_id),
        _table(store, _FAILED, sweep_id),
        shared,
        arms,
    )


def _table(store: Store, sql: str, sweep_id: int) -> Table:
    found = store.query(sql, sweep_id=sweep_id)
    return Table(
        found.columns,
        tuple(
            tuple(
                bool(value) if name in _YES_OR_NO and value is not None else value
                for name, value in zip(found.columns, row, strict=True)
            )
            for row in found.rows
        ),
    )


def _names(figures: Any) -> tuple[str, ...]:
    """The list that the column holds, which SQLite gives as text."""
    return tuple(json.loads(figures) if isinstance(figures, str) else figures)


def _settings(configs: Table) -> tuple[tuple[tuple[str, object], ...], Table]:
    """Settings that all rows share, and a table of those in which they differ; without what none has."""
    shared: list[tuple[str, object]] = []
    differing: list[int] = []
    for place, column in enumerate(configs.columns):
        if column in _NOT_SETTINGS:
            continue
        values = [row[place] for row in configs.rows]
        if len(set(values)) > 1:
            differing.append(place)
        elif values and values[0] is not None:
            shared.append((column, values[0]))
    columns = ("arm", "runs", *(configs.columns[place] for place in differing))
    rows = tuple((row[0], row[1], *(row[place] for place in differing)) for row in configs.rows)
    return tuple(shared), Table(columns, rows)


def columns_with_values(table: Table) -> Table:
    """The table without the columns that are empty in every row."""
    kept: Sequence[int] = [
        place for place in range(len(table.columns)) if any(row[place] is not None for row in table.rows)
    ]
    return Table(
        tuple(table.columns[place] for place in kept),
        tuple(tuple(row[place] for place in kept) for row in table.rows),
    )
