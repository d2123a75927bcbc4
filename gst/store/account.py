"""The account of a sweep: its configurations, the machines of its runs, the runs that stopped."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Select, and_, func, select

from gst.store.mixtures import mixtures
from gst.store.progress import Progress
from gst.store.queries import Rows
from gst.store.schema import attempts, configs, datasets, runs, sweep_runs, sweeps
from gst.store.versions import Version

if TYPE_CHECKING:
    from gst.store.store import Store

_SOFTWARE = tuple(
    attempts.c[name]
    for name in (
        *("gst", "git_commit", "git_dirty", "torch", "python", "cuda", "device", "gpu"),
        *("precision", "deterministic", "numerics", "host"),
    )
)
_NOT_SETTINGS = ("config_id", "hash", "config")
_STOPPED = ("failed", "diverged", "cancelled")


class Account(NamedTuple):
    """A registered sweep in words and rows. `figures` are those that its file names.

    `software` has a row for each environment in which attempts ended, with their number; `stopped` one for
    each run that failed, diverged or was cancelled; `arms` one for each arm and configuration, with what
    tells them apart. Columns of `software` that have a value in no row are left out.
    """

    version: Version
    text: str
    figures: tuple[str, ...]
    began: datetime | None
    ended: datetime | None
    progress: Progress
    software: Rows
    datasets: Rows
    stopped: Rows
    shared: tuple[tuple[str, object], ...]  # settings that all arms have in common
    arms: Rows
    mixed: tuple[str, ...]  # in what its runs differ that should be alike


def named_figures(store: Store, sweep_id: int) -> tuple[str, ...]:
    """The figures that the file of the sweep names."""
    ((found,),) = store.select(select(sweeps.c.figures).where(sweeps.c.sweep_id == sweep_id))
    return tuple(found)


def account(store: Store, sweep: str) -> Account:
    """The account of the version that this name or address means. Raises UnknownNameError."""
    version = store.version(sweep)
    sweep_id = version.sweep_id
    (found,) = store.select(select(sweeps).where(sweeps.c.sweep_id == sweep_id))
    members = sweep_runs.join(runs).join(configs)
    of_sweep = select().select_from(members).where(sweep_runs.c.sweep_id == sweep_id)
    ((began, ended),) = store.select(of_sweep.add_columns(func.min(runs.c.started), func.max(runs.c.ended)))
    shared, arms = _settings(_rows(store, _configs(of_sweep)))
    return Account(
        version=version,
        text=found.text,
        figures=tuple(found.figures),
        began=began,
        ended=ended,
        progress=store.progress(sweep_id),
        software=_with_values(_rows(store, _software(sweep_id))),
        datasets=_rows(store, _datasets(sweep_id)),
        stopped=_rows(store, _stopped(sweep_id)),
        shared=shared,
        arms=arms,
        mixed=tuple(it.words for it in mixtures(store, sweep_id)),
    )


def _software(sweep_id: int) -> Select[Any]:
    members = select(sweep_runs.c.run_id).where(sweep_runs.c.sweep_id == sweep_id)
    count = func.count().label("attempts")
    ended = select(*_SOFTWARE, count).where(attempts.c.outcome.is_not(None), attempts.c.run_id.in_(members))
    return ended.group_by(*_SOFTWARE).order_by(count.desc(), attempts.c.host)


def _datasets(sweep_id: int) -> Select[Any]:
    used = select(attempts.c.dataset_id).join(sweep_runs, sweep_runs.c.run_id == attempts.c.run_id)
    columns = [it for it in datasets.c if it.name != "dataset_id"]
    return (
        select(*columns)
        .where(datasets.c.dataset_id.in_(used.where(sweep_runs.c.sweep_id == sweep_id)))
        .order_by(datasets.c.name, datasets.c.content_hash)
    )


def _stopped(sweep_id: int) -> Select[Any]:
    last = and_(attempts.c.run_id == runs.c.run_id, attempts.c.attempt == runs.c.attempt)
    return (
        select(
            *(sweep_runs.c.arm, runs.c.key, runs.c.seed, runs.c.status, runs.c.reason),
            *((runs.c.last_epoch + 1).label("epochs"), attempts.c.host, attempts.c.traceback),
        )
        .select_from(sweep_runs.join(runs, runs.c.run_id == sweep_runs.c.run_id).outerjoin(attempts, last))
        .where(sweep_runs.c.sweep_id == sweep_id, runs.c.status.in_(_STOPPED))
        .order_by(sweep_runs.c.position)
    )


def _configs(of_sweep: Select[Any]) -> Select[Any]:
    settings = [it for it in configs.c if it.name not in _NOT_SETTINGS]
    wanted = (sweep_runs.c.arm, func.count(sweep_runs.c.run_id.distinct()).label("runs"), *settings)
    grouped = of_sweep.add_columns(*wanted).group_by(sweep_runs.c.arm, configs.c.config_id)
    return grouped.order_by(func.min(sweep_runs.c.position))


def _rows(store: Store, query: Select[Any]) -> Rows:
    names = tuple(column.name for column in query.selected_columns)
    return Rows(names, [tuple(row) for row in store.select(query)])


def _settings(found: Rows) -> tuple[tuple[tuple[str, object], ...], Rows]:
    """Settings that all rows share, and the rows with the settings in which they differ.

    A setting that no row has is in neither.
    """
    shared: list[tuple[str, object]] = []
    differing = [0, 1]  # the arm and its runs
    for place, column in enumerate(found.columns[2:], 2):
        values = [row[place] for row in found.rows]
        if len(set(values)) > 1:
            differing.append(place)
        elif values and values[0] is not None:
            shared.append((column, values[0]))
    return tuple(shared), _of(found, differing)


def _with_values(found: Rows) -> Rows:
    """The rows without the columns that are empty in each."""
    places = range(len(found.columns))
    return _of(found, [place for place in places if any(row[place] is not None for row in found.rows)])


def _of(found: Rows, places: Sequence[int]) -> Rows:
    """The rows with these columns alone."""
    columns = tuple(found.columns[place] for place in places)
    return Rows(columns, [tuple(row[place] for place in places) for row in found.rows])
