"""A run that begins from another run's state. Defaults never change; see gst.config.run."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from gst.config.base import Config, Count, Epoch, Misfit
from gst.config.other_run import OtherRun


class Branch(Config):
    """The run of the same seed, its trunk, from whose state a run begins; without, initial weights."""

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
