"""Tests that must not run at the same time share a process, and the others are free to run anywhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from together import GROUPS, group

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("place", [place for places in GROUPS.values() for place in places])
def test_what_is_grouped_is_there(place):
    assert (ROOT / place).exists()


def test_a_group_is_of_files_and_of_folders():
    assert group("tests/faults/test_killed.py::test_a_killed_worker_costs_no_row") == "ray"
    assert group("tests/launch/test_ray.py::test_a_sweep[a]") == "ray"
    assert group("tests/launch/test_rays.py::test_a_sweep") == "tests/launch/test_rays.py::test_a_sweep"


def test_whatever_starts_ray_is_in_one_group():
    starts = re.compile(r"\bcommands_in\b|ray_nodes\(|cluster_utils|ray_starts\(\)")
    found = {
        group(path.relative_to(ROOT).as_posix())
        for path in (ROOT / "tests").rglob("test_*.py")
        if path != Path(__file__) and starts.search(path.read_text(encoding="utf-8"))
    }
    assert found == {"ray"}
