"""Chosen runs in groups: by arm or by any key in which their configurations differ, and side by side."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from dash import html

from gst.analysis.knobs import varied
from gst.analysis.side_by_side import compared, config_side
from gst.dashboard.grid import grid
from gst.figures.style import percent
from gst.grouping import grouped
from gst.store import Store
from gst.store.reading import config_ids
from gst.words import counted

ARM = "arm"
"""The grouping by arm; any other is the name of a key."""
MOST_BESIDE = 8
"""Configurations that stand side by side at most."""
_SHARES = ("accuracy", "stability", "drop")
"""Endings of the names of results that are fractions of 1."""


class Groups(NamedTuple):
    """The runs of each configuration, by its id, and the groups of configurations by each varied key."""

    runs: dict[int, list[str]]
    by: dict[str, dict[int, str]]

    def of(self, key: str, by: str) -> str:
        """The name of the run's group; empty for its arm."""
        found = self.by.get(by, {})
        return next((found[it] for it, keys in self.runs.items() if key in keys and it in found), "")


def groups(store: Store, keys: Sequence[str]) -> Groups:
    """The groups of these runs; keys that tell the same configurations apart are one."""
    runs = grouped((config_id, key) for key, config_id in config_ids(store, keys).items())
    settings = {str(it): store.spec(of[0]).config.settings() for it, of in runs.items()}
    by = {
        knob.name: {int(it): _named(knob.name, value) for it, value in knob.values.items()}
        for knob in varied(settings)
    }
    return Groups(runs, by)


def _named(key: str, value: str) -> str:
    """The group of a value, which is the JSON of a list: `fraction 0.5`."""
    names = [it.rpartition(".")[2] for it in key.split(" + ")]
    pairs = zip(names, json.loads(value), strict=True)
    return ", ".join(f"{name} {'none' if it is None else it}" for name, it in list(pairs)[:3])


def beside(store: Store, found: Groups, arms: dict[str, str]) -> list[Any]:
    """The configurations side by side, in what they differ and what came of each; nothing for one alone.

    `arms` has the arm of each run.
    """
    chosen = list(found.runs.values())[:MOST_BESIDE]
    if len(chosen) < 2:
        return []
    names = [f"{arms[keys[0]]} ({counted(len(keys), 'run')})" for keys in chosen]
    rows = [
        [it.name, *(_shown(it.part, it.name, value) for value in it.values)]
        for it in compared([config_side(store, keys) for keys in chosen])
    ]
    left = len(found.runs) - len(chosen)
    more = f" Only the first {MOST_BESIDE} of {len(found.runs)} configurations are shown." if left else ""
    about = f"Settings in which the configurations differ, and means of their completed runs.{more}"
    return [
        html.H2("Side by side"),
        html.P(about, className="about"),
        grid(["setting or result", *names], rows),
    ]


def _shown(part: str, name: str, value: Any) -> Any:
    share = part == "result" and name.endswith(_SHARES)
    return percent(value, 2) if share and value is not None else value
