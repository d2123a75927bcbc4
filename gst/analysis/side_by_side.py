"""Runs and configurations side by side: what came of each, and of all else only in what they differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from gst.words import is_number

if TYPE_CHECKING:
    from gst.store import Store

RESULTS = (
    *("final_test_accuracy", "best_test_accuracy", "final_train_accuracy"),
    *("mean_stability", "mean_drop", "events", "seconds"),
)
ENVIRONMENT = (
    *("host", "device", "gpu", "gpu_driver", "cuda", "torch", "python", "gst", "git_commit", "git_dirty"),
    *("precision", "deterministic", "numerics", "cpus", "gpus"),
)


class Row(NamedTuple):
    """One thing that is told of each side, in the order of the sides."""

    part: str
    name: str
    values: tuple[Any, ...]


class Side(NamedTuple):
    """The facts of a run that are compared; the environment is its last attempt's.

    Or of several runs of one configuration, whose results are means of those that completed.
    """

    about: Mapping[str, Any]  # its key and seed
    status: str | None
    config: Mapping[str, Any]  # by dotted key, defaults included
    results: Mapping[str, Any]  # what the view run_summary has
    environment: Mapping[str, Any]
    attempts: int = 1


def run_side(store: Store, key: str) -> Side:
    """The run of that key."""
    from gst.store.reading import content_hash, run_summary

    details, spec = store.run(key), store.spec(key)
    last = details.attempts[-1] if details.attempts else None
    environment = {} if last is None else {name: last[name] for name in ENVIRONMENT}
    if last is not None and last["dataset_id"] is not None:
        environment["dataset"] = content_hash(store, last["dataset_id"])
    return Side(
        {"key": key, "seed": spec.seed},
        details.run["status"],
        spec.config.settings(),
        run_summary(store, key),
        environment,
        len(details.attempts),
    )


def config_side(store: Store, keys: Sequence[str]) -> Side:
    """The configuration of these runs, which they share, and the means of the completed ones' results."""
    from gst.store.reading import run_summary

    summaries = [it for it in (run_summary(store, key) for key in keys) if it["status"] == "completed"]
    means: dict[str, Any] = {"completed_runs": len(summaries)}
    for name in RESULTS:
        values = [it[name] for it in summaries if it[name] is not None]
        means[name] = sum(values) / len(values) if values else None
    return Side({}, None, store.spec(keys[0]).config.settings(), means, {})


def compared(sides: Sequence[Side]) -> Iterator[Row]:
    """The rows of the comparison; a row of results is there where one side has a value."""
    yield from _different("run", [it.about for it in sides])
    yield from _different("config", [it.config for it in sides])
    if any(it.status for it in sides):
        yield Row("result", "status", tuple(it.status for it in sides))
    for name in ("completed_runs", *RESULTS):
        values = tuple(it.results.get(name) for it in sides)
        if any(is_number(value) for value in values):
            yield Row("result", name, values)
    yield from _different("environment", [it.environment for it in sides])


def _different(part: str, sides: Sequence[Mapping[str, Any]]) -> Iterator[Row]:
    for name in dict.fromkeys(name for side in sides for name in side):
        values = tuple(side.get(name) for side in sides)
        if any(value != values[0] for value in values):
            yield Row(part, name, values)
