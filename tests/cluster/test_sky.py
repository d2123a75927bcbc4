"""What SkyPilot would run on each machine of a job, on a machine of a test's own."""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path

import pytest
import yaml
from nodes import ROOT, Mount, missing, network
from tiny_sweep import RUNS, TINY

from gst.store import Store

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.slow,
    pytest.mark.skipif(missing() is not None, reason=f"no machines here: {missing()}"),
]


@pytest.fixture(scope="module")
def job():
    return yaml.safe_load((ROOT / "docker/sky.yaml").read_text())


def test_the_first_machine_runs_the_sweep_and_ends_with_its_exit_code(job, tmp_path):
    (tmp_path / "tiny.yaml").write_text(TINY)
    with network() as made:
        machine = made.add("node", Mount(Path(sys.prefix), "/root/gst"), Mount(tmp_path, str(tmp_path)))
        environment = {
            "HOME": "/root",
            "PATH": os.environ["PATH"],
            "SWEEP": "tiny.yaml --cpus-per-run 0.5",
            "GST_DB_URL": f"sqlite:///{tmp_path / 'gst.db'}",
            "GST_ARTIFACT_DIR": str(tmp_path / "checkpoints"),
            "RAY_AUTH_TOKEN": secrets.token_hex(32),
            "SKYPILOT_NODE_RANK": "0",
            "SKYPILOT_NODE_IPS": machine.address,
            "SKYPILOT_NUM_NODES": "1",
        }
        assert environment.keys() > {*job["envs"], *job["secrets"]} - {"PGPASSWORD"}
        done = machine.run("bash", "-c", job["run"], environment=environment, folder=str(tmp_path))
        assert done.returncode == 0, done.stdout + done.stderr
        left = machine.run("sh", "-c", "cat /proc/[0-9]*/comm | grep -c -e raylet -e gcs_server")
        assert left.stdout.strip() == "0"
        refused = machine.run(
            "bash", "-c", job["run"], environment={**environment, "SWEEP": "nothing"}, folder=str(tmp_path)
        )
        assert refused.returncode == 2, refused.stdout + refused.stderr
    with Store.open(f"sqlite:///{tmp_path / 'gst.db'}", readonly=True) as store:
        assert store.query("SELECT status, count(*) FROM runs GROUP BY status").rows == [("completed", RUNS)]
