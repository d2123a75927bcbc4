"""Seeds as a sweep file and a command line spell them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeAlias

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from gst.config.base import Config
from gst.config.document import Document, KeyPath
from gst.config.problem import shown
from gst.errors import ConfigError


class SeedRange(Config):
    """`count` seeds from `start`."""

    start: int = Field(ge=0)
    count: int = Field(ge=1)


Seeds: TypeAlias = int | tuple[int, ...] | SeedRange
_SEEDS: TypeAdapter[Seeds] = TypeAdapter(Seeds, config=ConfigDict(strict=True))


def parse_seeds(text: str) -> tuple[int, ...]:
    """The seeds that `10` (0..9), `0-4` (inclusive), `1,5,9` or `7,` (alone) name."""
    try:
        if "," in text:
            seeds = tuple(int(part) for part in text.removesuffix(",").split(","))
        elif "-" in text:
            first, last = (int(part) for part in text.split("-"))
            seeds = tuple(range(first, last + 1))
        else:
            seeds = tuple(range(int(text)))
    except ValueError:
        raise ConfigError(
            f"seeds: expected a count (10), a range (0-4) or a list (1,5,9; 7, is 7 alone), found {text!r}"
        ) from None
    if not _are_seeds(seeds):
        raise ConfigError(f"seeds: {_SEEDS_WANTED}, found {text!r}")
    return seeds


_SEEDS_WANTED = "expected one or more different numbers from 0 on"


def _are_seeds(seeds: tuple[int, ...]) -> bool:
    return bool(seeds) and min(seeds) >= 0 and len(set(seeds)) == len(seeds)


def arm_seeds(document: Document, of_file: Seeds, arm: str, own: Mapping[str, Any] | None) -> tuple[int, ...]:
    """The arm's own seeds, or else the file's. Raises ConfigError for what are none."""
    if own is None or "seeds" not in own:
        return _seeds(document, ("seeds",), of_file, document.values["seeds"])
    place: KeyPath = ("arms", arm, "seeds")
    try:
        given = _SEEDS.validate_json(json.dumps(own["seeds"]))
    except ValidationError:
        wanted = "expected a count, a list of seeds or {start: ..., count: ...}"
        raise document.error(place, f"{wanted}, found {shown(own['seeds'])}") from None
    return _seeds(document, place, given, own["seeds"])


def _seeds(document: Document, place: KeyPath, given: Seeds, written: object) -> tuple[int, ...]:
    match given:
        case SeedRange(start=start, count=count):
            seeds = tuple(range(start, start + count))
        case int(count):
            seeds = tuple(range(count))
        case listed:
            seeds = listed
    if not _are_seeds(seeds):
        raise document.error(place, f"{_SEEDS_WANTED}, found {shown(written)}")
    return seeds
