"""Samples of what attempts use of their machines: how they are stored, and what they come to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import Connection, delete, insert, select

from gst.records import SystemSample, sample_rows
from gst.store.schema import runs, system_samples
from gst.words import duration, size

if TYPE_CHECKING:
    from gst.store.store import Store

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


def attempt_samples(store: Store, key: str) -> dict[int, tuple[SystemSample, ...]]:
    """The samples of each attempt at that run that has some, oldest first."""
    columns = (system_samples.c[name] for name in SystemSample._fields)
    query = select(system_samples.c.attempt, *columns).join(runs, runs.c.run_id == system_samples.c.run_id)
    ordered = query.where(runs.c.key == key).order_by(system_samples.c.attempt, system_samples.c.sample)
    found: dict[int, tuple[SystemSample, ...]] = {}
    for attempt, rows in groupby(store.select(ordered), itemgetter(0)):
        found[attempt] = tuple(SystemSample(*row[1:]) for row in rows)
    return found


def system_use(attempt: int, samples: Sequence[SystemSample]) -> SystemUse:
    """What that attempt used, of which there is at least one sample."""
    spans = [it.stop - it.start for it in samples]

    def mean(values: Iterable[float | None]) -> float | None:
        known = [(span, it) for span, it in zip(spans, values, strict=True) if it is not None]
        return sum(span * it for span, it in known) / sum(span for span, _ in known) if known else None

    def most(values: Iterable[int | None]) -> int | None:
        return max((it for it in values if it is not None), default=None)

    power = mean(it.gpu_power for it in samples)
    return SystemUse(
        attempt,
        seconds := sum(spans),
        sum(span * it.cpu_use for span, it in zip(spans, samples, strict=True)) / seconds,
        most(it.memory for it in samples),
        mean(it.gpu_use for it in samples),
        most(it.gpu_memory for it in samples),
        power,
        None if power is None else power * seconds / JOULES_OF_A_KILOWATT_HOUR,
    )
