"""gst doctor: a table of findings, their remedies, and an exit code."""

from __future__ import annotations

import json
import sys

import pytest

from gst.launch import doctor
from gst.launch.doctor import Finding

ALL = {
    *("Python", "gst", "packages", "Ray", "torch", "GPU", "store"),
    *("store speed", "data", "artifacts", "disk", "browser"),
}


@pytest.fixture
def found(monkeypatch):
    """What the checks find, which is all well unless a test says otherwise."""

    def install(*findings):
        named = {it.check: (it,) for it in findings}
        monkeypatch.setattr(
            doctor, "findings", lambda name, _: named.get(name, (Finding(name, "ok", "fine"),))
        )

    return install


def test_a_real_examination_of_this_machine(gst, folder):
    result = gst("doctor", "--format", "json")
    found = {it["check"]: it for it in json.loads(result.stdout)}
    assert set(found) >= ALL - {"GPU"}
    assert any(name.startswith("GPU") for name in found)
    assert {found[name]["status"] for name in ("Python", "packages", "Ray", "torch", "store")} == {"ok"}
    assert all(it["remedy"] for it in found.values() if it["status"] != "ok")
    assert result.exit_code == (1 if any(it["status"] == "fail" for it in found.values()) else 0)
    assert [path.name for path in folder.iterdir()] == ["tiny.yaml"]


def test_a_table_and_its_remedies(gst, found):
    found(Finding("torch", "warn", "is old", "renew it"))
    result = gst("doctor")
    assert result.exit_code == 0
    lines = [line.split(None, 2) for line in result.stdout.splitlines()]
    assert lines[0] == ["check", "status", "found"]
    assert ["torch", "warn", "is old"] in lines
    assert result.stderr == "torch: renew it\n"


def test_what_fails_is_told_by_the_exit_code(gst, found):
    found(
        Finding("torch", "fail", "is missing", "install it"), Finding("data", "warn", "is sparse", "get some")
    )
    result = gst("doctor")
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        "torch: install it",
        "data: get some",
        "gst: 1 of 10 checks failed: torch",
    ]


def test_ray_is_started_only_on_request(gst, monkeypatch):
    started = []
    monkeypatch.setattr(
        doctor, "ray_starts", lambda: started.append(None) or [Finding("Ray starts", "ok", "yes")]
    )
    assert "Ray starts" not in gst("doctor").stdout
    assert started == []
    assert "Ray starts" in gst("doctor", "--ray").stdout


def test_a_store_that_does_not_answer_fails_and_keeps_its_password(gst):
    result = gst("doctor", "--db", "postgresql://me:secret@127.0.0.1:1/gst")
    assert result.exit_code == 1
    assert "store" in result.stderr.splitlines()[-1]
    assert "secret" not in result.output


def test_a_broken_torch_is_a_finding_and_the_other_checks_go_on(folder):
    """As after an installation that went wrong: importing torch raises."""
    import subprocess

    script = "import sys; sys.modules['torch'] = None; from gst.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", script, "doctor", "--format", "json"],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )
    assert done.returncode == 1, done.stderr
    status = {it["check"]: it["status"] for it in json.loads(done.stdout)}
    assert (status["torch"], status["GPU"], status["data"]) == ("fail", "fail", "fail")
    assert (status["Python"], status["store"], status["browser"]) == ("ok", "ok", "ok") or status[
        "browser"
    ] == "warn"
