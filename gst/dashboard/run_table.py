"""Runs as rows of a table: which columns there are, what each shows, and which rows are ticked."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from gst.dashboard.grid import Column, Link, Status
from gst.dashboard.served import Part
from gst.figures.style import percent
from gst.store import Filter, Store, run_page
from gst.store.reading import called_by_id
from gst.words import SHORT, short

CHOSEN = "chosen"
"""The column of boxes to tick."""
_TICK = {
    "cellDataType": "boolean",
    "editable": True,
    "sortable": False,
    "resizable": False,
    "width": 46,
    "pinned": "left",
    "tooltipValueGetter": None,
}
_SHARES = ("rate", "fraction", "final_test_accuracy", "best_test_accuracy", "mean_stability")

COLUMNS = (
    Column(CHOSEN, "", more=_TICK),
    Column("key", "run", SHORT, drawn=True),
    Column("arm", "arm", 24),
    Column("seed", "seed", 5, number=True),
    Column("status", "status", 11, drawn=True),
    Column("last_epoch", "epochs", 9, number=True),
    Column("final_test_accuracy", "final accuracy", 12, number=True),
    Column("mean_stability", "stability", 8, number=True),
    Column("kind", "pruning", 8),
    Column("rate", "rate", 5, number=True, hint="fraction of a layer that a pruning event removes"),
    Column("fraction", "fraction", 7, number=True, hint="fraction of a layer that is removed in all"),
    Column("target", "target", 8),
    Column("score", "score", 6),
    Column("best_test_accuracy", "best accuracy", 12, number=True),
    Column("events", "events", 6, number=True),
    Column("tags", "tags", 16, more={"sortable": False}),
    Column("note", "last note", 24),
    Column("sweep", "sweep", 14),
    Column("model", "model", 12),
    Column("dataset", "data", 12),
    Column("seconds", "seconds", 10, number=True),
)


def run_columns(sort: str) -> tuple[Column, ...]:
    """The columns; those of one sort are sorted by that column, and down with a `-` before its name."""
    name, way = sort.removeprefix("-"), "desc" if sort.startswith("-") else "asc"
    return tuple(it._replace(more={**it.more, "sort": way}) if it.name == name else it for it in COLUMNS)


def in_order(wanted: Filter, columns: Sequence[Mapping[str, Any]]) -> Filter:
    """The filter with the order of a table whose columns a browser describes so."""
    by = next((it for it in columns if it.get("sort")), {"colId": None, "sort": None})
    return wanted._replace(sort=by["colId"], descending=by["sort"] == "desc")


def run_rows(
    store: Store, wanted: Filter, part: Part, chosen: Collection[str]
) -> tuple[list[dict[str, Any]], int]:
    """That part of the runs that the filter lets through, and how many they are."""
    wanted = wanted._replace(sort=part.sort, descending=part.descending)
    page = run_page(store, wanted, part.first, part.end - part.first)
    tags = store.tags([row["key"] for row in page.rows])
    called, ticks = called_by_id(store), set(chosen)
    rows = [
        {
            CHOSEN: row["key"] in ticks,
            "tags": " ".join(tags[row["key"]]),
            "whole_key": row["key"],
            **_shown(row),
            "sweep": wanted.sweep or called.get(row["sweep_id"], ""),
        }
        for row in page.rows
    ]
    return rows, page.total


def ticked(before: Sequence[str], changes: Sequence[Mapping[str, Any]]) -> list[str]:
    """The keys of the chosen runs after boxes were ticked or cleared."""
    after = dict.fromkeys(before)
    for change in changes:
        key = change["data"]["whole_key"]
        after.pop(key, None)
        if change["data"][CHOSEN]:
            after[key] = None
    return list(after)


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **row,
        **{name: _share(row, name) for name in _SHARES},
        "key": Link(short(row["key"]), f"/runs/{short(row['key'])}"),
        "status": Status(row["status"], row["status"]),
        "last_epoch": f"{0 if row['last_epoch'] is None else row['last_epoch'] + 1} of {row['epochs']}",
        "seconds": f"{row['seconds']:,.1f}",
    }


def _share(row: Mapping[str, Any], name: str) -> str:
    if row[name] is None:
        return ""
    return f"{100 * row[name]:.3g}%" if name in ("rate", "fraction") else percent(row[name], 2)
