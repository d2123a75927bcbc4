"""The shipped compose.yaml on machines with an address, processes and files each, and what befalls those."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import psycopg
import pytest
from commands import commands_in
from compose import Container, Project, copied
from faults import assert_exact, outcomes, running
from nodes import ROOT, Mount, missing, network
from PIL import Image
from private_postgres import binaries
from processes import PATIENCE
from short_folder import short_folder
from tiny_sweep import PAIR, TINY, results

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(missing() is not None, reason=f"no machines of one's own: {missing()}"),
    pytest.mark.skipif(binaries() is None, reason="several machines need Postgres, and no server is here"),
]

USER = 4321  # nobody's here, as in the image
PICTURES = TINY.replace("{name: digits, per_class: 6, draw: 0}", "{name: folder, folder: pictures}")
# Ray takes about a minute to give up a machine that says nothing; with these, about 20 s.
SETTINGS = {
    "RAY_health_check_initial_delay_ms": "1000",
    "RAY_health_check_period_ms": "1000",
    "RAY_health_check_timeout_ms": "5000",
    "RAY_health_check_failure_threshold": "4",
    "RAY_worker_niceness": "0",
}
WITHOUT_HEAD = "RAY_gcs_rpc_server_reconnect_timeout_s"  # ends what does not hear of the head for so long


def prepare(folder: Path) -> None:
    """Type what README.md has to be typed once, as a user who is not root."""
    page = (folder / "README.md").read_text(encoding="utf-8")
    typed = re.findall(r"Once, in this folder:\n\n((?:    .*\n)+)", page)[0]
    identity = [f"--reuid={USER}", f"--regid={USER}", "--clear-groups"]
    for path in (folder.parent, folder, *folder.iterdir()):
        os.chown(path, USER, USER)
    subprocess.run(["setpriv", *identity, "sh", "-ec", typed], cwd=folder, check=True)
    sweeps = folder / "own"
    sweeps.mkdir()
    for name, text in {"tiny": PAIR, "pictures": PICTURES}.items():
        (sweeps / f"{name}.yaml").write_text(text)
    with (folder / ".env").open("a") as settings:
        settings.write("GST_SWEEPS=./own\nGST_CPUS=1\n")


class Cluster:
    """The project with a database, a head and two workers, which tests may end and start again."""

    def __init__(self, project: Project, folder: Path) -> None:
        self.project = project
        self.network = project.network
        self.folder = folder
        self.database = project.up("database")
        project.wait_until_healthy(self.database)
        password = (folder / "secrets/database_password").read_text().strip()
        self.url = f"postgresql://gst:{password}@{self.database.machine.address}/gst"
        self.start_ray()

    def start_ray(self) -> None:
        """A head and two workers."""
        self.head = self.project.up("head")
        self.project.wait_until_healthy(self.head)
        self.workers = [
            self.project.up("worker", called="worker-1"),
            self.project.up("worker", called="worker-2", environment={WITHOUT_HEAD: str(PATIENCE)}),
        ]
        self.project.wait_until_healthy(*self.workers)

    def sweep(self, file: str = "tiny.yaml") -> Container:
        """A container that runs that sweep."""
        return self.project.up("sweep", arguments=(f"sweeps/{file}", "--checkpoint", "0"))


@pytest.fixture(scope="module")
def cluster():
    with short_folder() as scratch, network() as machines:
        folder = copied(scratch / "compose")
        prepare(folder)
        yield Cluster(Project(folder, machines, SETTINGS), folder)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """All results of the sweep, from one process, without Ray and without a fault."""
    with commands_in(tmp_path_factory.mktemp("undisturbed")) as local:
        done = local.run("sweep", local.write(PAIR), "--local")
        assert done.returncode == 0, done.stderr
        return results(local.url)


@pytest.fixture
def commands(cluster, tmp_path):
    """A store without tables or checkpoints, as the service `gst` leaves it."""
    with psycopg.connect(cluster.url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    tables = cluster.project.up("gst")
    assert tables.ended() == 0, tables.log
    checkpoints = cluster.folder / "volumes/checkpoints"
    for left in checkpoints.iterdir() if checkpoints.exists() else ():
        shutil.rmtree(left)
    with commands_in(tmp_path) as made:
        made.use(cluster.url)
        (tmp_path / "gst-artifacts").symlink_to(checkpoints)
        yield made


def asked(url: str) -> int:
    """The status of the answer."""
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_the_dashboard_is_the_only_service_that_is_published_and_asks_for_its_token(cluster, commands):
    services = cluster.project.file["services"]
    assert {name: it["ports"] for name, it in services.items() if it.get("ports")} == {
        "dashboard": ["127.0.0.1:8050:8050"]
    }
    dashboard = cluster.project.up("dashboard")
    cluster.project.wait_until_healthy(dashboard)
    token = (cluster.folder / "secrets/dashboard_token").read_text().strip()
    where = f"http://{dashboard.machine.address}:8050/"
    assert asked(where) == 401
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    assert opener.open(f"{where}?token={token}").status == 200
    dashboard.tell(signal.SIGTERM)
    assert dashboard.ended() == 0
    assert token not in dashboard.log


def test_machines_that_differ_are_refused_by_name(cluster, commands, tmp_path):
    """Another version of gst, no data, checkpoints of its own; and one with another token does not get in."""
    for name in ("train/dark/0", "train/light/0", "test/dark/0", "test/light/0"):
        picture = cluster.folder / f"volumes/data/pictures/{name}.png"
        picture.parent.mkdir(parents=True)
        Image.new("RGB", (8, 8), "black" if "dark" in name else "white").save(picture)
    other = shutil.copytree(ROOT / "gst", tmp_path / "gst", ignore=shutil.ignore_patterns("__pycache__"))
    with (other / "words.py").open("a") as module:
        module.write("# changed\n")
    (tmp_path / "token").write_text("0" * 64)
    (tmp_path / "token").chmod(0o644)
    nothing = tmp_path / "nothing"
    nothing.mkdir()
    strangers = [
        cluster.project.up("worker", Mount(other, str(ROOT / "gst")), called="other"),
        cluster.project.up("worker", Mount(nothing, "/data"), called="bare"),
        cluster.project.up("worker", Mount(nothing, "/checkpoints"), called="alone"),
    ]
    intruder = cluster.project.up(
        "worker", Mount(tmp_path / "token", "/run/secrets/ray_token"), called="intruder"
    )
    cluster.project.wait_until_healthy(*strangers)
    assert intruder.ended() != 0
    assert "InvalidAuthToken" in intruder.log
    sweep = cluster.sweep("pictures.yaml")
    assert sweep.ended() == 2, sweep.log
    assert "these machines cannot take part:" in sweep.log
    for words in (
        "other: has ",
        "bare: no folder or zip file 'pictures' in /data",
        "alone: does not share the checkpoint folder /checkpoints",
    ):
        assert f"\n  {words}" in sweep.log
    assert "worker-1" not in sweep.log
    for stranger in strangers:
        stranger.tell(signal.SIGTERM)
    for stranger in strangers:
        stranger.ended()


def test_a_worker_that_others_lost_writes_nothing_when_it_is_back(cluster, commands, undisturbed):
    """Its trial, in the middle of an epoch, reaches the store before Ray reaches it: the fence holds."""
    sweep = cluster.sweep()
    trial = running(commands, sweep, host="worker-2")
    lost, database = cluster.workers[1], cluster.database.machine
    ray = [it.machine for it in (cluster.head, cluster.workers[0], sweep)]
    lost.machine.run("kill", "-STOP", trial.pid)
    cluster.network.part(lost.machine, [*ray, database])
    second = running(commands, sweep, key=trial.key, attempt=trial.attempt + 1)
    assert second.host == "worker-1"

    cluster.network.heal(lost.machine, [database])
    lost.machine.run("kill", "-CONT", trial.pid)
    refused = f"run {trial.key[:12]}: attempt {trial.attempt} is no longer the one that is running"
    end = time.monotonic() + PATIENCE
    while refused not in lost.machine.run("sh", "-c", "cat /tmp/ray/session_2*/logs/worker-*.err").stdout:
        assert time.monotonic() < end, "the lost worker's trial was not refused"
        time.sleep(0.2)
    cluster.network.heal(lost.machine, ray)
    assert lost.wait() != 0  # it learns that it counts as dead
    assert sweep.ended() == 0, sweep.log
    assert "Traceback" not in sweep.log
    assert_exact(commands, undisturbed)
    assert [outcome for key, outcome, _ in outcomes(commands) if key == trial.key] == ["lost", "completed"]
    cluster.project.wait_until_healthy(lost)


def test_a_worker_and_the_head_are_killed_and_a_worker_is_stopped_and_not_a_row_differs(
    cluster, commands, undisturbed
):
    sweep = cluster.sweep()
    trial = running(commands, sweep, host="worker-1")
    cluster.workers[0].start_again()
    second = running(commands, sweep, key=trial.key, attempt=trial.attempt + 1)

    cluster.head.start_again()
    assert sweep.ended() == 3, sweep.log
    assert "Ray ended while runs were under way" in sweep.log
    for worker in cluster.workers:  # as they do by themselves, a minute later
        worker.start_again()
    cluster.project.wait_until_healthy(cluster.head, *cluster.workers)

    sweep = cluster.sweep()
    third = running(commands, sweep, key=trial.key, attempt=second.attempt + 1)
    stopped = next(it for it in cluster.workers if it.machine.name == third.host)
    stopped.tell(signal.SIGTERM)
    assert sweep.ended() == 0, sweep.log
    assert "Traceback" not in sweep.log
    stopped.wait()
    cluster.project.wait_until_healthy(*cluster.workers)

    assert commands.run("gc", "--older", 0).returncode == 0
    assert_exact(commands, undisturbed)
    endings = [outcome for key, outcome, _ in outcomes(commands) if key == trial.key]
    assert (endings[0], endings[-1]) == ("lost", "completed")
