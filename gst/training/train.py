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

import torch

from gst.config import Noise, Schedules
from gst.errors import Diverged
from gst.pruning import BEFORE_TRAINING, act
from gst.records import EpochRecord, EpochRecords, Probe, PruningEvent
from gst.training.el2n import el2n_scores
from gst.training.epoch import train_epoch
from gst.training.evaluate import Evaluation, evaluate
from gst.training.event import pruning_event
from gst.training.levels import begin_next, examples_at_start, remember_weights, summed_up
from gst.training.measure import flatness_at, normality_at
from gst.training.optim import precision
from gst.training.state import State


def train(state: State) -> Iterator[EpochRecords]:
    """The records of each epoch from `state.next_epoch` on; at each yield the state is that epoch's end.

    Raises Diverged after an epoch whose training loss is not finite; that epoch is yielded first.
    """
    config = state.spec.config.training
    while state.next_epoch < state.spec.config.total_epochs:
        with precision(config.precision, state.device):
            records = _epoch(state, state.next_epoch)
        state.next_epoch += 1
        yield records
        if not math.isfinite(records.epoch.train_loss):
            raise Diverged(
                f"the training loss of epoch {records.epoch.epoch + 1} is {records.epoch.train_loss}"
            )


def _epoch(state: State, epoch: int) -> EpochRecords:
    began = time.perf_counter()
    course = state.spec.config.course
    position = course.position(epoch)
    events: list[PruningEvent] = []
    normality = normality_at(state, BEFORE_TRAINING) if epoch == 0 else ()
    if epoch == 0:
        state.scores = el2n_scores(state)
    if epoch == 0 and state.due(BEFORE_TRAINING):
        events += _event(state, BEFORE_TRAINING, _test(state)).events
    remember_weights(state, epoch)
    trained = train_epoch(state, epoch, position.epoch)
    tested = _test(state)
    flatness = flatness_at(state, epoch)  # after training, before the event (GST 2020, section 3.1)
    if state.due(epoch):
        outcome = _event(state, epoch, tested)
        events += outcome.events
        tested = outcome.tested
    elif state.is_noisy:
        tested = _test(state)  # noise counts test batches, and the papers test twice in every epoch
    normality += normality_at(state, epoch)
    levels, groups = summed_up(state, epoch, position, tested)
    filters, parameters = state.filters_left(), state.parameters_left()
    if position.ends and position.level < course.levels:
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
    )
    return EpochRecords(
        record,
        tuple(events),
        _last_probes(state, epoch),
        flatness,
        normality,
        examples_at_start(state) if epoch == 0 else (),
        levels,
        groups,
    )


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
    """Prune or disturb, and test again.

    No batch-norm statistics are re-estimated in between: their staleness is part of the instability.
    """
    config = state.spec.config.pruning
    assert state.perturbation is not None
    assert state.scorer is not None
    assert isinstance(config, Schedules)
    layers = act(
        state.due(epoch),
        epoch,
        scorer=state.scorer,
        target=config.target,
        perturbation=state.perturbation,
        streams=state.stream,
    )
    if not layers:  # every layer had fewer units to lose than events: this was none
        return _Outcome((), _test(state) if state.is_noisy else before)
    after = _test(state)
    masked = (scheduled.layer for scheduled in state.scheduled)
    event = pruning_event(epoch, state.perturbation.kind, before, after, layers, masked)
    return _Outcome((event,), after)


def _last_probes(state: State, epoch: int) -> tuple[Probe, ...]:
    """After a noise run's last epoch: the test with every filter that was ever targeted removed (D.1).

    The authors leave the network in that state and log it as the last epoch; here it is put back.
    """
    if not isinstance(state.spec.config.pruning, Noise) or epoch != state.spec.config.total_epochs - 1:
        return ()
    weights = {
        scheduled.layer.site.name: scheduled.layer.site.module.weight.detach().clone()
        for scheduled in state.scheduled
    }
    with torch.no_grad():
        for layer, _ in state.scheduled:
            layer.site.module.weight[~layer.alive] = 0.0
        tested = evaluate(state.model, state.dataset, state.spec.config.training.test_batch_size)
        for layer, _ in state.scheduled:
            layer.site.module.weight.copy_(weights[layer.site.name])
    return (Probe(epoch, "targeted_filters_removed", tested.accuracy, tested.loss, tested.n),)
