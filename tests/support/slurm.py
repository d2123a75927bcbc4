"""A Slurm of a test's own on this machine: its key, its controller and two nodes, which a test may kill."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from processes import PATIENCE, send, wait_until_gone
from short_folder import short_folder

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "scontrol", "squeue", "scancel", "sinfo")
FREEZER = Path("/sys/fs/cgroup/freezer")
SCRIPTS = Path(__file__).parents[2] / "docker/slurm"

GOING = ("PENDING", "CONFIGURING", "RUNNING", "COMPLETING", "SUSPENDED")
"""States of jobs that have not come to their end."""

# A job that is queued again waits as long as a credential lasts; a node that is silent is down soon.
CONFIGURATION = """\
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge/socket,cred_expire=5
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool-%n
SlurmctldPidFile={folder}/controller.pid
SlurmdPidFile={folder}/%n.pid
SlurmctldLogFile={folder}/controller.log
SlurmdLogFile={folder}/%n.log
PlugStackConfig={folder}/plugins
ProctrackType=proctrack/cgroup
TaskPlugin=task/none
SchedulerParameters=batch_sched_delay=0,sched_interval=1,sched_min_interval=0
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
MpiDefault=none
ReturnToService=2
SlurmdTimeout=5
SlurmdParameters=config_overrides
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
NodeName={nodes[0]} NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[1]} CPUs=2
NodeName={nodes[1]} NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[2]} CPUs=2
PartitionName=usual Nodes=ALL Default=YES PriorityTier=1 GraceTime=120
PartitionName=first Nodes=ALL PriorityTier=2
"""


def missing() -> str | None:
    """What a Slurm of one's own lacks here, or None."""
    if lacking := [name for name in PROGRAMS if shutil.which(name) is None]:
        return f"{lacking[0]} is not installed (slurm-wlm, munge)"
    if os.geteuid() != 0 or not os.access(FREEZER, os.W_OK):
        return "Slurm's nodes need root and version 1 of control groups"
    return None


class Slurm:
    """Two nodes of two CPUs each; the second one does not see what lies in `unshared`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.unshared = folder / "unshared"
        name = f"gst{secrets.token_hex(3)}"
        self.nodes = (f"{name}a", f"{name}b")
        self.environment = {"SLURM_CONF": str(folder / "slurm.conf")}
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        for part in ("munge", "state", "unshared"):
            (folder / part).mkdir(mode=0o700)
        (folder / "plugins").touch()
        (folder / "munge/key").write_bytes(secrets.token_bytes(128))
        (folder / "munge/key").chmod(0o400)
        (folder / "cgroup.conf").write_text("CgroupPlugin=cgroup/v1\nCgroupMountpoint=/sys/fs/cgroup\n")
        configuration = CONFIGURATION.format(
            host=socket.gethostname(), ports=_free_ports(3), nodes=self.nodes, folder=folder
        )
        (folder / "slurm.conf").write_text(configuration)

    def start(self) -> None:
        """Have all of it run, and the nodes idle."""
        munge = self.folder / "munge"
        files = [f"--{name}-file={munge / name}" for name in ("key", "pid", "log", "seed")]
        self._run("munged", "--foreground", "--force", f"--socket={munge / 'socket'}", *files)
        self.wait(lambda: (munge / "socket").exists(), "munged")
        self._run("slurmctld", "-D", "-c")
        for node in self.nodes:
            self.start_node(node)
        self.wait(lambda: self.idle() == 2, "idle nodes")

    def start_node(self, node: str) -> None:
        """Have that node take jobs."""
        command = f"exec slurmd -D -N {node}"
        if node == self.nodes[1]:
            command = f"mount -t tmpfs none {self.unshared} && {command}"
        self._run(node, "unshare", "--mount", "sh", "-c", command)

    def kill_node(self, node: str) -> None:
        """End that node and all that runs there at once, as a power cut does."""
        self._processes[node].kill()
        self._processes[node].wait()
        while pids := self.processes_of(node):
            send(signal.SIGKILL, pids)
            wait_until_gone(pids)

    def processes_of(self, node: str) -> list[int]:
        """The processes of jobs on that node."""
        found = []
        for listing in (FREEZER / f"slurm_{node}").rglob("cgroup.procs"):
            with suppress(OSError):  # the job ends
                found += [int(line) for line in listing.read_text().split()]
        return found

    def stop(self) -> None:
        """End all of it, jobs too."""
        for node in self.nodes:
            if node in self._processes:
                self.kill_node(node)
        for process in self._processes.values():
            process.kill()
            process.wait()
        for node in self.nodes:
            for group in sorted((FREEZER / f"slurm_{node}").rglob("*/"), reverse=True):
                with suppress(OSError):
                    group.rmdir()
            with suppress(OSError):
                (FREEZER / f"slurm_{node}").rmdir()

    def ask(
        self, *command: object, environment: Mapping[str, str] | None = None, cwd: Path | None = None
    ) -> str:
        """What one of Slurm's commands prints."""
        words = [str(word) for word in command]
        asked = {**(os.environ if environment is None else environment), **self.environment}
        done = subprocess.run(words, env=asked, cwd=cwd, capture_output=True, text=True, check=False)
        assert done.returncode == 0, (words, done.stderr)
        return done.stdout.strip()

    def job(self, job: str, field: str) -> str:
        """A field of that job, such as JobState, as `scontrol show job` has it."""
        shown = self.ask("scontrol", "show", "job", "--oneliner", job)
        found = re.search(rf"\b{field}=(\S*)", shown)
        assert found, (field, shown)
        return found[1]

    def idle(self) -> int:
        """Number of nodes that nothing runs on."""
        return (
            self.ask("sinfo", "--noheader", "--Node", "--partition=usual", "--format=%T")
            .split()
            .count("idle")
        )

    def ended(self, job: str) -> tuple[str, str]:
        """State and exit code of that job, once it has come to its end."""
        self.wait(lambda: self.job(job, "JobState") not in GOING, f"the end of job {job}")
        return self.job(job, "JobState"), self.job(job, "ExitCode").partition(":")[0]

    def wait(self, come: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
        """Wait until it has come, that long at most."""
        end = time.monotonic() + seconds
        while not come():
            assert time.monotonic() < end, f"{what} did not come; {self._logs()}"
            time.sleep(0.1)

    def _run(self, name: str, *command: str) -> None:
        words = command if name in self.nodes else (name, *command)
        self._processes[name] = subprocess.Popen(
            words,
            env={**os.environ, **self.environment},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def _logs(self) -> str:
        return "\n".join(path.read_text()[-1000:] for path in self.folder.glob("*.log"))


@contextmanager
def slurm() -> Iterator[Slurm]:
    """A running Slurm, which is gone after the context, with all its jobs."""
    with short_folder() as folder:
        made = Slurm(folder)
        try:
            made.start()
            yield made
        finally:
            made.stop()


def edited(name: str, folder: Path, **values: object) -> Path:
    """A shipped script in that folder, with those variables at its top set, and this Python's environment."""
    text = (SCRIPTS / name).read_text(encoding="utf-8")
    for variable, value in {"VENV": sys.prefix, **values}.items():
        text, found = re.subn(rf"^{variable}=\S*", f"{variable}={value}", text, count=1, flags=re.MULTILINE)
        assert found, variable
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def _free_ports(number: int) -> list[int]:
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [listener.getsockname()[1] for listener in listeners]
    for listener in listeners:
        listener.close()
    return ports
