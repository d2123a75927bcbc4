"""A run that begins from the state of another, its trunk, and whether it can at the epoch that it says.

Defaults never change; see gst.config.run.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Self

from pydantic import model_validator

from gst.config.base import Config, Count, Epoch, Misfit
from gst.config.other_run import OtherRun
from gst.config.pruning import IterativePruning, Levels, NoPruning, Removal, Schedules

if TYPE_CHECKING:
    from gst.config.run import RunConfig


class Branch(Config):
    """The run of the same seed, its trunk, from whose state a run begins; none, or null: initial weights."""

    arm: OtherRun
    """The label of the arm whose runs are the trunks, seed by seed; of several points that which agrees."""
    epoch: Epoch | None = None
    """Epochs of the trunk from whose end it goes on; its own are counted on from there. 0 is untrained."""
    level: Epoch | None = None
    """In place of an epoch, the level of the trunk before which it takes over, with its weights removed."""
    order: Count | None = None
    """The number of an order of batches, and of all other draws, of its own; without, it goes on with those
    of the trunk. Runs of one order draw alike (Frankle et al. 2020)."""

    @model_validator(mode="after")
    def _epoch_or_level(self) -> Self:
        if (self.epoch is None) == (self.level is None):
            found = "neither" if self.epoch is None else "both"
            raise Misfit("epoch", f"expected `epoch` or `level`, one of the two, found {found}")
        return self


def branch_epoch(trunk: RunConfig, epoch: int | None, level: int | None) -> int:
    """The first epoch after the trunk's state. Raises Misfit for an epoch or level that it does not have."""
    last = trunk.total_epochs
    if level is not None:
        if not 1 <= level <= trunk.course.levels:
            has = f"levels 1 to {trunk.course.levels} after its first" if trunk.course.levels else "no levels"
            raise Misfit("from.level", f"the trunk has {has}, found {level}")
        return trunk.course.last_epoch(level - 1) + 1
    assert epoch is not None
    if epoch > last:
        raise Misfit("from.epoch", f"the trunk trains {last} epochs: expected 0 to {last}, found {epoch}")
    return epoch


def refuse_misfit(run: RunConfig, trunk: RunConfig, first: int) -> None:
    """Raise Misfit where the run cannot begin from that trunk with epoch `first`."""
    for (key, ours), (_, theirs) in zip(_alike(run), _alike(trunk), strict=True):
        if ours != theirs:
            raise Misfit("from.arm", f"the trunk has {key} {theirs}, and this run {ours}: expected the same")
    if first >= run.total_epochs:
        raise Misfit("from.epoch", f"the run trains {run.total_epochs} epochs: none is left after {first}")
    if first and run.measure.el2n is not None:
        raise Misfit("measure.examples.el2n", "EL2N scores are taken before epoch 0: ask them of the trunk")
    flat, each = run.measure.flatness, run.measure.each_example
    moments = {} if each is None else {"each_example.levels": min(each.moments(run.course))}
    moments |= {} if flat is None else {"flatness.epoch": flat.epoch}
    for name, epoch in moments.items():
        if epoch < first:
            raise Misfit(f"measure.{name}", f"asks for epoch {epoch}, which is the trunk's: from {first} on")
    if first:
        _refuse_other_pruning(run, trunk, first)


def same_pruning(run: RunConfig, trunk: RunConfig) -> bool:
    """Whether the trunk removes and scores as the run does; the number of levels may be another."""
    return _without_levels(run) == _without_levels(trunk)


def _refuse_other_pruning(run: RunConfig, trunk: RunConfig, first: int) -> None:
    if not isinstance(trunk.pruning, NoPruning) and not same_pruning(run, trunk):
        raise Misfit(
            "from.arm",
            "the trunk is pruned in another way, and what it has removed would come back: expected the same "
            "`pruning`, or a trunk of kind none",
        )
    if same_pruning(run, trunk):
        return
    match run.pruning:
        case Removal(scratch=True):
            raise Misfit("pruning.scratch", "scratch pruning comes before training, which is the trunk's")
        case Schedules() as pruning if (start := min(pruning.each(pruning.start))) < first:
            raise Misfit(
                "pruning.start", f"pruning starts at epoch {start}, which is the trunk's: from {first} on"
            )
        case Levels() as pruning if run.training.epochs <= first:
            raise Misfit(
                "training.epochs", f"the first level ends before epoch {first}, where the run begins"
            )
        case IterativePruning(rewind="weights", rewind_epoch=rewind) if rewind < first:
            raise Misfit(
                "pruning.rewind_epoch",
                f"weights go back to epoch {rewind}, which is the trunk's: expected {first} or later",
            )


def _without_levels(config: RunConfig) -> object:
    """Its pruning but for the number of levels, which says only when it ends, and the length of a level."""
    pruning = config.pruning
    if isinstance(pruning, Levels):
        return pruning.model_copy(update={"levels": 1}), config.training.epochs
    return pruning


def _alike(config: RunConfig) -> Iterator[tuple[str, object]]:
    """Keys in which a run and its trunk must agree: the state would not fit, or be of other images."""
    yield from ((f"data.{name}", str(value)[:60]) for name, value in config.data if name != "source")
    yield "data.source", config.data.code and config.data.code.digest
    yield "model.name", config.model.label
    yield "model.width", config.model.units or config.model.width
    yield "training.optimizer.name", config.training.optimizer.name
    yield "scale", config.scale
