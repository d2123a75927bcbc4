"""From runs to arrays: values by seed, pairs over runs, and the parts that a claim falls into."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from gst.analysis import Accuracy
from gst.compare.interval import Pairs
from gst.compare.levels import by_group
from gst.compare.measured import MeasuredRun
from gst.compare.not_run import NotRun
from gst.compare.quantities import QUANTITIES
from gst.compare.relations import Split
from gst.compare.selection import Selection


class PartOfRuns(NamedTuple):
    """The runs of one part of a claim, and what they have in common, in words."""

    words: str
    runs: tuple[MeasuredRun, ...]


def value_of(it: MeasuredRun, quantity: str, accuracy: Accuracy) -> float | None:
    """The run's value of that quantity, in its unit; None where it has none."""
    found = QUANTITIES[quantity].of(it, accuracy)
    return None if found is None else float(found)


def by_seed(runs: Sequence[MeasuredRun], quantity: str, accuracy: Accuracy, name: str) -> dict[int, float]:
    """The value of each seed: of its run, or the mean over its runs where the group has several arms.

    Of several arms only seeds count that all of them have, so that no seed's mean is of other arms than
    another's. Raises NotRun where no run has such a value.
    """
    arms: dict[str, dict[int, float]] = {}
    for it in runs:
        value = value_of(it, quantity, accuracy)
        if value is not None:
            arms.setdefault(it.run.arm, {})[it.run.seed] = value
    if not arms or len(arms) < len({it.run.arm for it in runs}):
        raise NotRun(f"runs of {name} have no {QUANTITIES[quantity].words}")
    seeds = set.intersection(*(set(values) for values in arms.values()))
    if not seeds:
        raise NotRun(f"the arms of {name} have no seed in common")
    return {seed: float(np.mean([values[seed] for values in arms.values()])) for seed in sorted(seeds)}


def pairs(runs: Iterable[MeasuredRun], x: str, y: str, accuracy: Accuracy) -> Pairs:
    """Both quantities of each run that has both, a run in several arms once; [n] each.

    Raises NotRun where none has both.
    """
    found = []
    once = {it.identity: it for it in runs}.values()
    for it in once:
        one, other = value_of(it, x, accuracy), value_of(it, y, accuracy)
        if one is not None and other is not None:
            found.append((one, other))
    if not found:
        lacking = [name for name in (x, y) if all(value_of(it, name, accuracy) is None for it in once)]
        names = " and ".join(QUANTITIES[name].words for name in lacking or (x, y))
        raise NotRun(f"these runs have no {names}")
    first, second = np.array(found, dtype=np.float64).reshape(-1, 2).T
    return first, second


def levels(
    runs: Iterable[MeasuredRun], quantity: str, accuracy: Accuracy
) -> dict[float, tuple[MeasuredRun, ...]]:
    """The runs at each value of a quantity, from the smallest value on; those without one are left out."""
    found: dict[float, list[MeasuredRun]] = {}
    for it in runs:
        value = value_of(it, quantity, accuracy)
        if value is not None:
            found.setdefault(value, []).append(it)
    return {level: tuple(found[level]) for level in sorted(found)}


def parts_of(runs: Iterable[MeasuredRun], per: Sequence[Split]) -> dict[tuple[object, ...], PartOfRuns]:
    """The runs told apart by these, smallest first; all of them under the empty key without any.

    By groups of images each run is in every part, with that group's losses.
    """
    found: dict[tuple[object, ...], list[MeasuredRun]] = {}
    if "el2n_group" in per:
        runs = [part for it in runs for part in by_group(it)]
    for it in runs:
        found.setdefault(tuple(_split(it, name) for name in per), []).append(it)
    keys = sorted(found, key=lambda key: [(value is not None, value) for value in key])
    return {key: PartOfRuns(", ".join(map(_words, per, key)), tuple(found[key])) for key in keys}


def parts_of_sides(sides: Sequence[Selection], per: Sequence[Split]) -> Iterator[tuple[str, list[Selection]]]:
    """The words of each part, and the sides with the runs that they have in it.

    Raises NotRun where a side has none.
    """
    divided = [parts_of(side.runs, per) for side in sides]
    for key in dict.fromkeys(key for parts in divided for key in parts):
        words = next(parts[key].words for parts in divided if key in parts)
        if lacking := [side.name for side, parts in zip(sides, divided, strict=True) if key not in parts]:
            raise NotRun(f"no runs of {', '.join(lacking)} with {words}")
        yield words, [side._replace(runs=parts[key].runs) for side, parts in zip(sides, divided, strict=True)]


def _split(it: MeasuredRun, name: Split) -> object:
    match name:
        case "iterative_rate":
            return it.run.iterative_rate
        case "data_size":
            return it.run.train_per_class
        case "augment":
            return it.run.augment
        case "arm":
            return it.run.arm
        case "label_noise":
            return it.config.data.label_noise
        case "level":
            return None if it.at is None else it.at.level.level
        case "el2n_group":
            assert it.at is not None
            assert it.at.groups is not None
            return it.at.groups[0]


def _words(name: Split, value: object) -> str:
    match name:
        case "iterative_rate":
            return f"rate {100 * value:.3g}%" if isinstance(value, float) else "no rate"
        case "data_size":
            return "all images" if value is None else f"{value} of a class"
        case "augment":
            return "augmented" if value else "not augmented"
        case "arm":
            return str(value)
        case "label_noise":
            assert isinstance(value, float)
            return f"label noise {100 * value:.3g}%" if value else "no label noise"
        case "level":
            return f"level {value}"
        case "el2n_group":
            return f"EL2N group {value}"
