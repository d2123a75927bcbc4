"""Whether data are those that runs were trained on: the hash of their content says so, and no name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, case, select

from gst.records import DatasetFacts
from gst.store.progress import EPOCHS_DONE
from gst.store.schema import ENDED, attempts, configs, datasets, runs, sweep_runs
from gst.words import counted, short

if TYPE_CHECKING:
    from gst.store.store import Store


class Trained(NamedTuple):
    """A run, its epochs and those of its EL2N networks, and the content hash of what they were trained on."""

    key: str
    epochs: int
    content_hash: str


class Found(NamedTuple):
    """A data set that is about to be used, and where it lies."""

    facts: DatasetFacts
    place: str

    def continues(self, run: Trained) -> str:
        """The fact that the run was trained on other data, as a sentence."""
        return f"run {short(run.key)}: has {counted(run.epochs, 'epoch')} on other data: {self._both(run)}"

    def mixes(self, run: Trained, others: int) -> str:
        """The fact that others of a sweep were, that run among them, as a sentence."""
        such = "" if others == 1 else f", {short(run.key)} among them"
        told = (
            f"run {short(run.key)} of this sweep was" if others == 1 else f"{others} runs of this sweep were"
        )
        return f"{told} trained on other data{such}: {self._both(run)}"

    def differs(self, run: Trained, others: int) -> str:
        """The fact that others of a store were trained on other data, that run among them, as a sentence."""
        return f"{counted(others, 'run')} of the store trained on other data: {self._both(run)}"

    def _both(self, run: Trained) -> str:
        return f"{short(run.content_hash)} then, and {short(self.facts.content_hash)} in {self.place} now"


PUT_BACK = "put the files back"
ANEW = f"; {PUT_BACK}, or have it begin anew with --accept-data"
MIXED = f"; {PUT_BACK}, or train the others on these, and have that told with every result: --accept-data"


def kept() -> ColumnElement[bool]:
    """Whether epochs that an attempt trained count, in a query of attempts and their runs.

    Those of a run that ended, and those up to the checkpoint that another one goes on from; unless a later
    attempt has trained them again.
    """
    last = case((runs.c.status.in_(ENDED), runs.c.last_epoch), else_=runs.c.checkpoint_epoch)
    last = case((last < 0, 0), else_=last)  # EL2N networks are trained before a run's own first epoch
    later = attempts.alias()
    again = (
        select(later.c.run_id)
        .where(later.c.run_id == attempts.c.run_id, later.c.attempt > attempts.c.attempt)
        .where(later.c.first_epoch <= attempts.c.first_epoch)
        .where(later.c.dataset_id.is_not(None))  # one that never had its data has trained nothing
    )
    return (attempts.c.first_epoch <= last) & ~again.exists()


def other_before(connection: Connection, run_id: int, facts: DatasetFacts) -> Trained | None:
    """What the run is to go on from, if any of it was trained on other data than these."""
    rows = connection.execute(_on_others(facts).where(runs.c.run_id == run_id, kept()).limit(1)).all()
    return Trained._make(rows[0]) if rows else None


def others_in_sweep(connection: Connection, run_id: int, attempt: int, facts: DatasetFacts) -> list[Trained]:
    """The other runs of the sweep for which that attempt is made, on other data of the same name and folder.

    Those that are in training count, too, so the caller has locked the sweep.
    """
    own = select(attempts.c.sweep_id, attempts.c.driver_epoch, configs.c.dataset)
    own = own.select_from(attempts.join(runs, runs.c.run_id == attempts.c.run_id).join(configs))
    found = connection.execute(own.where(attempts.c.run_id == run_id, attempts.c.attempt == attempt)).one()
    if not connection.execute(select(datasets.c.dataset_id).where(_others(facts)).limit(1)).all():
        return []  # as almost always, and without a look at the runs
    in_training = and_(
        attempts.c.outcome.is_(None),
        attempts.c.sweep_id == found.sweep_id,
        attempts.c.driver_epoch == found.driver_epoch,
    )
    members = select(sweep_runs.c.run_id).where(sweep_runs.c.sweep_id == found.sweep_id)
    query = _on_others(facts).where(
        configs.c.dataset == found.dataset,
        runs.c.run_id.in_(members),
        runs.c.run_id != run_id,
        kept() | in_training,
    )
    return _by_run(connection.execute(query).all())


def labels(store: Store) -> set[str]:
    """The label of each data set that runs of the store are configured for."""
    return {row.dataset for row in store.select(select(configs.c.dataset).distinct())}


def trained_on_others(store: Store, label: str, facts: DatasetFacts, key: str | None = None) -> list[Trained]:
    """The runs of the store, or the one with that key, on other data of that name and folder than these."""
    query = _on_others(facts).where(configs.c.dataset == label, kept())
    return _by_run(store.select(query if key is None else query.where(runs.c.key == key)))


def _on_others(facts: DatasetFacts) -> Select[tuple[str, int, str]]:
    """Runs, one row for each attempt at them whose data were not these."""
    return (
        select(runs.c.key, EPOCHS_DONE, datasets.c.content_hash)
        .select_from(
            attempts.join(runs, runs.c.run_id == attempts.c.run_id)
            .join(configs)
            .join(datasets, datasets.c.dataset_id == attempts.c.dataset_id)
        )
        .where(_others(facts))
        .order_by(runs.c.run_id, attempts.c.attempt)
    )


def _others(facts: DatasetFacts) -> ColumnElement[bool]:
    return (datasets.c.name == facts.name) & (datasets.c.content_hash != facts.content_hash)


def _by_run(rows: Sequence[Row[tuple[str, int, str]]]) -> list[Trained]:
    """Each run once."""
    return list({row.key: Trained._make(row) for row in rows}.values())
