"""A run as trackers know one: parameters, metrics by step, final values, tags, times."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from gst.config import config_from_json
from gst.config.user_code import readable
from gst.records import STATUSES
from gst.store import Filter
from gst.store.reading import OF_EVENTS, run_summary
from gst.store.run_pages import run_keys
from gst.words import is_number

if TYPE_CHECKING:
    from gst.store import RunDetails, Store, Version

MOST_RUNS = 10_000_000
FINAL = (
    *("final_test_accuracy", "final_train_accuracy", "final_gap"),
    *("best_test_accuracy", "best_epoch", "best_gap", "events", *OF_EVENTS),
)
"""Columns of the view run_summary."""
ATTEMPT = ("host", "device", "gpu", "torch", "python", "gst", "git_commit", "precision")
NOT_METRICS = {"run_id", "epoch", "n_test", "n_validation", "n_original", "n_noisy"}


class Step(NamedTuple):
    """The values of an epoch; -1 is before training. `time` is the run's start and its epochs' seconds."""

    epoch: int
    time: datetime
    values: Mapping[str, float]


class TrackedRun(NamedTuple):
    """A run in one sweep, with what trackers keep of it; values are those of the store.

    `sweep` is the address of the sweep's version, `digest` that version's, and `arm` the first of its arms
    with the run. `parameters` are the whole configuration, by dotted keys, and the seed.
    """

    sweep: str
    digest: str
    title: str
    arm: str
    key: str
    seed: int
    status: str
    started: datetime
    ended: datetime | None
    parameters: Mapping[str, Any]
    tags: Mapping[str, str]
    labels: tuple[str, ...]
    notes: str
    steps: tuple[Step, ...]
    final: Mapping[str, float]

    @property
    def name(self) -> str:
        """Arm and seed: `PruneL seed 3`."""
        return f"{self.arm} seed {self.seed}"


def tracked_runs(store: Store, sweep: str | None = None) -> Iterator[TrackedRun]:
    """Each run that has begun, sweep by sweep: a run of several sweeps comes once in each of them."""
    versions = store.sweeps() if sweep is None else [store.version(sweep)]
    begun = tuple(it for it in STATUSES if it != "pending")
    for version in versions:
        for key in run_keys(store, Filter(version.address, statuses=begun), MOST_RUNS):
            yield _tracked(store, version, store.run(key))


def _tracked(store: Store, version: Version, details: RunDetails) -> TrackedRun:
    run = details.run
    arms = [it["arm"] for it in details.sweeps if it["sweep_id"] == version.sweep_id]
    started = run["started"] or run["created"]
    config = readable(config_from_json(details.config["config"]).model_dump(mode="json"))
    return TrackedRun(
        sweep=version.address,
        digest=version.digest,
        title=version.title,
        arm=arms[0],
        key=details.key,
        seed=run["seed"],
        status=run["status"],
        started=started,
        ended=run["ended"],
        parameters={**dict(flattened(config)), "seed": run["seed"]},
        tags=_tags(version, details, arms),
        labels=details.tags,
        notes="\n".join(it.text for it in details.notes),
        steps=tuple(_steps(started, details)),
        final=_final(run_summary(store, details.key)),
    )


def flattened(value: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """The values that are there by dotted keys; a list is one value."""
    for name, inner in value.items():
        if isinstance(inner, Mapping):
            yield from flattened(inner, f"{before}{name}.")
        elif inner is not None:
            yield f"{before}{name}", inner


def _tags(version: Version, details: RunDetails, arms: list[str]) -> dict[str, str]:
    last = details.attempts[-1] if details.attempts else {}
    told = {
        "sweep": version.address,
        "arm": "; ".join(arms),
        "key": details.key,
        "status": details.run["status"],
        **{name: details.run[name] for name in ("reason", "started", "ended")},
        **{name: last.get(name) for name in ATTEMPT},
    }
    return {f"gst.{name}": str(value) for name, value in told.items() if value is not None}


def _steps(started: datetime, details: RunDetails) -> Iterator[Step]:
    """The steps by epoch: its own values, and those of a pruning event and of a level that ends with it."""
    seconds = 0.0
    ends = {-1: started}
    for row in details.epochs:
        seconds += row["seconds"]
        ends[row["epoch"]] = started + timedelta(seconds=seconds)
    parts = [("", details.epochs), ("pruning/", details.events), ("levels/", details.levels)]
    rows = [(row["epoch"], prefix, row) for prefix, those in parts for row in those]
    for epoch, of_epoch in groupby(sorted(rows, key=lambda it: it[:2]), key=lambda it: it[0]):
        values = {name: it for _, prefix, row in of_epoch for name, it in _numbers(prefix, row.items())}
        yield Step(epoch, ends.get(epoch, started), values)


def _numbers(prefix: str, row: Iterable[tuple[str, Any]]) -> Iterator[tuple[str, float]]:
    for name, value in row:
        if name not in NOT_METRICS and is_number(value):
            yield f"{prefix}{name}", value


def _final(row: Mapping[str, Any]) -> dict[str, float]:
    return dict(_numbers("summary/", ((name, row[name]) for name in FINAL)))
