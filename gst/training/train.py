"""The training loop of the papers: epoch after epoch, train, test, prune, test (GST 2020, section 3.1)."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import NamedTuple

import torch
from torch.nn import functional

from gst.config import Noise
from gst.data import batches
from gst.errors import Diverged
from gst.pruning import (
    ACTIVATION_PERIOD,
    BEFORE_TRAINING,
    ActivationAverage,
    act,
    mask_hash,
)
from gst.records import EpochRecord, EpochRecords, Probe, PruningEvent
from gst.training.evaluate import Evaluation, evaluate
from gst.training.measure import flatness_at, normality_at
from gst.training.optim import learning_rate, precision
from gst.training.state import State
from gst.training.streams import stream


class TrainResult(NamedTuple):
    """Running means over the batches of an epoch, each taken before its step."""

    loss: float
    accuracy: float


def train(state: State) -> Iterator[EpochRecords]:
    """The records of each epoch from `state.next_epoch` on; at each yield the state is that epoch's end.

    Raises Diverged after an epoch whose training loss is not finite; that epoch is yielded first.
    """
    config = state.spec.config.training
    while state.next_epoch < config.epochs:
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
    lr = learning_rate(state.spec.config.training, epoch)
    events: list[PruningEvent] = []
    normality = normality_at(state, BEFORE_TRAINING) if epoch == 0 else ()
    if epoch == 0 and state.due(BEFORE_TRAINING):
        events += _event(state, BEFORE_TRAINING, _test(state)).events
    trained = _train_epoch(state, epoch, lr)
    tested = _test(state)
    flatness = flatness_at(state, epoch)  # after training, before the event (GST 2020, section 3.1)
    if state.due(epoch):
        outcome = _event(state, epoch, tested)
        events += outcome.events
        tested = outcome.tested
    elif state.is_noisy:
        tested = _test(state)  # noise counts test batches, and the papers test twice in every epoch
    record = EpochRecord(
        epoch=epoch,
        level=0,
        train_loss=trained.loss,
        train_accuracy=trained.accuracy,
        test_loss=tested.loss,
        test_accuracy=tested.accuracy,
        lr=lr,
        filters_left=state.filters_left(),
        parameters_left=state.parameters_left(),
        seconds=time.perf_counter() - began,
    )
    normality += normality_at(state, epoch)
    return EpochRecords(record, tuple(events), _last_probes(state, epoch), flatness, normality)


def _train_epoch(state: State, epoch: int, lr: float) -> TrainResult:
    config, seed = state.spec.config, state.spec.seed
    for group in state.optimizer.param_groups:
        group["lr"] = lr
    state.model.train()
    loss_sum = torch.zeros((), dtype=torch.float64, device=state.device)
    correct = torch.zeros((), dtype=torch.int64, device=state.device)
    split = state.dataset.train
    epoch_batches = batches(
        split,
        config.training.batch_size,
        state.dataset,
        order=stream(seed, f"order/{epoch}"),
        augment=stream(seed, f"augment/{epoch}") if config.data.augment else None,
    )
    first_batch = epoch * math.ceil(len(split.labels) / config.training.batch_size)
    for number, (images, labels) in enumerate(epoch_batches, start=first_batch + 1):
        if state.perturbation is not None:
            state.perturbation.before_forward(training=True)
        with _observing(state, number):
            outputs = state.model(images)
        loss = functional.cross_entropy(outputs, labels)
        state.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        state.optimizer.step()
        if state.perturbation is not None:
            state.perturbation.after_step()
        loss_sum += loss.detach() * len(labels)
        correct += (outputs.detach().argmax(dim=1) == labels).sum()
    n = len(split.labels)
    return TrainResult(loss_sum.item() / n, correct.item() / n)


def _observing(state: State, batch_number: int) -> AbstractContextManager[None]:
    """A context in which every tenth training batch of the run (1-based) updates activation averages."""
    if isinstance(state.scorer, ActivationAverage) and batch_number % ACTIVATION_PERIOD == 0:
        return state.scorer.observing(scheduled.layer for scheduled in state.scheduled)
    return nullcontext()


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
    assert config.kind != "none"
    layers = act(
        state.due(epoch),
        epoch,
        scorer=state.scorer,
        target=config.target,
        perturbation=state.perturbation,
        streams=partial(stream, state.spec.seed),
    )
    if not layers:  # every layer had fewer units to lose than events: this was none
        return _Outcome((), _test(state) if state.is_noisy else before)
    after = _test(state)
    removed = [layer.kept_before - layer.kept_after for layer in layers]
    scores = [layer.mean_score for layer in layers if layer.mean_score is not None]
    event = PruningEvent(
        epoch=epoch,
        kind=state.perturbation.kind,
        test_accuracy_before=before.accuracy,
        test_accuracy_after=after.accuracy,
        test_loss_before=before.loss,
        test_loss_after=after.loss,
        n_test=after.n,
        removed=sum(removed),
        mean_score=sum(s * r for s, r in zip(scores, removed, strict=True)) / sum(removed),
        mask_hash=mask_hash(scheduled.layer for scheduled in state.scheduled),
        layers=layers,
    )
    return _Outcome((event,), after)


def _last_probes(state: State, epoch: int) -> tuple[Probe, ...]:
    """After a noise run's last epoch: the test with every filter that was ever targeted removed (D.1).

    The authors leave the network in that state and log it as the last epoch; here it is put back.
    """
    if not isinstance(state.spec.config.pruning, Noise) or epoch != state.spec.config.training.epochs - 1:
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
