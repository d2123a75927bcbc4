"""Pods of the shipped manifests as processes on machines of a test's own, without Kubernetes and KubeRay.

Commands, environment, volumes and users come from the manifests. What KubeRay adds to them is written down
here after its version 1.7 (common/pod.go and common/job.go of its operator).
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from manifests import Manifest, one
from nodes import Machine, Mount, Network
from private_postgres import ENTRY_POINT, binaries
from processes import PATIENCE

IMAGE = {"PATH": "/opt/gst/bin:/usr/local/bin:/usr/bin:/bin", "GST_DATA_DIR": "/data", "HOME": "/tmp"}
ON_A_BUSY_MACHINE = {"OMP_NUM_THREADS": "1", "RAY_worker_niceness": "0"}
UNITS = {"": 1.0, "m": 0.001, "Mi": 2.0**20, "Gi": 2.0**30}
ADDED_TO_ALL = {"metrics-export-port": "8080", "dashboard-agent-listen-port": "52365", "block": "true"}
DASHBOARD = "http://127.0.0.1:8265"
HEALTHY = (
    "import urllib.request as it; exit(b'success' not in it.urlopen('{}/api/gcs_healthz', timeout=10).read())"
)


class Container(NamedTuple):
    """A process of a pod, and what it says."""

    process: subprocess.Popen[str]
    log: Path

    def ended(self) -> int:
        """The exit code, once there is one."""
        return self.process.wait(timeout=PATIENCE)


class Pod:
    """A machine on which containers of one pod run."""

    def __init__(self, name: str, machine: Machine, logs: Path) -> None:
        self.name = name
        self.machine = machine
        self._logs = logs

    def start(self, name: str, command: Sequence[str], **options: Any) -> Container:
        """That command in a container of that name; `options` are a machine's."""
        log = self._logs / f"{self.name}-{name}.log"
        with log.open("a") as output:
            process = self.machine.start(*command, folder="/work", output=output.fileno(), **options)
        return Container(process, log)


class Pods:
    """Makes pods from manifests; `secrets` has the values of each Secret under its name."""

    def __init__(
        self,
        folder: Path,
        network: Network,
        manifests: Sequence[Manifest],
        secrets: Mapping[str, Mapping[str, str]],
    ) -> None:
        self.network = network
        self.manifests = list(manifests)
        self.spec = one(self.manifests, "RayJob")["spec"]
        self._folder = folder
        self._secrets = secrets
        self.password = secrets["postgres"]["password"]

    def postgres(self) -> Pod:
        """The pod of the StatefulSet; its machine has the name of the service."""
        template = one(self.manifests, "StatefulSet")["spec"]["template"]["spec"]
        (container,) = template["containers"]
        pod = Pod("postgres", self.network.add("postgres"), self._folder)
        environment = self._environment(container)
        environment["PATH"] = f"{binaries()}:{environment['PATH']}"
        pod.machine.run("install", "-d", "/work")
        pod.start("postgres", ["bash", "-c", ENTRY_POINT], environment=environment)
        probe = container["readinessProbe"]["exec"]["command"]
        until(lambda: pod.machine.run(*probe, environment=environment).returncode == 0, "Postgres")
        return pod

    def head(self) -> Pod:
        """The head's pod, in which Ray has been started once its init container has ended."""
        group = self.spec["rayClusterSpec"]["headGroupSpec"]
        return self._ray("head", group, ray_start(group), "127.0.0.1")

    def worker(self, name: str) -> Pod:
        """A worker's pod, likewise, that joins the head."""
        (group,) = self.spec["rayClusterSpec"]["workerGroupSpecs"]
        return self._ray(name, group, ray_start(group, head="head"), "head")

    def submitter(self, head: Pod) -> Container:
        """The sidecar that submits the job, in the head's pod; it has Ray's token alone."""
        healthy = f'python -c "{HEALTHY.format(DASHBOARD)}"'
        submit = f"ray job submit --address {DASHBOARD} --submission-id gst-1 -- {self.spec['entrypoint']} ;"
        words = f"until {healthy} >/dev/null 2>&1 ; do sleep 2 ; done ; {submit}"
        return head.start(
            "submitter",
            ["/bin/bash", "-ce", "--", words],
            environment=IMAGE | self._token() | {"PYTHONUNBUFFERED": "1"},
            user="1000:1000",
        )

    def entrypoint(self, head: Pod) -> Container:
        """What Ray makes of the submission: the command, by a shell, with the environment of the head."""
        group = self.spec["rayClusterSpec"]["headGroupSpec"]
        (container,) = group["template"]["spec"]["containers"]
        added = {"RAY_ADDRESS": f"{head.machine.address}:6379", "PYTHONUNBUFFERED": "1"}
        environment = self._environment(container) | self._token() | added
        return head.start(
            "submitter", ["sh", "-c", self.spec["entrypoint"]], environment=environment, user="1000:1000"
        )

    def stop(self, head: Pod) -> int:
        """What happens to a head before its processes are told to end."""
        (container,) = self.spec["rayClusterSpec"]["headGroupSpec"]["template"]["spec"]["containers"]
        hook = container["lifecycle"]["preStop"]["exec"]["command"]
        environment = self._environment(container) | self._token()
        return head.start("stop", hook, environment=environment, user="1000:1000").ended()

    def _ray(self, name: str, group: Manifest, command: str, address: str) -> Pod:
        template = group["template"]["spec"]
        pod = self._pod(name, template)
        identity = template["securityContext"]
        user = f"{identity['runAsUser']}:{identity['runAsGroup']}"
        for container in template.get("initContainers", []):
            started = pod.start(
                container["name"], container["command"], environment=self._environment(container), user=user
            )
            assert started.ended() == 0, started.log.read_text()
        (container,) = template["containers"]
        assert "command" not in container
        added = {"RAY_ADDRESS": f"{address}:6379", "RAY_PORT": "6379", "FQ_RAY_IP": address}
        environment = self._environment(container) | self._token() | added
        words = f"ulimit -n ${{RAY_START_ULIMIT_OPEN_FILES:-65536}}; {command}"
        if name != "head":  # its init container waits for the head, and it is started again when it ends
            healthy = f"until ray health-check --address {address}:6379; do sleep 1; done"
            words = f"while true; do {healthy}; {words}; done"
        pod.start(container["name"], ["/bin/bash", "-c", "--", words], environment=environment, user=user)
        return pod

    def _pod(self, name: str, template: Manifest) -> Pod:
        mounts = {
            it["mountPath"]: Mount(self._volume(template, it["name"]), it["mountPath"])
            for container in template["containers"]
            for it in container.get("volumeMounts", [])
        }
        python = Mount(Path(sys.prefix), "/opt/gst")
        machine = self.network.add(name, python, *mounts.values())
        machine.open_up("/work", "/data")
        return Pod(name, machine, self._folder)

    def _volume(self, template: Manifest, name: str) -> Path:
        (volume,) = (it for it in template["volumes"] if it["name"] == name)
        place = self._folder / "volumes" / name
        if not place.exists():
            place.mkdir(parents=True)
            place.chmod(0o1777)  # what fsGroup is for
            if "configMap" in volume:
                for key, text in one(self.manifests, "ConfigMap", volume["configMap"]["name"])[
                    "data"
                ].items():
                    (place / key).write_text(text)
        return place

    def _environment(self, container: Manifest) -> dict[str, str]:
        found = IMAGE | ON_A_BUSY_MACHINE
        for source in container.get("envFrom", []):
            if "configMapRef" in source:
                found |= one(self.manifests, "ConfigMap", source["configMapRef"]["name"])["data"]
            else:
                assert source["secretRef"]["optional"]
                found |= self._secrets.get(source["secretRef"]["name"], {})
        for it in container.get("env", []):
            key = it.get("valueFrom", {}).get("secretKeyRef")
            found[it["name"]] = self._secrets[key["name"]][key["key"]] if key else it["value"]
        return found

    def _token(self) -> dict[str, str]:
        assert self.spec["rayClusterSpec"]["authOptions"] == {"mode": "token"}
        return {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": self._secrets["gst"]["auth_token"]}


def ray_start(group: Manifest, head: str | None = None) -> str:
    """The command of a group's pods: its rayStartParams, and what follows from its container's resources."""
    (container,) = group["template"]["spec"]["containers"]
    limits = container["resources"]["limits"]
    offered = {**container["resources"]["requests"], **limits}
    parameters = {
        "num-cpus": str(-int(-_number(offered["cpu"]) // 1)),
        "memory": str(int(_number(limits["memory"]))),
        **({"num-gpus": limits["nvidia.com/gpu"]} if "nvidia.com/gpu" in limits else {}),
        **({"address": f"{head}:6379"} if head else {"dashboard-host": "0.0.0.0"}),
        **group["rayStartParams"],
        **ADDED_TO_ALL,
    }
    words = [
        f"--{key}" if value == "true" else f"--{key}={value}" for key, value in sorted(parameters.items())
    ]
    return " ".join(["ray start", *([] if head else ["--head"]), *words])


def until(come: Callable[[], bool], what: str) -> None:
    """Wait until it has come."""
    end = time.monotonic() + PATIENCE
    while not come():
        assert time.monotonic() < end, f"{what} did not come"
        time.sleep(0.3)


def _number(quantity: str) -> float:
    """A quantity of Kubernetes, as 200m or 6Gi."""
    found = re.fullmatch(r"(\d+)(\D*)", quantity)
    assert found, quantity
    return int(found[1]) * UNITS[found[2]]
