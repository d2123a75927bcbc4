"""Runs, filtered, sorted and cut into pages by the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import ColumnElement, FromClause, Select, case, column, exists, func, null, or_, select, table

from gst.store.alive import SILENCE, Silent
from gst.store.archived import visible
from gst.store.queries import Rows
from gst.store.schema import configs, notes, run_tags, runs, sweep_runs, sweeps

if TYPE_CHECKING:
    from gst.store.store import Store

_VIEW = table(
    "run_summary",
    *map(column, ("run_id", "final_test_accuracy", "best_test_accuracy", "mean_stability", "events")),
)
"""Columns that the view computes from the epochs and events of each run."""

_MEMBER = sweep_runs.alias("member")


def _newest(wanted: ColumnElement[Any]) -> ColumnElement[Any]:
    """That column of the newest sweep with the run; where it is in several arms, of the first of them."""
    query = select(wanted).select_from(_MEMBER.join(sweeps, sweeps.c.sweep_id == _MEMBER.c.sweep_id))
    order = (sweeps.c.registered.desc(), _MEMBER.c.sweep_id.desc(), _MEMBER.c.position)
    return query.where(_MEMBER.c.run_id == runs.c.run_id).order_by(*order).limit(1).scalar_subquery()


_LAST_NOTE = (
    select(notes.c.text)
    .where(notes.c.run_id == runs.c.run_id)
    .order_by(notes.c.written.desc(), notes.c.note_id.desc())
    .limit(1)
    .scalar_subquery()
)

RUN_COLUMNS: Mapping[str, ColumnElement[Any]] = {
    "key": runs.c.key,
    "sweep_id": _newest(sweeps.c.sweep_id),
    "sweep": _newest(sweeps.c.name),
    "arm": _newest(_MEMBER.c.arm),
    "seed": runs.c.seed,
    "status": runs.c.status,
    "model": configs.c.model,
    "dataset": configs.c.dataset,
    "kind": configs.c.kind,
    "rate": configs.c.iterative_rate,
    "fraction": configs.c.total_fraction,
    "score": configs.c.score,
    "target": configs.c.target,
    "last_epoch": runs.c.last_epoch,
    "epochs": configs.c.epochs,
    "final_test_accuracy": _VIEW.c.final_test_accuracy,
    "best_test_accuracy": _VIEW.c.best_test_accuracy,
    # That of a run without events is 1 by convention, and no measurement.
    "mean_stability": case((_VIEW.c.events > 0, _VIEW.c.mean_stability)),
    "events": _VIEW.c.events,
    "seconds": runs.c.seconds,
    "note": _LAST_NOTE,
}
"""The columns of a run on a page; its newest `sweep` and `arm` unless a sweep is chosen."""

_LISTED: Mapping[str, ColumnElement[Any]] = {
    **{name: RUN_COLUMNS[name] for name in ("key", "arm", "seed", "status")},
    "attempt": runs.c.attempt,
    **{name: RUN_COLUMNS[name] for name in ("model", "dataset", "kind", "target")},
    "epochs": runs.c.last_epoch + 1,
    **{name: RUN_COLUMNS[name] for name in ("final_test_accuracy", "mean_stability")},
    "reason": runs.c.reason,
}

_TEXT = (
    *(runs.c.key, configs.c.model, configs.c.dataset, configs.c.kind, configs.c.score, configs.c.target),
    runs.c.status,
)


class Filter(NamedTuple):
    """Which runs, and in which order; a sweep by its name or address.

    `text` has words that must all occur in the run's key, model, data, pruning, status, arm or tags. Runs
    that only versions with the ids `hidden` have are left out, unless a sweep is chosen.
    """

    sweep: str | None = None
    arm: str | None = None
    statuses: tuple[str, ...] = ()
    text: str = ""
    sort: str | None = None
    descending: bool = False
    tag: str | None = None
    hidden: frozenset[int] = frozenset()


class RunPage(NamedTuple):
    """One page of the runs that a filter lets through; each row is a mapping with `RUN_COLUMNS` and `run_id`.

    `total` counts the runs on all pages.
    """

    total: int
    rows: tuple[Mapping[str, Any], ...]


def run_page(store: Store, chosen: Filter, first: int = 0, most: int = 100) -> RunPage:
    """At most that many runs after the first ones, in the filter's order."""
    ((total,),) = store.select(_filtered(store, chosen, func.count()))
    # Only the columns that filter or sort are computed for all runs, the others for one page of them.
    page = (
        _filtered(store, chosen, runs.c.run_id, sweep_runs.c.arm if chosen.sweep else null())
        .order_by(*_order(chosen))
        .limit(most)
        .offset(first)
    )
    picked = [tuple(row) for row in store.select(page)]
    known = _rows(store, [run_id for run_id, _ in picked])
    of_sweep = ({"sweep": chosen.sweep, "arm": arm} if chosen.sweep else {} for _, arm in picked)
    return RunPage(
        total, tuple({**known[id_], **more} for (id_, _), more in zip(picked, of_sweep, strict=True))
    )


def run_keys(store: Store, chosen: Filter, most: int) -> list[str]:
    """The keys of the runs that the filter lets through, at most that many, in the filter's order."""
    query = _filtered(store, chosen, runs.c.key).order_by(*_order(chosen)).limit(most)
    return list(dict.fromkeys(key for (key,) in store.select(query)))


def listed_runs(store: Store, chosen: Filter, most: int) -> Rows:
    """The runs that the filter lets through, at most that many."""
    columns = {**_LISTED, "arm": _arm(chosen)}
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


def arms_of(store: Store, keys: Sequence[str], sweep: str | None = None) -> dict[str, str]:
    """The arm of each of these runs: in that sweep, if it has the run, or else in the newest one."""
    arm: ColumnElement[Any] = RUN_COLUMNS["arm"]
    query = select(runs.c.key, arm).where(runs.c.key.in_(keys))
    found = {key: str(name) for key, name in store.select(query)}
    if sweep:
        own = select(runs.c.key, sweep_runs.c.arm).join(sweep_runs, sweep_runs.c.run_id == runs.c.run_id)
        chosen = own.where(sweep_runs.c.sweep_id == store.sweep_id(sweep), runs.c.key.in_(keys))
        found |= {key: str(name) for key, name in store.select(chosen)}
    return found


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
    elif chosen.hidden:
        query = query.where(visible(chosen.hidden))
    if chosen.statuses:
        query = query.where(runs.c.status.in_(chosen.statuses))
    if chosen.tag:
        query = query.where(runs.c.run_id.in_(select(run_tags.c.run_id).where(run_tags.c.tag == chosen.tag)))
    return query.where(*(_has(word, bool(chosen.sweep)) for word in chosen.text.lower().split()))


def _arm(chosen: Filter) -> ColumnElement[Any]:
    return sweep_runs.c.arm if chosen.sweep else RUN_COLUMNS["arm"]


def _has(word: str, in_sweep: bool) -> ColumnElement[bool]:
    columns = [*_TEXT, *([sweep_runs.c.arm] if in_sweep else [])]
    others = [(run_tags.c.run_id, run_tags.c.tag), *([] if in_sweep else [(_MEMBER.c.run_id, _MEMBER.c.arm)])]
    among = (
        exists().where(of == runs.c.run_id, func.lower(name).contains(word, autoescape=True))
        for of, name in others
    )
    # A space between the columns, so that no word is found across two of them.
    known: list[ColumnElement[str]] = [func.coalesce(it, "") for it in columns]
    text = reduce(lambda one, other: one + " " + other, known)
    return or_(func.lower(text).contains(word, autoescape=True), *among)


def _order(chosen: Filter) -> tuple[ColumnElement[Any], ...]:
    sorted_by = _arm(chosen) if chosen.sort == "arm" else RUN_COLUMNS.get(chosen.sort or "")
    if sorted_by is not None:
        # Runs without a value come last, whichever the database and the direction.
        return sorted_by.is_(None), sorted_by.desc() if chosen.descending else sorted_by, runs.c.run_id
    return (sweep_runs.c.position if chosen.sweep else runs.c.run_id.desc(),)


def _rows(store: Store, run_ids: Sequence[int]) -> dict[int, Mapping[str, Any]]:
    """The columns of these runs."""
    wanted = [it.label(name) for name, it in RUN_COLUMNS.items()]
    tables = runs.join(configs).join(_VIEW, _VIEW.c.run_id == runs.c.run_id)
    query = select(runs.c.run_id, *wanted).select_from(tables).where(runs.c.run_id.in_(run_ids))
    return {row.run_id: dict(row._mapping) for row in store.select(query)} if run_ids else {}
