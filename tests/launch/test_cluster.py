"""Whether a cluster can take a sweep: resources, the store, and machines that differ."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from processes import PATIENCE
from short_folder import short_folder

from gst.config import DataConfig
from gst.config.sweep import Resources
from gst.data import load_dataset
from gst.errors import GstError, InputError
from gst.launch.environment import LOCAL, prepare

prepare(LOCAL)  # as the command does, before anything imports ray
from gst.launch import ray  # noqa: E402

SMALL, LARGE = ray.Machine("1", "small", 2.0, 0.0), ray.Machine("2", "large", 8.0, 1.0)
DIGITS = DataConfig(name="digits", per_class=6)
SUPPORT = Path(__file__).parents[1] / "support"
BIRDS = DataConfig(name="folder", folder="birds")


@pytest.fixture
def needs(tmp_path: Path) -> ray.Needs:
    artifacts, data = tmp_path / "artifacts", tmp_path / "data"
    return ray.Needs(Resources(), "sqlite:////gst.db", artifacts, data, ((DIGITS, None),))


@pytest.mark.parametrize(
    ("machines", "cpus", "gpus", "fits"),
    [
        ([SMALL], 2, 0, True),
        ([SMALL], 2.5, 0, False),
        ([SMALL], 1, 0.25, False),
        ([LARGE], 1, 0.25, True),
        ([LARGE._replace(gpus=0), SMALL._replace(gpus=1)], 4, 1, False),  # no one machine has both
        ([], 1, 0, False),
    ],
)
def test_one_machine_must_have_what_a_run_asks_for(needs, machines, cpus, gpus, fits, monkeypatch):
    monkeypatch.setattr(ray, "_preflight", lambda machines, needs: None)
    asked = needs._replace(resources=Resources(cpus=cpus, gpus=gpus), url="postgresql://host/db")
    if fits:
        ray.check(machines, asked)
        return
    with pytest.raises(InputError, match=f"one run asks for {cpus:g} CPUs and {gpus:g} GPUs") as refusal:
        ray.check(machines, asked)
    for machine in machines:
        assert f"{machine.host} ({machine.cpus:g} CPUs, {machine.gpus:g} GPUs)" in str(refusal.value)


def test_several_machines_need_postgres(needs):
    with pytest.raises(
        InputError, match=r"one machine only, and this cluster has 2; use Postgres: --db postgresql:"
    ):
        ray.check([SMALL, LARGE], needs)


def test_one_machine_is_asked_for_its_versions_and_nothing_else(needs):
    assert ray._inspect(needs, None) == (ray.findings(), Path(ray.__file__).parents[1], None)


def test_the_size_of_a_cluster_is_its_own_affair(needs):
    refused = pytest.raises(InputError, match="the cluster at auto has its own")
    with refused, ray.cluster("auto", cpus=4):
        raise AssertionError("unreachable")


@pytest.mark.parametrize(("address", "hint"), [(LOCAL, "; --local does without Ray"), ("auto", "")])
def test_a_ray_that_does_not_start_is_one_message(monkeypatch, address, hint):
    def init(*_, **__):
        raise Exception("timed out during startup.")  # Ray's own words and kind

    monkeypatch.setattr(ray.ray, "init", init)
    with pytest.raises(GstError) as error, ray.cluster(address):
        raise AssertionError("unreachable")
    assert str(error.value) == (
        f"Ray does not start or answer at address {address!r}: timed out during startup{hint}"
    )


def test_a_machine_tells_what_is_wrong_with_it(needs):
    proof = needs.artifacts / "proof"
    found, folder, problem = ray._inspect(needs, proof.name)
    assert found == ray.findings()
    assert folder == Path(ray.__file__).parents[1]
    assert problem == f"does not share the checkpoint folder {needs.artifacts} (GST_ARTIFACT_DIR)"
    needs.artifacts.mkdir()
    proof.touch()
    assert ray._inspect(needs, proof.name) == (found, folder, None)
    *_, problem = ray._inspect(needs._replace(datasets=((DIGITS, None), (BIRDS, None))), proof.name)
    assert "birds" in problem
    digest = load_dataset(DIGITS, needs.data).content_hash
    assert ray._inspect(needs._replace(datasets=((DIGITS, digest),)), proof.name) == (found, folder, None)
    *_, problem = ray._inspect(needs._replace(datasets=((DIGITS, "f" * 64),)), proof.name)
    assert problem.startswith(f"has other data: {digest[:12]} in scikit-learn ")
    assert problem.endswith("; this process has ffffffffffff")


TWO_MACHINES = """
import sys
from pathlib import Path

from gst.launch.environment import LOCAL, prepare

prepare(LOCAL)
from ray.cluster_utils import Cluster
from stores import DIGITS, Run, claimed, play
from tiny_sweep import spec_of

from gst.config import DataConfig
from gst.config.sweep import Resources
from gst.errors import DataError, InputError
from gst.launch import ray, tune
from gst.launch.trial import Assignment
from gst.store import Store

there = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
there.add_node(num_cpus=1)
folder = Path(sys.argv[1])
digits, birds = DataConfig(name="digits", per_class=6), DataConfig(name="folder", folder="birds")
needs = ray.Needs(Resources(), "postgresql://host/db", folder / "shared", folder / "data", ((digits, None),))
store = f"sqlite:///{folder / 'gst.db'}"
with Store.open(store, create=True) as opened:
    sweep_id = opened.register(spec_of())
    driver = opened.take_over(sweep_id)
    first, *left = opened.remaining(sweep_id)
    play(claimed(opened, opened.spec(first), sweep_id, driver), Run("", 0, [0.5] * 3))
with ray.cluster(there.address) as machines:
    nowhere = Assignment(store, 1, 1, folder, folder, 1, 0, 30)
    problems = tune.run_all(["a", "b", "a"], nowhere, max_concurrent=1)
    assert problems == tuple(f"no run '{key}' in this store" for key in "ab"), problems
    other = nowhere._replace(sweep_id=sweep_id, driver_epoch=driver)
    try:
        tune.run_all(left, other, max_concurrent=1)
    except DataError as error:
        assert f"{first[:12]} of this sweep was trained on other data: {DIGITS.content_hash} " in str(error)
    else:
        raise AssertionError("trained")
    with Store.open(store) as opened:
        assert [len(opened.run(key).attempts) for key in left] == [1, 0, 0]
    assert len(machines) == 2, machines
    ray.check(machines, needs)
    assert list((folder / "shared").iterdir()) == []
    here = ray.findings()
    for change, said in (
        (lambda: needs._replace(datasets=((birds, None),)), "no folder or zip file 'birds'"),
        (lambda: needs._replace(datasets=((digits, "f" * 64),)), "has other data: "),
        (lambda: setattr(ray, "findings", lambda: here._replace(torch="0.1")) or needs, "torch 0.1"),
    ):
        try:
            ray.check(machines, change())
        except InputError as error:
            assert str(error).startswith("these machines cannot take part:"), error
            assert str(error).count(said) == 2, error
        else:
            raise AssertionError(said)
there.shutdown()
print("done")
"""


@pytest.mark.slow
def test_several_machines_are_inspected_and_what_trials_cannot_store_is_told(tmp_path):
    with short_folder() as scratch:
        done = subprocess.run(
            [sys.executable, "-c", TWO_MACHINES, str(tmp_path)],
            env=os.environ
            | {"RAY_TMPDIR": str(scratch), "RAY_worker_niceness": "0", "PYTHONPATH": str(SUPPORT)},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    assert (done.returncode, done.stdout) == (0, "done\n"), done.stderr
