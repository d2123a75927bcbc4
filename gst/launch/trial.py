"""One trial: a run from its key to its last row, on whatever machine it was sent to."""

from __future__ import annotations

import gc
import logging
import time
import traceback
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import torch

from gst.data import load_dataset
from gst.errors import Diverged, Fenced, GstError, InputError
from gst.launch.checkpoints import Checkpoints
from gst.launch.provenance import facts, peak_memory, provenance
from gst.store import TRANSIENT, Recorder, Store
from gst.training import start, train

LOG_LINES = 40
"""How much of a failed trial's log the store keeps."""

PAUSES = (1, 5, 15, 60, 120)
"""Seconds between tries to reach a store that does not answer: a database server takes a while to restart."""

NOT_THE_RUNS_FAULT: tuple[type[Exception], ...] = (Fenced, *TRANSIENT)

logger = logging.getLogger(__name__)


class Assignment(NamedTuple):
    """What a trial is told beside the key of its run: plain values, the same for a whole sweep."""

    url: str
    sweep_id: int
    driver_epoch: int
    data: Path
    artifacts: Path
    cpus: float
    gpus: float
    checkpoint_seconds: float


def run_trial(key: str, assignment: Assignment) -> None:
    """Carry that run from where the store says it stands to its end, and leave everything in the store.

    Returns without a word where there is nothing to do: the run has ended, or a newer driver or
    attempt owns it. A run that raises is marked failed, with its traceback. KeyboardInterrupt and
    SystemExit leave this function after marking the run; so does an error of the store itself, once
    trying again has not helped.
    """
    for pause in PAUSES:
        try:
            _try(key, assignment)
        except TRANSIENT as error:
            logger.warning("the store does not answer, next try in %d s: %s", pause, error)
            time.sleep(pause)
        else:
            return
    try:
        _try(key, assignment)
    except TRANSIENT as error:
        raise GstError(f"run {key[:12]} stopped, because the store does not answer: {error}") from error


def has_gpu() -> bool:
    """Whether torch finds a GPU here that it can use."""
    return torch.cuda.is_available()


def device(gpus: float) -> torch.device:
    """Where runs train that ask for so many GPUs: on the CPU unless they ask, whatever else is there."""
    if gpus and not has_gpu():
        raise InputError(
            f"one run asks for {gpus:g} GPUs (resources in the sweep file), and torch finds none here"
        )
    return torch.device("cuda" if gpus else "cpu")


def _try(key: str, assignment: Assignment) -> None:
    checkpoints = Checkpoints(assignment.artifacts, key, assignment.checkpoint_seconds)
    with Store.open(assignment.url) as store, suppress(Fenced), _log_tail() as tail:
        recorder = store.claim(
            key,
            sweep_id=assignment.sweep_id,
            driver_epoch=assignment.driver_epoch,
            provenance=provenance(device(assignment.gpus)),
            usable_checkpoint=checkpoints.usable,
        )
        if recorder is not None:
            with _nothing_left():
                _attempt(recorder, assignment, checkpoints, tail)


def _attempt(recorder: Recorder, assignment: Assignment, checkpoints: Checkpoints, tail: deque[str]) -> None:
    where = device(assignment.gpus)
    try:
        _train(recorder, assignment, checkpoints, where)
    except NOT_THE_RUNS_FAULT:
        raise
    except Diverged as error:
        logger.info("%s", error)
        recorder.diverged(peak_memory=peak_memory(where))
    except (KeyboardInterrupt, SystemExit):
        with suppress(Fenced):
            recorder.interrupt(peak_memory=peak_memory(where))
        raise
    except Exception:
        recorder.fail(traceback.format_exc(), "\n".join(tail), peak_memory=peak_memory(where))
        return  # the checkpoints stay, for a retry
    else:
        recorder.finish(peak_memory=peak_memory(where))
    checkpoints.clear()


def _train(recorder: Recorder, assignment: Assignment, checkpoints: Checkpoints, where: torch.device) -> None:
    # Results on the CPU depend on the number of threads, so a run has the same number wherever it runs.
    torch.set_num_threads(max(1, round(assignment.cpus)))
    if where.type == "cuda":
        torch.cuda.reset_peak_memory_stats(where)
        torch.cuda.set_per_process_memory_fraction(min(1.0, assignment.gpus), where)
    spec = recorder.spec
    dataset = load_dataset(spec.config.data, assignment.data)
    recorder.uses(facts(dataset))
    state = start(spec, dataset, where)
    if recorder.checkpoint is not None:
        checkpoints.restore(state, recorder.checkpoint)
    logger.info("attempt %d on %s, from epoch %d", recorder.attempt, where, state.next_epoch)
    for records in train(state):
        last = state.next_epoch == spec.config.training.epochs
        name = checkpoints.save(state, recorder.attempt) if checkpoints.due() and not last else None
        try:
            recorder.write(records, checkpoint=name)
        except Fenced:
            if name is not None:
                checkpoints.discard(name)
            raise
        if name is not None:
            checkpoints.committed(name)
        logger.info("epoch %d: test accuracy %.4f", records.epoch.epoch, records.epoch.test_accuracy)


@contextmanager
def _nothing_left() -> Iterator[None]:
    """Leaves no memory of this trial to the next: launchers reuse the process."""
    gc.freeze()  # to look through all that was imported takes a quarter of a second
    try:
        yield
    finally:
        gc.collect()
        gc.unfreeze()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()


@contextmanager
def _log_tail() -> Iterator[deque[str]]:
    """The last lines that gst logs in this context."""
    tail: deque[str] = deque(maxlen=LOG_LINES)
    handler = _Tail(tail)
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s: %(message)s"))
    log = logging.getLogger("gst")
    level = log.level
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        yield tail
    finally:
        log.removeHandler(handler)
        log.setLevel(level)


class _Tail(logging.Handler):
    def __init__(self, lines: deque[str]) -> None:
        super().__init__()
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the record as one line."""
        self._lines.append(self.format(record))
