"""The runs that a published value or claim is about, and the parts that are looked at separately."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

from gst.analysis.effects import Measurement
from gst.analysis.source import Source
from gst.compare.level_choice import by_group, level_words
from gst.compare.measured import MeasuredRun
from gst.compare.published import Group, Paper, PublishedFigure
from gst.compare.quantities import QUANTITIES, RESTS_ON
from gst.compare.relations import LevelAt, Only, Split
from gst.compare.sweep_in_store import Sweeps
from gst.errors import InputError
from gst.words import listed


class Selection(NamedTuple):
    """Completed runs under one name, the sweep that they are of, and how they differ from the published.

    `at` is how their levels were chosen, where they were. `differs` names the published sweep where it
    departs from the paper by design, `assumed` the keys of its configurations that the paper leaves open.
    """

    name: str
    source: Source
    runs: tuple[MeasuredRun, ...]
    deviations: tuple[str, ...]
    at: LevelAt | None = None
    differs: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """The name, with the levels or widths that the results of the runs have chosen."""
        return f"{self.name}{chosen(self.at, self.runs)}"


class Context(NamedTuple):
    """The figure that a value or claim belongs to, and the sweeps of the store that stand for its own.

    `unmeasured` has the quantities that gst does not measure, and why. `benchmarks` are those of the figure
    that are asked about, `benchmark` is the one at hand.
    """

    figure: PublishedFigure
    paper: Paper
    sweeps: Sweeps
    tolerance: float
    unmeasured: Mapping[str, str]
    benchmarks: tuple[str, ...] = ()
    benchmark: str = ""

    def refusal(self, unavailable: str, quantities: Sequence[str]) -> str:
        """Why it cannot be measured, whatever is run; an empty text where it can."""
        if reason := unavailable or self.figure.unavailable:
            return reason
        missing = [name for name in quantities if name not in QUANTITIES]
        return "; ".join(dict.fromkeys(self.unmeasured[name] for name in missing))

    def each(self, names: Iterable[str] = ()) -> Iterator[Context]:
        """The context of each benchmark of those names, or of all; itself in a figure without any."""
        if not self.figure.benchmarks:
            yield self
        for name in self.wanted(names):
            if name in self.benchmarks:
                yield self._replace(benchmark=name)

    def wanted(self, names: Iterable[str]) -> tuple[str, ...]:
        """The benchmarks that something of these benchmarks, or of all, is about."""
        return tuple(names) or tuple(self.figure.benchmarks)

    def unasked(self, names: Iterable[str]) -> str:
        """The complaint where not all of these benchmarks are asked about, or an empty text."""
        missing = [name for name in self.wanted(names) if name not in self.benchmarks]
        return f"{', '.join(missing)} left out, and this takes all of them" if missing else ""

    def select(
        self, name: str, only: Only, exclude: Sequence[str] = (), measured: Iterable[Measurement] = ()
    ) -> Selection:
        """The completed runs of a group, or of the arms that the name or pattern fits.

        `measured` are the measurements that a result of them rests on.

        Raises InputError where there is no such arm, or one of them has no completed run: a number over the
        others would be another number.
        """
        group = self.figure.groups.get(name) or Group(arms=(name,))
        published = group.sweep or self.figure.benchmarks.get(self.benchmark, self.figure.sweep)
        if published is None:
            raise InputError(f"{name!r} is of no sweep")
        sweep = self.sweeps.of(published)
        arms = sweep.arms(group, only, exclude)
        if not arms:
            raise InputError(f"sweep {sweep.source.sweep} has no arm of {name!r} that is meant here")
        runs = [it._replace(accuracy=self.figure.accuracy) for it in sweep.runs if it.run.arm in arms]
        if lacking := [arm for arm in arms if all(it.run.arm != arm for it in runs)]:
            raise InputError(f"no completed run of {listed(lacking)} in sweep {sweep.source.sweep}")
        rests_on = {*measured, *(("groups",) if group.images else ())}
        said = dict.fromkeys(words for arm in arms for words in sweep.departure.deviations(arm, rests_on))
        if group.at is not None and (without := sweep.without(group, only)):
            said[f"without {listed(without)}"] = None
        return Selection(
            name,
            sweep.source,
            sweep.at(runs, group, only, name),
            deviations=tuple(said),
            at=group.at,
            differs=(sweep.departure.published,) if sweep.departure.about.differs else (),
            assumed=distinct(sweep.departure.assumed(arm, rests_on) for arm in arms),
        )


def distinct(words: Iterable[Iterable[str]]) -> tuple[str, ...]:
    """All of the words, each once."""
    return tuple(dict.fromkeys(chain.from_iterable(words)))


def measurements(quantities: Iterable[str], per: Sequence[Split]) -> set[Measurement]:
    """The measurements that these quantities rest on, taken apart so."""
    found = {RESTS_ON[it] for it in quantities if it in RESTS_ON}
    return found | {"groups"} if "el2n_group" in per else found


def chosen(at: LevelAt | None, runs: Sequence[MeasuredRun]) -> str:
    """The chosen levels in brackets, after the name of the runs; nothing where there was no choice."""
    return f" ({level_words(runs)})" if runs and at not in (None, "dense", "each") else ""


class Property(NamedTuple):
    """A property by which runs are split, and the words for the runs with one value of it."""

    of: Callable[[MeasuredRun], Any]
    words: Callable[[Any], str]


SPLITS: Mapping[Split, Property] = {
    "iterative_rate": Property(
        lambda it: it.run.iterative_rate,
        lambda rate: "no rate" if rate is None else f"rate {100 * rate:.3g}%",
    ),
    "data_size": Property(
        lambda it: it.run.train_per_class,
        lambda size: "all images" if size is None else f"{size} of a class",
    ),
    "augment": Property(
        lambda it: it.run.augment, lambda augment: "augmented" if augment else "not augmented"
    ),
    "arm": Property(lambda it: it.run.arm, str),
    "label_noise": Property(
        lambda it: it.config.data.label_noise,
        lambda noise: f"label noise {100 * noise:.3g}%" if noise else "no label noise",
    ),
    "level": Property(lambda it: it.view and it.view.level.level, "level {}".format),
    "el2n_group": Property(
        lambda it: it.view and it.view.groups and it.view.groups[0], "EL2N group {}".format
    ),
}


class PartOfRuns(NamedTuple):
    """The runs of one part, and their common properties in words."""

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
        found.setdefault(tuple(SPLITS[name].of(it) for name in per), []).append(it)
    keys = sorted(found, key=lambda key: [(value is not None, value) for value in key])
    words = {key: [SPLITS[name].words(value) for name, value in zip(per, key, strict=True)] for key in keys}
    return {key: PartOfRuns(", ".join(words[key]), tuple(found[key])) for key in keys}


def parts_of_sides(sides: Sequence[Selection], per: Sequence[Split]) -> Iterator[tuple[str, list[Selection]]]:
    """The words of each part, and the sides with their runs in it, if any."""
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
