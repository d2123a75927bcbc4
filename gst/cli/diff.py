"""gst diff: in what two runs differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from gst.cli.options import Db, Form
from gst.cli.output import Format, note, print_rows
from gst.errors import InputError
from gst.words import short

if TYPE_CHECKING:
    from gst.store import Store

RESULTS = (
    "final_test_accuracy",
    "best_test_accuracy",
    "final_train_accuracy",
    "mean_stability",
    "mean_drop",
    "events",
    "seconds",
)
ENVIRONMENT = (
    *("host", "device", "gpu", "gpu_driver", "cuda", "torch", "python", "gst", "git_commit", "git_dirty"),
    *("precision", "deterministic", "numerics", "cpus", "gpus"),
)


class Row(NamedTuple):
    """One thing that is told of both runs."""

    part: str
    name: str
    first: Any
    second: Any
    difference: float | None = None


class Run(NamedTuple):
    """The facts of a run that are compared; the environment is its last attempt's."""

    key: str
    seed: int
    status: str
    config: Mapping[str, Any]  # by dotted key, defaults included
    results: Mapping[str, Any]  # what the view run_summary has
    environment: Mapping[str, Any]
    attempts: int


def diff(
    first: Annotated[str, typer.Argument(metavar="RUN", help="The beginning of its key.")],
    second: Annotated[str, typer.Argument(metavar="RUN", help="And of the other's.")],
    db: Db = None,
    form: Form = Format.table,
) -> None:
    """Compare two runs.

    What came of them; and of their seeds, their configurations and where they were trained only what
    differs. A difference is the second minus the first.
    """
    from gst.paths import store_url
    from gst.store import Store

    with Store.open(store_url(db), readonly=True) as store:
        keys = [store.resolve(first), store.resolve(second)]
        if keys[0] == keys[1]:
            raise InputError(f"{first!r} and {second!r} are the same run, {short(keys[0])}")
        one, other = (_run(store, key) for key in keys)
    rows = list(compared(one, other))
    if form is Format.table:
        rows = [row._replace(first=_short(row.first), second=_short(row.second)) for row in rows]
    print_rows(Row._fields, rows, form)
    for run in (one, other):
        if run.attempts > 1:
            note(f"run {short(run.key)} took {run.attempts} attempts; its environment is the last one's")


def compared(one: Run, other: Run) -> Iterator[Row]:
    """The rows of the comparison."""
    yield Row("run", "key", one.key, other.key)
    yield from _different("run", {"seed": one.seed}, {"seed": other.seed})
    yield from _different("config", one.config, other.config)
    yield Row("result", "status", one.status, other.status)
    for name in RESULTS:
        a, b = one.results[name], other.results[name]
        if a is not None or b is not None:
            yield Row("result", name, a, b, None if a is None or b is None else b - a)
    yield from _different("environment", one.environment, other.environment)


def _different(part: str, one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[Row]:
    for name in dict.fromkeys([*one, *other]):
        if one.get(name) != other.get(name):
            yield Row(part, name, one.get(name), other.get(name))


def _run(store: Store, key: str) -> Run:
    from gst.store.reading import content_hash, run_summary

    details, spec = store.run(key), store.spec(key)
    last = details.attempts[-1] if details.attempts else None
    environment = {} if last is None else {name: last[name] for name in ENVIRONMENT}
    if last is not None and last["dataset_id"] is not None:
        environment["dataset"] = content_hash(store, last["dataset_id"])
    return Run(
        key=key,
        seed=spec.seed,
        status=details.run["status"],
        config=spec.config.settings(),
        results=run_summary(store, key),
        environment=environment,
        attempts=len(details.attempts),
    )


def _short(value: Any) -> Any:
    """Hashes as people see them."""
    return short(value) if isinstance(value, str) and len(value) >= 40 and value.isalnum() else value
