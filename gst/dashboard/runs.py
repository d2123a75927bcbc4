"""Runs, filtered, sorted and cut into pages by the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from gst.store import Store

PAGE = 25
"""Runs on a page."""

COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "key": "run",
        "arm": "arm",
        "seed": "seed",
        "status": "status",
        "model": "model",
        "dataset": "data",
        "kind": "pruning",
        "score": "score",
        "target": "target",
        "last_epoch": "epochs",
        "final_test_accuracy": "final accuracy",
        "best_test_accuracy": "best accuracy",
        "mean_stability": "stability",
        "events": "events",
        "seconds": "seconds",
    }
)
"""Columns of run_summary that are shown, and `arm`, which only a sweep has; with their headings."""

_TEXT = ("r.key", "c.model", "c.dataset", "c.kind", "c.score", "c.target", "r.status")
_SUMMARIZED = ("final_test_accuracy", "best_test_accuracy", "mean_stability", "events")
"""Columns that only the view has, which it computes for each run from its rows."""
_OF_CONFIG = ("model", "dataset", "kind", "score", "target")


class Filter(NamedTuple):
    """Which runs, and in which order; a sweep is given by name, and its newest is meant.

    `text` has words that must all occur in what is known of a run, its tags included.
    """

    sweep: str | None = None
    arm: str | None = None
    statuses: tuple[str, ...] = ()
    text: str = ""
    sort: str | None = None
    descending: bool = False


class RunPage(NamedTuple):
    """Some of the runs that a filter lets through; each is a mapping with run_summary's columns and `arm`."""

    total: int
    first: int
    rows: tuple[Mapping[str, Any], ...]


def run_page(store: Store, chosen: Filter, number: int = 0) -> RunPage:
    """That page of the runs, counted from 0; the last one where there are not so many."""
    tables, where, params = _parts(chosen)
    (total,) = store.query(f"SELECT count(*) {tables} {where}", **params).rows[0]
    first = PAGE * max(0, min(number, (total - 1) // PAGE))
    arm = "m.arm" if chosen.sweep else "NULL"
    # Only the columns that filter or sort are computed for all runs, the others for one page of them.
    tables += " JOIN run_summary s ON s.run_id = r.run_id" if chosen.sort in _SUMMARIZED else ""
    picked = store.query(
        f"SELECT r.run_id, {arm} {tables} {where} ORDER BY {_order(chosen)} LIMIT :page OFFSET :first",
        page=PAGE,
        first=first,
        **params,
    ).rows
    known = _summaries(store, [run_id for run_id, _ in picked])
    return RunPage(total, first, tuple({**known[run_id], "arm": arm} for run_id, arm in picked))


def arms(store: Store, sweep: str) -> list[str]:
    """The arms of the newest sweep of that name, in the order of its file."""
    found = store.query(
        f"SELECT m.arm FROM sweep_runs m WHERE m.sweep_id = {_NEWEST}"
        " GROUP BY m.arm ORDER BY min(m.position)",
        sweep=sweep,
    )
    return [arm for (arm,) in found.rows]


_NEWEST = "(SELECT sweep_id FROM sweeps WHERE name = :sweep ORDER BY registered DESC, sweep_id DESC LIMIT 1)"


def _parts(chosen: Filter) -> tuple[str, str, dict[str, Any]]:
    """FROM, WHERE and parameters; put together from fixed parts only, what users give is bound."""
    params: dict[str, Any] = {}
    tables, conditions = "FROM runs r JOIN configs c ON c.config_id = r.config_id", []
    if chosen.sweep:
        tables += " JOIN sweep_runs m ON m.run_id = r.run_id"
        conditions.append(f"m.sweep_id = {_NEWEST}")
        params["sweep"] = chosen.sweep
        if chosen.arm:
            conditions.append("m.arm = :arm")
            params["arm"] = chosen.arm
    if chosen.statuses:
        names = {f"status{place}": status for place, status in enumerate(chosen.statuses)}
        conditions.append(f"r.status IN ({', '.join(f':{name}' for name in names)})")
        params |= names
    for place, word in enumerate(chosen.text.lower().split()):
        params[f"word{place}"] = f"%{_escaped(word)}%"
        conditions.append(_has(f":word{place}", bool(chosen.sweep)))
    return tables, f"WHERE {' AND '.join(conditions or ['1 = 1'])}", params


def _has(word: str, in_sweep: bool) -> str:
    columns = [*_TEXT, *(["m.arm"] if in_sweep else [])]
    text = " || ' ' || ".join(f"COALESCE({column}, '')" for column in columns)
    like = f"LIKE {word} ESCAPE '\\'"
    tags = f"EXISTS (SELECT 1 FROM run_tags t WHERE t.run_id = r.run_id AND lower(t.tag) {like})"
    return f"(lower({text}) {like} OR {tags})"


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _order(chosen: Filter) -> str:
    if chosen.sort in COLUMNS and (chosen.sort != "arm" or chosen.sweep):
        column = f"{_table(chosen.sort)}.{chosen.sort}"
        # Runs without a value come last, whichever the database and the direction.
        return f"{column} IS NULL, {column}{' DESC' if chosen.descending else ''}, r.run_id"
    return "m.position" if chosen.sweep else "r.run_id DESC"


def _table(column: str | None) -> str:
    if column == "arm":
        return "m"
    return "s" if column in _SUMMARIZED else "c" if column in _OF_CONFIG else "r"


def _summaries(store: Store, run_ids: Sequence[int]) -> dict[int, Mapping[str, Any]]:
    """What run_summary has of these runs."""
    if not run_ids:
        return {}
    names = {f"run{place}": run_id for place, run_id in enumerate(dict.fromkeys(run_ids))}
    found = store.query(
        f"SELECT s.* FROM run_summary s WHERE s.run_id IN ({', '.join(f':{name}' for name in names)})",
        **names,
    )
    rows = (dict(zip(found.columns, row, strict=True)) for row in found.rows)
    return {row["run_id"]: row for row in rows}
