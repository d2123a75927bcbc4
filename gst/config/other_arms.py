"""Labels of other arms in a configuration become the configurations of their runs, which may need others."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gst.config.document import KeyPath
from gst.config.expand import Variant
from gst.config.origin import Origins
from gst.config.problem import shown
from gst.config.run import MOST_TRUNKS, OTHERS, RunConfig, embedded
from gst.errors import ConfigError, UnknownNameError

Check = Callable[[Variant], RunConfig]
"""The configuration that a variant's values are. Raises ConfigError."""


class OtherArms:
    """The variants of a sweep with their seeds, made into configurations as others need them."""

    def __init__(
        self, origins: Origins, variants: Sequence[tuple[Variant, tuple[int, ...]]], check: Check
    ) -> None:
        self._origins = origins
        self._check = check
        self._variants = {variant.label: variant for variant, _ in variants}
        self._seeds = {variant.label: frozenset(seeds) for variant, seeds in variants}
        self._made: dict[str, RunConfig] = {}

    def config(self, label: str, chain: tuple[str, ...] = ()) -> RunConfig:
        """The configuration of that label; `chain` are the labels of those that need it, the first first.

        Raises ConfigError for a label that there is not, or that several have, for a chain that comes back or
        is too long, and for seeds that the other arm does not have.
        """
        if label not in self._made:
            variant = self._variants[label]
            for key in OTHERS:
                path: KeyPath = tuple(key.split("."))
                if (place := _at(variant.values, path[:-1])) is not None and path[-1] in place:
                    self._embed(variant, path, place, (*chain, label))
            self._made[label] = self._check(variant)
        return self._made[label]

    def _embed(self, variant: Variant, path: KeyPath, place: dict[str, Any], chain: tuple[str, ...]) -> None:
        def refused(message: object) -> ConfigError:
            return ConfigError(self._origins.line(variant.label, path, str(message)))

        named = place[str(path[-1])]
        if not isinstance(named, str):
            raise refused(f"expected the label of an arm, found {shown(named)}")
        try:
            other = self._meant(variant, named)
        except (ConfigError, UnknownNameError) as error:
            raise refused(error) from None
        if other in chain:
            way = " needs ".join(map(repr, (*chain[chain.index(other) :], other)))
            without = ".".join(map(str, path[:-1]))
            raise refused(f"no run can need itself: {way}; an arm that needs none has `{without}: null`")
        if len(chain) >= MOST_TRUNKS:
            raise refused(f"expected a chain of at most {MOST_TRUNKS} arms, each of which needs the next")
        if lacking := sorted(self._seeds[variant.label] - self._seeds[other]):
            raise refused(
                f"arm {other!r} has no seed {lacking[0]}: expected one that has all seeds of this arm"
            )
        place[str(path[-1])] = json.loads(embedded(self.config(other, chain)).text)

    def _meant(self, variant: Variant, named: str) -> str:
        """The label itself, or of an arm's points the one that agrees with this in all that varies there."""
        if named in self._variants:
            return named
        points = [it for it in self._variants.values() if it.arm == named]
        if not points:
            raise UnknownNameError("arm", named, self._variants)
        alike = [it.label for it in points if all(_same(it, variant, key) for key in it.varied)]
        if len(alike) != 1:
            labels = ", ".join(repr(it.label) for it in points[:5])
            raise ConfigError(f"{named!r} has {len(points)} points; expected the label of one: {labels}")
        return alike[0]


def _at(values: Mapping[str, Any], path: KeyPath) -> dict[str, Any] | None:
    """The mapping at that path, if there is one."""
    part: Any = values
    for name in path:
        part = part.get(name) if isinstance(part, Mapping) else None
    return part if isinstance(part, dict) else None


def _same(one: Variant, other: Variant, key: str) -> bool:
    *parents, last = key.split(".")
    first, second = _at(one.values, tuple(parents)), _at(other.values, tuple(parents))
    return first is not None and second is not None and last in second and first.get(last) == second[last]
