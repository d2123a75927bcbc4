"""Limits that a machine, a container or a batch system sets."""

from __future__ import annotations

import os

import pytest

from gst.machine import usable_cpus


@pytest.fixture
def machine(monkeypatch):
    """A machine of 128 CPUs."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(128)))


@pytest.mark.parametrize(
    ("quota", "granted", "cpus"),
    [
        (None, "", 128),
        ("max 100000", "", 128),
        ("400000 100000", "", 4),
        ("50000 100000", "", 1),
        (None, "6", 6),
        ("400000 100000", "6", 4),
        (None, "six", 128),
    ],
)
def test_the_least_limit_counts(machine, tmp_path, quota, granted, cpus):
    if quota:
        (tmp_path / "cpu.max").write_text(quota + "\n")
    assert usable_cpus({"SLURM_CPUS_PER_TASK": granted}, tmp_path) == cpus


@pytest.mark.parametrize(("quota", "cpus"), [("-1", 128), ("250000", 2)])
def test_older_control_groups_count_too(machine, tmp_path, quota, cpus):
    (tmp_path / "cpu").mkdir()
    (tmp_path / "cpu" / "cpu.cfs_quota_us").write_text(quota)
    (tmp_path / "cpu" / "cpu.cfs_period_us").write_text("100000")
    assert usable_cpus({}, tmp_path) == cpus


def test_cpus_that_a_process_is_bound_to_are_counted(monkeypatch, tmp_path):
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {3})
    assert usable_cpus({}, tmp_path) == 1
