"""The grid and zip of a whole sweep: an arm that lacks their key, such as an unpruned one, is left alone."""

from __future__ import annotations

import itertools
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from gst.config.document import Document
from gst.config.expand import Axes, Points, crossed
from gst.config.keys import has_key, left_alone, unknown_key


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
        crossed(document, arm, _without(axes, {key for key, each in having.items() if not each[number]}))
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
