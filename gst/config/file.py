"""The form of a sweep file; configurations inside it are checked once expanded."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from gst.config.base import Config
from gst.config.execution import CheckpointPolicy, Resources
from gst.config.figure_name import FigureName
from gst.config.seeds import Seeds


class SweepFile(Config):
    """The outer form of a sweep file."""

    extends: str | None = None
    """Another sweep file, relative to this one, whose values hold where this one does not say otherwise.
    Mappings are merged key by key, unless they name a `kind`; lists and seeds are replaced."""
    title: str
    """What the sweep is, in one line."""
    claim: str = ""
    """The sentence that the sweep tests."""
    seeds: Seeds
    """The seeds of every arm: a number of them from 0, a list, {start, count}, or a design by which the sweep
    decides on the way how many are enough. An arm may have its own."""
    base: dict[str, Any]
    """What all configurations share; keys are nested, or dotted as in training.epochs."""
    arms: dict[str, dict[str, Any] | None] = Field(min_length=1)
    """Configurations by their label, each of which changes something in the base; grid, zip and seeds of its
    own. A mapping is merged into the base's, unless it names a `kind`: then it replaces the whole. The
    dotted `pruning.kind` changes the kind alone."""
    grid: dict[str, tuple[Any, ...]] = Field(default_factory=dict)
    """Dotted keys and lists of values: every combination, in every arm that has the key."""
    zip: dict[str, tuple[Any, ...]] = Field(default_factory=dict)
    """Dotted keys and lists of values of one length, in step with each other, in every arm that has it."""
    figures: tuple[FigureName, ...] = ()
    """The figures that are drawn when the sweep is done; `gst figure` lists them."""
    resources: Resources = Resources()
    checkpoints: CheckpointPolicy = CheckpointPolicy()
    note: str = ""
    """What whoever reads the results must know."""
