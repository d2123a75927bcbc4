"""The form of a sweep file; configurations inside it are checked once expanded."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from gst.config.base import Config
from gst.config.execution import CheckpointPolicy, Resources
from gst.config.seeds import Seeds


class SweepFile(Config):
    """The outer form of a sweep file."""

    extends: str | None = None
    title: str
    claim: str = ""
    seeds: Seeds
    base: dict[str, Any]
    arms: dict[str, dict[str, Any] | None] = Field(min_length=1)
    grid: dict[str, tuple[Any, ...]] = Field(default_factory=dict)
    zip: dict[str, tuple[Any, ...]] = Field(default_factory=dict)
    figures: tuple[str, ...] = ()
    resources: Resources = Resources()
    checkpoints: CheckpointPolicy = CheckpointPolicy()
    note: str = ""
