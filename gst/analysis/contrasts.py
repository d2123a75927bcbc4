"""Differences between arms, paired by seed: each arm less its unpruned twin, and target against target."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np

from gst.analysis.quantities import run_quantity
from gst.analysis.results import FinalAccuracy, RunResult, final_accuracies, run_results
from gst.analysis.source import Source, find_source
from gst.errors import InputError, UnknownNameError
from gst.stats.tests import TTest, holm, paired_t_test

if TYPE_CHECKING:
    from gst.store import Store

_CONFIGS = """\
SELECT m.arm, min(c.config) AS config
FROM sweep_runs m
JOIN runs r ON r.run_id = m.run_id
JOIN configs c ON c.config_id = r.config_id
WHERE m.sweep_id = :sweep_id
GROUP BY m.arm
ORDER BY min(m.position)"""
_TARGETS = ("largest", "random", "smallest")
_NOT_OF_THE_TWIN = {"pruning", "measure"}
_TESTED_WITH = "test_batch_size"
"""Sections of a configuration in which an arm and its unpruned twin may differ, and a key of `training`."""


Result = TypeVar("Result", RunResult, FinalAccuracy)


class Pairing(NamedTuple):
    """A contrast to be made: the arms of the first side, each with its counterpart on the other."""

    first: str
    other: str
    arms: tuple[tuple[str, str], ...]


class ArmContrast(NamedTuple):
    """The mean of the first less that of the other side, paired by seed; `test` is None for the `reason`.

    Of several pairs of arms the differences are averaged seed by seed. `adjusted` is the p by Holm's rule for
    all contrasts of the sweep together. Neither is there in a sweep that looked at its data before it went
    on, whose one valid p is that of its own decision.
    """

    first: str
    other: str
    arms: int
    test: TTest | None
    p: float | None = None
    adjusted: float | None = None
    reason: str = ""

    @property
    def name(self) -> str:
        """Both sides in words: `PruneL less No Pruning`."""
        over = f", over {self.arms} pairs of arms" if self.arms > 1 else ""
        return f"{self.first} less {self.other}{over}"

    def row(self, quantity: str) -> Mapping[str, object]:
        """The contrast as a row of a table, in the unit of the quantity."""
        row = {"what": f"contrast of {quantity}", "arm": self.first, "other": self.other}
        if self.test is None:
            return row | {"note": self.reason}
        it = self.test
        found = {"value": it.value, "low": it.low, "high": it.high, "n": it.n[0], "p": self.p}
        return row | found | {"p_holm": self.adjusted, "method": it.method}


def pairings(store: Store, source: Source) -> tuple[Pairing, ...]:
    """The contrasts that the sweep's configurations suggest, in the order of its file.

    An arm's twin is the unpruned arm whose configuration differs in `pruning`, `measure` and the size of test
    batches alone, or the unpruned trunk from whose state it goes on; an arm without a twin has no such
    contrast. Arms that differ in `pruning.target` alone are contrasted target by target, over all their pairs
    together. An arm that leaves images out by a rule is contrasted with one that leaves out as many at
    random, and with one that leaves out none.
    """
    configs = arm_configurations(store, source)
    return (*_against_twins(configs), *_against_targets(configs), *_against_random_choices(configs))


def baselines(store: Store, source: Source) -> dict[str, str]:
    """The unpruned twin of each arm that has one."""
    return {it.first: it.other for it in _against_twins(arm_configurations(store, source))}


def twin_pairing(store: Store, source: Source, target: str) -> Pairing | None:
    """The arms of that target against their unpruned twins, together; None where none has a twin."""
    configs = arm_configurations(store, source)
    twins = _against_twins(configs)
    arms = tuple((it.first, it.other) for it in twins if configs[it.first]["pruning"].get("target") == target)
    return _together(f"target {target}", "unpruned", arms)


def target_pairing(store: Store, source: Source, first: str, other: str) -> Pairing | None:
    """One target against another over all settings that have both; None where no setting has."""
    return _between_targets(_by_setting(arm_configurations(store, source)), first, other)


def contrasts(
    pairs: Sequence[Pairing],
    runs: Sequence[Result],
    value: Callable[[Result], float | None],
    *,
    looked: bool = False,
) -> tuple[ArmContrast, ...]:
    """The contrasts of a quantity of completed runs, with Student's intervals (95%), paired by seed.

    `looked` says that the sweep looked at its data before it went on, so that there is no valid p.
    """
    by_seed: dict[str, dict[int, float]] = {}
    for run in runs:
        if (found := value(run)) is not None:
            by_seed.setdefault(run.arm, {})[run.seed] = found
    made = [_contrast(it, by_seed) for it in pairs]
    if looked:
        return tuple(made)
    tested = [place for place, it in enumerate(made) if it.test]
    adjusted = holm([it.test.p for it in made if it.test])
    for place, p in zip(tested, adjusted, strict=True):
        test = made[place].test
        made[place] = made[place]._replace(p=test and test.p, adjusted=p)
    return tuple(made)


class Headline(NamedTuple):
    """The contrasts of a sweep in final test accuracy, and the one to tell first, if any has an interval.

    That is the best arm less its unpruned twin or, where no arm has one, less an arm that leaves out other
    images; or the largest difference of targets: the first of so many that are `alike`, in words.
    """

    contrasts: tuple[ArmContrast, ...]
    first: ArmContrast | None
    alike: str = ""


def headline(store: Store, source: Source) -> Headline:
    """The headline of that version; its source needs no members."""
    configs = arm_configurations(store, source)
    twins = tuple(_against_twins(configs)) or tuple(_against_random_choices(configs))
    targets = tuple(_against_targets(configs))
    runs = final_accuracies(store, source.sweep_id) if twins or targets else ()
    found = contrasts((*twins, *targets), runs, lambda run: run.accuracy, looked=source.looked)
    of_twins, of_targets = (
        [(it.test.value, it) for it in part if it.test] for part in (found[: len(twins)], found[len(twins) :])
    )
    if of_twins:
        best = max(of_twins, key=lambda it: it[0])[1]
        return Headline(found, best, f"the best of {len(of_twins)} arms" if len(of_twins) > 1 else "")
    if of_targets:
        largest = max(of_targets, key=lambda it: abs(it[0]))[1]
        several = f"the largest of {len(of_targets)} differences of targets"
        return Headline(found, largest, several if len(of_targets) > 1 else "")
    return Headline(found, None)


def _contrast(pairing: Pairing, by_seed: Mapping[str, Mapping[int, float]]) -> ArmContrast:
    nothing = ArmContrast(pairing.first, pairing.other, len(pairing.arms), None)
    sides = [(by_seed.get(first, {}), by_seed.get(other, {})) for first, other in pairing.arms]
    seeds = sorted(set.intersection(*(set(one) & set(other) for one, other in sides)))
    first, second = (
        np.array([[of_arms[side][seed] for of_arms in sides] for seed in seeds])
        .reshape(len(seeds), len(sides))
        .mean(axis=1)
        for side in (0, 1)
    )
    try:
        return nothing._replace(test=paired_t_test(first, second))
    except InputError as error:
        return nothing._replace(reason=str(error))


def arm_configurations(store: Store, source: Source) -> dict[str, Mapping[str, Any]]:
    """The configuration of each arm, in the order of the sweep's file."""
    found = store.query(_CONFIGS, sweep_id=source.sweep_id)
    return {str(arm): json.loads(str(config)) for arm, config in found.rows}


def _against_twins(configs: Mapping[str, Mapping[str, Any]]) -> Iterator[Pairing]:
    unpruned = {_without_pruning(it): arm for arm, it in reversed([*configs.items()]) if _kind(it) == "none"}
    for arm, config in configs.items():
        twin = unpruned.get(_without_pruning(config))
        if twin is not None and _kind(config) != "none":
            yield Pairing(arm, twin, ((arm, twin),))


def _against_targets(configs: Mapping[str, Mapping[str, Any]]) -> Iterator[Pairing]:
    """Each target against each other one, over the settings that have both."""
    settings = _by_setting(configs)
    for first, other in combinations(_TARGETS, 2):
        if pairing := _between_targets(settings, first, other):
            yield pairing


def _against_random_choices(configs: Mapping[str, Mapping[str, Any]]) -> Iterator[Pairing]:
    arms = {json.dumps(config, sort_keys=True): arm for arm, config in configs.items()}
    for arm, config in configs.items():
        left = config["data"].get("leave_out", {})
        if not left or left.get("rule") == "random" or left.get("at_random"):
            continue
        data = {key: it for key, it in config["data"].items() if key != "leave_out"}
        at_random = ({"rule": "random", "share": left.get("share")}, left | {"at_random": True})
        for others in (*({**data, "leave_out": it} for it in at_random), data):
            other = arms.get(json.dumps({**config, "data": others}, sort_keys=True))
            if other is not None:
                yield Pairing(arm, other, ((arm, other),))


def _by_setting(configs: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """The arm of each target, by the rest of its configuration."""
    settings: dict[str, dict[str, str]] = {}
    for arm, config in configs.items():
        target = config["pruning"].get("target")
        if target is not None:
            rest = {**config, "pruning": {**config["pruning"], "target": None}}
            settings.setdefault(json.dumps(rest, sort_keys=True), {})[target] = arm
    return settings


def _between_targets(settings: Mapping[str, Mapping[str, str]], first: str, other: str) -> Pairing | None:
    arms = tuple((of[first], of[other]) for of in settings.values() if first in of and other in of)
    return _together(f"target {first}", other, arms)


def _together(first: str, other: str, arms: tuple[tuple[str, str], ...]) -> Pairing | None:
    """The pairs of arms under these names, or under their own where there is one pair; None for no pair."""
    if len(arms) == 1:
        return Pairing(*arms[0], arms)
    return Pairing(first, other, arms) if arms else None


def _kind(config: Mapping[str, Any]) -> str:
    return str(config["pruning"]["kind"])


def _without_pruning(config: Mapping[str, Any]) -> str:
    """What twins have in common. A run that goes on from an unpruned trunk would be its trunk, unpruned."""
    rest = {key: it for key, it in config.items() if key not in _NOT_OF_THE_TWIN}
    rest["training"] = {key: it for key, it in config["training"].items() if key != _TESTED_WITH}
    branch = rest.pop("from", None)
    told = json.dumps(rest, sort_keys=True)
    if branch is None:
        return told
    trunk = branch["arm"]
    goes_on = "order" not in branch and _kind(trunk) == "none" and _without_pruning(trunk) == told
    return told if goes_on else json.dumps({**rest, "from": branch}, sort_keys=True)


def contrast(store: Store, sweep: str, first: str, other: str, of: str = "final_accuracy") -> ArmContrast:
    """One arm of the sweep less another, paired by seed, in that quantity of a run, a fraction of 1.

    Its p stands for this one question; a sweep that looked at its data before it went on has none. Raises
    UnknownNameError for a sweep, an arm or a quantity that there is not.
    """
    source = find_source(store, sweep)
    for arm in (first, other):
        if arm not in source.arms:
            raise UnknownNameError(f"arm of sweep {sweep}", arm, source.arms)
    quantity, pairing = run_quantity(of), Pairing(first, other, ((first, other),))
    (made,) = contrasts([pairing], run_results(store, source), quantity.of, looked=source.looked)
    return made
