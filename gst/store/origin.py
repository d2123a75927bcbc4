"""Where the completed runs of some sweeps come from, and what they cost: their own attempts say it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import func, select

from gst.store.schema import attempts, datasets, epochs, runs, sweep_runs

if TYPE_CHECKING:
    from gst.store.store import Store

SECONDS = 3600


class Origin(NamedTuple):
    """Runs of some sweeps, each counted once, and the attempts at those that completed.

    `wall_hours` are those in which at least one attempt was in progress; CPU and GPU hours count the share
    of the machine that each attempt had, or one of each where that is not known.
    """

    runs: int
    completed: int
    epochs: int
    began: datetime | None
    ended: datetime | None
    wall_hours: float
    cpu_hours: float
    gpu_hours: float
    machines: tuple[str, ...]
    torch: tuple[str, ...]
    commits: tuple[str, ...]
    numerics: tuple[int, ...]
    datasets: tuple[str, ...]
    """Each with the beginning of the hash of its content."""


def origin(store: Store, sweep_ids: Sequence[int]) -> Origin:
    """The origin of the runs of these sweeps."""
    members = select(sweep_runs.c.run_id).where(sweep_runs.c.sweep_id.in_(sweep_ids))
    done = select(runs.c.run_id).where(runs.c.run_id.in_(members), runs.c.status == "completed")
    ((asked, completed),) = store.select(
        select(func.count(), func.count().filter(runs.c.status == "completed")).where(
            runs.c.run_id.in_(members)
        )
    )
    ((trained,),) = store.select(select(func.count()).select_from(epochs).where(epochs.c.run_id.in_(done)))
    tried = store.select(
        select(attempts, datasets.c.name, datasets.c.content_hash)
        .outerjoin(datasets, datasets.c.dataset_id == attempts.c.dataset_id)
        .where(attempts.c.run_id.in_(done), attempts.c.ended.is_not(None))
        .order_by(attempts.c.started, attempts.c.run_id)
    )
    on_gpus = [it for it in tried if it.device.startswith("cuda")]
    return Origin(
        asked,
        completed,
        trained,
        min((it.started for it in tried), default=None),
        max((it.ended for it in tried), default=None),
        _covered((it.started, it.ended) for it in tried) / SECONDS,
        sum(it.seconds * _share(it.cpus) for it in tried) / SECONDS,
        sum(it.seconds * _share(it.gpus) for it in on_gpus) / SECONDS,
        _distinct(it.gpu or "CPU" for it in tried),
        _distinct(it.torch.partition("+")[0] for it in tried),
        _distinct(f"{it.git_commit[:7]}{'+' * bool(it.git_dirty)}" for it in tried if it.git_commit),
        tuple(sorted({it.numerics or 1 for it in tried})),
        _distinct(f"{it.name} {it.content_hash[:7]}" for it in tried if it.name),
    )


def _share(number: float | None) -> float:
    return 1.0 if number is None else number


def _distinct(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))


def _covered(spans: Iterable[tuple[datetime, datetime]]) -> float:
    """Seconds that lie in at least one of the spans, which are in the order of their beginnings."""
    total, until = 0.0, None
    for start, end in spans:
        begins = start if until is None else max(start, until)
        total += max(0.0, (end - begins).total_seconds())
        until = end if until is None else max(until, end)
    return total
