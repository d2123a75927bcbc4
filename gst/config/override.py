"""Changes that a command line lays over the configurations of a sweep, arm by arm."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from gst.config.document import Document, parse_value
from gst.config.expand import Variant, lay_over
from gst.config.problem import shown
from gst.config.run import RunConfig
from gst.config.structure import keys_at
from gst.errors import ConfigError, suggestion
from gst.words import counted

MOST_SHOWN = 5


class Override(NamedTuple):
    """A value laid over every configuration that has its key, and the text it was given as."""

    text: str
    key: str
    value: object

    @property
    def path(self) -> tuple[str, ...]:
        """The parts of the dotted key."""
        return tuple(self.key.split("."))


def parse_override(text: str) -> Override:
    """The override that `key=value` stands for: a dotted key and a YAML value."""
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise ConfigError(f"override {shown(text)}: expected key=value, such as training.epochs=5")
    try:
        return Override(text, key, parse_value(value))
    except ConfigError:
        raise ConfigError(f"override {shown(text)}: {shown(value)} is not a YAML value") from None


class Laid(NamedTuple):
    """The overrides that each variant took, and a sentence for each that some variants did not take."""

    taken: tuple[tuple[Override, ...], ...]  # in the order of the variants
    remarks: tuple[str, ...]


def lay_overrides(document: Document, overrides: Sequence[Override], among: Sequence[Variant]) -> Laid:
    """Lay each override, in place, over the variants that have its key, which depends on their `kind`.

    Raises ConfigError for an override whose key none of them has, with the nearest key that one has.
    """
    taken: list[list[Override]] = [[] for _ in among]
    remarks = []
    for override in overrides:
        having = [_has(variant, override.path) for variant in among]
        if not any(having):
            raise ConfigError(
                f"{document.path}: override {shown(override.text)}: {_unknown(override, among)}"
            )
        for variant, of_variant, has in zip(among, taken, having, strict=True):
            if has:
                lay_over(variant.values, {override.key: override.value})
                of_variant.append(override)
        if without := [it.label for it, has in zip(among, having, strict=True) if not has]:
            remarks.append(_left_alone(override, without))
    return Laid(tuple(map(tuple, taken)), tuple(remarks))


def _has(variant: Variant, path: Sequence[str]) -> bool:
    """Whether the variant has such a key; where its kind is wrong, that is what its checks will say."""
    known = keys_at(RunConfig, variant.values, path[:-1])
    return known is None or path[-1] in known


def _left_alone(override: Override, arms: Sequence[str]) -> str:
    count = counted(len(arms), "arm")
    some = ", ".join(map(repr, arms[:MOST_SHOWN]))
    more = f" and {len(arms) - MOST_SHOWN} more" if len(arms) > MOST_SHOWN else ""
    return f"{override.text} leaves {count} without {override.key} as before: {some}{more}"


def _unknown(override: Override, among: Sequence[Variant]) -> str:
    """Names the first part of the key that no variant has, and what they have in its place."""
    path = override.path
    for depth, name in enumerate(path):
        of_each = (keys_at(RunConfig, variant.values, path[:depth]) or () for variant in among)
        known = sorted({key for keys in of_each for key in keys})
        if name not in known:
            break
    prefix = ".".join(path[:depth])
    if not known:
        return f"{prefix} has no keys in any arm"
    return (
        f"no arm has {'.'.join(path[: depth + 1])}; {suggestion(name, known)}"
        f"valid keys {f'of {prefix}' if prefix else 'here'}: {', '.join(known)}"
    )
