"""What happens where a level of training ends: it is summed up, weights go, and training goes back."""

from __future__ import annotations

import torch

from gst.config import IterativePruning, Levels
from gst.config.levels import Position
from gst.models import sites
from gst.pruning import BEFORE_TRAINING, prunable_weights, remove
from gst.records import Examples, GroupLoss, LevelRecord, PruningEvent
from gst.training.evaluate import Evaluation, evaluate, evaluate_split
from gst.training.event import pruning_event
from gst.training.examples import example_losses, group_losses, mean_of, percentile_groups
from gst.training.state import State


def examples_at_start(state: State) -> tuple[Examples, ...]:
    """The images held out, those with a wrong label, and all scores; nothing where there are none."""
    data = state.dataset
    if data.held_out is None and data.noisy is None and state.scores is None:
        return ()
    return (
        Examples(
            epoch=BEFORE_TRAINING,
            trained=len(data.train.labels),
            held_out=None if data.held_out is None else tuple(data.held_out.tolist()),
            noisy=None if data.noisy is None else tuple(_trained(state)[data.noisy.cpu()].tolist()),
            el2n=None if state.scores is None else tuple(round(score, 6) for score in state.scores.tolist()),
        ),
    )


def _trained(state: State) -> torch.Tensor:
    """The indices (int64, rising) of the images trained on, in the split that the others were held out of."""
    held_out, n = state.dataset.held_out, len(state.dataset.train.labels)
    if held_out is None:
        return torch.arange(n)
    left = torch.ones(n + len(held_out), dtype=torch.bool)
    left[held_out] = False
    return left.nonzero().flatten()


def summed_up(
    state: State, epoch: int, position: Position, tested: Evaluation
) -> tuple[tuple[LevelRecord, ...], tuple[GroupLoss, ...]]:
    """What the level came to that ends with this epoch, and its groups' losses, where these are asked for."""
    config = state.spec.config
    wanted = isinstance(config.pruning, Levels) or config.measure.examples is not None
    if not position.ends or not wanted:
        return (), ()
    batch_size, data = config.training.test_batch_size, state.dataset
    found = example_losses(state.model, data, batch_size)
    trained = mean_of(found)
    original = mean_of(found, None if data.noisy is None else ~data.noisy)
    noisy = mean_of(found, torch.zeros_like(found.correct) if data.noisy is None else data.noisy)
    validated = None
    if data.validation is not None:
        validated = evaluate_split(state.model, data.validation, data, batch_size)
    assert trained.loss is not None
    assert trained.accuracy is not None
    weights = prunable_weights(sites(state.model))
    record = LevelRecord(
        level=position.level,
        epoch=epoch,
        weights=weights,
        weights_left=weights if state.pool is None else state.pool.left[position.level],
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
    if state.scores is None:
        return (record,), ()
    assert config.measure.examples is not None
    bins = percentile_groups(state.scores, config.measure.examples.groups)
    bins = bins.to(found.losses.device)
    return (record,), group_losses(found, bins, data.noisy, level=position.level, epoch=epoch)


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
    return pruning_event(epoch, "weights", before, after, layers, state.pool.layers)


def remember_weights(state: State, epoch: int) -> None:
    """Keep what later levels go back to, if this epoch, which is about to begin, is the one."""
    pruning = state.spec.config.pruning
    if (
        isinstance(pruning, IterativePruning)
        and pruning.rewind == "weights"
        and epoch == pruning.rewind_epoch
    ):
        state.rewound = {name: value.detach().clone() for name, value in state.model.state_dict().items()}
