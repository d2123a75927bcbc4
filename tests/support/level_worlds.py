"""Runs of many levels made from a few numbers of their arm: errors, losses and groups of images by level.

The numbers of a run; errors in percent, changes in points and in units of the loss:

- `test_error` of the dense network, and `gain`, by how much the level `best` has less of it;
- `useful`, the last level that beats the dense network;
- `change` of the loss of the hardest group up to `best`, and `later_change` from there on; others change
  less, the less the lower their EL2N scores, or the other way round where `hardest` is below 0;
- `gap` between the losses of mislabelled images and of the others in the dense network; the change of the
  former while more than a tenth of the weights is left, `early`, and afterwards, `late`; and `closing`, the
  change of the latter at the last level.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from level_stores import Level, level_record
from stores import epoch_record

from gst.config import Levels, RunConfig
from gst.records import EpochRecords, GroupLoss

GROUPS = 20
WEIGHTS = 10**6
ORIGINAL = 0.2
"""The loss of images with right labels."""


def level_yields(config: RunConfig, it: Mapping[str, float]) -> Iterator[EpochRecords]:
    """The first epoch of a run with these numbers, and the last of each level; dense networks have one."""
    yield EpochRecords(epoch_record(0))
    last = config.pruning.levels if isinstance(config.pruning, Levels) else 0
    for number in range(last + 1):
        epoch = config.course.last_epoch(number)
        left = 0.8**number if config.pruning.kind == "imp" else 1.0
        losses = group_losses(number, it)
        late = it.get("late", 0) if left < 0.1 else it.get("early", 0)
        level = Level(
            1 - error_of(number, it) / 100,
            0.9 if number == it.get("best", 0) else 0.8 * config.model.width,
            ORIGINAL + (it.get("closing", 0) if number == last else 0),
            ORIGINAL + it.get("gap", 0) + (late if number else 0) if config.data.label_noise else None,
        )
        record = replace(
            level_record(level, config, number, epoch),
            weights=WEIGHTS,
            weights_left=round(WEIGHTS * left),
            train_loss=sum(losses) / GROUPS,
        )
        groups = tuple(
            GroupLoss(number, epoch, group, 8, loss, 0, None, loss)
            for group, loss in enumerate(losses, start=1)
        )
        yield EpochRecords(
            epoch_record(epoch, level=number, test_accuracy=level.test),
            levels=(record,),
            groups=groups if config.pruning.kind == "imp" else (),
        )


def error_of(number: int, it: Mapping[str, float]) -> float:
    """The test error of a level in percent."""
    best = it.get("best", 0)
    if number == best:
        return it["test_error"] - it.get("gain", 0)
    if number == 0:
        return it["test_error"]
    if number == it.get("useful"):
        return it["test_error"] - 0.5
    return it["test_error"] if number < best else it["test_error"] + 5


def group_losses(number: int, it: Mapping[str, float]) -> list[float]:
    """The losses of the groups at a level: in the dense network they rise, and their changes rise faster."""
    change = 0 if number == 0 else it.get("change" if number <= it.get("best", 0) else "later_change", 0)
    places = [place / GROUPS for place in range(1, GROUPS + 1)]
    shares = [place**3 for place in (places if it.get("hardest", 1) > 0 else places[::-1])]
    return [0.5 + place + change * share for place, share in zip(places, shares, strict=True)]
