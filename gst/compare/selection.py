"""Which runs a published number or claim is about: groups and arms of sweeps in a store."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple

from gst.analysis import Source, find_source
from gst.compare.deviation import deviations
from gst.compare.levels import at_levels, levels_between, of_images
from gst.compare.measured import MeasuredRun, measured_runs
from gst.compare.not_run import NotRun
from gst.compare.published import Group
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
        if self.spec is None:
            return deviations(self.configs[arm], None)
        wanted = self._published(self.spec, arm)
        if wanted is None:
            return (*deviations(self.configs[arm], None), f"arms that {self.published}.yaml does not have")
        return deviations(self.configs[arm], wanted)

    def _published(self, spec: SweepSpec, arm: str) -> RunConfig | None:
        """The published configuration of the arm: that of its label, or in runs of levels the one it is."""
        labelled = [it.config for it in spec.configs if it.arm == arm]
        alike = [it.config for it in spec.configs if _told(it.config) == _told(self.configs[arm])]
        of_levels = any(isinstance(it.config.pruning, Levels) for it in spec.configs)
        found = labelled or (alike if of_levels else [])
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

    def fits(self, arm: str, group: Group, only: Only) -> bool:
        """Whether the arm is of the runs that are meant."""
        data = self.configs[arm].data
        if not meant(self.configs[arm], group, only):
            return False
        if only.data_size is None:
            return True
        sizes = {config.data.per_class for config in self.configs.values()} - {None}
        wanted: object = only.data_size
        if sizes and wanted in ("smallest", "largest"):
            wanted = min(filter(None, sizes)) if wanted == "smallest" else max(filter(None, sizes))
        return data.per_class == wanted


class Sweeps:
    """The sweeps that published figures name, each read from the store when it is first asked for."""

    def __init__(self, store: Store, instead: Mapping[str, str] | None = None) -> None:
        """`instead` names the sweep of the store that stands for a published one, where not its namesake."""
        self._store = store
        self._instead = dict(instead or {})
        self._known: dict[str, SweepInStore | str] = {}

    def of(self, published: str) -> SweepInStore:
        """The sweep that stands for the published one. Raises NotRun where there is none, or no run of it."""
        if published not in self._known:
            self._known[published] = self._read(published)
        known = self._known[published]
        if isinstance(known, str):
            raise NotRun(known)
        return known

    def _read(self, published: str) -> SweepInStore | str:
        name = self._instead.get(published, published)
        try:
            return SweepInStore(self._store, published, find_source(self._store, name))
        except UnknownNameError:
            return f"sweep {name} is not in the store; run it: gst sweep {name}"
        except InputError as error:
            return str(error)

    def select(
        self,
        groups: Mapping[str, Group],
        published: str | None,
        name: str,
        *,
        exclude: Iterable[str] = (),
        only: Only | None = None,
    ) -> Selection:
        """The completed runs of a group, or of the arms of the published sweep that the name or pattern fits.

        Raises NotRun where there is no such arm, or one of them has no completed run: a number over the
        others would be another number.
        """
        group, only = groups.get(name) or Group(arms=(name,)), only or Only()
        published = group.sweep or published
        if published is None:
            raise NotRun(f"{name!r} is of no sweep")
        sweep = self.of(published)
        arms = [
            arm
            for arm in _matching(sweep.source, group.arms)
            if not any(_fits(pattern, arm) for pattern in exclude) and sweep.fits(arm, group, only)
        ]
        if not arms:
            raise NotRun(f"sweep {sweep.source.sweep} has no arm of {name!r} that is meant here")
        runs = tuple(it for it in sweep.runs if it.run.arm in arms)
        if lacking := [arm for arm in arms if all(it.run.arm != arm for it in runs)]:
            raise NotRun(f"no completed run of {_listed(lacking)} in sweep {sweep.source.sweep}")
        said = dict.fromkeys(words for arm in arms for words in sweep.deviations(arm))
        if group.at is not None and (without := sweep.without(group, only)):
            said[f"without {_listed(without)}"] = None
        return Selection(name, sweep.source, _looked_at(runs, group, only, name, sweep), tuple(said))


def _looked_at(
    runs: tuple[MeasuredRun, ...], group: Group, only: Only, name: str, sweep: SweepInStore
) -> tuple[MeasuredRun, ...]:
    """The runs at the level and on the images that are meant, or as they are where none are."""
    if group.at is None:
        return runs
    found = at_levels(runs, group.at, name)
    if only.weights_above is not None or only.weights_below is not None:
        between = levels_between(sweep.runs, only.weights_above, only.weights_below)
        found = tuple(it for it in found if it.at is not None and it.at.level.level in between)
        if not found:
            raise NotRun(f"sweep {sweep.source.sweep} has no level of {name!r} with so many weights left")
    return of_images(found, group.images) if group.images else found


def _told(config: RunConfig) -> tuple[object, ...]:
    """By what runs of several levels, and narrow networks beside them, are told apart."""
    return config.pruning.kind, config.data.label_noise, config.model.width


def meant(config: RunConfig, group: Group, only: Only) -> bool:
    """Whether a configuration is what the group and the conditions ask for, its number of images aside."""
    return (
        group.kind in (None, config.pruning.kind)
        and group.width in (None, config.model.width)
        and only.augment in (None, config.data.augment)
        and (only.label_noise is None or _noise_fits(config.data.label_noise, only.label_noise))
    )


def _noise_fits(noise: float, wanted: float | tuple[float, ...] | Literal["some"]) -> bool:
    if wanted == "some":
        return noise > 0
    return noise in wanted if isinstance(wanted, tuple) else noise == wanted


def _matching(source: Source, patterns: Iterable[str]) -> list[str]:
    """The arms that any of the patterns fits, in the order of the sweep; each must fit one."""
    found: set[str] = set()
    for pattern in patterns:
        fitting = {arm for arm in source.arms if _fits(pattern, arm)}
        if not fitting:
            raise NotRun(f"sweep {source.sweep} has no arm {pattern!r}; there are: {_listed(source.arms)}")
        found |= fitting
    return [arm for arm in source.arms if arm in found]


def _fits(pattern: str, arm: str) -> bool:
    """Whether the arm is what the pattern says, in which * stands for anything."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), arm) is not None


def _listed(arms: Iterable[str]) -> str:
    named = list(arms)
    more = len(named) - MOST_LISTED
    return ", ".join(named[:MOST_LISTED]) + (f" and {more} more" if more > 0 else "")
