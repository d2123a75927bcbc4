"""Widths that round to one network: of configurations that are equal but for them, one is trained."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from gst.config.other_run import OtherRun
from gst.config.run import RunConfig, embedded
from gst.config.task import AnyModelName


class EqualWidths(NamedTuple):
    """A width of a sweep that makes the network of an earlier one, whose runs its arms have."""

    model: AnyModelName
    width: float
    trained: float  # the earlier width
    units: tuple[int, ...]  # see gst.config.task.HIDDEN_UNITS

    def __str__(self) -> str:
        shapes = ", ".join(map(str, self.units))
        return (
            f"model.width {self.width:g} makes the same {self.model} as {self.trained:g} "
            f"({shapes} hidden units): their arms have the same runs"
        )


def one_of_each_network(configs: Iterable[RunConfig]) -> list[RunConfig]:
    """For each configuration the first that is equal to it, or differs in a width of the same units alone.

    Where that is the trunk of others, they begin from the first, too.
    """
    asked, first = list(configs), dict[tuple[RunConfig, tuple[int, ...]], RunConfig]()
    found = [first.setdefault((_of_width(config, 1.0), config.model.units), config) for config in asked]
    others = {embedded(one): embedded(other) for one, other in zip(asked, found, strict=True) if one != other}
    moved = [_from_other(config, others) for config in found]
    return moved if moved == found else one_of_each_network(moved)


def _from_other(config: RunConfig, others: Mapping[OtherRun, OtherRun]) -> RunConfig:
    if config.branch is None or config.branch.arm not in others:
        return config
    branch = config.branch.model_copy(update={"arm": others[config.branch.arm]})
    return config.model_copy(update={"branch": branch})


def equal_widths(asked: Sequence[RunConfig], trained: Sequence[RunConfig]) -> tuple[EqualWidths, ...]:
    """The widths of `asked` that are others in `trained`, what one_of_each_network makes of it; each once."""
    pairs = [(it.model, its.model) for it, its in zip(asked, trained, strict=True) if it.model != its.model]
    found = (EqualWidths(it.name, it.width, its.width, it.units) for it, its in pairs)
    return tuple(dict.fromkeys(found))


def of_one_network(config: RunConfig, other: RunConfig) -> RunConfig:
    """The configuration, with the width of the other where both make the same network."""
    same = (config.model.label, config.model.units) == (other.model.label, other.model.units)
    return _of_width(config, other.model.width) if same else config


def _of_width(config: RunConfig, width: float) -> RunConfig:
    return config.model_copy(update={"model": config.model.model_copy(update={"width": width})})
