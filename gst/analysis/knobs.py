"""The knobs that a sweep turns, and how two quantities go together as each of them alone varies."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from gst.analysis.contrasts import arm_configurations
from gst.analysis.quantities import RunQuantity
from gst.analysis.results import RunResult, distinct
from gst.analysis.source import Source
from gst.config import RunConfig
from gst.stats.granulated import Granulated, GranulatedTau, granulated
from gst.words import counted

if TYPE_CHECKING:
    from gst.store import Store


class Knob(NamedTuple):
    """One or more settings in which arms differ, all of them together: their keys, and each arm's value.

    The name is the dotted keys of a sweep file, joined by ` + `; a value is their values as JSON.
    """

    name: str
    values: Mapping[str, str]


def knobs(store: Store, runs: Iterable[RunResult]) -> tuple[Knob, ...]:
    """The knobs that tell apart the pruned arms of these runs, in the order of a configuration."""
    keys = {run.arm: run.key for run in runs if run.pruned}
    return varied({arm: store.spec(key).config.settings() for arm, key in keys.items()})


def arm_settings(store: Store, source: Source) -> dict[str, dict[str, Any]]:
    """The settings of each arm by their dotted keys, in the order of the sweep's file."""
    return {
        arm: RunConfig.model_validate_json(json.dumps(it)).settings()
        for arm, it in arm_configurations(store, source).items()
    }


def varied(settings: Mapping[str, Mapping[str, Any]]) -> tuple[Knob, ...]:
    """The knobs that tell apart arms with these settings, by arm and dotted key.

    Settings that split the arms alike are one knob. A setting that an arm does not have counts as null.
    """
    together: dict[tuple[int, ...], list[str]] = {}
    for key in dict.fromkeys(key for of_arm in settings.values() for key in of_arm):
        values = [json.dumps(of_arm.get(key)) for of_arm in settings.values()]
        split = tuple(values.index(value) for value in values)
        if any(split):
            together.setdefault(split, []).append(key)
    return tuple(
        Knob(
            " + ".join(keys),
            {arm: json.dumps([of_arm.get(key) for key in keys]) for arm, of_arm in settings.items()},
        )
        for keys in together.values()
    )


def knob_correlations(store: Store, runs: Iterable[RunResult], x: RunQuantity, y: RunQuantity) -> Granulated:
    """Kendall's tau of two quantities as each knob alone varies, over the pruned runs that have both.

    See gst.stats.granulated. Each run counts once, even where it is in several arms.
    """
    measured = [
        (run, first, second)
        for run in distinct(runs)
        if run.pruned and (first := x.of(run)) is not None and (second := y.of(run)) is not None
    ]
    found = [run for run, _, _ in measured]
    return granulated(
        [first for _, first, _ in measured],
        [second for _, _, second in measured],
        [run.seed for run in found],
        {knob.name: [knob.values[run.arm] for run in found] for knob in knobs(store, found)},
    )


def knobs_in_words(found: Granulated) -> tuple[str, ...]:
    """A line for each knob that has a value, for their mean where there are several, and for all others."""
    return tuple(_lines(found))


def _lines(found: Granulated) -> Iterator[str]:
    known = {name: tau for name, tau in found.knobs.items() if tau.value is not None}
    for name, tau in known.items():
        yield f"Kendall tau as only {name} varies: {_told(tau)}"
    if len(known) > 1:
        yield f"Mean over these knobs: {_told(found.mean)}"
    if others := len(found.knobs) - len(known):
        told = f"Without a tau: {counted(others, 'knob')}"
        yield f"{told}, as no runs differ in one alone and in both quantities."


def _told(tau: GranulatedTau) -> str:
    left_out = f", {tau.left_out} more of one run or without variation" if tau.left_out else ""
    interval = "" if tau.low is None else f" [{tau.low:+.2f}, {tau.high:+.2f}]"
    groups = f"{counted(tau.n, 'seed')}, {counted(tau.groups, 'group')} of runs"
    return f"{tau.value:+.2f}{interval}, {groups}{left_out}"
