"""A run at the end of one of its levels, beside the dense network that it was at the end of its first."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean
from typing import NamedTuple

import numpy as np

from gst.analysis import LevelResult

HARDEST = 0.2
"""The share of the images, those with the highest EL2N scores, that Jin et al. 2022 find to change most."""


class LevelView(NamedTuple):
    """A level, and level 0 of the same run; losses are of percentile groups of images, EL2N scores rising.

    `groups` are those that are meant, counted from 1; None is all images. There are no losses where the
    run has no groups.
    """

    level: LevelResult
    dense: LevelResult
    losses: tuple[float | None, ...]
    dense_losses: tuple[float | None, ...]
    groups: tuple[int, ...] | None = None

    @property
    def train_loss(self) -> float | None:
        """The mean training loss of the images that are meant."""
        if self.groups is None:
            return self.level.train_loss
        return _mean([self.losses[group - 1] for group in self.groups])

    @property
    def changes(self) -> tuple[float, ...] | None:
        """The loss less the dense network's, of each group that is meant; None unless all have one."""
        groups = range(1, len(self.losses) + 1) if self.groups is None else self.groups
        pairs = [(self.losses[group - 1], self.dense_losses[group - 1]) for group in groups]
        found = tuple(one - other for one, other in pairs if one is not None and other is not None)
        return found if found and len(found) == len(pairs) else None

    @property
    def change(self) -> float | None:
        """The mean training loss less the dense network's, of the images that are meant."""
        if self.groups is not None:
            return _mean(self.changes or ())
        return less(self.level.train_loss, self.dense.train_loss)

    @property
    def absolute_change(self) -> float | None:
        """The mean size of the change, of the groups that are meant."""
        return _mean([abs(it) for it in self.changes or ()])

    @property
    def concentration(self) -> float | None:
        """The size of the change on the hardest fifth of the images as a multiple of that on the rest."""
        hardest, rest = (self.of(groups).absolute_change for groups in hardest_and_rest(len(self.losses)))
        return None if hardest is None or not rest else hardest / rest

    @property
    def change_by_group(self) -> float | None:
        """Kendall's tau of a group's place and its change: 1 where each changes by more than those before.

        0 where no group changes, as in the dense network itself.
        """
        if self.changes is None:
            return None
        return rising(self.changes) if any(self.changes) else 0.0

    @property
    def noisy_gap(self) -> float | None:
        """The loss of images with a wrong label less that of those with the right one."""
        return less(self.level.noisy_loss, self.level.original_loss)

    @property
    def noisy_change(self) -> float | None:
        """The loss of images with a wrong label less the dense network's."""
        return less(self.level.noisy_loss, self.dense.noisy_loss)

    def of(self, groups: tuple[int, ...]) -> LevelView:
        """The same of those groups of images."""
        return self._replace(groups=groups)


def hardest_and_rest(groups: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The groups of the fifth with the highest scores, and the others, of so many; none for no groups."""
    first = groups - math.ceil(HARDEST * groups)
    return tuple(range(first + 1, groups + 1)), tuple(range(1, first + 1))


def less(one: float | None, other: float | None) -> float | None:
    """The difference, where there are both."""
    return None if one is None or other is None else one - other


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known and len(known) == len(values) else None


def rising(values: Sequence[float]) -> float | None:
    """Kendall's tau-b of the values with their places: 1 where each is above those before, -1 where below.

    None for fewer than two values, and where all are the same.
    """
    first, second = np.triu_indices(len(values), k=1)
    numbers = np.asarray(values, dtype=np.float64)
    # By comparison, as the difference of two infinite values is no number.
    above, below = (
        int((numbers[second] > numbers[first]).sum()),
        int((numbers[second] < numbers[first]).sum()),
    )
    return (above - below) / math.sqrt(len(first) * (above + below)) if above + below else None
