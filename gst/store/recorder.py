"""Writing what runs yield: an attempt as it trains its run, a measurement once the run is complete."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Table,
    Update,
    bindparam,
    case,
    delete,
    insert,
    select,
    update,
)

from gst.config import RunSpec
from gst.errors import Fenced, InputError, OtherData
from gst.records import (
    Connectivity,
    DatasetFacts,
    EpochRecords,
    ExampleFile,
    Flatness,
    Normality,
    SystemSample,
    rows,
    rows_of,
)
from gst.store.checkpoint import Checkpoint, pointing_to
from gst.store.claim import Claim, dataset_id, rewind
from gst.store.direct import Direct
from gst.store.faults import fault
from gst.store.same_data import ANEW, MIXED, Found, other_before, others_in_sweep
from gst.store.samples import store_samples
from gst.store.schema import (
    YIELDED,
    attempts,
    connectivity,
    eigenvalues,
    example_files,
    flatness,
    kept_states,
    normality,
    perturbation_losses,
    runs,
    sweeps,
)
from gst.store.sweeps import lock
from gst.store.utc_time import Present
from gst.words import REASON_CHARACTERS, exception_line, short, shortened, visible


class Recorder:
    """One attempt at one run; Store.claim makes it.

    Every method is one transaction, and raises Fenced once a newer attempt has the run or the run
    is no longer running: then nothing is written, and this process has to stop. `next_epoch` is the
    epoch to write next (negative ones are of EL2N networks), `checkpoint` what this attempt continues from
    (`fall_back` says that it cannot), `lost` what is known of an attempt before this one that vanished under
    the same driver. `measurements` are those that sweeps ask for, of the network as it stands. `peak_memory`
    is in bytes. `samples` tells all samples of the attempt so far, which each sign of life and the end store.
    """

    def __init__(self, engine: Engine, direct: Direct, key: str, claim: Claim) -> None:
        self.key = key
        self.attempt = claim.attempt
        self.spec: RunSpec = claim.spec
        self.measurements = claim.measurements
        self.lost = claim.lost
        self.samples: Callable[[], tuple[SystemSample, ...]] = tuple
        self._stored: tuple[SystemSample, ...] = ()
        self._checkpoints = claim.checkpoints
        self.next_epoch = self._after_checkpoint()
        self._engine = engine
        self._direct = direct
        self._run_id = claim.run_id
        self._created = claim.created
        self._began = monotonic()

    @property
    def checkpoint(self) -> Checkpoint | None:
        """The state that this attempt continues from, if it does not begin with the first epoch."""
        return self._checkpoints[0] if self._checkpoints else None

    def fall_back(self, why: str) -> None:
        """Continue from the checkpoint before this one, or begin anew where there is none, and note why.

        What the run yielded after it is deleted.
        """
        left = self._checkpoints[1:]
        with self._fenced(_BEAT, {}) as connection:
            rewind(connection, self._run_id, self.attempt, self.spec.config, left, why)
        self._checkpoints = left
        self.next_epoch = self._after_checkpoint()

    def _after_checkpoint(self) -> int:
        """The epoch that follows it, or the first of all."""
        return self.spec.config.begins if self.checkpoint is None else self.checkpoint.epoch + 1

    def uses(self, dataset: DatasetFacts, *, place: str = "", accept: bool = False) -> str | None:
        """Note which data set this attempt trains on; it lies at that `place`, for messages.

        Raises OtherData, and notes nothing, where the run would go on from other data of that name, or
        begin where other runs of its sweep have them. If asked to `accept` that, the run begins anew in
        place of going on: the answer is then why, a sentence.
        """
        found, why = Found(dataset, place or dataset.source), None
        own = sweeps.c.sweep_id.in_(select(attempts.c.sweep_id).where(*self._own_attempt))
        with self._fenced(_BEAT, {}, sweep=own) as connection:  # two that begin at once wait for each other
            identity = dataset_id(connection, dataset)
            before = self.checkpoint and other_before(connection, self._run_id, dataset)
            if before is not None:
                why = found.continues(before)
                if not accept:
                    raise OtherData(f"{why}{ANEW}")
                rewind(connection, self._run_id, self.attempt, self.spec.config, (), why)
            elif self.checkpoint is None and not accept:
                others = others_in_sweep(connection, self._run_id, self.attempt, dataset)
                if others:
                    raise OtherData(f"{found.mixes(others[0], len(others))}{MIXED}")
            used = update(attempts).where(*self._own_attempt)
            connection.execute(used.values(dataset_id=identity))
        if why is not None:
            self._checkpoints = ()
            self.next_epoch = self._after_checkpoint()
        return why

    def write(
        self,
        records: EpochRecords,
        checkpoint: Checkpoint | None = None,
        *,
        kept: bool = False,
        files: Sequence[ExampleFile] = (),
    ) -> None:
        """Store everything that an epoch yields, and a pointer to the checkpoint made after it.

        A checkpoint that is `kept` stays for good. The `files` are there already.
        A later attempt continues after the last epoch that was written with a checkpoint, and starts
        by deleting what was written after that.
        """
        epoch = records.epoch.epoch
        assert epoch <= self.next_epoch, f"epoch {epoch} is written, and epoch {self.next_epoch} is not yet"
        values = _step(epoch, records.epoch.seconds, checkpoint)
        advance = self._direct.prepared(_ADVANCE if checkpoint is None else _SAVE, [values | self._mine])
        found = rows(records, run_id=self._run_id)
        inserts = [self._direct.prepared(_INSERT[table], of_table) for table, of_table in found]
        if kept and checkpoint is not None:
            state = {"run_id": self._run_id, **_state(checkpoint)}
            inserts.append(self._direct.prepared(_KEEP_STATE, [state]))
        if files:
            of_files = [{"run_id": self._run_id, **it._asdict()} for it in files]
            inserts.append(self._direct.prepared(_NAME_FILE, of_files))
        with self._direct.transaction() as execute:
            self._refuse_unless(execute(advance) == 1)
            for insert_rows in inserts:
                execute(insert_rows)
        self.next_epoch = epoch + 1

    def scored(self, epoch: int, seconds: float, checkpoint: Checkpoint | None = None) -> None:
        """Note an epoch of an EL2N network, -1 being the last of them, and the checkpoint made after it."""
        assert epoch < 0, f"epoch {epoch} is the run's own"
        values = _step(epoch, seconds, checkpoint)
        with self._fenced(_SCORED if checkpoint is None else _SCORED_AND_SAVED, values):
            self.next_epoch = epoch + 1

    def beat(self, *, peak_memory: int | None = None) -> None:
        """Tell that the attempt lives, though an epoch takes long. Other threads may call it."""
        with self._fenced(_BEAT, {}) as connection:
            if peak_memory is not None:
                connection.execute(update(attempts).where(*self._own_attempt).values(peak_memory=peak_memory))
            stored = self._store_samples(connection)
        self._stored = stored

    def finish(self, *, peak_memory: int | None = None, kept: bool = False) -> None:
        """The run is complete; `kept` says that the checkpoint of its last epoch stays, for good."""
        self._end("completed", None, peak_memory, _END_KEEPING if kept else _END_WITHOUT_CHECKPOINT)

    def diverged(self, *, peak_memory: int | None = None) -> None:
        """Training met a loss that is not finite: an outcome, not a failure."""
        self._end("diverged", None, peak_memory, _END_WITHOUT_CHECKPOINT)

    def fail(self, traceback: str, log_tail: str, *, peak_memory: int | None = None) -> None:
        """The run failed for good, until someone retries it.

        Where the database refuses the details, the run has failed without them.
        """
        details = {"traceback": shortened(traceback), "log_tail": shortened(log_tail)}
        try:
            self._end("failed", exception_line(traceback), peak_memory, _END, **details)
        except Exception as error:
            if isinstance(error, Fenced) or fault(error) in ("transient", "permanent"):
                raise
            why = visible(f"failed, and the database refuses to keep why: {type(error).__name__}: {error}")
            self._end("failed", shortened(why, REASON_CHARACTERS), None, _END)

    def interrupt(self, *, peak_memory: int | None = None) -> None:
        """The run was told to stop, and goes on when someone claims it."""
        self._end("interrupted", None, peak_memory, _END)

    @contextmanager
    def _fenced(
        self, statement: Any, values: dict[str, Any], sweep: ColumnElement[bool] | None = None
    ) -> Iterator[Connection]:
        """A transaction that starts with an update of the run's row, which must still be ours.

        It may lock a sweep, and then does so first.
        """
        with self._engine.begin() as connection:
            if sweep is not None:
                lock(connection, sweep)
            self._refuse_unless(connection.execute(statement, values | self._mine).rowcount == 1)
            yield connection

    @property
    def _mine(self) -> dict[str, Any]:
        return {"the_run": self._run_id, "the_attempt": self.attempt, "the_creation": self._created}

    def _refuse_unless(self, ours: bool) -> None:
        if not ours:
            raise Fenced(
                f"run {short(self.key)}: attempt {self.attempt} is no longer the one that is running"
            )

    def _end(
        self, status: str, reason: str | None, peak_memory: int | None, statement: Update, **details: str
    ) -> None:
        """End attempt and run; the statement says which of its checkpoints the run keeps."""
        with self._fenced(statement, {"the_status": status, "the_reason": reason}) as connection:
            connection.execute(
                update(attempts)
                .where(*self._own_attempt)
                .values(
                    outcome=status,
                    ended=Present(),
                    seconds=monotonic() - self._began,
                    peak_memory=peak_memory,
                    **details,
                )
            )
            self._store_samples(connection)

    def _store_samples(self, connection: Connection) -> tuple[SystemSample, ...]:
        samples = self.samples()
        store_samples(connection, samples, self._stored, run_id=self._run_id, attempt=self.attempt)
        return samples

    @property
    def _own_attempt(self) -> tuple[Any, Any]:
        return attempts.c.run_id == self._run_id, attempts.c.attempt == self.attempt


def _step(epoch: int, seconds: float, checkpoint: Checkpoint | None) -> dict[str, Any]:
    """The parameters of a statement that moves the run on to the end of that epoch."""
    values: dict[str, Any] = {"the_epoch": epoch, "the_seconds": seconds}
    if checkpoint is None:
        return values
    assert checkpoint.epoch == epoch, f"{checkpoint} is not the state after epoch {epoch}"
    return values | {
        "the_checkpoint": checkpoint.name,
        "the_sha256": checkpoint.sha256,
        "the_place": checkpoint.place,
    }


def _state(checkpoint: Checkpoint) -> dict[str, Any]:
    """The columns of a state that stays."""
    return {
        "epoch": checkpoint.epoch,
        "checkpoint": checkpoint.name,
        "sha256": checkpoint.sha256,
        "artifacts": checkpoint.place,
    }


# Built once: these run for every epoch of every run. What each one does first is to check the fence.
_OURS = (
    runs.c.run_id == bindparam("the_run"),
    runs.c.attempt == bindparam("the_attempt"),
    runs.c.created == bindparam("the_creation"),
    runs.c.status == "running",
)
_BEAT = update(runs).where(*_OURS).values(heartbeat=Present())
_TIME = _BEAT.values(seconds=runs.c.seconds + bindparam("the_seconds"))
_FURTHER = runs.c.furthest_epoch.is_(None) | (runs.c.furthest_epoch < bindparam("the_epoch"))
_FURTHEST = case((_FURTHER, bindparam("the_epoch")), else_=runs.c.furthest_epoch)
_REACH = _TIME.values(stall=case((_FURTHER, 0), else_=runs.c.stall), furthest_epoch=_FURTHEST)
"""Only an epoch that no attempt has reached before shows that the run gets anywhere..."""
_KEEP = _TIME.values(
    stall=0,  # ...or one that no later attempt has to train again.
    furthest_epoch=_FURTHEST,
    earlier_checkpoint=runs.c.checkpoint,
    earlier_epoch=runs.c.checkpoint_epoch,
    earlier_sha256=runs.c.checkpoint_sha256,
    checkpoint=bindparam("the_checkpoint"),
    checkpoint_epoch=bindparam("the_epoch"),
    checkpoint_sha256=bindparam("the_sha256"),
    artifacts=bindparam("the_place"),
)
_ADVANCE, _SAVE = (it.values(last_epoch=bindparam("the_epoch")) for it in (_REACH, _KEEP))
_SCORED, _SCORED_AND_SAVED = (it.values(el2n_epoch=bindparam("the_epoch")) for it in (_REACH, _KEEP))
_END = _BEAT.values(
    status=bindparam("the_status"),
    reason=bindparam("the_reason"),
    ended=Present(),
    # An attempt that was told to stop has not stalled: it takes back what its claim counted.
    stall=case(
        ((bindparam("the_status") == "interrupted") & (runs.c.stall > 0), runs.c.stall - 1),
        else_=runs.c.stall,
    ),
)
_END_WITHOUT_CHECKPOINT = _END.values(pointing_to(()))
"""...where the run will never be continued."""
_END_KEEPING = _END.values(earlier_checkpoint=None, earlier_epoch=None, earlier_sha256=None)
"""...where the state after the last epoch is kept."""

_INSERT = {table.name: insert(table) for table in YIELDED}

_KEEP_STATE = insert(kept_states)
_NAME_FILE = insert(example_files)

MEASURED: Mapping[type, tuple[Table, ...]] = {
    Flatness: (eigenvalues, perturbation_losses, flatness),
    Normality: (normality,),
    Connectivity: (connectivity,),
}
"""The tables of each kind of measurement, in an order in which rows can be deleted."""


def add_measurements(
    connection: Connection,
    key: str,
    found: Sequence[Flatness | Normality | Connectivity],
    files: Sequence[ExampleFile] = (),
) -> None:
    """Store measurements of a completed run, in the place of earlier ones of the same epochs and settings.

    So do `files`, which are there already, of the same epochs.
    Raises InputError for a run that is not there or not completed.
    """
    found_run = select(runs.c.run_id, runs.c.status).where(runs.c.key == key).with_for_update()
    run = connection.execute(found_run).one_or_none()
    if run is None:
        raise InputError(f"no run {key!r} in this store")
    if run.status != "completed":
        raise InputError(f"run {short(key)}: is {run.status}; only a completed run can be measured")
    for kind, tables in MEASURED.items():
        of_kind = [it for it in found if isinstance(it, kind)]
        for table in tables:
            for epoch, settings in {(it.epoch, it.settings) for it in of_kind}:
                same = (table.c.epoch == epoch) & (table.c.settings == settings)
                connection.execute(delete(table).where(table.c.run_id == run.run_id, same))
        for table_name, values in rows_of(of_kind, run_id=run.run_id):
            connection.execute(_INSERT[table_name], values)
    for file in files:
        same = (example_files.c.run_id == run.run_id) & (example_files.c.epoch == file.epoch)
        connection.execute(delete(example_files).where(same))
        connection.execute(_NAME_FILE, {"run_id": run.run_id, **file._asdict()})
