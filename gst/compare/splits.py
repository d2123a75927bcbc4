"""The parts that runs fall into, where a value or a claim is about each of them for itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from gst.compare.levels import by_group
from gst.compare.measured import MeasuredRun
from gst.compare.relations import Split
from gst.compare.selection import Selection


class Kind(NamedTuple):
    """What runs are told apart by, and the words for the part that has one value of it."""

    of: Callable[[MeasuredRun], Any]
    words: Callable[[Any], str]


KINDS: Mapping[Split, Kind] = MappingProxyType(
    {
        "iterative_rate": Kind(
            lambda it: it.run.iterative_rate,
            lambda rate: "no rate" if rate is None else f"rate {100 * rate:.3g}%",
        ),
        "data_size": Kind(
            lambda it: it.run.train_per_class,
            lambda size: "all images" if size is None else f"{size} of a class",
        ),
        "augment": Kind(
            lambda it: it.run.augment, lambda augment: "augmented" if augment else "not augmented"
        ),
        "arm": Kind(lambda it: it.run.arm, str),
        "label_noise": Kind(
            lambda it: it.config.data.label_noise,
            lambda noise: f"label noise {100 * noise:.3g}%" if noise else "no label noise",
        ),
        "level": Kind(lambda it: it.view and it.view.level.level, "level {}".format),
        "el2n_group": Kind(
            lambda it: it.view and it.view.groups and it.view.groups[0], "EL2N group {}".format
        ),
    }
)


class PartOfRuns(NamedTuple):
    """The runs of one part, and what they have in common, in words."""

    words: str
    runs: tuple[MeasuredRun, ...]


def parts_of(runs: Iterable[MeasuredRun], per: Sequence[Split]) -> dict[tuple[Any, ...], PartOfRuns]:
    """The runs told apart by these, smallest first; all of them under the empty key without any.

    By groups of images each run is in every part, with that group's losses.
    """
    found: dict[tuple[Any, ...], list[MeasuredRun]] = {}
    if "el2n_group" in per:
        runs = [part for it in runs for part in by_group(it)]
    for it in runs:
        found.setdefault(tuple(KINDS[name].of(it) for name in per), []).append(it)
    keys = sorted(found, key=lambda key: [(value is not None, value) for value in key])
    words = {key: [KINDS[name].words(value) for name, value in zip(per, key, strict=True)] for key in keys}
    return {key: PartOfRuns(", ".join(words[key]), tuple(found[key])) for key in keys}


def parts_of_sides(sides: Sequence[Selection], per: Sequence[Split]) -> Iterator[tuple[str, list[Selection]]]:
    """The words of each part, and the sides with the runs that they have in it; perhaps none."""
    divided = [parts_of(side.runs, per) for side in sides]
    for key in dict.fromkeys(key for parts in divided for key in parts):
        words = next(parts[key].words for parts in divided if key in parts)
        yield (
            words,
            [
                side._replace(runs=parts[key].runs if key in parts else ())
                for side, parts in zip(sides, divided, strict=True)
            ],
        )
