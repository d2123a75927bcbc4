"""The arms of a sweep level by level, the optimal level of each, and how it compares, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, get_args

from gst.analysis.levels import (
    ChosenBy,
    LevelResult,
    LevelSummary,
    Verdict,
    chosen_by,
    level_results,
    level_summaries,
    optimal_level,
    verdict,
)
from gst.analysis.source import Source
from gst.errors import InputError, UnknownNameError
from gst.figures.sheet import Row, missing_rows
from gst.figures.style import signed
from gst.figures.sweep_runs import SweepRuns, sweep_runs
from gst.grouping import grouped
from gst.stats.tests import DeviationRule

if TYPE_CHECKING:
    from gst.store import Store

RULE = (
    "By the rule of Jin et al. (2022) two results differ where the mean difference over seeds is at least "
    "one standard deviation of the differences; otherwise they match."
)


class Arm(NamedTuple):
    """One arm: its levels, rising, and its name, which is `clean`, `15% noise`, or its label."""

    name: str
    levels: tuple[LevelSummary, ...]
    optimal: LevelSummary

    @property
    def label(self) -> str:
        """Its label in the sweep file."""
        return self.levels[0].arm

    @property
    def first(self) -> LevelResult:
        """One of its dense networks, for settings that all its runs share."""
        return self.levels[0].runs[0]

    @property
    def noise(self) -> float:
        """The fraction of training images with a wrong label."""
        return self.first.label_noise


class LevelRuns(NamedTuple):
    """The arms of a sweep whose runs were measured level by level; `by` is how optimal levels are chosen."""

    runs: SweepRuns
    by: ChosenBy
    arms: tuple[Arm, ...]

    @property
    def source(self) -> Source:
        """The sweep and its runs."""
        return self.runs.source

    def of_kind(self, *kinds: str) -> tuple[Arm, ...]:
        """The arms of those kinds of pruning by their label noise, then in the order of the sweep file."""
        return tuple(sorted((arm for arm in self.arms if arm.first.kind in kinds), key=lambda arm: arm.noise))

    def showing(self, arms: Iterable[Arm]) -> LevelRuns:
        """These arms alone, with the missing runs of them and of arms that have no completed run."""
        kept = tuple(arms)
        labels = {arm.label for arm in kept}
        hidden = {run.arm for run in self.runs.runs} - labels
        members = tuple(member for member in self.source.members if member.arm not in hidden)
        runs = self.runs._replace(
            source=self.source._replace(members=members),
            runs=tuple(run for run in self.runs.runs if run.arm in labels),
        )
        return self._replace(runs=runs, arms=tuple(arm for arm in self.arms if arm.label in labels))

    def choice(self) -> str:
        """A sentence on how optimal levels were chosen."""
        if self.by == "validation":
            return (
                "The optimal level has the lowest mean validation error over the runs of an arm: that of "
                "training images held out, with right labels."
            )
        held_out = any(run.validation_error is not None for arm in self.arms for run in arm.levels[0].runs)
        reason = "as asked for" if held_out else "since no images were held out to choose by"
        return (
            f"The optimal level has the lowest mean test error over the runs of an arm, {reason}: its own "
            "test error is flattered."
        )

    def rows(self) -> Iterator[Row]:
        """A row for each run and level, and for each missing run; errors are fractions of 1."""
        for arm in self.arms:
            for level in arm.levels:
                for run in level.runs:
                    yield {"what": "run at level", **{name: getattr(run, name) for name in _COLUMNS}}
        yield from missing_rows(self.source)


_COLUMNS = (
    "arm", "key", "seed", "scale", "label_noise", "width", "level", "epochs", "weights_left", "test_error",
    "validation_error", "train_loss", "original_loss", "noisy_loss",
)  # fmt: skip


def level_runs(store: Store, sweep: str, select_by: ChosenBy | None = None) -> LevelRuns:
    """The arms of the sweep of that name; one that has the runs of an earlier arm is left out.

    `select_by` is the error by which optimal levels are chosen; unless given, validation error where images
    are held out, else test error. Raises UnknownNameError for a sweep that is not in the store and for an
    error of another name, and InputError where no run completed, none was summed up level by level, or no
    images are held out to select by.
    """
    if select_by not in (None, *get_args(ChosenBy)):
        raise UnknownNameError("error to select by", select_by, get_args(ChosenBy))
    found = sweep_runs(store, sweep, "final")
    summaries = level_summaries(level_results(store, found.source))
    if not summaries:
        raise InputError(
            f"sweep {sweep!r}: none of its {len(found.source.keys)} completed runs was summed up level by "
            "level; runs of `pruning: {kind: imp}` and `{kind: extended}` are, and dense ones with "
            "`measure: {examples: {}}` in a sweep file"
        )
    by = chosen_by(summaries, select_by)
    return LevelRuns(found, by, _arms(summaries, by))


def _arms(summaries: Sequence[LevelSummary], by: ChosenBy) -> tuple[Arm, ...]:
    levels = _without_repeated(grouped((it.arm, it) for it in summaries))
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


def _without_repeated(levels: Mapping[str, list[LevelSummary]]) -> dict[str, list[LevelSummary]]:
    """The arms without those of an earlier arm's runs, as of two widths that are one network."""
    first: dict[tuple[tuple[str, int], ...], str] = {}
    for arm, of_arm in levels.items():
        first.setdefault(tuple((run.key, it.level) for it in of_arm for run in it.runs), arm)
    return {arm: levels[arm] for arm in first.values()}


def _setting(run: LevelResult) -> tuple[str, float, float]:
    """The kind of pruning, label noise and width, which name an arm where no other arm has the same."""
    return run.kind, run.label_noise, run.width


def noise_name(noise: float) -> str:
    """The name of a fraction of wrong labels: `clean`, `15% noise`."""
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
    """The error of a figure whose sweep has no completed run of that kind."""
    return InputError(f"sweep {sweep!r} has no completed run of {what}, which the figure is about")


VERDICTS: dict[Verdict | None, str] = {
    "better": "better",
    "match": "they match",
    "worse": "worse",
    None: "fewer than two seeds, so no verdict",
}


def against_dense(arms: Iterable[Arm]) -> Iterator[str]:
    """How each arm's optimal level compares with its dense network, in a line each."""
    for arm in arms:
        yield f"{arm.name}: optimal at {place(arm.optimal)}; {dense_words(arm.optimal)}"


def dense_words(level: LevelSummary) -> str:
    """The test error of a level less that of the dense networks, and the verdict."""
    if level.level == 0:
        return "the dense networks themselves"
    if level.change is None:
        return VERDICTS[None]
    return f"test error against dense networks {compared(level.change)}"


def place(level: LevelSummary) -> str:
    """Where a level is: `level 8, 16.8% of the weights`."""
    return f"level {level.level}, {100 * level.weights_left:.3g}% of the weights"


def points(rule: DeviationRule | None) -> str:
    """A difference of errors in percentage points, with its standard deviation."""
    if rule is None:
        return ""
    value = signed(100 * rule.value, plus=True)
    return f"{value} ± {signed(100 * rule.deviation)} points (standard deviation, n = {rule.n})"


def compared(rule: DeviationRule | None) -> str:
    """A difference in points and the verdict on its first side."""
    return f"{points(rule)}: {VERDICTS[verdict(rule)]}" if rule else VERDICTS[None]
