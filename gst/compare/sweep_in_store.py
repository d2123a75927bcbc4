"""A sweep of the store beside the published one: its arms and levels, and how its runs differ."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from gst.analysis.deviation import told_apart
from gst.analysis.levels import ChosenBy
from gst.analysis.source import Source, find_source
from gst.compare.departure import Departure
from gst.compare.level_choice import at_levels, levels_between, of_images
from gst.compare.measured import MeasuredRun, measured_runs
from gst.compare.published import Group, PublishedSweep
from gst.compare.relations import Only
from gst.compare.results import absence
from gst.config import RunConfig
from gst.errors import InputError, UnknownNameError
from gst.words import listed

if TYPE_CHECKING:
    from gst.store import Store


class SweepInStore:
    """A sweep of the store with its completed runs, beside the shipped file that it stands for."""

    def __init__(
        self,
        store: Store,
        published: str,
        source: Source,
        about: PublishedSweep | None = None,
        by: ChosenBy | None = None,
    ) -> None:
        """`about` says how the file departs from the paper, `by` how levels are chosen, if not by default."""
        self.by = by
        self.source = source
        first = {member.arm: member.key for member in reversed(source.members)}
        self.configs: Mapping[str, RunConfig] = {
            arm: store.spec(first[arm], source.sweep_id).config for arm in source.arms
        }
        self.departure = Departure(published, self.configs, about or PublishedSweep())
        self.runs = measured_runs(store, source, self.configs)

    def without(self, group: Group, only: Only) -> list[str]:
        """The arms of the group that the published sweep has and this one has not."""
        spec = self.departure.spec
        published = () if spec is None else spec.configs
        known = {told_apart(config) for config in self.configs.values()}
        own = {config.data.label_noise for config in self.configs.values()}
        replaced = (
            self.departure.assumed_noise if own - {it.config.data.label_noise for it in published} else ()
        )
        return [
            it.arm
            for it in published
            if it.arm not in self.configs
            and told_apart(it.config) not in known
            and it.config.data.label_noise not in replaced
            and any(_fits(pattern, it.arm) for pattern in group.arms)
            and meant(it.config, group, only)
        ]

    def arms(self, group: Group, only: Only, exclude: Sequence[str]) -> list[str]:
        """The arms of the group, in the order of the sweep, or InputError for a pattern that fits none."""
        known = self.source.arms
        for pattern in group.arms:
            if not any(_fits(pattern, arm) for arm in known):
                raise InputError(
                    f"sweep {self.source.sweep} has no arm {pattern!r}; there are: {listed(known)}"
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
        """Whether the arm has the wanted number of training images of a class."""
        wanted: object = only.data_size
        sizes = {config.data.per_class for config in self.configs.values()} - {None}
        if sizes and wanted in ("smallest", "largest"):
            wanted = min(filter(None, sizes)) if wanted == "smallest" else max(filter(None, sizes))
        return wanted is None or self.configs[arm].data.per_class == wanted

    def at(self, runs: Sequence[MeasuredRun], group: Group, only: Only, name: str) -> tuple[MeasuredRun, ...]:
        """The runs at the group's level and on its images, or unchanged where the group names neither."""
        if group.at is None:
            return tuple(runs)
        found = at_levels(runs, group.at, name, self.by)
        if only.weights_above is not None or only.weights_below is not None:
            between = levels_between(self.runs, only.weights_above, only.weights_below)
            found = tuple(it for it in found if it.view is not None and it.view.level.level in between)
            if not found:
                raise InputError(
                    f"sweep {self.source.sweep} has no level of {name!r} with that share of its weights left"
                )
        return tuple(of_images(it, group.images) for it in found) if group.images else found


class Sweeps:
    """The sweeps that published figures name, each read from the store when it is first asked for."""

    def __init__(
        self,
        store: Store,
        published: Mapping[str, PublishedSweep],
        instead: Mapping[str, str],
        by: ChosenBy | None = None,
    ) -> None:
        """`published` says of sweep files how they depart from their paper.

        `instead` names the sweep of the store that stands for a published one, where not its namesake. `by`
        chooses levels.
        """
        self._store = store
        self._published = published
        self._by = by
        self._instead = dict(instead)
        self._known: dict[str, SweepInStore | str] = {}

    def of(self, published: str) -> SweepInStore:
        """The sweep that stands for the published one, or InputError where it is missing or has no run."""
        if published not in self._known:
            self._known[published] = self._read(published)
        known = self._known[published]
        if isinstance(known, str):
            raise InputError(known)
        return known

    def lacks(self, published: str) -> bool:
        """Whether no sweep of the store stands for the published one."""
        try:
            self.of(published)
        except InputError as error:
            return str(error) == absence(self._instead.get(published, published))
        return False

    def _read(self, published: str) -> SweepInStore | str:
        name = self._instead.get(published, published)
        try:
            source = find_source(self._store, name)
            return SweepInStore(self._store, published, source, self._published.get(published), self._by)
        except UnknownNameError:
            return absence(name)
        except InputError as error:
            return str(error)


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


def _fits(pattern: str, arm: str) -> bool:
    """Whether the arm is what the pattern says, in which * stands for anything."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), arm) is not None
