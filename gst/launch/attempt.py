"""One attempt at a run: trained from where it stands to its end, whatever takes its records."""

from __future__ import annotations

import gc
import logging
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from functools import partial
from typing import Literal, NamedTuple, Protocol

import torch
from torch import Tensor

from gst.config import RunSpec
from gst.config.measure import Measurements
from gst.data import Dataset
from gst.errors import DataError, Diverged, Fenced, GpuLost
from gst.launch.gpu import memory_share
from gst.launch.provenance import facts, peak_memory
from gst.records import DatasetFacts, EpochRecords
from gst.training import El2nEpoch, State, branch_off, score_examples, start, train
from gst.words import visible

logger = logging.getLogger(__name__)


class Machine(NamedTuple):
    """A run's share of a machine; a quarter of a GPU is 0.25."""

    device: torch.device
    cpus: float
    gpus: float


class Ending(NamedTuple):
    """How an attempt ended; `traceback` and the last lines of its log where it failed."""

    status: Literal["completed", "diverged", "failed", "interrupted"]
    peak_memory: int | None  # in bytes
    traceback: str | None = None
    log_tail: str | None = None


class Sink(Protocol):
    """The taker of an attempt's records and ending: a store, or an archive."""

    @property
    def spec(self) -> RunSpec:
        """The run."""

    @property
    def measurements(self) -> Measurements:
        """The measurements of its network as it stands."""

    def not_the_runs_fault(self, error: Exception) -> bool:
        """Whether the error says nothing of the run, and is to be raised as it is."""

    def uses(self, dataset: DatasetFacts) -> None:
        """The run is trained on that data set."""

    def resume(self, begin: Callable[[], State]) -> State:
        """The state that the run goes on from; `begin` makes one before the first epoch."""

    def left_out(self, device: torch.device) -> Tensor | None:
        """The indices of the images that the run leaves out because another run says so."""

    def trunk(self, dataset: Dataset, device: torch.device) -> State:
        """The state of the run's trunk, from which it begins; `dataset` is the whole one."""

    def watching(self) -> AbstractContextManager[object]:
        """A context that samples the machine, and in which training stops once the run is another's."""

    def scored(self, done: El2nEpoch, state: State) -> None:
        """Note an epoch of a network for EL2N scores, at the end of which the state is."""

    def write(self, records: EpochRecords, state: State) -> None:
        """Take the records of an epoch, at the end of which the state is."""

    def end(self, ending: Ending) -> None:
        """The attempt has ended like that."""


def attempt(sink: Sink, machine: Machine, dataset: Callable[[], Dataset], tail: Iterable[str]) -> None:
    """Train the sink's run to its end, and tell the sink how it ended; `tail` are the last lines of the log.

    A run that raises or exits has failed, and nothing is raised. KeyboardInterrupt, which is how a driver
    stops, leaves this function after the sink was told. So does DataError, of a file in the data set or of
    other files than before: every run would fail at it, one after the other, and is trained once it is
    mended. What else is not the run's fault leaves it untold. Raises GpuLost, after the sink was told, where
    no other run can be trained on the GPU by this process.
    """
    status: Literal["completed", "diverged", "failed"] = "completed"
    trace = last = None
    with nothing_left():
        try:
            with sink.watching(), _no_exit():
                _train(sink, machine, dataset)
        except Diverged as error:
            logger.info("%s", error)
            status = "diverged"
        except (KeyboardInterrupt, DataError):
            with suppress(Fenced):
                sink.end(Ending("interrupted", peak_memory(machine.device)))
            raise
        except Exception as error:  # what is wrong with one run must not keep the others from training
            if sink.not_the_runs_fault(error):
                raise
            # With escapes: no database holds a NUL or half a character, and no terminal should obey a log.
            trace = visible(_trace(error), lines=True)
            status, last = "failed", visible("\n".join(tail), lines=True)
        sink.end(Ending(status, peak_memory(machine.device), trace, last))


def _train(sink: Sink, machine: Machine, dataset: Callable[[], Dataset]) -> None:
    # Results on the CPU depend on the number of threads, so a run has the same number wherever it runs.
    torch.set_num_threads(max(1, round(machine.cpus)))
    with sharing(machine):
        loaded = dataset()
        sink.uses(facts(loaded))
        left_out = sink.left_out(machine.device)
        begin = partial(start, sink.spec, loaded, machine.device, sink.measurements, left_out)
        state = sink.resume(begin)
        if 0 < state.next_epoch == sink.spec.config.first_epoch:
            branch_off(state, sink.trunk(loaded, machine.device))
        for done in score_examples(state):
            sink.scored(done, state)
        for records in train(state):
            sink.write(records, state)
            logger.info("epoch %d: test accuracy %.4f", records.epoch.epoch, records.epoch.test_accuracy)


def sharing(machine: Machine) -> AbstractContextManager[object]:
    """A context in which no more than its share of a GPU's memory is used."""
    on_gpu = machine.device.type == "cuda"
    return memory_share(machine.device, machine.gpus) if on_gpu else nullcontext()


def _trace(error: Exception) -> str:
    """Its traceback, or its type alone where there is no telling more, for want of memory, say."""
    try:
        return "".join(traceback.format_exception(error))
    except Exception as untold:
        return f"{type(error).__name__}, which cannot be told: {type(untold).__name__}"


@contextmanager
def _no_exit() -> Iterator[None]:
    """Makes an exit a failure: it would end the driver, or be tried again for ever where that has workers."""
    try:
        yield
    except SystemExit as left:
        raise RuntimeError(f"the code of the run exited with status {left.code!r}") from left


@contextmanager
def nothing_left() -> Iterator[None]:
    """Leaves no memory of this attempt to the next: launchers reuse the process."""
    gc.freeze()  # to look through all that was imported takes a quarter of a second
    try:
        yield
    finally:
        gc.collect()
        gc.unfreeze()
        problem = _emptied_gpu()
    if problem is not None:
        raise GpuLost(
            f"the GPU can no longer be used by this process: {problem}; the same command carries on"
        )


def _emptied_gpu() -> str | None:
    """What keeps the GPU from giving its memory back, such as an assertion that has failed there."""
    try:
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
    except RuntimeError as error:
        return str(error).splitlines()[0]
    return None
