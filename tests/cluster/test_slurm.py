"""Sweeps as jobs of a real Slurm: what ends them, what starts them again, and that not a row differs."""

from __future__ import annotations

import os
import stat
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path

import psycopg
import pytest
import sqlalchemy
from commands import Commands, commands_in
from private_postgres import binaries, private_postgres
from processes import is_gone
from slurm import GOING, Slurm, edited, missing, slurm
from stores import claimed
from tiny_sweep import PAIR, RUNS, TINY, results, spec_of

from gst.store import Store

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(missing() is not None, reason=f"no Slurm here: {missing()}"),
    pytest.mark.skipif(binaries() is None, reason="several nodes need Postgres, and no server is here"),
]

# One run a node, each long enough to be hurt in the middle.
LONGER = PAIR.replace("epochs: 20", "epochs: 30")
TRAINING = "SELECT pid FROM attempts WHERE ended IS NULL AND run_id IN (SELECT run_id FROM epochs)"
FREED_SECONDS = 10


def content(path: Path) -> bytes:
    """What the file has, and nothing if it is gone by now."""
    with suppress(OSError):
        return path.read_bytes()
    return b""


def is_for_everyone(path: Path) -> bool:
    """Whether that is a file which anyone may read."""
    with suppress(OSError):
        mode = path.lstat().st_mode
        return stat.S_ISREG(mode) and bool(mode & stat.S_IROTH)
    return False


@pytest.fixture(scope="module")
def cluster():
    with slurm() as made:
        yield made


@pytest.fixture(scope="module")
def server():
    programs = binaries()
    assert programs is not None
    with private_postgres(programs) as made:
        yield made


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """All results of the sweep of a text, from one process, without Ray and without Slurm."""

    @cache
    def found(text):
        with commands_in(tmp_path_factory.mktemp("undisturbed")) as local:
            done = local.run("sweep", local.write(text), "--local")
            assert done.returncode == 0, done.stderr
            return results(local.url)

    return found


class Jobs:
    """Submits the shipped scripts, edited as a user would, from a folder of its own."""

    def __init__(self, commands: Commands, cluster: Slurm) -> None:
        self.cluster = cluster
        self.commands = commands
        self.folder = commands.folder
        self.environment = commands.environment
        self.rows = commands.rows

    def submit(self, script: str, *words: object, options: tuple[str, ...] = (), **values: object) -> str:
        """The id of a job of that script: `options` are for sbatch, `words` follow the script's name."""
        path = edited(script, self.folder, **values)
        plain = ("--parsable", "--cpus-per-task=1", *options)
        return self.cluster.ask("sbatch", *plain, path, *words, environment=self.environment, cwd=self.folder)

    def sweep(self, *words: object, nodes: int = 2, options: tuple[str, ...] = ()) -> str:
        """The id of a job that runs a sweep."""
        of_nodes = (f"--nodes={nodes}", *options)
        return self.submit("sweep.sbatch", *words, options=of_nodes, TEMPORARY=self.environment["RAY_TMPDIR"])

    def log(self, job: str) -> str:
        """What the job has said in all its starts."""
        return (self.folder / f"gst-{job}.log").read_text()

    def training(self, job: str) -> list[int]:
        """The processes that train the longer sweep's two runs, once both are in the middle."""

        def both() -> bool:
            assert self.cluster.job(job, "JobState") in GOING, self.log(job)
            return len(self.rows(TRAINING)) == 2

        self.cluster.wait(both, f"training in job {job}")
        return [pid for (pid,) in self.rows(TRAINING)]

    def wait_for_restart(self, job: str, number: int) -> None:
        """Wait until that job is queued again for that time."""
        self.cluster.wait(lambda: self.cluster.job(job, "Restarts") == str(number), f"restart of job {job}")

    def driver(self) -> int:
        """The process of `gst sweep`."""
        return next(
            pid
            for pid in self.cluster.processes_of(self.cluster.nodes[0])
            if b"/gst\0sweep\0" in content(Path(f"/proc/{pid}/cmdline"))
        )

    def assert_nothing_left(self) -> None:
        """No process of the jobs is there, nor a folder of their Ray, and the nodes are free."""
        self.cluster.wait(lambda: self.cluster.idle() == 2, "idle nodes")
        assert [pid for node in self.cluster.nodes for pid in self.cluster.processes_of(node)] == []
        assert list(Path(self.environment["RAY_TMPDIR"]).glob("gst-ray-*")) == []


@pytest.fixture
def jobs(cluster, tmp_path):
    """A folder with both sweeps in it, and an SQLite store."""
    with commands_in(tmp_path) as made:
        made.write(TINY)
        made.write(LONGER, "longer.yaml")
        yield Jobs(made, cluster)
        cluster.ask("scancel", "--user=root")
        cluster.wait(lambda: cluster.idle() == 2, "idle nodes")


@pytest.fixture
def on_postgres(jobs, server):
    """The same with a new database."""
    name = f"gst_{os.urandom(4).hex()}"
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    jobs.commands.use(str(sqlalchemy.make_url(server.url).set(database=name)))
    return jobs


def assert_secret(jobs: Jobs) -> None:
    """The token of the job that runs is in the environment of its processes and nowhere else."""
    environment = Path(f"/proc/{jobs.driver()}/environ").read_bytes().split(b"\0")
    (token,) = (entry.partition(b"=")[2] for entry in environment if entry.startswith(b"RAY_AUTH_TOKEN="))
    assert b"RAY_AUTH_MODE=token" in environment
    scratch = Path(jobs.environment["RAY_TMPDIR"])
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in scratch.glob("gst-ray-*")} == {0o700}
    assert not any(token in content(words) for words in Path("/proc").glob("[1-9]*/cmdline"))
    places = (jobs.folder, jobs.cluster.folder)
    readable = [path for place in places for path in place.rglob("*") if is_for_everyone(path)]
    assert [path for path in readable if token in content(path)] == []


def test_two_jobs_share_a_node_and_each_ends_with_the_code_of_its_sweep(jobs, undisturbed):
    """One has a run that failed for good: its exit code is 3, and it is not started again."""
    failing, other = (f"sqlite:///{jobs.folder / name}.db" for name in ("failing", "other"))
    spec = spec_of()
    with Store.open(failing, create=True) as store:
        sweep_id = store.register(spec)
        _, run = next(iter(spec.runs()))
        claimed(store, run, sweep_id, store.take_over(sweep_id)).fail("RuntimeError: broken", "")
    there = (f"--nodelist={jobs.cluster.nodes[0]}",)
    first, second = (jobs.sweep("tiny.yaml", "--db", url, nodes=1, options=there) for url in (failing, other))
    jobs.cluster.wait(
        lambda: {jobs.cluster.job(job, "JobState") for job in (first, second)} == {"RUNNING"},
        "two jobs on a node",
    )
    assert jobs.cluster.ended(first) == ("FAILED", "3"), jobs.log(first)
    assert jobs.cluster.job(first, "Restarts") == "0"
    assert "1 of 4 runs are not complete; 1 failed" in jobs.log(first)
    assert jobs.cluster.ended(second) == ("COMPLETED", "0"), jobs.log(second)
    assert results(other) == undisturbed(TINY)
    jobs.assert_nothing_left()


@pytest.mark.cluster
def test_a_sweep_whose_time_is_over_or_that_is_preempted_is_queued_again_and_carries_on(
    on_postgres, undisturbed
):
    jobs, cluster = on_postgres, on_postgres.cluster
    job = jobs.sweep("longer.yaml", "--checkpoint", 0)
    jobs.training(job)
    assert_secret(jobs)
    time_is_over = ("scancel", "--batch", "--signal=USR1", job)  # the signal that the script asks for
    another = ("sbatch", "--partition=first", "--exclusive", "--nodes=2", "--output=/dev/null", "--wrap=true")
    for restarts, cause in enumerate((time_is_over, another), 1):
        jobs.training(job)
        cluster.ask(*cause)
        jobs.wait_for_restart(job, restarts)
        assert "running" not in {status for (status,) in jobs.rows("SELECT status FROM runs")}

    assert cluster.ended(job) == ("COMPLETED", "0"), jobs.log(job)
    assert "Ray is ready on 2 nodes" in jobs.log(job)
    assert "queued again, restart 1" in jobs.log(job)
    assert results(jobs.commands.url) == undisturbed(LONGER)
    outcomes = jobs.rows("SELECT outcome, first_epoch > 0 FROM attempts ORDER BY run_id, attempt")
    assert outcomes == [("interrupted", False), ("interrupted", True), ("completed", True)] * 2
    jobs.assert_nothing_left()


@pytest.mark.cluster
def test_a_job_that_is_cancelled_leaves_the_store_in_order_and_the_nodes_free(on_postgres):
    jobs, cluster = on_postgres, on_postgres.cluster
    job = jobs.sweep("longer.yaml")
    jobs.training(job)
    driver = jobs.driver()
    cluster.ask("scancel", job)
    cluster.wait(lambda: is_gone(driver), "the end of the sweep")
    cluster.wait(lambda: cluster.idle() == 2, "idle nodes", FREED_SECONDS)
    assert cluster.job(job, "JobState") == "CANCELLED"
    assert cluster.job(job, "Restarts") == "0"
    assert "queued again" not in jobs.log(job)
    assert jobs.rows("SELECT DISTINCT status FROM runs") == [("interrupted",)]
    assert jobs.rows("SELECT * FROM attempts WHERE ended IS NULL") == []
    jobs.assert_nothing_left()


@pytest.mark.cluster
def test_a_sweep_that_loses_a_node_is_completed_there_or_by_a_second_start(on_postgres, undisturbed):
    """Ray goes on with the nodes that are left, until Slurm notices, ends the job and queues it again."""
    jobs, cluster = on_postgres, on_postgres.cluster
    job = jobs.sweep("longer.yaml", "--checkpoint", 0)
    pids = jobs.training(job)
    lost = cluster.nodes[1]
    assert any(pid in cluster.processes_of(lost) for pid in pids)
    cluster.kill_node(lost)
    cluster.wait(
        lambda: (
            cluster.job(job, "Restarts") == "1" or cluster.job(job, "JobState") in ("COMPLETED", "COMPLETING")
        ),
        "a second start or the end",
    )
    cluster.start_node(lost)
    assert cluster.ended(job) == ("COMPLETED", "0"), jobs.log(job)
    assert results(jobs.commands.url) == undisturbed(LONGER)
    assert jobs.rows("SELECT COUNT(*) > 2 FROM attempts") == [(True,)]
    jobs.assert_nothing_left()


def test_a_job_that_could_only_fail_is_refused_before_ray_starts(on_postgres):
    jobs, cluster = on_postgres, on_postgres.cluster
    file = f"sqlite:///{jobs.folder / 'gst.db'}"
    sqlite = jobs.sweep("tiny.yaml", f"--db={file}")
    assert cluster.ended(sqlite) == ("FAILED", "2")
    assert f"{file}: an SQLite file can be written from one node only, and this job has 2:" in jobs.log(
        sqlite
    )
    jobs.environment["GST_ARTIFACT_DIR"] = str(cluster.unshared)
    unshared = jobs.sweep("tiny.yaml")
    assert cluster.ended(unshared) == ("FAILED", "2")
    assert f"{cluster.unshared}: not every node has this folder for checkpoints" in jobs.log(unshared)
    assert not any("Ray" in jobs.log(job) for job in (sqlite, unshared))


def test_the_parts_of_a_sweep_are_imported_together(jobs, undisturbed):
    array = jobs.submit("array.sbatch", "tiny.yaml", options=("--array=1-2",))
    imported = jobs.cluster.ask(
        "sbatch", "--parsable", f"--dependency=afterany:{array}", "--output=import.log",
        f"--wrap={sys.prefix}/bin/gst import results", environment=jobs.environment, cwd=jobs.folder,
    )  # fmt: skip
    assert jobs.cluster.ended(imported) == ("COMPLETED", "0"), (jobs.folder / "import.log").read_text()
    assert results(jobs.commands.url) == undisturbed(TINY)
    assert len(list((jobs.folder / "results").glob("run-*.zip"))) == RUNS
