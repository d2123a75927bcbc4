"""Training loss of pruned less dense networks by EL2N group of training images (Jin et al. 2022)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from statistics import fmean
from typing import Literal, NamedTuple

from gst.analysis.levels import (
    GroupLossResult,
    LevelResult,
    LevelSummary,
    Verdict,
    concentration,
    sparsest_better,
    verdict,
)
from gst.figures.axes import asides
from gst.figures.frame import Pane, draw_panel
from gst.figures.level_runs import Arm, dense_words, place
from gst.figures.means import RunMean, run_mean
from gst.figures.panels.level_series import SMALL_DOTS, name_colours
from gst.figures.panels.marks import SeriesStyle, add_marks
from gst.figures.sheet import Row
from gst.figures.style import BASELINE, FAINT, Look, intervals, signed
from gst.stats.tests import DeviationRule, one_deviation_rule

Which = Literal["optimal", "sparsest better"]
HEADINGS: Mapping[Which, str] = {
    "optimal": "<b>Optimal level</b>",
    "sparsest better": "<b>Sparsest level better than dense</b>",
}
Shown = Literal["change", "loss"]
"""Losses at a level less those at level 0, or losses themselves."""
_APART = 0.22
"""Of the distance between two groups: how far neighbouring series stand apart, where they are three."""


class GroupMark(NamedTuple):
    """One group of an arm: its loss at the level, or that less the one at level 0 of the same run, over runs.

    `x` is the group's number, from 1. `rule` is of differences, and None with one run.
    """

    x: int
    group: RunMean
    rule: DeviationRule | None
    runs: tuple[LevelResult, ...]
    values: tuple[float, ...]

    @property
    def verdict(self) -> Verdict | None:
        """How the pruned networks fit the group, compared with the dense ones."""
        return verdict(self.rule)


class ArmGroups(NamedTuple):
    """The groups of an arm at that level, rising; `lost` counts values that were not finite.

    `ratios` has, for each run whose losses are all finite, how much more the loss changes on the hardest
    fifth than on the rest.
    """

    arm: Arm
    level: LevelSummary
    groups: tuple[GroupMark, ...]
    lost: int
    ratios: tuple[float, ...]

    def named(self, name: str) -> ArmGroups:
        """The same with another name of the arm."""
        return self._replace(arm=self.arm._replace(name=name))

    @property
    def concentration(self) -> float | None:
        """The mean over runs of the ratio that each has, or None where none has one."""
        return fmean(self.ratios) if self.ratios else None

    def rows(self, which: str) -> Iterator[Row]:
        """The groups, and each run's differences, as rows."""
        about = {
            "arm": self.arm.label,
            "label_noise": self.arm.noise,
            "which": which,
            "level": self.level.level,
            "weights_left": self.level.weights_left,
        }
        yield {
            "what": "mean |loss difference| of a run, top fifth over the rest, mean over runs",
            **about,
            "n": len(self.ratios),
            "value": self.concentration,
        }
        for it in self.groups:
            deviation = it.rule.deviation if it.rule else None
            row = {**it.group.row("mean loss difference"), **about, "bin": it.x}
            yield row | {"deviation": deviation, "verdict": it.verdict}
        for it in self.groups:
            for run, value in zip(it.runs, it.values, strict=True):
                of_run = {"bin": it.x, "seed": run.seed, "key": run.key, "value": value}
                yield {"what": "loss difference", **about, **of_run}

    def note(self, which: str) -> str:
        """How many groups the pruned networks fit better and worse, in words."""
        counts = Counter(it.verdict for it in self.groups)
        words = f"{counts['better']} groups lower, {counts['match']} match, {counts['worse']} higher"
        if counts[None] == len(self.groups):
            words = "fewer than two seeds, so no verdict on groups"
        ratio = self.concentration
        top = (
            ""
            if ratio is None
            else f"; mean |difference| of the top fifth {ratio:.3g} times that of the rest, run by run"
        )
        lost = f"; {self.lost} losses are not finite" if self.lost else ""
        return (
            f"{self.arm.name}, {which} at {place(self.level)} ({dense_words(self.level)}): {words}{top}{lost}"
        )


class GroupPanel(NamedTuple):
    """The arms at that level of each; `notes` say which have no place, and why."""

    which: Which
    arms: tuple[ArmGroups, ...]
    looks: Mapping[str, Look]
    """By the names of arms."""
    notes: tuple[str, ...] = ()
    shown: Shown = "change"

    @property
    def heading(self) -> str:
        """Which level it is."""
        about = f": {place(self.arms[0].level)}" if len(self.arms) == 1 else ""
        return f"{HEADINGS[self.which]}{about}"

    def rows(self) -> Iterator[Row]:
        """The differences of each arm."""
        for it in self.arms:
            yield from it.rows(self.which)

    def counts(self) -> list[tuple[str, int]]:
        """Each mark, and how many runs it stands for."""
        return [(f"group {it.x} of {arm.arm.name}", it.group.n) for arm in self.arms for it in arm.groups]

    def reading(self) -> Iterator[str]:
        """How means and intervals were made, and what a difference is."""
        estimates = [it.group.estimate for arm in self.arms for it in arm.groups]
        groups = max((len(arm.groups) for arm in self.arms), default=20)
        if self.counts():
            yield f"{intervals(it.method for it in estimates if it)} {SMALL_DOTS}"
            yield (
                f"The last of {groups} equally large groups of training images has the highest EL2N scores. "
                "A difference is the loss at the level less that of the dense network of the same run; below "
                "0 the pruned network fits better."
            )

    def summary(self) -> tuple[str, ...]:
        """How each arm compares with its dense networks, and which have no place here."""
        return (*(it.note(self.which) for it in self.arms), *self.notes)


def group_panel(
    arms: Sequence[Arm],
    results: Iterable[GroupLossResult],
    which: Which,
) -> GroupPanel:
    """The panel of the optimal level of each arm, or of its sparsest one that is better than dense."""
    losses = losses_by_run(results)
    choose: Callable[[Arm], LevelSummary | None] = (
        (lambda arm: arm.optimal) if which == "optimal" else (lambda arm: sparsest_better(arm.levels))
    )
    shown, notes = [], []
    for arm in arms:
        level = choose(arm)
        if level is None and arm.levels[0].n < 2:
            notes.append(f"{arm.name}: of one seed no level can be said to be better than the dense network")
        elif level is None:
            notes.append(f"{arm.name}: no level is better than the dense networks")
        elif level.level == 0:
            notes.append(f"{arm.name}: the dense networks are best, so that there is no difference")
        else:
            shown.append(arm_groups(arm, level, losses))
    looks = {name: Look(colour, "square") for name, colour in name_colours(arms).items()}
    return GroupPanel(which, tuple(shown), looks, tuple(notes))


Losses = Mapping[tuple[str, str, int], Mapping[int, float | None]]
"""By arm, run and level: the loss of each group."""


def losses_by_run(results: Iterable[GroupLossResult]) -> Losses:
    """The losses of groups by arm, run and level."""
    losses: dict[tuple[str, str, int], dict[int, float | None]] = {}
    for it in results:
        losses.setdefault((it.arm, it.key, it.level), {})[it.bin] = it.loss
    return losses


def arm_groups(arm: Arm, level: LevelSummary, losses: Losses, shown: Shown = "change") -> ArmGroups:
    """The groups of an arm at a level, of the runs whose losses there and at level 0 are finite."""
    found: dict[int, list[tuple[LevelResult, float]]] = {}
    lost = 0
    ratios: list[float] = []
    for run in level.runs:
        here, dense = (losses.get((run.arm, run.key, number), {}) for number in (level.level, 0))
        changes: dict[int, float] = {}
        for number, loss in here.items():
            before = dense.get(number)
            if loss is not None and before is not None:
                changes[number] = loss - before
                found.setdefault(number, []).append((run, loss if shown == "loss" else loss - before))
        lost += len(here) - len(changes)
        ratio = concentration([changes[number] for number in sorted(changes)])
        if ratio is not None and len(changes) == len(here):
            ratios.append(ratio)
    groups = (_mark(arm, level, number, found[number], shown) for number in sorted(found))
    return ArmGroups(arm, level, tuple(groups), lost, tuple(ratios))


def _mark(
    arm: Arm,
    level: LevelSummary,
    number: int,
    pairs: list[tuple[LevelResult, float]],
    shown: Shown,
) -> GroupMark:
    runs, values = zip(*pairs, strict=True)
    judged = shown != "loss" and len(values) > 1
    rule = one_deviation_rule(values, [0.0] * len(values)) if judged else None
    name = f"{arm.label}/level {level.level}/group {number}"
    return GroupMark(number, run_mean(name, values), rule, runs, values)


def _words(level: LevelSummary, mark: GroupMark) -> str:
    """What a mark means, for whoever hovers over it."""
    rule = mark.rule
    about = f", standard deviation {rule.deviation:.4f}, {mark.verdict}" if rule else ""
    return f"{place(level)}<br>group {mark.x}{about}"


def _place(x: float, aside: float) -> float:
    return x + _APART * aside


def _signed(value: float) -> str:
    return signed(value, 4)


@draw_panel.register
def _(panel: GroupPanel, pane: Pane) -> None:
    name = "loss" if panel.shown == "loss" else "difference"
    if panel.shown != "loss" and panel.counts():
        pane.across(0, color=BASELINE, width=1)
    for it, aside in zip(panel.arms, asides(len(panel.arms)), strict=True):
        look, words = panel.looks[it.arm.name], partial(_words, it.level)
        style = SeriesStyle(it.arm.name, look, _place, words, name, _signed, aside=aside, size=8)
        add_marks(pane, it.groups, style)
    pane.set_x(title_text="EL2N group, lowest scores first")
    pane.set_y(title_text="Training loss: pruned less dense")
    if not panel.counts():
        pane.set_y(showticklabels=False, ticks="", showgrid=False)
        middle = {"xref": f"{pane.x} domain", "x": 0.5, "yref": f"{pane.y} domain", "y": 0.5}
        pane.write("no level to show, for the reason below", font={"color": FAINT}, **middle)
        pane.add(x=[None], y=[None])
    last = max((it.x for arm in panel.arms for it in arm.groups), default=20)
    pane.set_x(range=[0.3, last + 0.7], dtick=1 if last <= 10 else 2, tick0=2)
