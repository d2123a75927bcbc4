"""What figures over levels rest on: the runs of a sweep at each of their levels, and the optimal ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from gst.analysis import (
    ChosenBy,
    LevelResult,
    LevelSummary,
    Source,
    chosen_by,
    level_results,
    level_summaries,
    optimal_level,
)
from gst.errors import InputError
from gst.figures.basis import Basis, Row, basis

if TYPE_CHECKING:
    from gst.store import Store

RULE = (
    "By the rule of Jin et al. (2022) two results differ where the mean difference over seeds is at least "
    "one standard deviation of the differences; otherwise they match."
)


class Arm(NamedTuple):
    """The levels of one arm, rising, and the name of its setting: `clean`, `15% noise`, or its label."""

    name: str
    levels: tuple[LevelSummary, ...]
    optimal: LevelSummary

    @property
    def label(self) -> str:
        """Its label in the sweep file."""
        return self.levels[0].arm

    @property
    def first(self) -> LevelResult:
        """One of its runs, for what all of them have in common."""
        return self.levels[0].runs[0]

    @property
    def noise(self) -> float:
        """The fraction of training images with a wrong label."""
        return self.first.label_noise


class LevelRuns(NamedTuple):
    """The arms of a sweep that were summed up level by level; `by` says how optimal levels are chosen."""

    basis: Basis
    by: ChosenBy
    arms: tuple[Arm, ...]

    @property
    def source(self) -> Source:
        """The sweep and its runs."""
        return self.basis.source

    @property
    def noises(self) -> tuple[float, ...]:
        """The fractions of wrong labels that occur, rising."""
        return tuple(sorted({arm.noise for arm in self.arms}))

    def of_kind(self, *kinds: str) -> tuple[Arm, ...]:
        """The arms of those kinds of pruning, the least noise first, else in the order of the sweep file."""
        return tuple(sorted((arm for arm in self.arms if arm.first.kind in kinds), key=lambda arm: arm.noise))

    def showing(self, arms: Iterable[Arm]) -> LevelRuns:
        """The same with these arms alone; what is missing is missing of them, or of arms without a run."""
        kept = tuple(arms)
        labels = {arm.label for arm in kept}
        hidden = {run.arm for run in self.basis.runs} - labels
        members = tuple(member for member in self.source.members if member.arm not in hidden)
        runs = tuple(run for run in self.basis.runs if run.arm in labels)
        narrow = self.basis._replace(source=self.source._replace(members=members), runs=runs)
        return self._replace(basis=narrow, arms=tuple(arm for arm in self.arms if arm.label in labels))

    def choice(self) -> str:
        """How optimal levels were chosen, in a sentence."""
        if self.by == "validation":
            return (
                "The optimal level has the lowest mean validation error over the runs of an arm: that of "
                "training images held out, with right labels."
            )
        return (
            "The optimal level has the lowest mean test error over the runs of an arm, since no images were "
            "held out to choose by: its own test error is flattered."
        )

    def rows(self) -> Iterator[Row]:
        """A row for each run and level, and for each missing run; errors are fractions of 1."""
        for arm in self.arms:
            for level in arm.levels:
                yield from (_row(run) for run in level.runs)
        for missing in self.source.missing:
            yield {
                "what": f"{missing.status} run",
                "arm": missing.arm,
                "key": missing.key,
                "seed": missing.seed,
            }


def _row(run: LevelResult) -> Row:
    return {
        "what": "run at level",
        "arm": run.arm,
        "key": run.key,
        "seed": run.seed,
        "scale": run.scale,
        "label_noise": run.label_noise,
        "width": run.width,
        "level": run.level,
        "epochs": run.epochs,
        "weights_left": run.weights_left,
        "test_error": run.test_error,
        "validation_error": run.validation_error,
        "train_loss": run.train_loss,
        "original_loss": run.original_loss,
        "noisy_loss": run.noisy_loss,
    }


def level_runs(store: Store, sweep: str) -> LevelRuns:
    """The levels of the newest sweep of that name.

    Raises UnknownNameError for a sweep that is not in the store, and InputError where no run of it
    completed, or none was summed up level by level.
    """
    found = basis(store, sweep, "final")
    summaries = level_summaries(level_results(store, found.source))
    if not summaries:
        raise InputError(
            f"sweep {sweep!r}: none of its {len(found.source.keys)} completed runs was summed up level by "
            "level; runs of `pruning: {kind: imp}` and `{kind: extended}` are, and dense ones with "
            "`measure: {examples: {}}` in a sweep file"
        )
    return LevelRuns(found, chosen_by(summaries), _arms(summaries))


def _arms(summaries: Sequence[LevelSummary]) -> tuple[Arm, ...]:
    by = chosen_by(summaries)
    levels: dict[str, list[LevelSummary]] = {}
    for it in summaries:
        levels.setdefault(it.arm, []).append(it)
    settings = {arm: _setting(of_arm[0].runs[0]) for arm, of_arm in levels.items()}
    alone = {arm: list(settings.values()).count(setting) == 1 for arm, setting in settings.items()}
    return tuple(
        Arm(
            noise_name(of_arm[0].runs[0].label_noise) if alone[arm] else arm,
            tuple(of_arm),
            optimal_level(of_arm, by),
        )
        for arm, of_arm in levels.items()
    )


def _setting(run: LevelResult) -> tuple[str, float, float]:
    """What tells arms apart without their label."""
    return run.kind, run.label_noise, run.width


def noise_name(noise: float) -> str:
    """A fraction of wrong labels as people call it: `clean`, `15% noise`."""
    return f"{100 * noise:.4g}% noise" if noise else "clean"


def one_of_each_noise(sweep: str, arms: Iterable[Arm], what: str) -> dict[float, Arm]:
    """The arms by their noise. Raises InputError where two have the same."""
    found: dict[float, Arm] = {}
    for arm in arms:
        if arm.noise in found:
            raise InputError(
                f"sweep {sweep!r} has two arms of {what} with {noise_name(arm.noise)} labels, "
                f"{found[arm.noise].label!r} and {arm.label!r}; the figure compares one with one"
            )
        found[arm.noise] = arm
    return found


def without(sweep: str, what: str) -> InputError:
    """The refusal of a figure whose sweep has no completed run of that kind."""
    return InputError(f"sweep {sweep!r} has no completed run of {what}, which the figure is about")
