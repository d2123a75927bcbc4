"""Stores of runs with many levels, made by hand: what each level came to is given, one tuple a level.

fill_levels(store, [Levels("IMP", 0, [Level(0.5), Level(0.75)])], {"IMP": level_config(levels=1)})
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from stores import DIGITS, claimed, epoch_record, event_of, sweep_of

from gst.config import RunConfig, RunSpec
from gst.records import EpochRecords, Examples, GroupLoss, LevelRecord
from gst.store import Recorder, Store

WEIGHTS = 1024
"""Of a network at full width; half of those that are left go at each level."""
EPOCHS, REWIND = 3, 1
"""Of the configurations here: level k ends after 3 + 2k epochs."""


@dataclass(frozen=True)
class Level:
    """One level: accuracies, and losses of the training images, apart for right and wrong labels.

    `groups` has the loss of each group, from the first. A level without `noisy` has no noisy images.
    """

    test: float
    validation: float | None = None
    original: float | None = 0.5
    noisy: float | None = None
    groups: Sequence[float] = ()


@dataclass(frozen=True)
class Levels:
    """One run: its arm, its seed, its levels from 0 on, and how it ends."""

    arm: str
    seed: int
    levels: Sequence[Level]
    status: str = "completed"


def level_config(
    kind: str = "imp",
    levels: int = 2,
    *,
    label_noise: float = 0.0,
    width: float = 1.0,
    validation: float = 0.0,
    scale: float = 1.0,
    fraction: float = 0.5,
) -> RunConfig:
    """A configuration of that kind: imp, extended, or none for a dense network that is summed up once."""
    pruning: dict[str, Any] = {"kind": kind}
    if kind != "none":
        pruning |= {"levels": levels, "rewind_epoch": REWIND}
    if kind == "imp":
        pruning |= {"score": "magnitude", "target": "smallest", "fraction": fraction}
    data = {"name": "digits", "per_class": 6, "draw": 0, "label_noise": label_noise, "validation": validation}
    return RunConfig.model_validate(
        {
            "data": data,
            "model": {"name": "digits_cnn", "width": width},
            "training": {"epochs": EPOCHS, "batch_size": 16, "optimizer": {"name": "sgd", "lr": 0.1}},
            "pruning": pruning,
            "measure": {"examples": {}},
            "scale": scale,
        }
    )


def fill_levels(
    store: Store, runs: Iterable[Levels], configs: dict[str, RunConfig], *, name: str = "hand"
) -> int:
    """The id of a sweep with those runs in it; seeds of arms that are not given are pending."""
    runs = list(runs)
    sweep_id = store.register(sweep_of(configs, sorted({run.seed for run in runs}), name=name))
    driver = store.take_over(sweep_id)
    for run in runs:
        if run.status != "pending":
            _play(claimed(store, RunSpec(configs[run.arm], run.seed), sweep_id, driver), run)
    return sweep_id


def _play(recorder: Recorder, run: Levels) -> None:
    config = recorder.spec.config
    recorder.uses(DIGITS)
    if recorder.next_epoch < 0:
        recorder.scored(-1, 0.25)  # the last epoch of the EL2N networks that come first
    for epoch in range(config.course.last_epoch(len(run.levels) - 1) + 1):
        recorder.write(_records(run, config, epoch))
    if run.status == "completed":
        recorder.finish(peak_memory=1000)
    elif run.status == "failed":
        recorder.fail("RuntimeError: broken", "last line")
    else:
        assert run.status == "running", run.status


def _records(run: Levels, config: RunConfig, epoch: int) -> EpochRecords:
    position = config.course.position(epoch)
    level = run.levels[position.level]
    record = epoch_record(epoch, level=position.level, test_accuracy=level.test)
    if not position.ends:
        return EpochRecords(record)
    more = position.level + 1 < len(run.levels)
    events = (replace(event_of(epoch, level.test, level.test / 2), kind="weights"),)
    return EpochRecords(
        record,
        events if more and config.pruning.kind == "imp" else (),
        levels=(level_record(level, config, position.level, epoch),),
        groups=tuple(
            GroupLoss(position.level, epoch, number, 8, loss, 0, None, loss)
            for number, loss in enumerate(level.groups, start=1)
        ),
    )


def level_record(level: Level, config: RunConfig, number: int, epoch: int) -> LevelRecord:
    """The level of that number as a run of that configuration records it, 64 images at a time."""
    weights = round(WEIGHTS * config.model.width)
    kept = weights >> number if config.pruning.kind == "imp" else weights
    losses = [it for it in (level.original, level.noisy) if it is not None]
    return LevelRecord(
        level=number,
        epoch=epoch,
        weights=weights,
        weights_left=kept,
        test_loss=1.0,
        test_accuracy=level.test,
        n_validation=0 if level.validation is None else 64,
        validation_loss=None if level.validation is None else 1.0,
        validation_accuracy=level.validation,
        train_loss=sum(losses) / len(losses),
        train_accuracy=1.0,
        n_original=64,
        original_loss=level.original,
        original_accuracy=1.0,
        n_noisy=0 if level.noisy is None else 64,
        noisy_loss=level.noisy,
        noisy_accuracy=None if level.noisy is None else 0.5,
    )


def level_of_run(epoch: int, **changes: Any) -> dict[str, tuple[Any, ...]]:
    """What level 0 of any run comes to, and its groups: the fields of EpochRecords by name.

    One of three groups has no noisy images, and one has a loss that is not finite.
    """
    level: dict[str, Any] = {
        "level": 0, "epoch": epoch, "weights": 1000, "weights_left": 800, "test_loss": 1.5,
        "test_accuracy": 0.5, "n_validation": 6, "validation_loss": 1.25, "validation_accuracy": 0.75,
        "train_loss": 0.375, "train_accuracy": 0.875, "n_original": 45, "original_loss": 0.25,
        "original_accuracy": 0.9375, "n_noisy": 9, "noisy_loss": 1.0, "noisy_accuracy": 0.5,
    }  # fmt: skip
    groups = (
        GroupLoss(0, epoch, 1, 18, 0.0625, 0, None, 0.0625),
        GroupLoss(0, epoch, 2, 15, 0.125, 3, 0.5, 0.1875),
        GroupLoss(0, epoch, 3, 12, 0.75, 6, 1.5, float("nan")),
    )
    return {"levels": (LevelRecord(**(level | changes)),), "groups": groups}


def examples_of(**changes: Any) -> Examples:
    """Six images of which five are trained on, two of them with wrong labels."""
    content: dict[str, Any] = {
        "trained": 5,
        "held_out": (3,),
        "noisy": (0, 4),
        "el2n": (0.5, 0.25, 1.25, 0.75, 0.125),
    }
    return Examples(epoch=-1, **(content | changes))
