"""How a configuration differs from the published one, in what can change its results."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

from gst.analysis.effects import EFFECTS, Measured
from gst.config import Levels, RunConfig, SweepSpec, load_sweep
from gst.config.equal_networks import of_one_network
from gst.paths import project_folder
from gst.words import cut

MOST_SHOWN = 3
SCALED = frozenset({
    "training.epochs", "training.lr_drops", "training.warmup_epochs", "pruning.start", "pruning.end",
    "pruning.every", "pruning.train_batches", "pruning.rewind_epoch", "data.per_class", "data.test_per_class",
    "measure.examples.el2n.epochs", "measure.flatness.epoch", "measure.flatness.eigenpairs",
    "measure.flatness.directions", "measure.flatness.trace_products", "scale",
})  # fmt: skip
"""The keys that `--scale` and `--subset` change, which one sentence sums up."""


class Change(NamedTuple):
    """A key, its value in our runs and in the published configuration."""

    key: str
    ours: Any
    published: Any

    @property
    def words(self) -> str:
        """The change in words: `training.epochs 300 instead of 325`."""
        return f"{self.key} {setting_words(self.ours)} instead of {setting_words(self.published)}"


def deviations(
    found: RunConfig, published: RunConfig | None, measured: Measured = (), assumed: Collection[str] = ()
) -> tuple[str, ...]:
    """The departures of a configuration from the published one, of changed keys the first three.

    Results of a configuration that differs say nothing against the paper, and nothing for it.
    """
    said = departures(found, published, measured, assumed)
    return tuple(cut(said, MOST_SHOWN + (found.scale != 1), "more differences"))


def departures(
    found: RunConfig, published: RunConfig | None, measured: Measured = (), assumed: Collection[str] = ()
) -> tuple[str, ...]:
    """In words, how a configuration differs from the published one; of an unknown one only its scale.

    `measured` are the measurements that the result at hand rests on, `assumed` the keys of the published
    configuration that are not the paper's.
    """
    said = () if found.scale == 1 else (_scale(found, published),)
    if published is None:
        return said
    without = {*assumed, *(SCALED if said else ())}
    changed = (it.words for it in changes(found, published, measured) if it.key not in without)
    return (*said, *changed)


def changes(found: RunConfig, published: RunConfig, measured: Measured = ()) -> Iterator[Change]:
    """The keys in which two configurations differ so that a result may.

    Of different kinds of pruning the kind alone is told. A measurement that only one of them has is no
    change: it changes no training.
    """
    ours, theirs = of_one_network(found, published).settings(), published.settings()
    same_kind = ours["pruning.kind"] == theirs["pruning.kind"]
    for key in (key for key in ours if key in theirs and ours[key] != theirs[key]):
        feels = any(EFFECTS[key](config, measured) for config in (found, published))
        if feels and (same_kind or key == "pruning.kind" or not key.startswith("pruning.")):
            yield Change(key, ours[key], theirs[key])


def shipped_sweep(name: str) -> SweepSpec | None:
    """The sweep file of that name that comes with gst; None where there is none."""
    path = project_folder("sweeps") / f"{name}.yaml"
    return load_sweep(path) if path.is_file() else None


def published_config(spec: SweepSpec, arm: str, found: RunConfig) -> RunConfig | None:
    """The published configuration with the arm's label, or in sweeps of levels the one like the arm's."""
    fitting = [it.config for it in spec.configs if it.arm == arm]
    if not fitting and any(isinstance(it.config.pruning, Levels) for it in spec.configs):
        like = [it.config for it in spec.configs if told_apart(it.config) == told_apart(found)]
        fitting = list(dict.fromkeys(like))
    return fitting[0] if len(fitting) == 1 else None


def told_apart(config: RunConfig) -> tuple[object, ...]:
    """The properties that tell apart runs of several levels, and narrow networks beside them."""
    return config.pruning.kind, config.data.label_noise, config.model.width


def setting_words(value: object) -> str:
    """A value of a configuration as messages show it; a list with slashes."""
    if value is None or value in ((), []):
        return "none"
    if isinstance(value, list | tuple):
        return "/".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _scale(found: RunConfig, published: RunConfig | None) -> str:
    images = found.data.per_class
    if published is not None and images == published.data.per_class:
        images = None
    return f"at scale {found.scale:g}" + ("" if images is None else f" with {images} images of a class")
