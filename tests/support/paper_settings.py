"""The settings of the papers' experiments, as the tables in tests/settings have them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

Settings = dict[str, Any]
"""Values by dotted key."""

FOLDER = Path(__file__).parents[1] / "settings"
FORM = {"runs", "is", "each", "together", "arms", "same_network"}
"""Keys of a table's entries that are no settings."""


class PaperArm(NamedTuple):
    """One configuration of a paper: its number of runs and its settings."""

    runs: int
    settings: Settings


class Paper(NamedTuple):
    """The table of one paper."""

    name: str
    sweeps: Mapping[str, Mapping[str, PaperArm]]  # by sweep file, and in it by the label of the configuration
    unless_said: Settings
    ours: Mapping[str, str]  # reasons by key


def papers() -> tuple[Paper, ...]:
    """All tables."""
    return tuple(_paper(path) for path in sorted(FOLDER.glob("*.yaml")))


def _paper(path: Path) -> Paper:
    table = yaml.safe_load(path.read_text(encoding="utf-8"))
    groups = table["groups"]
    sweeps = {name: dict(_arms(sweep, groups)) for name, sweep in table["sweeps"].items()}
    return Paper(path.stem, sweeps, table["unless_said"], table["ours"])


def _arms(sweep: Mapping[str, Any], groups: Mapping[str, Any]) -> Iterator[tuple[str, PaperArm]]:
    for name, arm in sweep["arms"].items():
        fixed = _joined([_flat(sweep, groups), _flat(arm, groups)])
        for point in itertools.product(*_axes(arm), *_axes(sweep)):
            chosen = _joined(point)
            settings = _joined([fixed, chosen])
            if (width := settings.get("model.width")) in sweep.get("same_network", {}):
                settings["model.width"] = sweep["same_network"][width]
            yield _label(name, chosen), PaperArm(arm.get("runs", sweep["runs"]), settings)


def _flat(entry: Mapping[str, Any], groups: Mapping[str, Any]) -> Settings:
    own = {key: value for key, value in entry.items() if key not in FORM}
    return _joined([own, *(_flat(groups[group], groups) for group in entry.get("is", ()))])


def _axes(entry: Mapping[str, Any]) -> list[list[Settings]]:
    axes = [[{key: value} for value in values] for key, values in entry.get("each", {}).items()]
    return [*axes, entry["together"]] if "together" in entry else axes


def _joined(parts: Any) -> Settings:
    joined: Settings = {}
    for part in parts:
        assert not (twice := joined.keys() & part.keys()), f"given twice: {', '.join(sorted(twice))}"
        joined |= part
    return joined


def _label(arm: str, chosen: Settings) -> str:
    """The label that a sweep file's grid gives: the arm and the last part of each key with its value."""
    return " ".join([arm, *(f"{key.rpartition('.')[2]}={_short(value)}" for key, value in chosen.items())])


def _short(value: Any) -> str:
    return "/".join(map(str, value)) if isinstance(value, list) else str(value)
