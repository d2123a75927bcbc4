"""Samples of what attempts use of their machines: how they are stored, and what they come to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, insert

from gst.records import SystemSample, sample_rows
from gst.store.schema import system_samples
from gst.words import duration, size

_INSERT = insert(system_samples)
JOULES_OF_A_KILOWATT_HOUR = 3.6e6


def store_samples(
    connection: Connection,
    samples: Sequence[SystemSample],
    before: Sequence[SystemSample],
    **attempt: int,
) -> None:
    """Store all samples of that `run_id` and `attempt` that differ from those `before`, in their place."""
    first = next((n for n, it in enumerate(samples) if it not in before[n : n + 1]), len(samples))
    if first == len(samples):
        return
    own = (system_samples.c[name] == value for name, value in attempt.items())
    # Also those of a sign of life that was written though its answer was lost.
    connection.execute(delete(system_samples).where(*own, system_samples.c.sample >= first))
    connection.execute(_INSERT, sample_rows(samples, first, **attempt))


class SystemUse(NamedTuple):
    """What one attempt used: means over the `seconds` that were sampled, and memory in bytes at its most.

    `cpus` is how many were busy, `gpu` the share of the time in which the GPU was (1 is always), `power` is
    in watts, `energy` in kilowatt-hours. None is what the machine does not tell.
    """

    attempt: int
    seconds: float
    cpus: float
    memory: int | None
    gpu: float | None
    gpu_memory: int | None
    power: float | None
    energy: float | None

    @property
    def words(self) -> str:
        """Such as `attempt 1, over 38 s: 1.93 CPUs busy, at most 812.0 MB of memory`, and then of the GPU."""
        told = [f"{self.cpus:.2f} CPUs busy"]
        if self.memory is not None:
            told.append(f"at most {size(self.memory)} of memory")
        if self.gpu is not None:
            told.append(f"GPU busy {self.gpu:.0%} of the time")
        if self.gpu_memory is not None:
            told.append(f"at most {size(self.gpu_memory)} of GPU memory")
        if self.power is not None:
            told.append(f"{self.power:.0f} W, which is {self.energy:.2g} kWh")
        return f"attempt {self.attempt}, over {duration(self.seconds)}: {', '.join(told)}"


def system_use(samples: Sequence[Mapping[str, Any]]) -> tuple[SystemUse, ...]:
    """What each attempt used, from a run's rows of `system_samples` in the order of their keys."""
    return tuple(_use(attempt, list(rows)) for attempt, rows in groupby(samples, itemgetter("attempt")))


def _use(attempt: int, rows: Sequence[Mapping[str, Any]]) -> SystemUse:
    def mean(column: str) -> float | None:
        known = [(row["stop"] - row["start"], row[column]) for row in rows if row[column] is not None]
        return sum(span * value for span, value in known) / sum(span for span, _ in known) if known else None

    def most(column: str) -> int | None:
        return max((row[column] for row in rows if row[column] is not None), default=None)

    seconds = sum(row["stop"] - row["start"] for row in rows)
    cpus, power = mean("cpu_use"), mean("gpu_power")
    assert cpus is not None
    energy = None if power is None else power * seconds / JOULES_OF_A_KILOWATT_HOUR
    return SystemUse(
        attempt, seconds, cpus, most("memory"), mean("gpu_use"), most("gpu_memory"), power, energy
    )
