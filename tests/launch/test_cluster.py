"""Whether a cluster can take a sweep: resources, the store, and machines that differ."""

from __future__ import annotations

import os
import pickle
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
from gst.launch import preflight, ray  # noqa: E402

SMALL, LARGE = ray.Machine("1", "small", 2.0, 0.0), ray.Machine("2", "large", 8.0, 1.0)
DIGITS = DataConfig(name="digits", per_class=6)
SUPPORT = Path(__file__).parents[1] / "support"
BIRDS = DataConfig(name="folder", folder="birds")


@pytest.fixture
def needs(tmp_path: Path) -> preflight.Needs:
    artifacts, data = tmp_path / "artifacts", tmp_path / "data"
    return preflight.Needs(Resources(), "sqlite:////gst.db", artifacts, data, ((DIGITS, None),))


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
    monkeypatch.setattr(preflight, "asked", lambda machines, *_, **__: dict.fromkeys(machines))
    asked = needs._replace(resources=Resources(cpus=cpus, gpus=gpus), url="postgresql://host/db")
    if fits:
        with preflight.admission(machines, asked, joinable=False) as admitted:
            assert (admitted.nodes, admitted.proof) == ({machines[0].node_id}, None)
        return
    refused = pytest.raises(InputError, match=f"one run asks for {cpus:g} CPUs and {gpus:g} GPUs")
    with refused as refusal, preflight.admission(machines, asked, joinable=False):
        raise AssertionError("unreachable")
    for machine in machines:
        assert f"{machine.host} ({machine.cpus:g} CPUs, {machine.gpus:g} GPUs)" in str(refusal.value)


def test_several_machines_need_postgres(needs):
    message = r"one machine only, and this cluster has 2; use Postgres: --db postgresql:"
    with (
        pytest.raises(InputError, match=message),
        preflight.admission([SMALL, LARGE], needs, joinable=True),
    ):
        raise AssertionError("unreachable")


def test_where_machines_can_join_the_proof_stays(needs, monkeypatch):
    monkeypatch.setattr(preflight, "asked", lambda machines, *_, **__: dict.fromkeys(machines))
    with preflight.admission([LARGE], needs, joinable=True) as admitted:
        assert [it.name for it in needs.artifacts.iterdir()] == [admitted.proof]
    assert list(needs.artifacts.iterdir()) == []


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
    driver = preflight.versions()
    proof = needs.artifacts / "proof"
    asked = preflight.Admission(needs, driver, proof.name)
    lacks = f"does not share the checkpoint folder {needs.artifacts} (GST_ARTIFACT_DIR)"
    assert preflight.misfit(asked) == lacks
    assert preflight.misfit(asked._replace(proof=None)) is None  # the machine that drives the sweep
    old = driver._replace(torch="0.1", folder=Path("/old"))
    problem = preflight.misfit(asked._replace(driver=old))
    assert problem.startswith(f"has {driver}; this process has python {driver.python}, torch 0.1, gst ")
    needs.artifacts.mkdir()
    proof.touch()
    assert preflight.misfit(asked) is None
    assert preflight.misfit(asked._replace(driver=driver._replace(folder=Path("/another")))) is None

    def on(*datasets):
        return preflight.misfit(asked._replace(needs=needs._replace(datasets=datasets)))

    assert "birds" in on((DIGITS, None), (BIRDS, None))
    digest = load_dataset(DIGITS, needs.data).content_hash
    assert on((DIGITS, digest)) is None
    problem = on((DIGITS, "f" * 64))
    assert problem.startswith(f"has other data: {digest[:12]} in scikit-learn ")
    assert problem.endswith("; this process has ffffffffffff")


def test_a_machine_that_joins_writes_no_sqlite_file_of_another(needs):
    needs.artifacts.mkdir()
    (needs.artifacts / "proof").touch()
    asked = preflight.Admission(needs, preflight.versions(), "proof")
    assert preflight.joiner_misfit(pickle.dumps(asked)).startswith("cannot write the store sqlite:////gst.db")
    server = asked._replace(needs=needs._replace(url="postgresql://host/db"))
    assert preflight.joiner_misfit(pickle.dumps(server)) is None


TWO_MACHINES = """
import sys
import time
from pathlib import Path

from gst.launch.environment import LOCAL, prepare

prepare(LOCAL)
from ray.cluster_utils import Cluster
from stores import DIGITS, Run, claimed, play
from tiny_sweep import spec_of

from gst.config import DataConfig
from gst.config.sweep import Resources
from gst.errors import DataError, InputError
from gst.launch import preflight, ray, tune
from gst.launch.trial import Assignment
from gst.store import Store

there = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
there.add_node(num_cpus=1)
folder = Path(sys.argv[1])
digits, birds = DataConfig(name="digits", per_class=6), DataConfig(name="folder", folder="birds")
places = "postgresql://host/db", folder / "shared", folder / "data"
needs = preflight.Needs(Resources(), *places, ((digits, None),))
store = f"sqlite:///{folder / 'gst.db'}"
with Store.open(store, create=True) as opened:
    sweep_id = opened.register(spec_of())
    driver = opened.take_over(sweep_id)
    first, *left = opened.remaining(sweep_id)
    play(claimed(opened, opened.spec(first), sweep_id, driver), Run("", 0, [0.5] * 3))
with ray.cluster(there.address) as machines, preflight.admission(machines, needs, joinable=True) as admitted:
    trials = tune.engine(admitted, max_concurrent=1)
    nowhere = Assignment(store, 1, 1, folder, folder, 1, 0, 30)
    problems = trials(["a", "b", "a"], nowhere)
    assert problems == tuple(f"no run '{key}' in this store" for key in "ab"), problems
    other = nowhere._replace(sweep_id=sweep_id, driver_epoch=driver)
    try:
        trials(left, other)
    except DataError as error:
        assert f"{first[:12]} of this sweep was trained on other data: {DIGITS.content_hash} " in str(error)
    else:
        raise AssertionError("trained")
    with Store.open(store) as opened:
        assert [len(opened.run(key).attempts) for key in left] == [1, 0, 0]
    strange = admitted._replace(nodes=frozenset(), driver=preflight.versions()._replace(torch="0.1"))
    tune.RETURN_SECONDS = 0
    (problem,) = tune.engine(strange)(left, other)
    assert problem.startswith("no machine is left that can take part:\\n  "), problem
    assert problem.count("torch 0.1") == len(machines) == 2, problem
    silent = ray.asked(machines, lambda: time.sleep(1000), seconds=1)
    assert {str(it) for it in silent.values()} == {"no answer within 1 s"}, silent
    assert [it.name for it in (folder / "shared").iterdir()] == [admitted.proof]
    here = preflight.versions()
    for change, said in (
        (lambda: needs._replace(datasets=((birds, None),)), "no folder or zip file 'birds'"),
        (lambda: needs._replace(datasets=((digits, "f" * 64),)), "has other data: "),
        (lambda: setattr(preflight, "versions", lambda: here._replace(torch="0.1")) or needs, "torch 0.1"),
    ):
        try:
            with preflight.admission(machines, change(), joinable=True):
                pass
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
