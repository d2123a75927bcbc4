"""Limits that a machine, a container or a batch system sets."""

from __future__ import annotations

import os
import pwd
import socket
import subprocess
import sys

import pytest
from commands import SCRIPT

from gst.errors import GstError
from gst.launch.environment import LOCAL, prepare
from gst.machine import usable_cpus
from gst.paths import data_folder


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


@pytest.fixture
def homeless(monkeypatch, tmp_path):
    """A user whom the system does not know, without HOME, in a folder of their own."""

    def unknown(uid: int) -> None:
        raise KeyError(f"getpwuid(): uid not found: {uid}")

    for name in ("HOME", "XDG_CACHE_HOME", "GST_DATA_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", unknown)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_user_without_a_home_has_data_in_the_working_folder(homeless):
    assert data_folder() == homeless / "gst-cache" / "data"


def test_a_user_without_a_home_may_start_ray(homeless, monkeypatch):
    monkeypatch.setattr(os, "environ", {"RAY_ADDRESS": "10.0.0.1:6379"})
    prepare("10.0.0.1:6379")
    assert "RAY_AUTH_MODE" not in os.environ


def test_an_address_of_ray_where_nothing_listens_is_refused_before_ray_tries():
    prepare(LOCAL)
    from gst.launch import ray

    with socket.socket() as free:  # bound, so that nobody else has the port, and not listening
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
        refused = pytest.raises(GstError, match=rf"no Ray cluster answers at address '{address}': .*refused")
        with refused, ray.cluster(address):
            raise AssertionError("unreachable")


ENVIRONMENTS = {
    "Turkish": {"LC_ALL": "tr_TR.UTF-8"},
    "decimal commas": {"LC_ALL": "de_DE.UTF-8"},
    "odd time zone": {"TZ": "Asia/Kathmandu"},
    "without asserts": {"PYTHONOPTIMIZE": "2"},
    "strict about warnings": {"PYTHONWARNINGS": "error"},
    "safe path": {"PYTHONSAFEPATH": "1"},
    "no folder for temporary files": {"TMPDIR": "/nowhere"},
    "narrow": {"COLUMNS": "1"},
}


def gst_in(folder, *arguments, **environment):
    return subprocess.run(
        [sys.executable, "-c", SCRIPT, *arguments],
        cwd=folder,
        env=os.environ | {"GST_DATA_DIR": str(folder)} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def usual(tmp_path_factory):
    return gst_in(tmp_path_factory.mktemp("usual"), "plan", "quickstart")


@pytest.mark.slow
@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_a_plan_is_the_same_everywhere(usual, tmp_path, name):
    found = gst_in(tmp_path, "plan", "quickstart", **ENVIRONMENTS[name])
    assert usual.returncode == 0, usual.stderr
    assert (found.returncode, found.stdout, found.stderr) == (0, usual.stdout, usual.stderr)


@pytest.mark.parametrize("command", [["status"], ["plan", "quickstart"], ["version"]], ids=" ".join)
def test_a_working_folder_that_is_gone_is_told(tmp_path, command):
    (tmp_path / "gone").mkdir()
    script = f"import os; os.rmdir(os.getcwd()); {SCRIPT}"
    done = subprocess.run(
        [sys.executable, "-c", script, *command],
        cwd=tmp_path / "gone",
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    reason = "the working folder cannot be used: No such file or directory"
    assert done.stderr == f"gst: {reason}; go to another (cd) and try again\n"


def test_a_file_in_the_place_of_a_folder_is_one_message(tmp_path):
    (tmp_path / "out").write_text("")
    done = gst_in(tmp_path, "train", "quickstart", "-o", "out")
    assert (done.returncode, done.stdout, "Traceback" in done.stderr) == (2, "", False)
    assert done.stderr.endswith("gst: out: is a file or lies in one, expected a folder\n")
