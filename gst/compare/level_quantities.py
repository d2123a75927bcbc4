"""Quantities of a run at one of its levels, and of the images that it trains on (Jin et al. 2022)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from gst.analysis import Accuracy
from gst.compare.at import At
from gst.compare.measured import MeasuredRun
from gst.compare.unit import Quantity
from gst.config import Levels

Of = Callable[[MeasuredRun, Accuracy], float | None]


def _at(of: Callable[[At], float | None]) -> Of:
    """That of a run at its level; None where none is looked at."""
    return lambda it, _: None if it.at is None else of(it.at)


def _percent(of: Callable[[At], float]) -> Of:
    return _at(lambda at: 100 * of(at))


def _rewind_epoch(it: MeasuredRun, accuracy: Accuracy) -> float | None:
    return it.config.pruning.rewind_epoch if isinstance(it.config.pruning, Levels) else None


def _groups(it: MeasuredRun, accuracy: Accuracy) -> float | None:
    return len(it.losses[0]) if it.losses else None


LEVEL_QUANTITIES: Mapping[str, Quantity] = MappingProxyType(
    {
        "test_error": Quantity("test error", "percent", _percent(lambda at: at.level.test_error)),
        "test_error_improvement": Quantity(
            "test error less than the dense network's",
            "points",
            _percent(lambda at: at.level.test_accuracy - at.dense.test_accuracy),
        ),
        "sparsity": Quantity("weights removed", "percent", _percent(lambda at: 1 - at.level.weights_left)),
        "weights_left": Quantity("weights left", "percent", _percent(lambda at: at.level.weights_left)),
        "train_loss": Quantity("training loss", "loss", _at(lambda at: at.train_loss)),
        "loss_difference": Quantity(
            "training loss over the dense network's", "loss", _at(lambda at: at.change)
        ),
        "absolute_loss_difference": Quantity(
            "size of the change in training loss", "loss", _at(lambda at: at.absolute_change)
        ),
        "loss_change_of_the_hardest_fifth": Quantity(
            "change in loss of the hardest fifth over that of the rest",
            "ratio",
            _at(lambda at: at.concentration),
        ),
        "loss_difference_by_group": Quantity(
            "tau of a group's EL2N scores and its change in loss",
            "correlation",
            _at(lambda at: at.change_by_group),
        ),
        "loss_of_noisy_images": Quantity(
            "loss of mislabelled images", "loss", _at(lambda at: at.level.noisy_loss)
        ),
        "loss_gap_of_noisy_images": Quantity(
            "loss of mislabelled images over that of the others", "loss", _at(lambda at: at.noisy_gap)
        ),
        "noisy_loss_difference": Quantity(
            "loss of mislabelled images over the dense network's", "loss", _at(lambda at: at.noisy_change)
        ),
        "label_noise": Quantity("label noise", "percent", lambda it, _: 100 * it.config.data.label_noise),
        "rewind_epoch": Quantity("epoch that levels go back to", "epochs", _rewind_epoch),
        "subgroups": Quantity("groups of training images", "count", _groups),
    }
)
