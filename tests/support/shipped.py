"""Configurations of the sweeps that come with gst, and others that differ from them."""

from __future__ import annotations

from typing import Any

from gst.analysis.deviation import shipped_sweep
from gst.config import RunConfig


def shipped(sweep: str, arm: str) -> RunConfig:
    """The configuration of an arm."""
    return shipped_configs(sweep)[arm]


def shipped_configs(sweep: str) -> dict[str, RunConfig]:
    """The configuration of each arm."""
    spec = shipped_sweep(sweep)
    assert spec is not None
    return {it.arm: it.config for it in spec.configs}


def with_values(config: RunConfig, **changes: Any) -> RunConfig:
    """The configuration with other values, by keys such as training__epochs."""
    content = config.model_dump()
    for key, value in changes.items():
        *path, name = key.split("__")
        part = content
        for step in path:
            part = part[step]
        part[name] = value
    return RunConfig.model_validate(content)
