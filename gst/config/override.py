"""Changes that a command line lays over the configurations of a sweep, arm by arm."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from gst.config.document import Document, parse_value
from gst.config.expand import Variant, lay_over
from gst.config.keys import has_key, left_alone, unknown_key
from gst.config.problem import shown
from gst.errors import ConfigError


class Override(NamedTuple):
    """A value laid over every configuration that has its key, and the text it was given as."""

    text: str
    key: str
    value: object


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

    Raises ConfigError for an override whose key none of them has, with the nearest key that one has, and for
    one of a key that a grid or zip varies in each that has it.
    """
    taken: list[list[Override]] = [[] for _ in among]
    remarks = []
    for override in overrides:
        having = [has_key(variant.values, override.key) for variant in among]
        if not any(having):
            unknown = unknown_key(override.key, [variant.values for variant in among])
            raise ConfigError(f"{document.path}: override {shown(override.text)}: {unknown}")
        owners = [variant for variant, has in zip(among, having, strict=True) if has]
        if all(override.key in it.varied for it in owners):  # its points would be one, under several labels
            raise ConfigError(
                f"{document.path}: override {shown(override.text)}: arm {owners[0].arm!r} varies "
                f"{override.key} in a grid or zip: change it there"
            )
        for variant, of_variant, has in zip(among, taken, having, strict=True):
            if has:
                lay_over(variant.values, {override.key: override.value})
                of_variant.append(override)
        if without := [it.label for it, has in zip(among, having, strict=True) if not has]:
            remarks.append(left_alone(override.text, override.key, without))
    return Laid(tuple(map(tuple, taken)), tuple(remarks))
