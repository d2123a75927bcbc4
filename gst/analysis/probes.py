"""Tests of networks in a state that their training did not continue from, at the end of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gst.analysis.source import Source

if TYPE_CHECKING:
    from gst.store import Store


class ProbeResult(NamedTuple):
    """One probe of a completed run; the accuracy is a fraction of 1.

    `targeted_filters_removed` is the test of a noise run without every filter that was ever targeted
    (GST 2020, D.1).
    """

    arm: str
    key: str
    seed: int
    name: str
    epoch: int
    accuracy: float


_PROBES = """\
SELECT m.arm, r.key, r.seed, p.name, p.epoch, p.test_accuracy
FROM sweep_runs m
JOIN runs r ON r.run_id = m.run_id
JOIN probes p ON p.run_id = m.run_id
WHERE m.sweep_id = :sweep_id
ORDER BY m.position, p.epoch, p.name"""


def probe_results(store: Store, source: Source) -> tuple[ProbeResult, ...]:
    """The probes of the source's completed runs, run by run; those of a run in two arms are there twice."""
    known = {(member.arm, member.key) for member in source.members if member.status == "completed"}
    found = store.query(_PROBES, sweep_id=source.sweep_id)
    probes = (ProbeResult(*row) for row in found.rows)
    return tuple(probe for probe in probes if (probe.arm, probe.key) in known)
