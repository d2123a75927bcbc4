"""Which runs a published number or claim is about: groups and arms of sweeps in a store."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple

from gst.analysis import Source, find_source
from gst.compare.deviation import deviations
from gst.compare.levels import at_levels, levels_between, of_images
from gst.compare.measured import MeasuredRun, measured_runs
from gst.compare.published import Group, Paper, PublishedFigure
from gst.compare.quantities import QUANTITIES
from gst.compare.relations import Only
from gst.config import Levels, RunConfig, SweepSpec, load_sweep
from gst.errors import InputError, UnknownNameError
from gst.paths import project_folder

if TYPE_CHECKING:
    from gst.store import Store

MOST_LISTED = 6


class Selection(NamedTuple):
    """Completed runs under one name, the sweep that they are of, and how they differ from the published."""

    name: str
    source: Source
    runs: tuple[MeasuredRun, ...]
    deviations: tuple[str, ...]


class SweepInStore:
    """A sweep of the store with its completed runs, beside the shipped file that it stands for."""

    def __init__(self, store: Store, published: str, source: Source) -> None:
        self.published = published
        self.source = source
        first = {member.arm: member.key for member in reversed(source.members)}
        self.configs: Mapping[str, RunConfig] = {arm: store.spec(first[arm]).config for arm in source.arms}
        self.runs = measured_runs(store, source, self.configs)

    @cached_property
    def spec(self) -> SweepSpec | None:
        """The shipped sweep; None where gst ships none of that name."""
        path = project_folder("sweeps") / f"{self.published}.yaml"
        return load_sweep(path) if path.is_file() else None

    def deviations(self, arm: str) -> tuple[str, ...]:
        """How the runs of the arm differ from the published ones."""
        wanted = None if self.spec is None else self._published(self.spec, arm)
        said = deviations(self.configs[arm], wanted)
        if self.spec is not None and wanted is None:
            return (*said, f"arms that {self.published}.yaml does not have")
        return said

    def _published(self, spec: SweepSpec, arm: str) -> RunConfig | None:
        """The published configuration of the arm: that of its label, or in runs of levels the one it is."""
        found = [it.config for it in spec.configs if it.arm == arm]
        if not found and any(isinstance(it.config.pruning, Levels) for it in spec.configs):
            found = [it.config for it in spec.configs if _told(it.config) == _told(self.configs[arm])]
        return found[0] if len(found) == 1 else None

    def without(self, group: Group, only: Only) -> list[str]:
        """The arms of the group that the published sweep has and this one has not."""
        published = () if self.spec is None else self.spec.configs
        known = {_told(config) for config in self.configs.values()}
        return [
            it.arm
            for it in published
            if it.arm not in self.configs
            and _told(it.config) not in known
            and any(_fits(pattern, it.arm) for pattern in group.arms)
            and meant(it.config, group, only)
        ]

    def arms(self, group: Group, only: Only, exclude: Sequence[str]) -> list[str]:
        """The arms that are meant, in the order of the sweep, or InputError for a pattern that fits none."""
        known = self.source.arms
        for pattern in group.arms:
            if not any(_fits(pattern, arm) for arm in known):
                raise InputError(
                    f"sweep {self.source.sweep} has no arm {pattern!r}; there are: {_listed(known)}"
                )
        return [
            arm
            for arm in known
            if any(_fits(pattern, arm) for pattern in group.arms)
            and not any(_fits(pattern, arm) for pattern in exclude)
            and meant(self.configs[arm], group, only)
            and self._size_fits(arm, only)
        ]

    def _size_fits(self, arm: str, only: Only) -> bool:
        """Whether the arm has the number of training images of a class that is meant."""
        wanted: object = only.data_size
        sizes = {config.data.per_class for config in self.configs.values()} - {None}
        if sizes and wanted in ("smallest", "largest"):
            wanted = min(filter(None, sizes)) if wanted == "smallest" else max(filter(None, sizes))
        return wanted is None or self.configs[arm].data.per_class == wanted

    def at(self, runs: Sequence[MeasuredRun], group: Group, only: Only, name: str) -> tuple[MeasuredRun, ...]:
        """Those runs at the level and on the images that are meant, or as they are where none are."""
        if group.at is None:
            return tuple(runs)
        found = at_levels(runs, group.at, name)
        if only.weights_above is not None or only.weights_below is not None:
            between = levels_between(self.runs, only.weights_above, only.weights_below)
            found = tuple(it for it in found if it.view is not None and it.view.level.level in between)
            if not found:
                raise InputError(
                    f"sweep {self.source.sweep} has no level of {name!r} with so many weights left"
                )
        return tuple(of_images(it, group.images) for it in found) if group.images else found


class Sweeps:
    """The sweeps that published figures name, each read from the store when it is first asked for."""

    def __init__(self, store: Store, instead: Mapping[str, str] | None = None) -> None:
        """`instead` names the sweep of the store that stands for a published one, where not its namesake."""
        self._store = store
        self._instead = dict(instead or {})
        self._known: dict[str, SweepInStore | str] = {}

    def of(self, published: str) -> SweepInStore:
        """The sweep that stands for the published one, or InputError without one, or any run of it."""
        if published not in self._known:
            self._known[published] = self._read(published)
        known = self._known[published]
        if isinstance(known, str):
            raise InputError(known)
        return known

    def _read(self, published: str) -> SweepInStore | str:
        name = self._instead.get(published, published)
        try:
            return SweepInStore(self._store, published, find_source(self._store, name))
        except UnknownNameError:
            return f"sweep {name} is not in the store; run it: gst sweep {name}"
        except InputError as error:
            return str(error)


class Context(NamedTuple):
    """What a value or claim is asked of: a figure, and the sweeps of the store that stand for its own.

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

    def select(self, name: str, only: Only, exclude: Sequence[str] = ()) -> Selection:
        """The completed runs of a group, or of the arms that the name or pattern fits.

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
            raise InputError(f"no completed run of {_listed(lacking)} in sweep {sweep.source.sweep}")
        said = dict.fromkeys(words for arm in arms for words in sweep.deviations(arm))
        if group.at is not None and (without := sweep.without(group, only)):
            said[f"without {_listed(without)}"] = None
        return Selection(name, sweep.source, sweep.at(runs, group, only, name), tuple(said))


def meant(config: RunConfig, group: Group, only: Only) -> bool:
    """Whether a configuration is what the group and the conditions ask for, its number of images aside."""
    return (
        group.kind in (None, config.pruning.kind)
        and group.width in (None, config.model.width)
        and only.augment in (None, config.data.augment)
        and _noise_fits(config.data.label_noise, only.label_noise)
    )


def _noise_fits(noise: float, wanted: float | tuple[float, ...] | Literal["some"] | None) -> bool:
    if wanted is None or wanted == "some":
        return wanted is None or noise > 0
    return noise in wanted if isinstance(wanted, tuple) else noise == wanted


def _told(config: RunConfig) -> tuple[object, ...]:
    """By what runs of several levels, and narrow networks beside them, are told apart."""
    return config.pruning.kind, config.data.label_noise, config.model.width


def _fits(pattern: str, arm: str) -> bool:
    """Whether the arm is what the pattern says, in which * stands for anything."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), arm) is not None


def _listed(arms: Iterable[str]) -> str:
    named = list(arms)
    more = len(named) - MOST_LISTED
    return ", ".join(named[:MOST_LISTED]) + (f" and {more} more" if more > 0 else "")
