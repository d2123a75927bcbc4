"""One trial: a run from its key to its last row, on whatever machine it was sent to."""

from __future__ import annotations

import gc
import logging
import traceback
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

import torch
from torch.optim.optimizer import register_optimizer_step_pre_hook

from gst.config.execution import Keep
from gst.data import load_dataset
from gst.errors import Diverged, Fenced, GstError, InputError
from gst.launch.artifacts import artifacts_at
from gst.launch.checkpoints import Checkpoints
from gst.launch.heartbeat import Heartbeat
from gst.launch.log import log_tail
from gst.launch.patience import complaint, patiently
from gst.launch.provenance import facts, peak_memory, provenance
from gst.store import TRANSIENT, Recorder, Store
from gst.store.connect import masked
from gst.training import State, start, train

NOT_THE_RUNS_FAULT: tuple[type[Exception], ...] = (Fenced, *TRANSIENT)

logger = logging.getLogger(__name__)


class Assignment(NamedTuple):
    """What a trial is told beside the key of its run: plain values, the same for a whole sweep."""

    url: str
    sweep_id: int
    driver_epoch: int
    data: Path
    artifacts: str | Path  # a folder or an fsspec URL
    cpus: float
    gpus: float
    checkpoint_seconds: float
    keep: Keep = "last"

    def __repr__(self) -> str:
        """Without the password: whoever logs an assignment does not think of it."""
        return f"Assignment({masked(self.url)!r}, sweep_id={self.sweep_id}, driver_epoch={self.driver_epoch})"


def run_trial(key: str, assignment: Assignment) -> None:
    """Carry that run from where the store says it stands to its end, and leave everything in the store.

    Returns without a word where there is nothing to do: the run has ended, or a newer driver or
    attempt owns it. A run that raises is marked failed, with its traceback. KeyboardInterrupt and
    SystemExit leave this function after marking the run; so does an error of the store itself, once
    trying again has not helped.
    """
    try:
        patiently(partial(_try, key, assignment))
    except TRANSIENT as error:
        raise GstError(f"run {key[:12]} stopped, because {complaint(error)}") from error


def has_gpu() -> bool:
    """Whether torch finds a GPU here that it can use."""
    return torch.cuda.is_available()


def device(gpus: float) -> torch.device:
    """Where runs train that ask for so many GPUs: on the CPU unless they ask, whatever else is there."""
    if gpus and not has_gpu():
        raise InputError(
            f"one run asks for {gpus:g} GPUs (resources in the sweep file, or --gpus-per-run), "
            "and torch finds none here"
        )
    return torch.device("cuda" if gpus else "cpu")


def _try(key: str, assignment: Assignment) -> None:
    checkpoints = Checkpoints(
        artifacts_at(assignment.artifacts), key, assignment.checkpoint_seconds, assignment.keep
    )
    with Store.open(assignment.url) as store, log_tail() as tail, _unless_fenced():
        recorder = store.claim(
            key,
            sweep_id=assignment.sweep_id,
            driver_epoch=assignment.driver_epoch,
            provenance=replace(
                provenance(device(assignment.gpus)), cpus=assignment.cpus, gpus=assignment.gpus
            ),
            usable_checkpoint=checkpoints.usable,
        )
        if recorder is not None:
            with _nothing_left():
                _attempt(recorder, assignment, checkpoints, tail)


def _attempt(recorder: Recorder, assignment: Assignment, checkpoints: Checkpoints, tail: deque[str]) -> None:
    where = device(assignment.gpus)
    try:
        with Heartbeat(recorder) as heartbeat:
            _train(recorder, assignment, checkpoints, where, heartbeat)
    except NOT_THE_RUNS_FAULT:
        raise
    except Diverged as error:
        logger.info("%s", error)
        recorder.diverged(peak_memory=peak_memory(where))
        checkpoints.clear()
    except (KeyboardInterrupt, SystemExit):
        with suppress(Fenced):
            recorder.interrupt(peak_memory=peak_memory(where))
        raise
    except Exception:
        recorder.fail(traceback.format_exc(), "\n".join(tail), peak_memory=peak_memory(where))
    else:  # where a run failed, its checkpoints stay for a retry
        recorder.finish(peak_memory=peak_memory(where), kept=checkpoints.final is not None)
        checkpoints.clear(but=checkpoints.final)


def _train(
    recorder: Recorder,
    assignment: Assignment,
    checkpoints: Checkpoints,
    where: torch.device,
    heartbeat: Heartbeat,
) -> None:
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
    # Of every optimizer, for a run may train other networks beside its own.
    hook = register_optimizer_step_pre_hook(heartbeat.check)
    try:
        _epochs(recorder, checkpoints, state)
    finally:
        hook.remove()


def _epochs(recorder: Recorder, checkpoints: Checkpoints, state: State) -> None:
    """Train from where the state stands to the end, each epoch stored before the next begins."""
    for records in train(state):
        last = state.next_epoch == recorder.spec.config.total_epochs
        name = checkpoints.save(state, recorder.attempt) if checkpoints.wanted(last=last) else None
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
def _unless_fenced() -> Iterator[None]:
    """Ends, and the trial with it, where another driver or attempt owns what this one wanted to write."""
    try:
        yield
    except Fenced as refused:
        logger.info("this trial stops: %s", refused)


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
