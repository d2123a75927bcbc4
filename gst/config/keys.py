"""The dotted keys of a run's configuration: which of them a configuration has, and which one was meant."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from gst.config.problem import Problem
from gst.config.run import RunConfig
from gst.config.structure import keys_at, paths
from gst.errors import suggestion
from gst.words import counted, listed

OTHER_WORDS = {
    "amount": "fraction",
    "architecture": "model",
    "dataset": "data",
    "epochs_per_level": "epochs",
    "learning_rate": "lr",
    "network": "model",
    "sparsity": "fraction",
}
"""Keys as other programs call them, and what they are called here."""


@cache
def run_keys() -> tuple[str, ...]:
    """Every dotted key that the configuration of a run may have, whatever its kinds."""
    return tuple(dict.fromkeys(paths(RunConfig)))


@cache
def in_base() -> tuple[str, ...]:
    """The same as a sweep file has them, in its base."""
    return tuple(f"base.{key}" for key in run_keys())


def has_key(values: Mapping[str, Any], key: str) -> bool:
    """Whether a configuration of those values has such a key, which depends on its kinds.

    Where a kind is wrong, that is what its checks will say.
    """
    *parents, last = key.split(".")
    known = keys_at(RunConfig, values, parents)
    return known is None or last in known


def meant(path: Sequence[str | int], siblings: Iterable[str], others: Collection[str]) -> str:
    """`did you mean 'x'? ` for an unknown key: a sibling that is spelt like it, or a key called so elsewhere.

    `others` are dotted keys; of those with the same last part the one with the most common beginning wins.
    """
    *parents, name = map(str, path)
    if near := suggestion(name, siblings):
        return near
    names = {name, OTHER_WORDS.get(name, name)}
    found = [key for key in others if key.rpartition(".")[2] in names]
    if not found or ".".join(map(str, path)) in found:  # there is such a key, but of another kind
        return ""
    prefix = ".".join(parents)
    return f"did you mean {max(found, key=lambda it: (_common(prefix, it), -it.count('.')))!r}? "


def left_alone(change: str, key: str, arms: Sequence[str]) -> str:
    """A sentence: these arms do not have the key, so the change leaves them as they are."""
    count = counted(len(arms), "arm")
    some = listed(list(map(repr, arms)))
    return f"{change} leaves {count} without {key} as before: {some}"


def unknown_key(key: str, among: Sequence[Mapping[str, Any]]) -> str:
    """Names the first part of the key that no configuration of those values has, and what they have there."""
    path = key.split(".")
    for depth, name in enumerate(path):
        of_each = (keys_at(RunConfig, values, path[:depth]) or () for values in among)
        known = sorted({key for keys in of_each for key in keys})
        if name not in known:
            break
    prefix = ".".join(path[:depth])
    if not known:
        return f"{prefix} has no keys in any arm"
    return (
        f"no arm has {'.'.join(path[: depth + 1])}; {meant(path[: depth + 1], known, run_keys())}"
        f"valid keys {f'of {prefix}' if prefix else 'here'}: {', '.join(known)}"
    )


def of_other_kind(values: Mapping[str, Any], problems: Sequence[Problem]) -> str | None:
    """A sentence where all that is wrong are keys of another kind of pruning, and lacking ones of this."""
    keys = {it.key: str(it.key[-1]) for it in problems if f"pruning.{it.key[-1]}" in run_keys()}
    names = [keys[it.key] for it in problems if it.is_unknown and it.key in keys]
    missing = [keys[it.key] for it in problems if it.is_missing and it.key in keys]
    kind = values.get("pruning", {}).get("kind") if isinstance(values.get("pruning"), Mapping) else None
    if len(names) < 2 or len(names) + len(missing) < len(problems) or "kind" in names:
        return None
    lacks = f", and lacks {', '.join(missing)}" if missing else ""
    return (
        f"{kind!r} has no {', '.join(names)}, which other kinds have{lacks}; the mapping `pruning: {{kind: "
        f"{kind}}}` replaces the whole, and the dotted `pruning.kind` keeps the rest"
    )


def _common(one: str, other: str) -> int:
    """Number of parts that both keys begin with."""
    pairs = zip(one.split("."), other.split("."), strict=False)
    return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))
