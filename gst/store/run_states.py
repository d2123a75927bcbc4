"""The states of runs, for whoever trains, chooses or clears up after them, and the time that they took."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import func, select

from gst.store.alive import ALIVE
from gst.store.progress import EL2N_EPOCHS
from gst.store.schema import configs, runs, sweep_runs, sweeps

if TYPE_CHECKING:
    from gst.store.store import Store


class RunState(NamedTuple):
    """A run's status, its last two checkpoints, and the sweep that trains it or trained it last."""

    key: str
    status: str
    last_epoch: int | None
    checkpoint: str | None
    checkpoint_epoch: int | None
    sweep_id: int | None
    checkpoint_sha256: str | None
    earlier_checkpoint: str | None
    earlier_epoch: int | None
    earlier_sha256: str | None
    artifacts: str | None
    el2n_epoch: int | None

    def epochs(self, before: int) -> int:
        """The number of recorded epochs, `before` of them before epoch 0; a trunk's are none of its."""
        last = self.el2n_epoch if self.last_epoch is None else self.last_epoch
        return 0 if last is None else before + last + 1

    @property
    def final_checkpoint(self) -> bool:
        """Whether the checkpoint is of the last recorded epoch."""
        return self.checkpoint_epoch is not None and self.checkpoint_epoch == self.last_epoch


def run_states(store: Store, sweep_id: int | None = None, arm: str | None = None) -> tuple[RunState, ...]:
    """The state of each run of the store, of that sweep, or of that arm of it.

    A run in several arms is there once. The order is that of the sweep file, or that in which runs were
    registered.
    """
    query = select(*(runs.c[name] for name in RunState._fields))
    if sweep_id is None:
        return tuple(RunState(*row) for row in store.select(query.order_by(runs.c.run_id)))
    query = query.join(sweep_runs, sweep_runs.c.run_id == runs.c.run_id).where(
        sweep_runs.c.sweep_id == sweep_id
    )
    if arm is not None:
        query = query.where(sweep_runs.c.arm == arm)
    ordered = query.group_by(runs.c.run_id).order_by(func.min(sweep_runs.c.position))
    return tuple(RunState(*row) for row in store.select(ordered))


def in_training(store: Store, sweep_id: int) -> frozenset[str]:
    """The keys of the runs that a driver of that version trains at the moment."""
    query = select(runs.c.key).where(ALIVE, runs.c.sweep_id == sweep_id)
    return frozenset(key for (key,) in store.select(query))


def keys_of_other_sweeps(store: Store, name: str) -> frozenset[str]:
    """The keys of the runs that a sweep of another name has."""
    members = select(runs.c.key).join(sweep_runs, sweep_runs.c.run_id == runs.c.run_id)
    others = members.join(sweeps, sweeps.c.sweep_id == sweep_runs.c.sweep_id).where(sweeps.c.name != name)
    return frozenset(key for (key,) in store.select(others.distinct()))


def epoch_seconds(store: Store, *names: str) -> dict[tuple[Any, ...], float]:
    """Seconds of an epoch of completed runs, by the values of these columns of `configs`.

    Epochs of networks for EL2N scores are among them.
    """
    columns = [configs.c[name] for name in names]
    mean = func.sum(runs.c.seconds) / func.sum(configs.c.epochs + EL2N_EPOCHS)
    query = select(mean, *columns).join_from(runs, configs).where(runs.c.status == "completed")
    return {tuple(values): seconds for seconds, *values in store.select(query.group_by(*columns))}
