"""The end of a level of training: it is summed up, weights go, and training goes back."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from gst.config import IterativePruning, Levels
from gst.models import sites
from gst.pruning.iterative import prunable_weights, remove
from gst.records import GroupLoss, LevelRecord, PruningEvent
from gst.training.evaluate import Evaluation, evaluate, evaluate_split
from gst.training.examples import ExampleLosses, example_losses, group_losses, mean_of, percentile_groups
from gst.training.moments import Standing
from gst.training.pruning_record import pruning_event
from gst.training.state import State


def level_summary(state: State, standing: Standing) -> Iterator[LevelRecord | GroupLoss]:
    """The result of the level that has ended, and its groups' losses, where these are asked for."""
    config = state.spec.config
    if not isinstance(config.pruning, Levels) and config.measure.examples is None:
        return
    found = example_losses(state.model, state.dataset, config.training.test_batch_size)
    yield _level_record(state, standing, found)
    if state.scores is None:
        return
    assert config.measure.examples is not None
    bins = percentile_groups(state.scores, config.measure.examples.groups)
    level, epoch = standing.position.level, standing.epoch
    yield from group_losses(
        found, bins.to(found.losses.device), state.dataset.noisy, level=level, epoch=epoch
    )


def _level_record(state: State, standing: Standing, found: ExampleLosses) -> LevelRecord:
    data, tested, level = state.dataset, standing.tested, standing.position.level
    trained = mean_of(found)
    original = mean_of(found, None if data.noisy is None else ~data.noisy)
    noisy = mean_of(found, torch.zeros_like(found.correct) if data.noisy is None else data.noisy)
    validated = None
    if data.validation is not None:
        batch_size = state.spec.config.training.test_batch_size
        validated = evaluate_split(state.model, data.validation, data, batch_size)
    assert tested is not None
    assert trained.loss is not None
    assert trained.accuracy is not None
    weights = prunable_weights(sites(state.model))
    return LevelRecord(
        level=level,
        epoch=standing.epoch,
        weights=weights,
        weights_left=weights if state.pool is None else state.pool.left[level],
        test_loss=tested.loss,
        test_accuracy=tested.accuracy,
        n_validation=0 if validated is None else validated.n,
        validation_loss=None if validated is None else validated.loss,
        validation_accuracy=None if validated is None else validated.accuracy,
        train_loss=trained.loss,
        train_accuracy=trained.accuracy,
        n_original=original.n,
        original_loss=original.loss,
        original_accuracy=original.accuracy,
        n_noisy=noisy.n,
        noisy_loss=noisy.loss,
        noisy_accuracy=noisy.accuracy,
    )


def begin_next(state: State, epoch: int, level: int, before: Evaluation) -> tuple[PruningEvent, ...]:
    """Leave the level that has ended for that one: remove weights, go back, and forget the optimizer's past.

    The event is tested with the weights as they are when some of them go, before any goes back.
    """
    events = (_removal(state, epoch, level, before),) if state.pool is not None else ()
    if state.rewound is not None:
        state.model.load_state_dict(state.rewound)
        for layer, _ in state.scheduled:
            layer.enforce()
    state.optimizer.state.clear()
    return events


def _removal(state: State, epoch: int, level: int, before: Evaluation) -> PruningEvent:
    config = state.spec.config
    assert isinstance(config.pruning, IterativePruning)
    assert state.pool is not None
    assert state.scorer is not None
    layers = remove(state.pool, level, config=config.pruning, scorer=state.scorer, streams=state.stream)
    after = evaluate(state.model, state.dataset, config.training.test_batch_size)
    return pruning_event(epoch, "weights", before, after, layers, state.pool.layers, state.dataset)


def remember_weights(state: State, epoch: int) -> None:
    """Keep what later levels go back to, if this epoch, which is about to begin, is the one."""
    pruning = state.spec.config.pruning
    if (
        isinstance(pruning, IterativePruning)
        and pruning.rewind == "weights"
        and epoch == pruning.rewind_epoch
    ):
        state.rewound = {name: value.detach().clone() for name, value in state.model.state_dict().items()}
