"""How runs differ from the published experiment: by scale, or in any value of their configuration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gst.config import RunConfig

MOST_SHOWN = 3
# What the papers leave open, so that it makes no other experiment.
OPEN = ("training.precision",)
SCALED = (
    "training.epochs", "training.lr_drops", "training.warmup_epochs", "pruning.", "data.per_class",
    "data.test_per_class", "scale",
)  # fmt: skip
"""What `--scale` changes: one sentence says it all."""


def deviations(found: RunConfig, published: RunConfig | None) -> tuple[str, ...]:
    """In words, how a configuration differs from the published one; of an unknown one only its scale.

    Results of a configuration that differs say nothing against the paper, and nothing for it.
    """
    said = () if found.scale == 1 else (_scale(found, published),)
    if published is None:
        return said
    changed = _changes(found, published, without=OPEN + (SCALED if said else ()))
    more = len(changed) - MOST_SHOWN
    return (*said, *changed[:MOST_SHOWN], *((f"and {more} more differences",) if more > 0 else ()))


def _scale(found: RunConfig, published: RunConfig | None) -> str:
    images = found.data.per_class
    if published is not None and images == published.data.per_class:
        images = None
    return f"at scale {found.scale:g}" + ("" if images is None else f" with {images} images of a class")


def _changes(found: RunConfig, published: RunConfig, without: tuple[str, ...]) -> list[str]:
    ours, theirs = (dict(_leaves(config.model_dump())) for config in (found, published))
    if ours.get("pruning.kind") != theirs.get("pruning.kind"):
        without += ("pruning.",)
        kinds = [("pruning.kind", ours["pruning.kind"], theirs["pruning.kind"])]
    else:
        kinds = []
    keys = [key for key in {**ours, **theirs} if not key.startswith(without)]
    leaves = [(key, ours.get(key), theirs.get(key)) for key in keys if ours.get(key) != theirs.get(key)]
    return [f"{key} {_shown(one)} instead of {_shown(other)}" for key, one, other in (*kinds, *leaves)]


def _leaves(values: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, object]]:
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{above}{key}.")
        else:
            yield above + key, value


def _shown(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, tuple):
        return "/".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)
