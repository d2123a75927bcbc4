"""How the epochs of a run of many levels follow each other: all of it is known before training starts."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import NamedTuple

from gst.errors import ConfigError


class Position(NamedTuple):
    """Where an epoch of a run stands: in which level, and at which epoch of the schedule, from 0."""

    level: int
    epoch: int
    ends: bool  # whether it is the level's last


class Course(NamedTuple):
    """Level 0 trains `epochs` epochs; each of the `levels` after it goes back to `rewind` and trains on.

    At the end of level k a run has trained epochs + k (epochs - rewind) epochs (Jin et al. 2022, section 2).
    """

    epochs: int
    levels: int = 0
    rewind: int = 0

    @property
    def total(self) -> int:
        """The epochs of all levels together."""
        return self.epochs + self.levels * (self.epochs - self.rewind)

    def position(self, epoch: int) -> Position:
        """Where that epoch of the run (0-based) stands."""
        if epoch < self.epochs:
            return Position(0, epoch, epoch == self.epochs - 1)
        again = self.epochs - self.rewind
        levels, epochs = divmod(epoch - self.epochs, again)
        return Position(levels + 1, self.rewind + epochs, epochs == again - 1)

    def last_epoch(self, level: int) -> int:
        """The epoch of the run with which that level ends."""
        return self.epochs + level * (self.epochs - self.rewind) - 1


def weights_left(total: int, eligible: int, fraction: Fraction, levels: int) -> tuple[int, ...]:
    """Number of a network's `total` weights that each level trains with, from level 0 on.

    A removal takes that fraction of all weights that are left, rounded up, out of the `eligible` ones:
    those of layers that are never pruned count, and stay (Jin et al. 2022 with OpenLTH's counting).

    Raises ConfigError where the eligible weights run out.
    """
    left = [total]
    for level in range(1, levels + 1):
        count = math.ceil(fraction * left[-1])
        if count > left[-1] - (total - eligible):
            raise ConfigError(
                f"pruning.levels: level {level} would remove {count} weights, and "
                f"{left[-1] - (total - eligible)} that may be pruned are left; at most {level - 1} levels"
            )
        left.append(left[-1] - count)
    return tuple(left)
