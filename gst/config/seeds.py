"""Seeds as a sweep file and a command line spell them."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from gst.config.base import Config
from gst.config.document import Document, KeyPath
from gst.config.problem import shown
from gst.errors import ConfigError

LARGEST = 2**63 - 1
"""The largest seed: databases hold no larger number."""
MOST_LISTED = 1_000_000
"""Number of seeds that a list with gaps may name."""


class SeedRange(Config):
    """`count` seeds from `start`."""

    start: int = Field(ge=0)
    """The first seed."""
    count: int = Field(ge=1)
    """Number of seeds."""


Seeds: TypeAlias = int | tuple[int, ...] | SeedRange
_SEEDS: TypeAdapter[Seeds] = TypeAdapter(Seeds, config=ConfigDict(strict=True))


def parse_seeds(text: str) -> Sequence[int]:
    """The seeds that `10` (0..9), `0-4` (inclusive), `1,5,9`, `0-4,7` or `7,` (alone) name.

    Raises ConfigError for anything else; of seeds without gaps a range comes back, whatever their number.
    """
    parts = [_PART.fullmatch(part) for part in text.removesuffix(",").split(",")]
    if not all(parts):
        raise ConfigError(
            "seeds: expected a count (10), a range (0-4) or a list (1,5,9 or 0-4,7; 7, is 7 alone), "
            f"found {shown(text)}"
        )
    ranges = [range(int(part[1]), int(part[2] or part[1]) + 1) for part in parts if part]
    if "," not in text and "-" not in text:
        return _checked(range(ranges[0].start), text)  # a number alone is a count
    if len(ranges) == 1:
        return _checked(ranges[0], text)
    for it in ranges:
        _checked(it, text)
    count = sum(map(number_of, ranges))
    if count > MOST_LISTED:
        raise ConfigError(f"seeds: expected a list of at most {MOST_LISTED:,} seeds, found {count:,}")
    return _checked(tuple(itertools.chain.from_iterable(ranges)), text)


def in_a_file(given: object) -> str:
    """`; {start: 0, count: 5}?` for seeds as the command line spells them, such as 0-4; else nothing."""
    try:
        seeds = parse_seeds(given) if isinstance(given, str) else None
    except ConfigError:
        return ""
    if isinstance(seeds, range):
        return f"; {{start: {seeds.start}, count: {number_of(seeds)}}}?"
    return f"; {list(seeds)}?" if seeds is not None and len(seeds) <= 20 else ""


_PART = re.compile(r"([0-9]{1,30})(?:-([0-9]{1,30}))?")


def chosen_seeds(text: str | None, own: Sequence[int]) -> Sequence[int]:
    """The seeds that the text names in the place of an arm's own; a count takes as many from its first on.

    Raises ConfigError as parse_seeds does.
    """
    if text is None:
        return own
    seeds = parse_seeds(text)
    if "," in text or "-" in text:
        return seeds
    count = number_of(seeds)
    if isinstance(own, range):
        return _checked(range(own.start, own.start + count), text)
    more = range(max(own) + 1, max(own) + 1 + count - len(own))
    return _checked((*own[:count], *more), text)


def _checked(seeds: Sequence[int], text: str) -> Sequence[int]:
    if not _are_seeds(seeds):
        raise ConfigError(f"seeds: {_SEEDS_WANTED}, found {shown(text)}")
    return seeds


_SEEDS_WANTED = f"expected a count of at least 1, or one or more different seeds from 0 to {LARGEST}"


def _are_seeds(seeds: Sequence[int]) -> bool:
    if isinstance(seeds, range):
        return seeds.stop > seeds.start >= 0 and seeds.stop - 1 <= LARGEST
    return bool(seeds) and min(seeds) >= 0 and max(seeds) <= LARGEST and len(set(seeds)) == len(seeds)


def number_of(seeds: Sequence[int]) -> int:
    """Number of seeds; `len` has a bound that a range may exceed."""
    return seeds.stop - seeds.start if isinstance(seeds, range) else len(seeds)


def arm_seeds(document: Document, of_file: Seeds, arm: str, own: Mapping[str, Any] | None) -> Sequence[int]:
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


def _seeds(document: Document, place: KeyPath, given: Seeds, written: object) -> Sequence[int]:
    seeds: Sequence[int]
    match given:
        case SeedRange(start=start, count=count):
            seeds = range(start, start + count)
        case int(count):
            seeds = range(count)
        case listed:
            seeds = listed
    if not _are_seeds(seeds):
        raise document.error(place, f"{_SEEDS_WANTED}, found {shown(written)}")
    return seeds
