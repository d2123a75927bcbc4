"""A sweep file: a base configuration, its arms and grids, and the seeds; it expands to runs.

    title: ...
    claim: ...                          # the sentence that the sweep tests
    seeds: 10                           # 0..9; or a list; or {start: 100, count: 10}
    base: {data: ..., training.epochs: 50, ...}          # nested or dotted keys
    arms:                               # each changes something in the base
      PruneS: {pruning.target: smallest, grid: {pruning.every: [4, 20]}}
    grid: {...}                         # dotted key -> values; every combination, in every arm
    zip: {...}                          # dotted key -> values; in step with each other
    figures: [tradeoff]
    resources: {cpus: 1, gpus: 0}       # of one run

A mapping given for a key is merged into the base's, key by key, unless it names a `kind`: then it
replaces the whole.
"""

from __future__ import annotations

import copy
import hashlib
import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import Field, ValidationError

from gst.config.document import Document, KeyPath, load_document, parse_value
from gst.config.problem import explained
from gst.config.run import Config, RunConfig, RunSpec
from gst.errors import ConfigError

Values = dict[str, Any]


class Resources(Config):
    """What one run asks of the cluster; fractions share a device."""

    cpus: float = Field(default=1.0, gt=0)
    gpus: float = Field(default=0.0, ge=0)


class SeedRange(Config):
    """`count` seeds from `start`."""

    start: int = Field(ge=0)
    count: int = Field(ge=1)


class _SweepFile(Config):
    """The outer form of a sweep file; configurations inside it are checked once expanded."""

    title: str
    claim: str = ""
    seeds: int | tuple[int, ...] | SeedRange
    base: dict[str, Any]
    arms: dict[str, dict[str, Any] | None] = Field(min_length=1)
    grid: dict[str, tuple[Any, ...]] = {}
    zip: dict[str, tuple[Any, ...]] = {}
    figures: tuple[str, ...] = ()
    resources: Resources = Resources()


class ArmConfig(NamedTuple):
    """A configuration and the label of its arm."""

    arm: str
    config: RunConfig


class SweepRun(NamedTuple):
    """A run and the label of its arm."""

    arm: str
    spec: RunSpec


class SweepSpec(NamedTuple):
    """A sweep, expanded and validated."""

    name: str
    title: str
    claim: str
    text: str
    configs: tuple[ArmConfig, ...]
    seeds: tuple[int, ...]
    figures: tuple[str, ...]
    resources: Resources

    def runs(self) -> Iterator[SweepRun]:
        """All runs in file order, seeds fastest."""
        for arm, config in self.configs:
            for seed in self.seeds:
                yield SweepRun(arm, RunSpec(config, seed))

    @property
    def arms(self) -> tuple[str, ...]:
        """The labels, in file order."""
        return tuple(dict.fromkeys(arm for arm, _ in self.configs))

    def digest(self) -> str:
        """Sha256 of what the sweep expands to, overrides included, in hexadecimal."""
        content = [
            self.name,
            self.title,
            self.claim,
            [[arm, config.model_dump(mode="json")] for arm, config in self.configs],
            list(self.seeds),
            list(self.figures),
        ]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def load_sweep(
    path: Path, *, seeds: str | None = None, overrides: Sequence[str] = ()
) -> SweepSpec:
    """The sweep in that file.

    `seeds` replaces the file's (`10`, `0-4` or `1,5,9`); `overrides` are `key=value` pairs with
    dotted keys and YAML values, laid over every run.

    Raises ConfigError, which names file, line, key, value and the nearest valid key.
    """
    return expand(load_document(path), seeds=seeds, overrides=overrides)


def expand(document: Document, *, seeds: str | None = None, overrides: Sequence[str] = ()) -> SweepSpec:
    """The sweep that a document describes; see load_sweep."""
    file = _outer_form(document)
    changed = dict(_override(text) for text in overrides)
    configs = []
    for arm, changes in file.arms.items():
        for label, values, origins in _variants(document, file, arm, changes or {}):
            _lay_over(values, changed)
            configs.append(ArmConfig(label, _run_config(document, values, origins)))
    _refuse_same_label(document, configs)
    return SweepSpec(
        name=document.path.stem,
        title=file.title,
        claim=file.claim,
        text=document.text,
        configs=tuple(configs),
        seeds=_seeds(document, file) if seeds is None else parse_seeds(seeds),
        figures=file.figures,
        resources=file.resources,
    )


def parse_seeds(text: str) -> tuple[int, ...]:
    """The seeds that `10` (0..9), `0-4` (inclusive) or `1,5,9` name."""
    try:
        if "," in text:
            seeds = tuple(int(part) for part in text.split(","))
        elif "-" in text:
            first, last = (int(part) for part in text.split("-"))
            seeds = tuple(range(first, last + 1))
        else:
            seeds = tuple(range(int(text)))
    except ValueError:
        raise ConfigError(f"seeds: expected a count (10), a range (0-4) or a list (1,5,9), found {text!r}") from None
    return _checked_seeds(seeds, text)


def _checked_seeds(seeds: tuple[int, ...], given: object) -> tuple[int, ...]:
    if not seeds or min(seeds) < 0 or len(set(seeds)) != len(seeds):
        raise ConfigError(f"seeds: expected one or more different numbers from 0 on, found {given!r}")
    return seeds


def _seeds(document: Document, file: _SweepFile) -> tuple[int, ...]:
    match file.seeds:
        case SeedRange(start=start, count=count):
            return tuple(range(start, start + count))
        case int(count):
            seeds = tuple(range(count))
        case listed:
            seeds = listed
    try:
        return _checked_seeds(seeds, file.seeds)
    except ConfigError as error:
        raise document.error(("seeds",), str(error).removeprefix("seeds: ")) from None


def _outer_form(document: Document) -> _SweepFile:
    try:
        return _SweepFile.model_validate_json(json.dumps(document.values))
    except ValidationError as error:
        problems = explained(error, _SweepFile)
        raise ConfigError("\n".join(str(document.error(key, message)) for key, message in problems)) from None


class _Variant(NamedTuple):
    label: str
    values: Values
    origins: tuple[KeyPath, ...]  # where a value may have been written, nearest first


def _variants(document: Document, file: _SweepFile, arm: str, changes: Values) -> Iterator[_Variant]:
    """The arm's configurations as plain values: one, or one for each point of its grids."""
    own = dict(changes)
    own_grid, own_zip = own.pop("grid", {}), own.pop("zip", {})
    axes: list[list[Values]] = []
    for place, grid, together in ((("arms", arm), own_grid, own_zip), ((), file.grid, file.zip)):
        axes += _grid_axes(document, (*place, "grid"), grid) + _zip_axes(document, (*place, "zip"), together)
    origins: tuple[KeyPath, ...] = (
        ("arms", arm, "grid"), ("arms", arm, "zip"), ("grid",), ("zip",), ("arms", arm), ("base",)
    )
    for point in itertools.product(*axes):
        values: Values = {}
        chosen = {key: value for settings in point for key, value in settings.items()}
        for layer in (file.base, own, chosen):
            _lay_over(values, layer)
        yield _Variant(_label(arm, chosen), values, origins)


def _grid_axes(document: Document, place: KeyPath, grid: object) -> list[list[Values]]:
    return [[{key: value} for value in _listed(document, (*place, key), values)] for key, values in _mapping(
        document, place, grid).items()]


def _zip_axes(document: Document, place: KeyPath, together: object) -> list[list[Values]]:
    columns = {key: _listed(document, (*place, key), v) for key, v in _mapping(document, place, together).items()}
    lengths = {key: len(values) for key, values in columns.items()}
    if len(set(lengths.values())) > 1:
        raise document.error(place, f"lists of one length are needed, found {lengths}")
    return [[dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]] if columns else []


def _mapping(document: Document, place: KeyPath, value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise document.error(place, f"expected a mapping from dotted keys to lists of values, found {value!r}")
    return value


def _listed(document: Document, key: KeyPath, values: object) -> Sequence[Any]:
    if not isinstance(values, list | tuple) or not values:
        raise document.error(key, f"expected a list of values, found {values!r}")
    return values


def _label(arm: str, chosen: Mapping[str, Any]) -> str:
    """The arm's name and what its grid chose: `PruneS every=4`."""
    return " ".join([arm, *(f"{key.rpartition('.')[2]}={_short(value)}" for key, value in chosen.items())])


def _short(value: object) -> str:
    return "/".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _lay_over(values: Values, changes: Mapping[str, Any]) -> None:
    """Merge changes (nested or dotted keys) into the values, in place."""
    for dotted, change in changes.items():
        *parents, last = str(dotted).split(".")
        inner = values
        for parent in parents:
            child = inner.get(parent)
            if not isinstance(child, dict):
                child = inner[parent] = {}
            inner = child
        if isinstance(change, Mapping):
            if "kind" in change or not isinstance(inner.get(last), dict):
                inner[last] = {}
            _lay_over(inner[last], change)
        else:
            inner[last] = copy.deepcopy(change)


def _override(text: str) -> tuple[str, Any]:
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise ConfigError(f"override {text!r}: expected key=value, such as training.epochs=5")
    try:
        return key, parse_value(value)
    except ConfigError:
        raise ConfigError(f"override {text!r}: {value!r} is not a YAML value") from None


def _run_config(document: Document, values: Values, origins: tuple[KeyPath, ...]) -> RunConfig:
    try:
        return RunConfig.model_validate_json(json.dumps(values))
    except ValidationError as error:
        written = [_written(document, key, origins) for key, _ in explained(error, RunConfig)]
        messages = (
            f"{document.path}:{document.line(place)}: {'.'.join(map(str, key)) or 'configuration'}: {message}"
            for place, (key, message) in zip(written, explained(error, RunConfig), strict=True)
        )
        raise ConfigError("\n".join(messages)) from None


def _written(document: Document, key: KeyPath, origins: tuple[KeyPath, ...]) -> KeyPath:
    """Where in the document the value at `key` of a configuration comes from: the closest match."""
    for length in range(len(key), 0, -1):
        wanted = ".".join(map(str, key[:length]))
        for origin in origins:
            for place in document.lines:
                if place[: len(origin)] == origin and ".".join(map(str, place[len(origin) :])) == wanted:
                    return place
    return origins[-2]


def _refuse_same_label(document: Document, configs: Sequence[ArmConfig]) -> None:
    labels = [arm for arm, _ in configs]
    for label in labels:
        if labels.count(label) > 1:
            raise document.error(("arms",), f"two configurations share the label {label!r}")
