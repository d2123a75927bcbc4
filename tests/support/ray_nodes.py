"""A Ray cluster of several nodes on this machine, in processes that a test may kill or freeze.

Run as a program, this file is the parent of the nodes: it makes one for each line that it reads,
answers with the process id of its raylet, and ends all of them at the end of its input.
"""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from processes import PATIENCE, children
from short_folder import short_folder

NODE: dict[str, Any] = {"num_cpus": 1, "object_store_memory": 80 * 2**20, "include_dashboard": False}
# Ray takes about 70 s to give up a node that says nothing; with these, about 10.
SETTINGS = {
    "health_check_initial_delay_ms": 1000,
    "health_check_period_ms": 1000,
    "health_check_timeout_ms": 3000,
    "health_check_failure_threshold": 3,
}


class RayNodes:
    """A cluster with a head of one CPU, and the nodes that are added to it."""

    def __init__(self, host: subprocess.Popen[str], scratch: Path, secret: Mapping[str, str]) -> None:
        self._host = host
        self._scratch = scratch
        self.environment = dict(secret)  # what a driver needs in its environment to be let in
        self.address = self._answer()

    def add(self, *, cpus: int = 1, **environment: str) -> int:
        """The process id of a new node's raylet, the parent of its workers, with variables of its own."""
        assert self._host.stdin is not None
        self._host.stdin.write(json.dumps({"num_cpus": cpus, "env_vars": environment}) + "\n")
        self._host.stdin.flush()
        return int(self._answer())

    def logs(self) -> str:
        """What all workers of the cluster have said so far."""
        return "".join(path.read_text() for path in self._scratch.glob("ray/session_2*/logs/worker-*.err"))

    def _answer(self) -> str:
        assert self._host.stdout is not None
        line = self._host.stdout.readline()
        assert line, "the cluster does not start"
        return str(json.loads(line))


def processes_of(raylet: int) -> list[int]:
    """The processes that are a node: its raylet, its workers and its agents."""
    return [raylet, *children(raylet)]


@contextmanager
def ray_nodes(environment: Mapping[str, str]) -> Iterator[RayNodes]:
    """A running cluster, which is gone after the context."""
    # Ray listens on all interfaces, and whoever is let in can run code.
    secret = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
    with short_folder() as scratch:
        host = subprocess.Popen(
            [sys.executable, __file__],
            env={**environment, **secret, "RAY_TMPDIR": str(scratch)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        try:
            yield RayNodes(host, scratch, secret)
        finally:
            host.communicate(timeout=PATIENCE)


def main() -> None:
    """Be the parent of a cluster."""
    from gst.launch.environment import LOCAL, prepare

    prepare(LOCAL)
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={**NODE, "_system_config": SETTINGS})
    raylets = [_raylet(cluster.head_node)]
    threading.Thread(target=_reap, args=(raylets,), daemon=True).start()
    _tell(cluster.address)
    for line in sys.stdin:
        raylets.append(_raylet(cluster.add_node(**NODE | json.loads(line))))
        _tell(raylets[-1].pid)
    cluster.shutdown()  # type: ignore[no-untyped-call]


def _raylet(node: Any) -> subprocess.Popen[bytes]:
    process: subprocess.Popen[bytes] = node.all_processes["raylet"][0].process
    return process


def _reap(raylets: list[subprocess.Popen[bytes]]) -> None:
    """Ask after each raylet for ever: workers of one that is dead but not reaped take it for alive."""
    while True:
        for raylet in list(raylets):
            raylet.poll()
        time.sleep(0.05)


def _tell(answer: object) -> None:
    sys.stdout.write(json.dumps(str(answer)) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
