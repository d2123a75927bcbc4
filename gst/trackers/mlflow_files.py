"""A run as files of MLflow's file store, the layout of `mlruns`; MLflow itself is not needed to write it.

MLflow 3 takes such a folder into a database (`mlflow migrate-filestore`), or reads it as it is where
MLFLOW_ALLOW_FILE_STORE is true; earlier ones read it as it is.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from gst.trackers.replaced import replaced
from gst.trackers.tracked import TrackedRun

STATUS = {
    "running": 1, "pending": 2, "completed": 3, "failed": 4, "diverged": 4, "interrupted": 5, "cancelled": 5
}  # fmt: skip
"""MLflow's statuses: RUNNING, SCHEDULED, FINISHED, FAILED, KILLED."""
LOCAL = 4
LONGEST_PARAMETER = 6000


def write_mlflow(folder: Path, run: TrackedRun) -> None:
    """Write the run into the experiment that its sweep is, `sweep@digest`; the ids follow from the keys."""
    experiment = folder / experiment_id(run)
    if not (experiment / "meta.yaml").exists():
        experiment.mkdir(exist_ok=True)
        _write_experiment(experiment, run)
    place = experiment / run_id(run)
    with replaced(place) as made:
        _write_yaml(made, _about(place, run))
        for name in ("artifacts", "metrics", "params", "tags"):
            (made / name).mkdir()
        for name, value in run.parameters.items():
            _write(made / "params" / name, str(value)[:LONGEST_PARAMETER])
        for name, value in {**run.tags, **_own_tags(run)}.items():
            _write(made / "tags" / name, value)
        for name, lines in _metrics(run).items():
            _write(made / "metrics" / name, "\n".join(lines) + "\n")


def experiment_id(run: TrackedRun) -> str:
    """The id of the sweep's experiment: 18 digits from its digest."""
    return str(10**17 + int(run.digest, 16) % (9 * 10**17))


def run_id(run: TrackedRun) -> str:
    """The id of the run in that experiment: 32 hexadecimal digits."""
    return hashlib.sha256(f"{run.sweep} {run.key}".encode()).hexdigest()[:32]


def _write_experiment(place: Path, run: TrackedRun) -> None:
    began = _milliseconds(run.started)
    _write_yaml(
        place,
        {
            "artifact_location": place.absolute().as_uri(),
            "creation_time": began,
            "experiment_id": place.name,
            "last_update_time": began,
            "lifecycle_stage": "active",
            "name": run.sweep,
        },
    )
    _write(place / "tags" / "mlflow.note.content", run.title)


def _about(place: Path, run: TrackedRun) -> dict[str, Any]:
    return {
        "artifact_uri": (place / "artifacts").absolute().as_uri(),
        "deleted_time": None,
        "end_time": run.ended and _milliseconds(run.ended),
        "entry_point_name": "",
        "experiment_id": place.parent.name,
        "lifecycle_stage": "active",
        "run_id": place.name,
        "run_name": run.name,
        "run_uuid": place.name,
        "source_name": "",
        "source_type": LOCAL,
        "source_version": "",
        "start_time": _milliseconds(run.started),
        "status": STATUS[run.status],
        "tags": [],
        "user_id": "gst",
    }


def _own_tags(run: TrackedRun) -> dict[str, str]:
    """Tags that MLflow's pages know: the name, notes; and one for each tag of the run."""
    notes = {"mlflow.note.content": run.notes} if run.notes else {}
    return {"mlflow.runName": run.name, **notes, **{f"gst.tag.{it}": "true" for it in run.labels}}


def _metrics(run: TrackedRun) -> dict[str, list[str]]:
    """The lines of each metric's file, a time in milliseconds, a value and a step each."""
    found: dict[str, list[str]] = {}
    for step in run.steps:
        for name, value in step.values.items():
            found.setdefault(name, []).append(f"{_milliseconds(step.time)} {value!r} {step.epoch}")
    last = run.steps[-1] if run.steps else None
    for name, value in run.final.items():
        at, epoch = (last.time, last.epoch) if last else (run.started, 0)
        found[name] = [f"{_milliseconds(at)} {value!r} {epoch}"]
    return found


def _milliseconds(time: datetime) -> int:
    return round(1000 * time.timestamp())


def _write_yaml(place: Path, content: dict[str, Any]) -> None:
    _write(place / "meta.yaml", yaml.safe_dump(content, allow_unicode=True))


def _write(path: Path, content: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(content, encoding="utf-8")
