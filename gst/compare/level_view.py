"""A run at the end of one of its levels, beside its dense network, and the losses of its images there."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean
from typing import NamedTuple

from gst.analysis.levels import LevelResult, concentration
from gst.stats.rows import rising


class LevelView(NamedTuple):
    """A level, and level 0 of the same run; losses are of percentile groups of images, EL2N scores rising.

    `groups` are the chosen groups, counted from 1; None is all images. A run without groups has no losses.
    `left_out` says why the level stands for no sparse network, where one was sought and there is none.
    """

    level: LevelResult
    dense: LevelResult
    losses: tuple[float | None, ...]
    dense_losses: tuple[float | None, ...]
    groups: tuple[int, ...] | None = None
    left_out: str = ""

    @property
    def train_loss(self) -> float | None:
        """The mean training loss of the chosen images."""
        if self.groups is None:
            return self.level.train_loss
        return _mean([self.losses[group - 1] for group in self.groups])

    @property
    def changes(self) -> tuple[float, ...] | None:
        """The loss of each chosen group less the dense network's; None unless all have one."""
        groups = range(1, len(self.losses) + 1) if self.groups is None else self.groups
        pairs = [(self.losses[group - 1], self.dense_losses[group - 1]) for group in groups]
        found = tuple(one - other for one, other in pairs if one is not None and other is not None)
        return found if found and len(found) == len(pairs) else None

    @property
    def change(self) -> float | None:
        """The mean training loss of the chosen images less the dense network's."""
        if self.groups is not None:
            return _mean(self.changes or ())
        return less(self.level.train_loss, self.dense.train_loss)

    @property
    def absolute_change(self) -> float | None:
        """The mean absolute change of loss over the chosen groups."""
        return _mean([abs(it) for it in self.changes or ()])

    @property
    def concentration(self) -> float | None:
        """The size of the change on the hardest fifth of the groups over that on the rest."""
        return None if self.changes is None else concentration(self.changes)

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
        """The view restricted to those groups of images."""
        return self._replace(groups=groups)


def less(one: float | None, other: float | None) -> float | None:
    """The difference, where there are both."""
    return None if one is None or other is None else one - other


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known and len(known) == len(values) else None
