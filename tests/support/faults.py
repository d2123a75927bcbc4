"""What tests of faults ask of a sweep: who trains at the moment, and that no row suffered."""

from __future__ import annotations

from typing import Any, NamedTuple

from commands import Commands, Driver
from tiny_sweep import results

FIRST_EPOCHS = 10
"""A run that has come no further than this has seconds left to go."""


class Trial(NamedTuple):
    """An attempt that is in the middle of its run."""

    pid: int
    key: str
    attempt: int
    last_epoch: int
    host: str


def running(commands: Commands, driver: Driver | None = None, **fixed: Any) -> Trial:
    """A trial in the middle of its run, once there is one with those values."""
    return Trial(*commands.wait_for(_running(fixed), driver)[0])


def all_running(commands: Commands) -> list[Trial]:
    """The trials that are in the middle of their runs now."""
    return [Trial(*row) for row in commands.rows(_running({}))]


def _running(fixed: dict[str, object]) -> str:
    conditions = "".join(f" AND {name} = '{value}'" for name, value in fixed.items())
    return (
        "SELECT * FROM (SELECT a.pid, r.key, r.attempt, r.last_epoch, a.host FROM runs r"
        " JOIN attempts a ON a.run_id = r.run_id AND a.attempt = r.attempt WHERE r.status = 'running') t"
        f" WHERE last_epoch BETWEEN 1 AND {FIRST_EPOCHS}{conditions} ORDER BY last_epoch"
    )


def assert_exact(commands: Commands, undisturbed: dict[str, list[tuple[Any, ...]]]) -> None:
    """Not a row is missing, doubled or different, no attempt is open, and no checkpoint is left."""
    found = results(commands.url)
    assert found.keys() == undisturbed.keys()
    for table, rows in undisturbed.items():
        assert found[table] == rows, table
    assert commands.rows("SELECT * FROM attempts WHERE ended IS NULL") == []
    artifacts = commands.folder / "gst-artifacts"
    assert [path for path in artifacts.rglob("*") if path.is_file()] == []


def outcomes(commands: Commands) -> list[tuple[str, str, int]]:
    """Of each attempt, in their order: its run's key, how it ended, and the epoch that it began with."""
    statement = (
        "SELECT r.key, a.outcome, a.first_epoch FROM attempts a"
        " JOIN runs r ON r.run_id = a.run_id ORDER BY r.key, a.attempt"
    )
    return [(key, outcome, first) for key, outcome, first in commands.rows(statement)]
