"""gst doctor: a table of findings, their remedies, and an exit code."""

from __future__ import annotations

import json
import shutil
import sqlite3
import sys
from contextlib import closing, nullcontext

import pytest

from gst.errors import GstError
from gst.launch import doctor
from gst.launch.doctor import Finding

ALL = {
    *("Python", "gst", "packages", "Ray", "torch", "GPU", "step on cpu", "memory", "store"),
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
    assert set(found) >= ALL - {"GPU", "step on cpu"}
    assert any(name.startswith("step on ") for name in found)
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
        "gst: 1 of 12 checks failed: torch",
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


def test_an_address_is_of_a_cluster_that_runs(gst):
    for arguments in (("--address", "local"), ("--address", "auto", "--ray")):
        result = gst("doctor", *arguments)
        assert result.exit_code == 2
        assert "--address names a cluster that runs" in result.stderr
    result = gst("doctor", "--address", "ray://head:10001")
    assert result.exit_code == 2
    assert "-- gst doctor --address auto" in result.stderr


@pytest.fixture
def cluster(monkeypatch):
    """A cluster of these nodes, which answer so."""
    from gst.launch.environment import LOCAL, prepare

    prepare(LOCAL)
    from gst.launch import cluster_doctor, ray

    def install(answers):
        machines = [ray.Machine(f"{number}00000000", host, 1, 0) for number, (host, _) in enumerate(answers)]
        monkeypatch.setattr(ray, "cluster", lambda address: nullcontext(machines))
        monkeypatch.setattr(
            cluster_doctor,
            "asked",
            lambda *_, **__: dict(zip(machines, (it[1] for it in answers), strict=True)),
        )

    return install


def test_a_table_of_nodes_and_what_is_wrong_on_which(gst, cluster):
    cluster(
        [
            ("one", [Finding("torch", "ok", "2"), Finding("disk", "warn", "is small", "make room")]),
            ("two", GstError("no answer within 180 s")),
            ("two", [Finding("torch", "ok", "2"), Finding("disk", "ok", "is large")]),
        ]
    )
    result = gst("doctor", "--address", "127.0.0.1:1")
    assert [line.split() for line in result.stdout.splitlines()] == [
        ["check", "one", "two", "100000", "two", "200000"],
        ["torch", "ok", "ok"],
        ["disk", "warn", "ok"],
        ["takes", "part", "fail"],
    ]
    assert result.stderr.splitlines() == [
        "one: disk: is small; make room",
        "two 100000: takes part: cannot run gst: no answer within 180 s; see that the node is up, and that "
        "the same Python and gst are installed there",
        "gst: 1 of 5 checks failed: takes part on two 100000",
    ]
    assert result.exit_code == 1


@pytest.fixture
def kept(gst, folder, complete_store):
    """A store whose last checkpoint went to a place of its own."""
    place = folder / "far" / "away"
    shutil.copyfile(complete_store, folder / "gst.db")
    with closing(sqlite3.connect(folder / "gst.db")) as connection, connection:
        connection.execute("UPDATE runs SET artifacts = ?", (str(place),))
    place.mkdir(parents=True)
    return place


def test_artifacts_are_looked_for_where_the_last_one_went(gst, kept, folder):
    found = {it["check"]: it["found"] for it in json.loads(gst("doctor", "--format", "json").stdout)}
    assert found["artifacts"] == f"{kept}: can be written"
    assert not (folder / "gst-artifacts").exists()
    (folder / "gst.db").write_bytes(b"no store, but a file of this length" * 10)
    found = {it["check"]: it["found"] for it in json.loads(gst("doctor", "--format", "json").stdout)}
    assert found["artifacts"] == f"{folder / 'gst-artifacts'}: is made when there is something to keep"


def test_nodes_are_asked_about_that_place_too_and_no_folder_is_left(gst, cluster, kept, folder, monkeypatch):
    cluster([("one", [])])
    from gst.launch import cluster_doctor

    asked_about = []

    def asked(machines, question, asking, *_, seconds):
        asked_about.append(asking.needs.artifacts)
        assert (asking.needs.artifacts / asking.proof).is_file()
        return {machine: [Finding("torch", "ok", "2")] for machine in machines}

    monkeypatch.setattr(cluster_doctor, "asked", asked)
    assert gst("doctor", "--address", "127.0.0.1:1").exit_code == 0
    monkeypatch.setenv("GST_ARTIFACT_DIR", str(folder / "new" / "place"))
    assert gst("doctor", "--address", "127.0.0.1:1").exit_code == 0
    assert asked_about == [kept, folder / "new" / "place"]
    assert kept.is_dir()
    assert not (folder / "new").exists()


def test_a_node_where_the_doctor_waits_for_ever_is_named(monkeypatch, tmp_path):
    from gst.launch import cluster_doctor
    from gst.launch.preflight import Admission, Needs, versions

    waiting = tmp_path / "python"
    waiting.write_text("#!/bin/sh\nexec sleep 1000\n")
    waiting.chmod(0o755)
    monkeypatch.setattr(cluster_doctor.sys, "executable", str(waiting))
    monkeypatch.setattr(cluster_doctor, "DOCTOR_SECONDS", 0.5)
    needs = Needs(None, "postgresql://me@127.0.0.1:1/no", tmp_path, tmp_path, ())
    asking = Admission(needs, versions(), waiting.name)
    *_, found = cluster_doctor.node_findings(asking, {}, [], several=False)
    assert found[:3] == ("doctor", "fail", "gst doctor did not end there within 0.5 s")


def test_a_node_says_what_it_lacks(monkeypatch, tmp_path):
    from gst.launch import cluster_doctor
    from gst.launch.preflight import Admission, Needs, versions

    needs = Needs(None, f"sqlite:///{tmp_path / 'gst.db'}", tmp_path / "kept", tmp_path / "data", ())
    asking, variables = (
        Admission(needs, versions(), "proof"),
        {"GST_DB_URL": "postgresql://me@127.0.0.1:1/no"},
    )
    found = cluster_doctor.node_findings(asking, variables, ["mnist", "folder:birds"], several=False)
    failed = {it.check: it for it in found if it.status == "fail"}
    assert set(failed) >= {"takes part", "data sets", "store"}
    assert failed["takes part"].found.startswith("does not share the checkpoint folder ")
    assert failed["data sets"].found == "lacks mnist, folder:birds"
    assert failed["data sets"].remedy == "on the node: gst data fetch mnist birds"
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "proof").touch()
    monkeypatch.setattr(cluster_doctor.sys, "executable", "/bin/false")
    alone, broken = cluster_doctor.node_findings(asking, variables, [], several=False)
    assert (alone.status, broken.check, broken.found) == (
        "ok",
        "doctor",
        "gst doctor does not run there: it says nothing",
    )
    several, _ = cluster_doctor.node_findings(asking, variables, [], several=True)
    assert "an SQLite file of another machine" in several.found


@pytest.fixture
def of_sweep(gst, monkeypatch):
    """What the doctor finds of a sweep, whatever it finds of the machine."""
    real = doctor.findings

    def of(file, *options):
        monkeypatch.setattr(
            doctor, "findings", lambda name, check: real(name, check) if name == "sweep" else ()
        )
        result = gst("doctor", file, *options, "--format", "json")
        return result.exit_code, json.loads(result.stdout)

    return of


def test_a_sweep_that_can_run_here(of_sweep, folder):
    code, found = of_sweep("tiny.yaml")
    assert code == 0
    assert [(it["check"], it["status"]) for it in found] == [
        ("sweep", "ok"), ("sweep's data", "ok"), ("sweep's resources", "ok"),
    ]  # fmt: skip
    assert "4 runs, 4 to do" in found[0]["found"]


def test_a_version_of_a_sweep_that_can_run_here_and_one_that_cannot(of_sweep, refused, folder):
    code, found = of_sweep("tiny.yaml", "--seeds", "1", "--scale", "0.5", "-s", "data.per_class=5")
    assert (code, found[0]["found"].partition(" to do")[0]) == (0, "tiny: 2 runs, 2")
    code, (found,) = of_sweep("tiny.yaml", "-s", "data.per_class=179")
    assert (code, "179 images of each class were asked for" in found["found"]) == (1, True)
    assert "give FILE too" in refused("doctor", "--scale", "0.5")


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ("every: 1", "evry: 1", "tiny.yaml:16: pruning.evry: unknown key; did you mean 'every'?"),
        (
            "[conv1, conv2]",
            "[conv3]",
            "tiny.yaml:13: pruning.layers: no layer 'conv3'; did you mean 'conv2'?",
        ),
        (
            "per_class: 6",
            "per_class: 179",
            "tiny.yaml:6: data.per_class: 179 images of each class were asked for",
        ),
        ("[tradeoff]", "[tradeof]", "tiny.yaml:21: figures.0: expected one of"),
    ],
)
def test_a_sweep_that_cannot(of_sweep, folder, right, wrong, message):
    (folder / "tiny.yaml").write_text((folder / "tiny.yaml").read_text().replace(right, wrong))
    code, (found,) = of_sweep("tiny.yaml")
    assert (code, found["status"]) == (1, "fail")
    assert found["found"].startswith(message)


def test_a_cluster_is_looked_at_without_a_sweep(refused):
    assert "leave one of the two out" in refused("doctor", "tiny.yaml", "--address", "auto")
