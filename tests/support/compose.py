"""The services of the shipped compose.yaml as processes on machines of a test's own, without an engine.

Their commands, environment, users, secrets, volumes and checks come from the file. Of the images it has
what they promise: the Dockerfile's environment and folders, and of Postgres' entry point what the file uses.
"""

from __future__ import annotations

import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml
from nodes import ROOT, Machine, Mount, Network
from private_postgres import ENTRY_POINT, binaries
from processes import PATIENCE, children, send

HERE = ROOT / "docker/compose"
PYTHON = Mount(Path(sys.prefix), "/opt/gst")
# Keys that only an engine understands, and those that processes need; any other is refused.
ENGINE = {"build", "cap_drop", "deploy", "image", "ports", "profiles", "restart", "scale", "security_opt"}
ENGINE |= {"shm_size", "stop_grace_period", "tmpfs"}
USED = {"command", "depends_on", "entrypoint", "environment", "healthcheck", "secrets", "user", "volumes"}


class Container:
    """A service's process on a machine of its own, and what it says."""

    def __init__(
        self, service: str, machine: Machine, start: Callable[[], subprocess.Popen[str]], log: Path
    ) -> None:
        self.service = service
        self.machine = machine
        self._start = start
        self._process = start()
        self._log = log

    @property
    def log(self) -> str:
        """What it has said so far."""
        return self._log.read_text()

    def poll(self) -> int | None:
        """The exit code of its first process, and None as long as that runs."""
        return self._process.poll()

    def wait(self) -> int:
        """The same, once that has ended."""
        return self._process.wait(timeout=PATIENCE)

    def ended(self) -> int:
        """The same; nothing is left of the container."""
        code = self.wait()
        self.machine.end()
        return code

    def tell(self, number: signal.Signals) -> None:
        """Send the signal to its first process, as `docker compose stop` does with SIGTERM."""
        send(number, children(self._process.pid))

    def start_again(self) -> None:
        """End what is left of it, and start it at the same address."""
        self.machine.run("sh", "-c", "kill -KILL -1; rm -rf /tmp/*")
        self.wait()
        self._process = self._start()


class Project:
    """The services of the file in that folder, with the settings of `.env` beside it."""

    def __init__(self, folder: Path, network: Network, environment: Mapping[str, str]) -> None:
        self._folder = folder
        self.network = network
        self._environment = environment  # in all containers, beside what the file sets
        settings = dict(line.split("=", 1) for line in (folder / ".env").read_text().split())
        text = (folder / "compose.yaml").read_text(encoding="utf-8")
        self.file: dict[str, Any] = _interpolated(yaml.safe_load(text), settings)
        steps = (ROOT / "docker/Dockerfile").read_text(encoding="utf-8")
        self._open_folders = re.findall(r"install -d -m 1777 ([^\n]*)", steps)[0].split()
        settings_of_image = re.findall(r"^ENV ((?:.*\\\n)*.*)", steps, re.M)[0].replace("\\\n", " ")
        self._image = dict(word.split("=", 1) for word in shlex.split(settings_of_image))

    def up(
        self,
        name: str,
        *mounts: Mount,
        called: str | None = None,
        arguments: tuple[str, ...] = (),
        environment: Mapping[str, str] | None = None,
    ) -> Container:
        """A new container of that service, whose health is still to be waited for.

        `mounts` stand in the place of what the file has at their targets, `arguments` in that of its command.
        """
        service = self.file["services"][name]
        assert service.keys() <= USED | ENGINE, f"unknown: {service.keys() - USED - ENGINE}"
        all_mounts = (PYTHON, *self._volumes(service), *self._secrets(service), *mounts)
        own = {mount.target: mount for mount in all_mounts}  # later ones win
        machine = self.network.add(called or name, *own.values())
        folders = [it for it in self._open_folders if it not in own]
        machine.open_up(*folders)
        log = self._folder / f"{machine.name}-{machine.address}.log"
        options = self._options(service)
        options["environment"].update(environment or {})

        def start() -> subprocess.Popen[str]:
            with log.open("a") as output:
                return machine.start(*self._command(service, arguments), **options, output=output.fileno())

        return Container(name, machine, start, log)

    def run(self, container: Container, *command: str) -> subprocess.CompletedProcess[str]:
        """That command in that container, once it has ended, as of `docker compose exec`."""
        return container.machine.run(*command, **self._options(self.file["services"][container.service]))

    def check(self, container: Container) -> int:
        """The exit code of the health check in that container."""
        kind, *words = self.file["services"][container.service]["healthcheck"]["test"]
        assert kind == "CMD"
        return self.run(container, *words).returncode

    def wait_until_healthy(self, *containers: Container) -> None:
        """Wait for the health checks of all to succeed; what ends is started again, as the file says."""
        end = time.monotonic() + PATIENCE
        for container in containers:
            while self.check(container) != 0:
                if container.poll() is not None:
                    assert self.file["services"][container.service]["restart"] == "unless-stopped", (
                        container.log
                    )
                    container.start_again()
                assert time.monotonic() < end, f"{container.service} does not get healthy: {container.log}"
                time.sleep(0.3)

    def _command(self, service: Mapping[str, Any], arguments: tuple[str, ...]) -> list[str]:
        if service["image"].startswith("postgres:"):
            assert "command" not in service
            return ["bash", "-c", ENTRY_POINT]
        before = _words(service.get("entrypoint", ["tini", "--", "gst"]))
        assert before[:2] == ["tini", "--"]  # what takes away processes without a parent is the machine's own
        return [*before[2:], *(arguments or _words(service.get("command", [])))]

    def _options(self, service: Mapping[str, Any]) -> dict[str, Any]:
        """How its commands are started."""
        if service["image"].startswith("postgres:"):
            return {"environment": {"PATH": f"{binaries()}:/usr/bin:/bin", **service["environment"]}}
        image = {**self._image, "PATH": self._image["PATH"].replace("$PATH", "/usr/local/bin:/usr/bin:/bin")}
        environment = {"HOME": "/", **image, **service["environment"], **self._environment}
        environment = {name: str(value) for name, value in environment.items()}
        return {"environment": environment, "folder": "/work", "user": service["user"]}

    def _volumes(self, service: Mapping[str, Any]) -> list[Mount]:
        found = []
        for words in service.get("volumes", []):
            source, target, *_ = words.split(":")
            place = (self._folder / source).resolve()
            if "/" not in source:
                assert source in self.file["volumes"], source
                place = self._folder / "volumes" / source
                place.mkdir(parents=True, exist_ok=True)
                # A volume that is used for the first time is made like the image's folder.
                place.chmod(0o1777 if target in self._open_folders else 0o755)
            found.append(Mount(place, target))
        return found

    def _secrets(self, service: Mapping[str, Any]) -> list[Mount]:
        files = {
            name: self._folder / self.file["secrets"][name]["file"] for name in service.get("secrets", [])
        }
        return [Mount(path, f"/run/secrets/{name}") for name, path in files.items()]


def copied(folder: Path) -> Path:
    """The shipped folder, copied to that place."""
    return Path(shutil.copytree(HERE, folder))


def _words(command: str | list[str]) -> list[str]:
    return shlex.split(command) if isinstance(command, str) else command


def _interpolated(value: Any, settings: Mapping[str, str]) -> Any:
    """The value with settings in the place of ${NAME:-default}, in all that it consists of."""
    if isinstance(value, dict):
        return {key: _interpolated(part, settings) for key, part in value.items()}
    if isinstance(value, list):
        return [_interpolated(part, settings) for part in value]
    if not isinstance(value, str):
        return value

    def text(found: re.Match[str]) -> str:
        if found[0] == "$$":
            return "$"
        assert found[1], f"not understood: {value}"
        return settings.get(found[1]) or found[2]

    return re.sub(r"\$\$|\$\{(\w+):-([^}]*)\}|\$", text, value)
