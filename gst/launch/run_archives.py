"""Archives of single runs, for machines without a database: a zip file when a run ends, whole or not there.

Beside them lies one of the sweep, with all its runs as pending. `gst import` takes the folder in.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from gst.archive import SweepName, TableRows, write_archive
from gst.archive.layout import TRAINED, UNTRIED
from gst.archive.manifest import schema_revisions
from gst.config import RunConfig, RunSpec, SweepSpec, config_hash, config_json, run_key
from gst.config.columns import config_columns, sweep_columns
from gst.records import EpochRecords, Provenance, Row, SystemSample, rows, sample_rows
from gst.words import exception_line, short, shortened

Tables = Mapping[str, Sequence[Row]]


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt at a run that has ended: with what, how, and what it yielded."""

    spec: RunSpec
    provenance: Provenance
    status: str  # completed, diverged or failed
    started: datetime
    seconds: float
    records: tuple[EpochRecords, ...]
    el2n_seconds: float = 0.0  # of training networks for EL2N scores
    samples: tuple[SystemSample, ...] = ()
    peak_memory: int | None = None  # in bytes
    traceback: str | None = None
    log_tail: str | None = None

    @property
    def ended(self) -> datetime:
        """When it ended, whatever happened to the machine's clock meanwhile."""
        return self.started + timedelta(seconds=self.seconds)

    @property
    def last_epoch(self) -> int | None:
        """The last epoch that was trained to its end."""
        return self.records[-1].epoch.epoch if self.records else None

    @property
    def reason(self) -> str | None:
        """Why it failed, in a line."""
        return None if self.traceback is None else exception_line(self.traceback)


def run_file(folder: Path, key: str) -> Path:
    """Where a run lies that has a result."""
    return folder / f"run-{key}.zip"


def failed_file(folder: Path, key: str) -> Path:
    """Where the last failed attempt at a run lies."""
    return folder / f"failed-{key}.zip"


def write_sweep(folder: Path, sweep: SweepSpec, moment: datetime) -> None:
    """Write the sweep and all its runs, pending, unless that was done before with the same seeds."""
    seeds = hashlib.sha256(repr([(it.arm, it.seeds) for it in sweep.configs]).encode()).hexdigest()
    path = folder / f"sweep-{short(sweep.digest())}-{short(seeds)}.zip"
    if path.exists():
        return
    keys: dict[str, RunSpec] = {}
    members = []
    for position, (arm, spec) in enumerate(sweep.runs()):
        key = run_key(spec)
        keys[key] = spec
        asked = spec.config.measure.of_state
        member = {"run_key": key, "arm": arm, "position": position, "measure": asked}
        members.append(_of_sweep(sweep) | member)
    tables: Tables = {
        "sweeps": [sweep_columns(sweep, sweep.digest(), moment)],
        "configs": _config_rows(spec.config for spec in keys.values()),
        "runs": [_pending(key, spec, moment) for key, spec in sorted(keys.items())],
        "sweep_runs": members,
    }
    _write(path, sweep, tables)


def write_run(folder: Path, sweep: SweepSpec, attempt: Attempt) -> Path:
    """The file in which that attempt is now, in the place of an earlier one."""
    key = run_key(attempt.spec)
    path = failed_file(folder, key) if attempt.status == "failed" else run_file(folder, key)
    dataset = attempt.provenance.dataset
    tables: Tables = {
        "configs": _config_rows([attempt.spec.config]),
        "datasets": [] if dataset is None else [dataset._asdict()],
        "runs": [_ended(key, sweep, attempt)],
        "attempts": [_attempt(key, sweep, attempt)],
        "system_samples": sample_rows(attempt.samples, run_key=key, attempt=1),
        **_yielded(key, attempt.records),
    }
    _write(path, sweep, tables)
    return path


def _write(path: Path, sweep: SweepSpec, tables: Tables) -> None:
    """As CSV, which needs no library that a borrowed machine may lack."""
    filled = (
        TableRows(name, columns, [[tuple(row[it.name] for it in columns) for row in tables.get(name, ())]])
        for name, columns in TRAINED.items()
    )
    sweeps = [SweepName(sweep.name, sweep.digest())]
    write_archive(path, filled, form="csv", schema=schema_revisions()[-1], sweeps=sweeps, replace=True)


def _of_sweep(sweep: SweepSpec) -> dict[str, Any]:
    return {"sweep_name": sweep.name, "sweep_digest": sweep.digest()}


def _config_rows(configs: Iterable[RunConfig]) -> list[dict[str, Any]]:
    different = {config_hash(config): config for config in configs}
    return [
        {"hash": digest, "config": config_json(config), **config_columns(config)}
        for digest, config in sorted(different.items())
    ]


def _pending(key: str, spec: RunSpec, moment: datetime) -> dict[str, Any]:
    return dict.fromkeys(column.name for column in TRAINED["runs"]) | {
        "key": key,
        "config_hash": config_hash(spec.config),
        "seed": spec.seed,
        "created": moment,
        **UNTRIED,
    }


def _ended(key: str, sweep: SweepSpec, attempt: Attempt) -> dict[str, Any]:
    """The run as the store would have it after the same attempt: without an epoch, it has stalled once."""
    return _pending(key, attempt.spec, attempt.started) | {
        **_of_sweep(sweep),
        "driver_epoch": 0,  # no driver of a store: those count from 1
        "status": attempt.status,
        "reason": attempt.reason,
        "attempt": 1,
        "stall": 0 if attempt.records else 1,
        "last_epoch": attempt.last_epoch,
        "furthest_epoch": attempt.last_epoch,
        "seconds": sum((it.epoch.seconds for it in attempt.records), attempt.el2n_seconds),
        "started": attempt.started,
        "heartbeat": attempt.ended,
        "ended": attempt.ended,
    }


def _attempt(key: str, sweep: SweepSpec, attempt: Attempt) -> dict[str, Any]:
    facts = asdict(attempt.provenance)
    facts["precision"] = attempt.provenance.precision or attempt.spec.config.training.precision
    del facts["dataset"]
    dataset = attempt.provenance.dataset
    return dict.fromkeys(column.name for column in TRAINED["attempts"]) | {
        **facts,
        "run_key": key,
        "attempt": 1,
        **_of_sweep(sweep),
        "driver_epoch": 0,
        "first_epoch": attempt.spec.config.first_epoch,
        "dataset_name": None if dataset is None else dataset.name,
        "dataset_content_hash": None if dataset is None else dataset.content_hash,
        "started": attempt.started,
        "ended": attempt.ended,
        "outcome": attempt.status,
        "traceback": attempt.traceback and shortened(attempt.traceback),
        "log_tail": attempt.log_tail and shortened(attempt.log_tail),
        "peak_memory": attempt.peak_memory,
        "seconds": attempt.seconds,
    }


def _yielded(key: str, records: Sequence[EpochRecords]) -> dict[str, list[Row]]:
    """The records of a run, as rows by table."""
    found: dict[str, list[Row]] = defaultdict(list)
    for of_epoch in records:
        for table, of_table in rows(of_epoch, run_key=key):
            found[table] += of_table
    return found
