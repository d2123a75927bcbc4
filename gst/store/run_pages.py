"""Runs, filtered, sorted and cut into pages by the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import ColumnElement, FromClause, Select, column, exists, func, null, or_, select, table

from gst.store.alive import SILENCE, Silent
from gst.store.queries import Rows
from gst.store.schema import configs, run_tags, runs, sweep_runs

if TYPE_CHECKING:
    from gst.store.store import Store

PAGE = 25
"""Runs on a page."""

_VIEW = table(
    "run_summary",
    *map(column, ("run_id", "final_test_accuracy", "best_test_accuracy", "mean_stability", "events")),
)
"""Columns that the view computes from the epochs and events of each run."""

RUN_COLUMNS: Mapping[str, ColumnElement[Any]] = MappingProxyType(
    {
        "key": runs.c.key,
        "arm": sweep_runs.c.arm,
        "seed": runs.c.seed,
        "status": runs.c.status,
        "model": configs.c.model,
        "dataset": configs.c.dataset,
        "kind": configs.c.kind,
        "score": configs.c.score,
        "target": configs.c.target,
        "last_epoch": runs.c.last_epoch,
        "epochs": configs.c.epochs,
        "final_test_accuracy": _VIEW.c.final_test_accuracy,
        "best_test_accuracy": _VIEW.c.best_test_accuracy,
        "mean_stability": _VIEW.c.mean_stability,
        "events": _VIEW.c.events,
        "seconds": runs.c.seconds,
    }
)
"""The columns of a run on a page; `arm` is None unless a sweep is chosen."""

_LISTED: Mapping[str, ColumnElement[Any]] = MappingProxyType(
    {
        **{name: RUN_COLUMNS[name] for name in ("key", "arm", "seed", "status")},
        "attempt": runs.c.attempt,
        **{name: RUN_COLUMNS[name] for name in ("model", "dataset", "kind", "target")},
        "epochs": runs.c.last_epoch + 1,
        **{name: RUN_COLUMNS[name] for name in ("final_test_accuracy", "mean_stability")},
        "reason": runs.c.reason,
    }
)

_TEXT = (
    *(runs.c.key, configs.c.model, configs.c.dataset, configs.c.kind, configs.c.score, configs.c.target),
    runs.c.status,
)


class Filter(NamedTuple):
    """Which runs, and in which order; a sweep by its name or address.

    `text` has words that must all occur in the run's key, model, data, pruning, status, arm or tags.
    """

    sweep: str | None = None
    arm: str | None = None
    statuses: tuple[str, ...] = ()
    text: str = ""
    sort: str | None = None
    descending: bool = False
    tag: str | None = None


class RunPage(NamedTuple):
    """One page of the runs that a filter lets through; each row is a mapping with `RUN_COLUMNS` and `run_id`.

    `total` counts the runs on all pages, `first` those before this page.
    """

    total: int
    first: int
    rows: tuple[Mapping[str, Any], ...]


def run_page(store: Store, chosen: Filter, number: int = 0) -> RunPage:
    """The page of that number, counted from 0, or the last page where there are fewer."""
    ((total,),) = store.select(_filtered(store, chosen, func.count()))
    first = PAGE * max(0, min(number, (total - 1) // PAGE))
    arm = sweep_runs.c.arm if chosen.sweep else null()
    # Only the columns that filter or sort are computed for all runs, the others for one page of them.
    page = _filtered(store, chosen, runs.c.run_id, arm).order_by(*_order(chosen)).limit(PAGE).offset(first)
    picked = [tuple(row) for row in store.select(page)]
    known = _rows(store, [run_id for run_id, _ in picked])
    return RunPage(total, first, tuple({**known[run_id], "arm": arm} for run_id, arm in picked))


def listed_runs(store: Store, chosen: Filter, most: int) -> Rows:
    """The runs that the filter lets through, at most that many; `arm` is a column if a sweep is chosen."""
    columns = {name: it for name, it in _LISTED.items() if chosen.sweep or name != "arm"}
    query = _filtered(store, chosen, *columns.values(), summary=True).order_by(*_order(chosen)).limit(most)
    return Rows(tuple(columns), [tuple(row) for row in store.select(query)])


def silent_runs(store: Store, chosen: Filter) -> Silent | None:
    """Those of the runs that the filter lets through that only seem to be running."""
    return Silent.of(*store.select(_filtered(store, chosen, *SILENCE))[0])


def arms(store: Store, sweep: str) -> list[str]:
    """The arms of that sweep, in the order of its file."""
    query = select(sweep_runs.c.arm).where(sweep_runs.c.sweep_id == store.sweep_id(sweep))
    found = store.select(query.group_by(sweep_runs.c.arm).order_by(func.min(sweep_runs.c.position)))
    return [arm for (arm,) in found]


def _filtered(
    store: Store, chosen: Filter, *wanted: ColumnElement[Any], summary: bool = False
) -> Select[Any]:
    """The query for columns of the runs that the filter lets through; `summary` is for those of the view."""
    tables: FromClause = runs.join(configs)
    if chosen.sweep:
        tables = tables.join(sweep_runs, sweep_runs.c.run_id == runs.c.run_id)
    if summary or (chosen.sort or "") in _VIEW.c:
        tables = tables.join(_VIEW, _VIEW.c.run_id == runs.c.run_id)
    query = select(*wanted).select_from(tables)
    if chosen.sweep:
        query = query.where(sweep_runs.c.sweep_id == store.sweep_id(chosen.sweep))
        if chosen.arm:
            query = query.where(sweep_runs.c.arm == chosen.arm)
    if chosen.statuses:
        query = query.where(runs.c.status.in_(chosen.statuses))
    if chosen.tag:
        query = query.where(runs.c.run_id.in_(select(run_tags.c.run_id).where(run_tags.c.tag == chosen.tag)))
    return query.where(*(_has(word, bool(chosen.sweep)) for word in chosen.text.lower().split()))


def _has(word: str, in_sweep: bool) -> ColumnElement[bool]:
    columns = [*_TEXT, *([sweep_runs.c.arm] if in_sweep else [])]
    tagged = exists().where(
        run_tags.c.run_id == runs.c.run_id, func.lower(run_tags.c.tag).contains(word, autoescape=True)
    )
    # A space between the columns, so that no word is found across two of them.
    known: list[ColumnElement[str]] = [func.coalesce(it, "") for it in columns]
    text = reduce(lambda one, other: one + " " + other, known)
    return or_(func.lower(text).contains(word, autoescape=True), tagged)


def _order(chosen: Filter) -> tuple[ColumnElement[Any], ...]:
    sorted_by = RUN_COLUMNS.get(chosen.sort or "")
    if sorted_by is not None and (chosen.sort != "arm" or chosen.sweep):
        # Runs without a value come last, whichever the database and the direction.
        return sorted_by.is_(None), sorted_by.desc() if chosen.descending else sorted_by, runs.c.run_id
    return (sweep_runs.c.position if chosen.sweep else runs.c.run_id.desc(),)


def _rows(store: Store, run_ids: Sequence[int]) -> dict[int, Mapping[str, Any]]:
    """The columns of these runs, without `arm`."""
    wanted = [it.label(name) for name, it in RUN_COLUMNS.items() if name != "arm"]
    tables = runs.join(configs).join(_VIEW, _VIEW.c.run_id == runs.c.run_id)
    query = select(runs.c.run_id, *wanted).select_from(tables).where(runs.c.run_id.in_(run_ids))
    return {row.run_id: dict(row._mapping) for row in store.select(query)} if run_ids else {}
