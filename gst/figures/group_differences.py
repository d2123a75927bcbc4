"""Training loss of pruned less dense networks by EL2N group: Jin 2022's Figures 1b, 2 and 5 in numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from gst.analysis import (
    GroupLossResult,
    LevelSummary,
    Source,
    Table,
    Verdict,
    group_loss_results,
    sparsest_better,
    verdict,
)
from gst.errors import InputError
from gst.figures.basis import Row, as_table
from gst.figures.groups import Group, group
from gst.figures.level_curves import pruned_arms
from gst.figures.level_runs import Arm, LevelRuns
from gst.stats import DeviationRule, one_deviation_rule

if TYPE_CHECKING:
    from gst.store import Store

Which = Literal["optimal", "sparsest better"]
TOP = 0.2
"""The share of images with the highest scores that Jin et al. set against the rest."""
_Losses = Mapping[tuple[str, str, int], Mapping[int, float | None]]
"""By arm, run and level: the loss of each group."""


class GroupDifference(NamedTuple):
    """One group of an arm: its loss at the level less that at level 0 of the same run, over the runs.

    `rule` is None with one run. `runs` has the seed, the key and the difference of each.
    """

    bin: int
    group: Group
    rule: DeviationRule | None
    runs: tuple[tuple[int, str, float], ...]

    @property
    def verdict(self) -> Verdict | None:
        """How the pruned networks fit the group, compared with the dense ones."""
        return verdict(self.rule)


class ArmDifferences(NamedTuple):
    """The groups of an arm at that level, rising; `lost` counts values that were not finite."""

    arm: Arm
    level: LevelSummary
    groups: tuple[GroupDifference, ...]
    lost: int

    @property
    def concentration(self) -> float | None:
        """The mean |difference| of the top fifth of the groups over that of the rest; None without either."""
        groups = max((it.bin for it in self.groups), default=0)
        top = [abs(it.group.mean) for it in self.groups if it.bin > (1 - TOP) * groups]
        rest = [abs(it.group.mean) for it in self.groups if it.bin <= (1 - TOP) * groups]
        if not top or not rest or not np.mean(rest):
            return None
        return float(np.mean(top) / np.mean(rest))

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
            "what": "mean |loss difference|, top fifth over the rest",
            **about,
            "value": self.concentration,
        }
        for it in self.groups:
            deviation = it.rule.deviation if it.rule else None
            row = {**it.group.row("mean loss difference"), **about, "bin": it.bin}
            yield row | {"deviation": deviation, "verdict": it.verdict}
        for it in self.groups:
            for seed, key, value in it.runs:
                yield {
                    "what": "loss difference",
                    **about,
                    "bin": it.bin,
                    "seed": seed,
                    "key": key,
                    "value": value,
                }


class Panel(NamedTuple):
    """The arms at that level of each; `notes` say which have no place, and why."""

    which: Which
    arms: tuple[ArmDifferences, ...]
    notes: tuple[str, ...]


class GroupDifferences(NamedTuple):
    """The numbers of such a figure."""

    runs: LevelRuns
    panels: tuple[Panel, ...]

    @property
    def source(self) -> Source:
        """The sweep and its runs."""
        return self.runs.source

    def table(self) -> Table:
        """Differences by group, the runs at each level and missing runs, one a row."""
        return as_table([*self._differences(), *self.runs.rows()])

    def _differences(self) -> Iterator[Row]:
        for panel in self.panels:
            for it in panel.arms:
                yield from it.rows(panel.which)


def fig1b(store: Store, sweep: str) -> GroupDifferences:
    """Loss differences at the optimal level, and at the sparsest one that is better than dense.

    Of every arm of iterative pruning in the newest sweep of that name. Raises UnknownNameError for a
    sweep that is not in the store, and InputError for one without such runs or without EL2N groups.
    """
    return _differences(store, sweep, ("optimal", "sparsest better"))


def fig2a(store: Store, sweep: str) -> GroupDifferences:
    """Loss differences at the optimal level; otherwise as Figure 1b."""
    return _differences(store, sweep, ("optimal",))


def fig2b(store: Store, sweep: str) -> GroupDifferences:
    """Loss differences at the sparsest level that is better than dense; otherwise as Figure 1b."""
    return _differences(store, sweep, ("sparsest better",))


def fig5(store: Store, sweep: str) -> GroupDifferences:
    """Loss differences at the optimal level of each arm with wrong labels; otherwise as Figure 1b."""
    return _differences(store, sweep, ("optimal",), noisy=True)


def _differences(
    store: Store, sweep: str, which: tuple[Which, ...], *, noisy: bool = False
) -> GroupDifferences:
    runs, arms = pruned_arms(store, sweep, noisy=noisy)
    losses = _by_run(group_loss_results(store, runs.source))
    if not losses:
        raise InputError(
            f"sweep {sweep!r}: none of its runs has the losses of EL2N groups; "
            "`measure: {examples: {el2n: {epochs: ...}}}` in a sweep file asks for them"
        )
    return GroupDifferences(runs, tuple(_panel(runs.source, arms, losses, it) for it in which))


def _by_run(results: tuple[GroupLossResult, ...]) -> _Losses:
    found: dict[tuple[str, str, int], dict[int, float | None]] = {}
    for it in results:
        found.setdefault((it.arm, it.key, it.level), {})[it.bin] = it.loss
    return found


def _panel(source: Source, arms: tuple[Arm, ...], losses: _Losses, which: Which) -> Panel:
    choose: Callable[[Arm], LevelSummary | None] = (
        (lambda arm: arm.optimal) if which == "optimal" else (lambda arm: sparsest_better(arm.levels))
    )
    shown, notes = [], []
    for arm in arms:
        level = choose(arm)
        if level is None:
            notes.append(f"{arm.name}: no level is better than the dense networks")
        elif level.level == 0:
            notes.append(f"{arm.name}: the dense networks are best, so that there is no difference")
        else:
            shown.append(_arm(source, arm, level, losses))
    return Panel(which, tuple(shown), tuple(notes))


def _arm(source: Source, arm: Arm, level: LevelSummary, losses: _Losses) -> ArmDifferences:
    values: dict[int, list[tuple[int, str, float]]] = {}
    lost = 0
    for run in level.runs:
        dense = losses.get((run.arm, run.key, 0), {})
        for number, loss in losses.get((run.arm, run.key, level.level), {}).items():
            before = dense.get(number)
            if loss is None or before is None:
                lost += 1
            else:
                values.setdefault(number, []).append((run.seed, run.key, loss - before))
    groups = (_group(source, arm, level, number, values[number]) for number in sorted(values))
    return ArmDifferences(arm, level, tuple(groups), lost)


def _group(
    source: Source, arm: Arm, level: LevelSummary, number: int, runs: list[tuple[int, str, float]]
) -> GroupDifference:
    values = [value for _, _, value in runs]
    rule = one_deviation_rule(values, [0.0] * len(values)) if len(values) > 1 else None
    name = f"{arm.label}/level {level.level}/group {number}"
    found = group(source, name, "loss difference", values)
    return GroupDifference(number, found, rule, tuple(runs))
