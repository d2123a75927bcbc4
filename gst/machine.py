"""The part of this machine that the process may use."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

CGROUP = Path("/sys/fs/cgroup")


def usable_cpus(environment: Mapping[str, str] = os.environ, cgroup: Path = CGROUP) -> int:
    """Number of CPUs that this process may use, at least 1.

    The least of the CPUs that it is bound to (taskset), its container's quota, and SLURM_CPUS_PER_TASK.
    """
    bound = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota = _quota(cgroup)
    granted = environment.get("SLURM_CPUS_PER_TASK", "")
    limits = [bound, int(granted) if granted.isdecimal() else bound, int(bound if quota is None else quota)]
    return max(1, min(limits))


def _quota(cgroup: Path) -> float | None:
    """CPUs that version 2 or 1 of control groups grants to a container, where they limit it."""
    with suppress(OSError, ValueError):
        granted, period = (cgroup / "cpu.max").read_text().split()
        return None if granted == "max" else int(granted) / int(period)
    with suppress(OSError, ValueError):
        microseconds = int((cgroup / "cpu/cpu.cfs_quota_us").read_text())
        period = (cgroup / "cpu/cpu.cfs_period_us").read_text()
        return microseconds / int(period) if microseconds > 0 else None
    return None
