"""One trial: a run from its key to its last row, on whatever machine it was sent to."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Literal, NamedTuple

import torch
from torch import Tensor
from torch.optim.optimizer import register_optimizer_step_pre_hook

from gst.config.execution import Keep
from gst.data import Dataset, load_dataset
from gst.errors import DataError, Fenced, GpuLost, GstError, InputError, Unreachable
from gst.launch.artifacts import artifacts_at
from gst.launch.attempt import Ending, Machine, attempt, nothing_left, sharing
from gst.launch.checkpoints import Checkpoints
from gst.launch.grace import Grace
from gst.launch.heartbeat import Heartbeat
from gst.launch.left_out import left_out
from gst.launch.log import log_tail
from gst.launch.measuring import Place, measure, trunk_state
from gst.launch.provenance import peak_memory, place_of, provenance
from gst.launch.retry import patiently
from gst.launch.sampling import Sampling
from gst.launch.single_examples import kept_files
from gst.records import DatasetFacts, EpochRecords
from gst.store import STORE_ERRORS, Recorder, Store, complaint, fault, unmeasured
from gst.store.checkpoint import Checkpoint
from gst.store.password import masked
from gst.training import El2nEpoch, State
from gst.words import short

logger = logging.getLogger(__name__)


class Assignment(NamedTuple):
    """The settings of a trial beside the key of its run: plain values, the same for a whole sweep."""

    url: str
    sweep_id: int
    driver_epoch: int
    data: Path
    artifacts: str | Path  # a folder or an fsspec URL
    cpus: float
    gpus: float
    checkpoint_seconds: float
    keep: Keep = "last"
    keep_at: tuple[int, ...] = ()
    grace: float = 0.0  # seconds after SIGTERM in which an epoch may end, where this process hears of it
    accept_data: bool = False  # other data than the sweep's runs were trained on
    waiting: frozenset[str] = (
        frozenset()
    )  # keys of the runs to train once those that they need have completed

    def __repr__(self) -> str:
        """Without the password: whoever logs an assignment does not think of it."""
        return f"Assignment({masked(self.url)!r}, sweep_id={self.sweep_id}, driver_epoch={self.driver_epoch})"


def run_trial(key: str, assignment: Assignment, *, died: str | None = None, again: bool = False) -> None:
    """Carry that run from where the store says it stands to its end, and leave everything in the store.

    `again` says that a process of this trial has ended before, and `died` what ended it, where that is known.
    Then nothing is measured: what ends a process in a measurement would do so for ever.

    A completed run is measured, where it lacks what the sweep asks for. Returns without a word where there is
    nothing to do: the run has ended, or a newer driver or attempt owns it. A run that raises or exits is
    marked failed, with its traceback. KeyboardInterrupt leaves this function after marking the run; so does
    an error of the store itself, once trying again has not helped, and OtherData, with the run interrupted,
    where the data here are not those of before and the assignment does not accept that.
    """
    try:
        patiently(partial(_try, key, assignment, died, again))
    except STORE_ERRORS as error:
        raise GstError(f"run {short(key)} stopped, because {complaint(error)}") from error


def run_all(keys: Sequence[str], assignment: Assignment) -> tuple[str, ...]:
    """Carry the runs to their ends in this process, one after another: the engine of `--local`.

    Nothing is returned, for what keeps a trial from the store is raised.
    """
    for key in keys:
        run_trial(key, assignment)
    return ()


def has_gpu() -> bool:
    """Whether torch finds a GPU here that it can use."""
    return torch.cuda.is_available()


def device(gpus: float) -> torch.device:
    """The device of runs that ask for that many GPUs: the CPU unless they ask, whatever else is there."""
    if gpus and not has_gpu():
        raise InputError(
            f"one run asks for {gpus:g} GPUs (resources in the sweep file, or --gpus-per-run), "
            "and torch finds none here"
        )
    return torch.device("cuda" if gpus else "cpu")


def _try(key: str, assignment: Assignment, died: str | None, again: bool) -> None:
    checkpoints = Checkpoints(
        artifacts_at(assignment.artifacts),
        key,
        assignment.checkpoint_seconds,
        assignment.keep,
        assignment.keep_at,
    )
    machine = Machine(device(assignment.gpus), assignment.cpus, assignment.gpus)
    with _kept_store(assignment.url) as store, log_tail() as tail, _unless_fenced():
        recorder = store.claim(
            key,
            sweep_id=assignment.sweep_id,
            driver_epoch=assignment.driver_epoch,
            provenance=replace(provenance(machine.device), cpus=machine.cpus, gpus=machine.gpus),
            died=died,
        )
        if recorder is None:
            _measure(store, key, assignment, machine, again and (died or "its process ended"))
            return
        data = recorder.spec.config.data
        if recorder.lost is not None:
            logger.warning("run %s begins again: %s", short(key), recorder.lost)
        checkpoints.at = (*checkpoints.at, *store.states_needed(key))
        checkpoints.stay |= {it.name for it in store.kept_states(key)}
        grace = Grace(assignment.grace)
        sink = StoreSink(store, recorder, checkpoints, assignment, machine.device, grace)
        with grace:
            attempt(sink, machine, partial(load_dataset, data, assignment.data), tail)


@contextmanager
def _kept_store(url: str) -> Iterator[Store]:
    """The store of all trials of this process, without a connection once the context ends.

    What is compiled for one trial serves the next. After an error, and where it has another schema by now, it
    is opened, and looked at, anew.
    """
    store = _store(url)
    if not store.is_as_it_was():
        _store.cache_clear()
        store = _store(url)
    try:
        yield store
    except BaseException:
        _store.cache_clear()
        raise
    finally:
        store.close()


@lru_cache(maxsize=1)
def _store(url: str) -> Store:
    return Store.open(url)


def _measure(
    store: Store, key: str, assignment: Assignment, machine: Machine, problem: str | Literal[False]
) -> None:
    """Measure a completed run as far as the sweep asks for it, or warn of the problem that is in the way."""
    asked = unmeasured(store, assignment.sweep_id, key).get(key)
    if asked is None:
        return
    if not problem:
        try:
            with sharing(machine), nothing_left():
                measure(store, key, asked, Place(assignment.data, assignment.artifacts, machine.device))
        except STORE_ERRORS:
            raise
        except GpuLost:  # this process can do nothing more
            raise
        except Exception as error:  # it costs no run, and must not keep others from being measured
            problem = str(error) if isinstance(error, GstError) else f"{type(error).__name__}: {error}"
    if problem:
        logger.warning("run %s is not measured: %s", short(key), problem.removeprefix(f"run {short(key)}: "))


class StoreSink:
    """A run's records and checkpoints go where its store and its sweep say (see gst.launch.attempt.Sink)."""

    def __init__(
        self,
        store: Store,
        recorder: Recorder,
        checkpoints: Checkpoints,
        assignment: Assignment,
        device: torch.device,
        grace: Grace,
    ) -> None:
        self.spec = recorder.spec
        self.measurements = recorder.measurements
        self._store = store
        self._recorder = recorder
        self._grace = grace
        self._assignment = assignment
        self._checkpoints = checkpoints
        self._device = device

    def not_the_runs_fault(self, error: Exception) -> bool:
        """Whether another has the run, or the store or the place of checkpoints is to blame."""
        return isinstance(error, Fenced | Unreachable) or fault(error) in ("transient", "permanent")

    def uses(self, dataset: DatasetFacts) -> None:
        """Note the data set with the attempt. Raises OtherData."""
        place, accept = place_of(dataset, self._assignment.data), self._assignment.accept_data
        anew = self._recorder.uses(dataset, place=place, accept=accept)
        if anew is not None:
            logger.warning("%s; it begins anew", anew)

    def resume(self, begin: Callable[[], State]) -> State:
        """The state in the newest checkpoint that is as it was saved, or before the first epoch."""
        recorder, state = self._recorder, begin()
        while (wanted := recorder.checkpoint) is not None:
            try:
                self._checkpoints.restore(state, wanted)
                break
            except DataError as error:
                before, first = recorder.next_epoch, self.spec.config.begins
                recorder.fall_back(str(error))
                logger.warning(
                    "run %s: %s; it has %d epochs in place of %d and trains the others again",
                    short(recorder.key), error, recorder.next_epoch - first, before - first,
                )  # fmt: skip
                state = begin()
        logger.info("attempt %d on %s, from epoch %d", recorder.attempt, state.device, state.next_epoch)
        return state

    def left_out(self, device: torch.device) -> Tensor | None:
        """What the run that chooses makes of its images: as it is stored, or measured now."""
        place = Place(self._assignment.data, self._assignment.artifacts, device)
        return left_out(self._store, self.spec, place)

    def trunk(self, dataset: Dataset, device: torch.device) -> State:
        """The trunk's state: as it has left it, or trained again from the nearest before."""
        place = Place(self._assignment.data, self._assignment.artifacts, device)
        return trunk_state(self._store, self.spec, dataset, place)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Give signs of life, with samples, and stop at the next step once one is refused."""
        memory = partial(peak_memory, self._device)
        with Sampling(self._device) as sampling, Heartbeat(self._recorder, memory=memory) as heartbeat:
            self._recorder.samples = sampling.samples
            # Of every optimizer, for a run may train other networks beside its own.
            hook = register_optimizer_step_pre_hook(heartbeat.check)
            try:
                yield
            finally:
                hook.remove()

    def scored(self, done: El2nEpoch, state: State) -> None:
        """Note the epoch in the store, with a checkpoint where one is due; both or neither."""
        self._with_checkpoint(state, partial(self._recorder.scored, done.epoch, done.seconds))

    def write(self, records: EpochRecords, state: State) -> None:
        """Store the epoch, with a checkpoint where one is due; both or neither."""
        kept = records.epoch.epoch in self._checkpoints.at
        files = kept_files(self._checkpoints.artifacts, self._recorder.key, records.each_example)
        self._with_checkpoint(
            state, partial(self._recorder.write, records, kept=kept, files=files), kept=kept
        )

    def _with_checkpoint(
        self, state: State, write: Callable[[Checkpoint | None], None], *, kept: bool = False
    ) -> None:
        """Write, with a checkpoint where one is due, is to be `kept`, or training stops."""
        last = state.next_epoch == self.spec.config.total_epochs
        stopping = self._grace.asked and not last
        saved = None
        if self._checkpoints.wanted(last=last, now=kept or stopping):
            saved = self._checkpoints.save(state, self._recorder.attempt)
        try:
            write(saved)
        except Fenced:
            if saved is not None:
                self._checkpoints.discard(saved.name)
            raise
        if saved is not None:
            self._checkpoints.committed(saved.name, kept=kept)
        if stopping:
            self._grace.stop()

    def end(self, ending: Ending) -> None:
        """Mark the run; where it failed or was interrupted, its checkpoints stay for the next attempt."""
        recorder, kept = self._recorder, self._checkpoints.final
        match ending.status:
            case "completed":
                recorder.finish(peak_memory=ending.peak_memory, kept=kept is not None)
                self._checkpoints.clear(but={*self._checkpoints.stay, *filter(None, [kept])})
            case "diverged":
                recorder.diverged(peak_memory=ending.peak_memory)
                self._checkpoints.clear()
            case "interrupted":
                recorder.interrupt(peak_memory=ending.peak_memory)
            case "failed":
                recorder.fail(ending.traceback or "", ending.log_tail or "", peak_memory=ending.peak_memory)


@contextmanager
def _unless_fenced() -> Iterator[None]:
    """Ends, and the trial with it, where another driver or attempt owns what this one wanted to write."""
    try:
        yield
    except Fenced as refused:
        logger.info("this trial stops: %s", refused)
