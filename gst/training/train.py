"""The training loop of the papers: epoch after epoch, train, test, prune, test (GST 2020, section 3.1).

In runs of many levels weights go where a level ends (Jin et al. 2022): the epoch's test is then the one
before they do, for it is the level's result.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from gst.config import FilterPruning, Noise, WeightPruning
from gst.errors import Diverged
from gst.networks.events import BEFORE_TRAINING
from gst.pruning.pruning_step import prune_due
from gst.records import EpochRecord, EpochRecords, LayerPruning, PruningEvent
from gst.training.el2n import score_examples
from gst.training.epoch import train_epoch
from gst.training.evaluate import Evaluation, evaluate
from gst.training.level_end import begin_next, remember_weights
from gst.training.moments import Observation, Standing
from gst.training.observers import gathered, observe
from gst.training.optim import precision
from gst.training.pruning_record import pruning_event, with_regrown
from gst.training.state import State


def train(state: State) -> Iterator[EpochRecords]:
    """The records of each epoch from `state.next_epoch` on; at each yield the state is that epoch's end.

    EL2N scores that are asked for come before the first; `score_examples` has them epoch by epoch.
    Raises Diverged after an epoch whose training loss is not finite; that epoch is yielded first.
    """
    config = state.spec.config.training
    for _ in score_examples(state):
        pass
    while state.next_epoch < state.spec.config.total_epochs:
        with precision(config.precision, state.device):
            records = _epoch(state, state.next_epoch)
        state.next_epoch += 1
        yield records
        if not math.isfinite(records.epoch.train_loss):
            raise Diverged(f"the training loss of epoch {records.epoch.epoch} is {records.epoch.train_loss}")


def _epoch(state: State, epoch: int) -> EpochRecords:
    began = time.perf_counter()
    course = state.spec.config.course
    position = course.position(epoch)
    events: list[PruningEvent] = []
    seen: list[Observation] = []
    if epoch == state.spec.config.first_epoch:
        seen += observe("before_training", state, Standing(BEFORE_TRAINING, position))
        if epoch == 0 and state.layers_due(BEFORE_TRAINING):
            events += _event(state, BEFORE_TRAINING, _test(state)).events
    remember_weights(state, epoch)

    trained = train_epoch(state, epoch, position.epoch)
    tested = _test(state)
    seen += observe("after_training_of_epoch", state, Standing(epoch, position, tested))
    found, tested = _event(state, epoch, tested)
    events += found
    seen += observe("after_event", state, Standing(epoch, position, tested))

    filters, parameters, distance = state.filters_left(), state.parameters_left(), state.distance()
    if position.ends:
        seen += observe("end_of_level", state, Standing(epoch, position, tested))
        if position.level < course.levels:
            events += begin_next(state, epoch, position.level + 1, tested)
    record = EpochRecord(
        epoch=epoch,
        level=position.level,
        train_loss=trained.loss,
        train_accuracy=trained.accuracy,
        test_loss=tested.loss,
        test_accuracy=tested.accuracy,
        lr=trained.lr,
        filters_left=filters,
        parameters_left=parameters,
        seconds=time.perf_counter() - began,
        test_ece=tested.ece,
        distance=distance,
    )
    return gathered(record, events, seen)


def _test(state: State) -> Evaluation:
    noise = state.perturbation
    return evaluate(
        state.model,
        state.dataset,
        state.spec.config.training.test_batch_size,
        partial(noise.before_forward, training=False) if noise is not None else None,
    )


class _Outcome(NamedTuple):
    events: tuple[PruningEvent, ...]
    tested: Evaluation


def _event(state: State, epoch: int, before: Evaluation) -> _Outcome:
    """Prune or disturb what is due at that epoch, and test again; the event, if any, and the last test.

    No batch-norm statistics are re-estimated in between: their staleness is part of the instability.
    """
    layers = _pruned(state, epoch)
    if not layers:  # nothing was due, or every layer that was had fewer units to lose than events
        # Noise counts test batches, and the papers test twice in every epoch.
        return _Outcome((), _test(state) if state.is_noisy else before)
    assert state.perturbation is not None
    after = _test(state)
    masked = [scheduled.layer for scheduled in state.scheduled]
    event = pruning_event(epoch, state.perturbation.kind, before, after, layers, masked, state.dataset)
    if state.regrower is not None and epoch != BEFORE_TRAINING:
        back = state.regrower.regrow(state.layers_due(epoch), epoch, state.optimizer)
        after = _test(state)
        event = with_regrown(event, back, after, masked)
    return _Outcome((event,), after)


def _pruned(state: State, epoch: int) -> tuple[LayerPruning, ...]:
    """Prune or disturb the layers that are due at that epoch; the layers that lost something."""
    due, config = state.layers_due(epoch), state.spec.config.pruning
    if not due:
        return ()
    assert state.perturbation is not None
    assert state.scorer is not None
    assert isinstance(config, FilterPruning | WeightPruning | Noise)
    if state.regrower is not None and epoch != BEFORE_TRAINING:
        state.regrower.look(epoch)
    return prune_due(
        due,
        epoch,
        config=config,
        scorer=state.scorer,
        perturbation=state.perturbation,
        streams=state.stream,
    )
