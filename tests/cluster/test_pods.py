"""Pods of the shipped manifests on machines of their own: a head is lost, and not a row differs."""

from __future__ import annotations

import secrets
from importlib.util import find_spec

import pytest
from commands import commands_in
from kuberay import Pods, until
from manifests import built, edited, needs_kubectl
from nodes import missing, network
from private_postgres import needs_postgres
from tiny_sweep import PAIR, results

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.slow,
    pytest.mark.timeout(900),
    needs_kubectl,
    needs_postgres,
    pytest.mark.skipif(missing() is not None, reason=f"no machines here: {missing()}"),
]

# One run a worker, long enough for the head to be lost in the middle.
LONGER = PAIR.replace("per_class: 100", "per_class: 40").replace("epochs: 20", "epochs: 12")
TRAINING = "SELECT pid FROM attempts WHERE ended IS NULL AND run_id IN (SELECT run_id FROM epochs)"


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """All results of the sweep, from one process, without Ray."""
    with commands_in(tmp_path_factory.mktemp("undisturbed")) as local:
        done = local.run("sweep", local.write(LONGER, "sweep.yaml"), "--local")
        assert done.returncode == 0, done.stderr
        return results(local.url)


@pytest.fixture
def pods(tmp_path):
    """The CPU overlay with a database, as a reader edits it: a sweep file, and small workers."""
    folder = edited(
        tmp_path / "kubernetes",
        {
            "base/kustomization.yaml": lambda text: text.replace(
                "SWEEP=quickstart", "SWEEP=/etc/gst/sweep.yaml"
            ).replace("- sweep.sh", "- sweep.sh\n      - sweep.yaml"),
            "cpu/kustomization.yaml": lambda text: text.replace('cpu: "8"', 'cpu: "1"'),
        },
    )
    (folder / "base/sweep.yaml").write_text(LONGER)
    drawn = {"postgres": {"password": secrets.token_hex(16)}, "gst": {"auth_token": secrets.token_hex(32)}}
    with network() as made:
        yield Pods(tmp_path, made, [*built(folder / "cpu"), *built(folder / "postgres")], drawn)


def test_heads_that_are_lost_and_evicted_cost_no_row(pods, undisturbed, tmp_path):
    """KubeRay then deletes the cluster and starts another one, as whoever applies the job again does."""
    database = pods.postgres()
    url = f"postgresql://gst:{pods.password}@{database.machine.address}/gst"
    submit = pods.submitter if find_spec("aiohttp") else pods.entrypoint
    with commands_in(tmp_path) as watching:
        watching.use(url)

        def epochs():
            return sum(count for (count,) in watching.rows("SELECT count(*) FROM epochs"))

        for number, (ending, code) in enumerate([(None, None), (pods.stop, 130), (None, 0)]):
            head = pods.head()
            job = submit(head)
            until(lambda job=job: "waiting for a worker" in job.log.read_text(), "the wait for workers")
            workers = [pods.worker(f"worker-{number}-{it}") for it in "ab"]
            before = epochs()
            if code != 0:
                until(lambda before=before: epochs() > before + 1, "training")
                assert job.process.poll() is None
            if ending:
                assert ending(head) == 0
                assert watching.rows("SELECT count(*) FROM runs WHERE status = 'running'") == [(0,)]
            if code is not None:
                # `ray job submit` ends with 1 for any failure.
                assert job.ended() in (code, min(code, 1)), job.log.read_text()
            for pod in (head, *workers):
                pods.network.kill(pod.machine)
    assert results(url) == undisturbed
