"""Test error and training loss against what is left of the weights: Jin 2022's Figures 3 and 4 in numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from gst.analysis import LevelResult, LevelSummary, Source, Table
from gst.figures.basis import Row, as_table
from gst.figures.level_runs import Arm, LevelRuns, level_runs, without
from gst.figures.level_series import LevelSeries, level_series, unplaced

if TYPE_CHECKING:
    from gst.store import Store


class NoisyErrors(NamedTuple):
    """The numbers of Figure 3: a series for each arm that prunes, the least noise first."""

    runs: LevelRuns
    arms: tuple[Arm, ...]
    series: tuple[LevelSeries, ...]

    @property
    def source(self) -> Source:
        """The sweep and its runs."""
        return self.runs.source

    def table(self) -> Table:
        """Means by level, the runs at each level and missing runs, one a row; errors are fractions of 1."""
        means = (row for it in self.series for row in it.rows("mean test_error"))
        return as_table([*means, *self.runs.rows()])


class NoisyLosses(NamedTuple):
    """The numbers of Figure 4: two series for each arm with wrong labels, of right ones and of wrong ones."""

    runs: LevelRuns
    arms: tuple[Arm, ...]
    original: tuple[LevelSeries, ...]
    noisy: tuple[LevelSeries, ...]
    notes: tuple[str, ...]

    @property
    def source(self) -> Source:
        """The sweep and its runs."""
        return self.runs.source

    def table(self) -> Table:
        """Means by level, the runs at each level and missing runs, one a row."""
        return as_table([*self._means(), *self.runs.rows()])

    def _means(self) -> Iterator[Row]:
        for it in self.original:
            yield from it.rows("mean original_loss")
        for it in self.noisy:
            yield from it.rows("mean noisy_loss")


def fig3(store: Store, sweep: str) -> NoisyErrors:
    """Test error by level of every arm of iterative pruning, in the newest sweep of that name.

    Raises UnknownNameError for a sweep that is not in the store, and InputError for one without such runs.
    """
    runs, arms = pruned_arms(store, sweep)
    series = tuple(
        level_series(runs.source, arm.name, "test_error", arm.levels, arm.optimal, left, _test_error)
        for arm in arms
    )
    return NoisyErrors(runs, arms, series)


def fig4(store: Store, sweep: str) -> NoisyLosses:
    """Training loss by level of images with right labels and with wrong ones; otherwise as Figure 3.

    Arms without wrong labels are left out.
    """
    runs, arms = pruned_arms(store, sweep, noisy=True)
    original, noisy = (
        tuple(
            level_series(runs.source, arm.name, quantity, arm.levels, arm.optimal, left, loss) for arm in arms
        )
        for quantity, loss in (("original_loss", _original_loss), ("noisy_loss", _noisy_loss))
    )
    levels = [level for arm in arms for level in arm.levels]
    notes = (*unplaced(original, levels, "the original loss"), *unplaced(noisy, levels, "the noisy loss"))
    return NoisyLosses(runs, arms, original, noisy, notes)


def pruned_arms(store: Store, sweep: str, *, noisy: bool = False) -> tuple[LevelRuns, tuple[Arm, ...]]:
    """The arms of iterative pruning, or those with wrong labels, and the sweep's levels with only them."""
    runs = level_runs(store, sweep)
    arms = tuple(arm for arm in runs.of_kind("imp") if arm.noise or not noisy)
    if not arms:
        raise without(sweep, f"iterative pruning{' with label noise' if noisy else ''}")
    return runs.showing(arms), arms


def left(level: LevelSummary) -> float:
    """What is left of the weights, a fraction of 1."""
    return level.weights_left


def _test_error(run: LevelResult) -> float:
    return run.test_error


def _original_loss(run: LevelResult) -> float | None:
    return run.original_loss


def _noisy_loss(run: LevelResult) -> float | None:
    return run.noisy_loss
