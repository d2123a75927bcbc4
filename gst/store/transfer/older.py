"""Archives from before schema 0008, when measurements of the network as it stands belonged to a run's key.

They are read as that migration would have left their store.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Table

from gst.archive import Row
from gst.config import RunConfig, RunSpec, config_hash, run_key
from gst.config.measure import FlatnessConfig, MeasureConfig
from gst.store.schema import eigenvalues, flatness, normality, perturbation_losses, runs, sweep_runs
from gst.store.transfer.tables import layout

Values = Mapping[str, Any]

SINCE = "0008"
"""The schema in which a run's key knows nothing of them."""


class Older:
    """The rows of such an archive as they would be today. `configs` are by hash, rows as in the archive."""

    def __init__(
        self, configs: Mapping[str, RunConfig], of_runs: Iterable[Values], of_flatness: Iterable[Values]
    ) -> None:
        self._hashes = {digest: config_hash(config) for digest, config in configs.items()}
        found = {row["key"]: row for row in of_runs}
        self._measures: dict[str, MeasureConfig] = {}
        self._keys: dict[str, str] = {}
        self._untried: set[str] = set()  # whose place another run of the archive takes
        for key, row in found.items():
            config = configs.get(row["config_hash"])
            if config is None or config.measure.of_state is None:
                continue
            self._measures[key] = config.measure
            own = run_key(RunSpec(config, row["seed"]))
            twin = found.get(own)
            if twin is not None and _untried(row):
                self._untried.add(key)
            elif not (twin is None or _untried(twin)):
                continue
            elif twin is not None:
                self._untried.add(own)
            self._keys[key] = own
        self._ways = {(it["run_key"], it["epoch"]): self._way(it) for it in of_flatness}

    def rows(self, table: Table, chunk: Sequence[Row]) -> list[Row]:
        """Those rows, but for runs whose place another one takes."""
        names = [column.name for column in layout(table).columns]
        if table is runs:
            rows = map(layout(table).named, chunk)
            return [tuple(self._run(row).values()) for row in rows if row["key"] not in self._untried]
        if "run_key" not in names:
            return list(chunk)
        place = names.index("run_key")
        changed = []
        for row in chunk:
            key, values = row[place], list(row)
            values[place] = self._keys.get(key, key)
            if table is sweep_runs:
                asked = self._measures.get(key)
                values[names.index("measure")] = None if asked is None else asked.of_state
            elif table in (flatness, eigenvalues, perturbation_losses):
                values[names.index("settings")] = self._ways.get((key, row[names.index("epoch")]), "{}")
            elif table is normality:
                way = self._measures[key].normality if key in self._measures else None
                values[names.index("settings")] = "{}" if way is None else way.settings
            changed.append(tuple(values))
        return changed

    def _run(self, row: dict[str, Any]) -> dict[str, Any]:
        if row["key"] not in self._keys:
            return row
        return row | {"key": self._keys[row["key"]], "config_hash": self._hashes[row["config_hash"]]}

    def _way(self, row: Values) -> str:
        """How flatness was measured: as the configuration asked, or as far as its row tells."""
        asked = self._measures.get(row["run_key"], MeasureConfig()).flatness
        if asked is None or asked.epoch != row["epoch"]:
            told = {name: row[name] for name in ("images", "method", "eigenpairs")}
            asked = FlatnessConfig.model_construct(epoch=row["epoch"], **told)
        return asked.settings


def _untried(row: Values) -> bool:
    return bool(row["status"] == "pending" and row["attempt"] == 0)
