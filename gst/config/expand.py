"""How an arm becomes configurations: the base, changed by the arm, at each point of the grids."""

from __future__ import annotations

import itertools
import json
import math
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from gst.config.document import MOST_LEVELS, Document, KeyPath
from gst.config.keys import has_key, left_alone, unknown_key
from gst.config.problem import shown
from gst.errors import ConfigError

Values = dict[str, Any]


class Part(dict[str, Any]):
    """A mapping given by dotted keys, which is laid over another key by key even if it names a `kind`."""


def replaces(change: Mapping[str, Any]) -> bool:
    """Whether the mapping replaces what it is laid over as a whole."""
    return "kind" in change and not isinstance(change, Part)


class Variant(NamedTuple):
    """One configuration as plain values, before it is checked."""

    arm: str
    label: str
    values: Values
    varied: frozenset[str] = frozenset()
    """The keys that a grid or a zip gave it."""


class Points(NamedTuple):
    """The configurations of an arm before they are made: what it changes, and the settings of each axis."""

    arm: str
    base: Values
    own: Values
    axes: tuple[Sequence[Values], ...]

    @property
    def number(self) -> int:
        """Number of configurations, which are as yet none."""
        return math.prod(map(len, self.axes))

    def labels(self) -> Iterator[str]:
        """The label of each, in order."""
        return (_label(self.arm, chosen) for chosen in self._chosen())

    def variants(self) -> Iterator[Variant]:
        """Each in turn."""
        for chosen in self._chosen():
            yield Variant(self.arm, _label(self.arm, chosen), self.values(chosen), frozenset(chosen))

    def values(self, chosen: Mapping[str, Any]) -> Values:
        """The values of the configuration for which the axes chose these."""
        values: Values = {}
        for layer in (self.base, self.own, chosen):
            lay_over(values, layer)
        return values

    def _chosen(self) -> Iterator[Values]:
        for point in itertools.product(*self.axes):
            yield {key: value for settings in point for key, value in settings.items()}


class Axes(NamedTuple):
    """Keys that are varied, each with its values: in every combination, and in step with each other."""

    grid: Mapping[str, Sequence[Any]]
    zip: Mapping[str, Sequence[Any]]

    def settings(self, document: Document, place: KeyPath) -> tuple[Sequence[Values], ...]:
        """The settings of each axis; `place` is where the two stand in the document."""
        return (
            *_grid_axes(document, (*place, "grid"), self.grid),
            *_zip_axes(document, (*place, "zip"), self.zip),
        )


def points(document: Document, base: Values, arm: str, changes: Values) -> Points:
    """The arm's configurations by its own grids: one, if it has none."""
    own = dict(changes)
    axes = Axes(own.pop("grid", {}), own.pop("zip", {}))
    place: KeyPath = ("arms", arm)
    refuse_two_spellings(document, ("base",), base)
    refuse_two_spellings(document, place, own)
    return Points(arm, base, own, axes.settings(document, place))


def _crossed(document: Document, arm: Points, axes: Axes) -> Points:
    """The arm's configurations at each point of these axes of the file, too."""
    both = (*arm.axes, *axes.settings(document, ()))
    _refuse_varied_twice(document, ("arms", arm.arm), both)
    return arm._replace(axes=both)


class Crossed(NamedTuple):
    """The points of each arm, and a sentence for each key of the file's axes that some arms do not have."""

    points: tuple[Points, ...]
    remarks: tuple[str, ...]


def with_shared_axes(document: Document, arms: Sequence[Points], axes: Axes) -> Crossed:
    """The arms, whose points are so far those of their own axes, at each point of the file's.

    Raises ConfigError for a key that no arm has.
    """
    settings = [setting for axis in axes.settings(document, ()) for setting in axis]
    having: dict[str, list[bool]] = {}
    remarks = []
    for place in [("grid", key) for key in axes.grid] + [("zip", key) for key in axes.zip]:
        kind, key = place
        others = _deciding(settings, key)
        having[key] = [_has(arm, key, others) for arm in arms]
        if not any(having[key]):
            raise document.error(place, unknown_key(key, [arm.values({}) for arm in arms]))
        if without := [arm.arm for arm, has in zip(arms, having[key], strict=True) if not has]:
            remarks.append(left_alone(f"the {kind} over {key}", key, without))
    crosses = (
        _crossed(document, arm, _without(axes, {key for key, each in having.items() if not each[number]}))
        for number, arm in enumerate(arms)
    )
    return Crossed(tuple(crosses), tuple(remarks))


def _has(arm: Points, key: str, others: Iterable[Mapping[str, Any]]) -> bool:
    """Whether any configuration of the arm has the key; each setting of an axis is tried alone."""
    own = _deciding(itertools.chain.from_iterable(arm.axes), key)
    return any(has_key(arm.values(setting), key) for setting in ({}, *own, *others))


def _deciding(settings: Iterable[Mapping[str, Any]], key: str) -> Collection[Mapping[str, Any]]:
    """Settings of other keys of that key's section: one for each set of keys, kinds and parts around it."""
    section = key.partition(".")[0]
    found: dict[str, Mapping[str, Any]] = {}
    for setting in settings:
        its = {name: it for name, it in setting.items() if name.partition(".")[0] == section and name != key}
        kinds = {name: it for name, it in its.items() if name.endswith(".kind") or key.startswith(f"{name}.")}
        if its:
            found.setdefault(json.dumps([sorted(its), kinds], sort_keys=True), its)
    return found.values()


def _without(axes: Axes, keys: Collection[str]) -> Axes:
    """The axes over the other keys; what is left of `zip` may have the same row twice, and has it once."""
    grid = {key: values for key, values in axes.grid.items() if key not in keys}
    columns = {key: values for key, values in axes.zip.items() if key not in keys}
    if len(columns) < len(axes.zip):
        rows = {json.dumps(row): row for row in zip(*columns.values(), strict=True)}.values()
        columns = {key: [row[number] for row in rows] for number, key in enumerate(columns)}
    return Axes(grid, columns)


def lay_over(values: Values, changes: Mapping[str, Any]) -> None:
    """Merge changes (nested or dotted keys) into the values, in place."""
    for dotted, change in changes.items():
        *parents, last = str(dotted).split(".")
        if len(parents) > MOST_LEVELS:
            raise ConfigError(
                f"key {dotted[:40]}...: expected at most {MOST_LEVELS + 1} parts, found {len(parents) + 1}"
            )
        inner = values
        for parent in parents:
            child = inner.get(parent)
            if not isinstance(child, dict):
                child = inner[parent] = Part()
            inner = child
        if isinstance(change, Mapping):
            if replaces(change) or not isinstance(inner.get(last), dict):
                inner[last] = {} if replaces(change) else Part()
            lay_over(inner[last], change)
        else:
            inner[last] = change


def _grid_axes(document: Document, place: KeyPath, grid: object) -> list[list[Values]]:
    return [
        [{key: value} for value in _listed(document, (*place, key), values)]
        for key, values in _mapping(document, place, grid).items()
    ]


def _zip_axes(document: Document, place: KeyPath, together: object) -> list[list[Values]]:
    columns = {
        key: _listed(document, (*place, key), values)
        for key, values in _mapping(document, place, together).items()
    }
    lengths = {key: len(values) for key, values in columns.items()}
    if len(set(lengths.values())) > 1:
        found = ", ".join(f"{key}: {length}" for key, length in lengths.items())
        raise document.error(place, f"lists of one length are needed, found {found}")
    rows = zip(*columns.values(), strict=True)
    return [[dict(zip(columns, row, strict=True)) for row in rows]] if columns else []


def _mapping(document: Document, place: KeyPath, value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise document.error(
            place, f"expected a mapping from dotted keys to lists of values, found {shown(value)}"
        )
    return value


def _listed(document: Document, key: KeyPath, values: object) -> Sequence[Any]:
    if not isinstance(values, list | tuple) or not values:
        raise document.error(key, f"expected a list of values, found {shown(values)}")
    return values


def _refuse_varied_twice(document: Document, arm: KeyPath, axes: Sequence[Sequence[Values]]) -> None:
    for key, count in Counter(key for axis in axes for key in axis[0]).items():
        if count > 1:
            raise document.error(arm, f"{key} is varied by two of the arm's and the file's grid and zip")


def refuse_two_spellings(document: Document, place: KeyPath, values: Mapping[str, Any]) -> None:
    """Refuse `{a: {b: 1}, a.b: 2}`, which gives a value twice, and the second would silently win."""
    seen: set[str] = set()
    for key in _leaves(values):
        if dotted(key) in seen:
            raise document.error((*place, *key), "given twice, nested and dotted")
        seen.add(dotted(key))


def _leaves(values: Mapping[str, Any]) -> Iterator[KeyPath]:
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from ((key, *rest) for rest in _leaves(value))
        else:
            yield (key,)


def dotted(key: KeyPath) -> str:
    """The key as messages name it."""
    return ".".join(map(str, key))


def _label(arm: str, chosen: Mapping[str, Any]) -> str:
    """The arm's name and what its grid chose: `PruneS every=4`."""
    return " ".join([arm, *(f"{key.rpartition('.')[2]}={_short(value)}" for key, value in chosen.items())])


def _short(value: object) -> str:
    return "/".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
