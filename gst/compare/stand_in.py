"""A sweep of the store in place of a published one: which one it stands for, and how its runs differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gst.analysis import Source
from gst.compare.published import Published, PublishedFigure
from gst.config import RunConfig, load_sweep
from gst.errors import InputError
from gst.paths import project_folder

if TYPE_CHECKING:
    from gst.store import Store

MOST_SHOWN = 3
# What the papers leave open, so that it makes no other experiment.
OPEN = ("training.precision",)
SCALED = (
    "training.epochs", "training.lr_drops", "training.warmup_epochs", "pruning.", "data.per_class",
    "data.test_per_class", "scale",
)  # fmt: skip
"""The keys that `--scale` changes, which one sentence sums up."""


def stands_for(
    store: Store, published: Published, figures: Sequence[str], source: Source
) -> tuple[str, str | None]:
    """The published sweep that the source stands for, and the figures' benchmark that it is about.

    Among a figure's benchmarks it is the one whose sweep has that name, or else the one with its network and
    data. Raises InputError for figures of several sweeps, and where no benchmark fits.
    """
    config = store.spec(source.members[0].key).config
    found = {name: _own(published.figures[name], source.sweep, config) for name in figures}
    sweeps = {own for own, _ in found.values()} - {None}
    if len(sweeps) != 1:
        said = ", ".join(f"{name} {own or 'none'}" for name, (own, _) in found.items())
        raise InputError(f"another sweep can stand for one of the published, and these have {said}")
    (own,) = sweeps
    assert own is not None
    return own, next((benchmark for _, benchmark in found.values() if benchmark), None)


def _own(figure: PublishedFigure, sweep: str, config: RunConfig) -> tuple[str | None, str | None]:
    """The figure's sweep that fits, and its benchmark in a figure with several."""
    if not figure.benchmarks:
        return figure.sweep, None
    name = sweep.partition("@")[0]
    for fits in (lambda own: own == name, lambda own: _setting(config) in _shipped(own)):
        if meant := [(own, benchmark) for benchmark, own in figure.benchmarks.items() if fits(own)]:
            return meant[0]
    listed = ", ".join(f"{own} ({benchmark})" for benchmark, own in figure.benchmarks.items())
    raise InputError(f"sweep {sweep!r} is of none of the figure's networks and data; there are: {listed}")


def _shipped(sweep: str) -> set[tuple[str, str]]:
    path = project_folder("sweeps") / f"{sweep}.yaml"
    return {_setting(it.config) for it in load_sweep(path).configs} if path.is_file() else set()


def _setting(config: RunConfig) -> tuple[str, str]:
    return config.model.name, config.data.name


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
