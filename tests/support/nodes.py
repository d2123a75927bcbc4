"""Machines of a test's own: each with its network address, host name, processes and files, on one switch.

They are namespaces of this machine, and need root. A test can cut one off from the network and connect it
again, and take its power away. All of it ends with the process that made it, however that ends.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import NamedTuple

from processes import PATIENCE, children, send
from short_folder import short_folder

PROGRAMS = ("ip", "unshare", "nsenter", "setpriv")
ROOT = Path(__file__).parents[2]

# The first process of a machine sees the files here, keeps changes to itself, and ends with its input. It
# ignores the end of its children: the kernel takes away what nobody waits for. Its server of names refuses:
# gRPC would ask a silent one for minutes.
FIRST_PROCESS = """\
set -e
disk=$1 name=$2
shift 2
mount -t tmpfs tmpfs "$disk"
mkdir "$disk/root" "$disk/changes" "$disk/work"
mount -t overlay overlay -o "lowerdir=/,upperdir=$disk/changes,workdir=$disk/work" "$disk/root"
cd "$disk/root"
mount -t proc proc proc
mount --rbind /sys sys
mount --rbind /dev dev
mount -t tmpfs tmpfs dev/shm
mount -t tmpfs tmpfs tmp
mount -t tmpfs tmpfs run
while [ $# -gt 0 ]; do
    if [ -d "$1" ]; then mkdir -p ".$2"; else mkdir -p "$(dirname ".$2")"; touch ".$2"; fi
    mount --rbind "$1" ".$2"
    shift 2
done
hostname "$name"
pivot_root . mnt
umount --lazy /mnt
ln -sf /run/names/hosts /etc/hosts
rm -f /etc/resolv.conf
echo nameserver 127.0.0.1 >/etc/resolv.conf
echo ready
exec env --ignore-signal=CHLD cat
"""
SWITCH = "ip link add switch type bridge && ip link set switch up && echo ready && exec cat"


class Mount(NamedTuple):
    """A folder or file of this machine that another one sees at a path of its own."""

    source: Path
    target: str


@cache
def missing() -> str | None:
    """What machines of one's own lack here, or None."""
    if lacking := [name for name in PROGRAMS if shutil.which(name) is None]:
        return f"{lacking[0]} is not installed (iproute2, util-linux)"
    if os.geteuid() != 0:
        return "namespaces need root"
    try:
        with network() as made:
            made.add("probe").run("true")
    except (subprocess.CalledProcessError, AssertionError) as error:
        return f"namespaces cannot be made: {error}"
    return None


class Machine:
    """A computer of that name on a network."""

    def __init__(self, name: str, address: str, disk: Path, mounts: Sequence[Mount]) -> None:
        self.name = name
        self.number = int(address.rpartition(".")[2])
        self.address = address
        flags = ("--fork", "--kill-child", "--pid", "--mount", "--net", "--uts", "--ipc")
        seen = [str(word) for mount in mounts for word in (mount.source, mount.target)]
        self._keeper = _first(["unshare", *flags, "sh", "-c", FIRST_PROCESS, "sh", str(disk), name, *seen])
        (self.pid,) = children(self._keeper.pid)
        self._started: list[subprocess.Popen[str]] = []

    def start(
        self,
        *command: object,
        environment: Mapping[str, str] | None = None,
        folder: str = "/",
        user: str = "0:0",
        output: int = subprocess.PIPE,
    ) -> subprocess.Popen[str]:
        """That command on this machine in the background, as that user and group, by number.

        The process that is returned waits outside for the one on the machine, and ends as that does.
        """
        user_id, _, group_id = user.partition(":")
        identity = ("--reuid", user_id, "--regid", group_id, "--clear-groups", "--")
        process = subprocess.Popen(
            [*self._enter("--all"), "setpriv", *identity, "env", f"--chdir={folder}", *map(str, command)],
            env={"PATH": os.environ["PATH"], **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            text=True,
        )
        self._started.append(process)
        return process

    def run(self, *command: object, **options: object) -> subprocess.CompletedProcess[str]:
        """The same, once it has ended."""
        process = self.start(*command, **options)  # type: ignore[arg-type]
        self._started.remove(process)
        out, err = process.communicate(timeout=PATIENCE)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def open_up(self, *folders: str) -> None:
        """Let every user write to those folders, and enter what is on the way to Python and to the checkout.

        In an image everyone may enter all of it.
        """
        on_the_way = {Path("/"), *Path(sys.executable).resolve().parents, *ROOT.parents}
        closed = [it for it in on_the_way if not it.stat().st_mode & 1]
        for command in (["install", "-d", "-m", "1777", *folders], ["chmod", "o+x", "/", *closed]):
            done = self.run(*command)
            assert done.returncode == 0, done.stderr

    def connect(self, gateway: str, port: str) -> None:
        """Have its network card in use; for the network that makes it."""
        for words in (
            ("link", "set", "lo", "up"),
            ("link", "set", port, "name", "eth0"),
            ("addr", "add", f"{self.address}/24", "dev", "eth0"),
            ("link", "set", "eth0", "up"),
            ("route", "add", "default", "via", gateway),
        ):
            self.ip(*words)

    def ip(self, *words: object) -> None:
        """Change its network."""
        _quietly(*self._enter("--net"), "ip", *words)

    def end(self) -> None:
        """End all its processes at once, if they have not ended."""
        if self._keeper.poll() is None:
            send(signal.SIGKILL, [self.pid])
        for process in (*self._started, self._keeper):
            process.communicate(timeout=PATIENCE)

    def _enter(self, what: str) -> list[str]:
        return ["nsenter", f"--target={self.pid}", what]


class Network:
    """A switch, this machine at the first address, and the machines that are added."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._names = folder / "names"
        self._names.mkdir(mode=0o755)
        self._prefix = _free_prefix()
        self._card = f"gst{secrets.token_hex(3)}"
        self.machines: dict[str, Machine] = {}
        self._number = 1
        self._switch = _first(["unshare", "--net", "sh", "-c", SWITCH])
        self.gateway = f"{self._prefix}.1"
        _ip("link", "add", self._card, "type", "veth", "peer", "name", "outside", "netns", self._switch.pid)
        _ip("addr", "add", f"{self.gateway}/24", "dev", self._card)
        _ip("link", "set", self._card, "up")
        self._plug("outside")
        self._write_names()

    def add(self, name: str, *mounts: Mount) -> Machine:
        """A new machine, which sees those folders and files of this one, and the checkout.

        A name that a machine had which is gone may be given again.
        """
        self._number += 1
        disk = self._folder / str(self._number)
        disk.mkdir()
        seen = (Mount(ROOT, str(ROOT)), Mount(self._names, "/run/names"), *mounts)
        machine = Machine(name, f"{self._prefix}.{self._number}", disk, seen)
        self.machines[name] = machine
        port = f"port{self._number}"
        _ip(
            "link",
            "add",
            port,
            "netns",
            self._switch.pid,
            "type",
            "veth",
            "peer",
            "name",
            port,
            "netns",
            machine.pid,
        )
        self._plug(port)
        machine.connect(self.gateway, port)
        self._write_names()
        return machine

    def part(self, one: Machine, others: Iterable[Machine]) -> None:
        """Have that machine and the others lose each other: what they send is gone."""
        self._routes("add", one, others)

    def heal(self, one: Machine, others: Iterable[Machine]) -> None:
        """The end of that."""
        self._routes("delete", one, others)

    def kill(self, machine: Machine) -> None:
        """Take its power away: nothing on it goes on, and nobody is told."""
        # A process that ends closes its connections, and a computer without power does not.
        self._ip_of_switch("link", "set", f"port{machine.number}", "nomaster")
        self.end(machine)

    def end(self, machine: Machine) -> None:
        """Kill all that runs on it: others see their connections close."""
        machine.end()
        del self.machines[machine.name]
        self._write_names()

    def stop(self) -> None:
        """End all machines, and the network."""
        for machine in self.machines.values():
            machine.end()
        _ip("link", "delete", self._card)
        self._switch.communicate(timeout=PATIENCE)

    def _routes(self, change: str, one: Machine, others: Iterable[Machine]) -> None:
        for other in others:
            one.ip("route", change, "blackhole", other.address)
            other.ip("route", change, "blackhole", one.address)

    def _plug(self, port: str) -> None:
        self._ip_of_switch("link", "set", port, "master", "switch", "up")

    def _ip_of_switch(self, *words: object) -> None:
        _quietly("nsenter", f"--target={self._switch.pid}", "--net", "ip", *words)

    def _write_names(self) -> None:
        lines = ["127.0.0.1 localhost", *(f"{it.address} {it.name}" for it in self.machines.values())]
        new = self._names / "new"
        new.write_text("\n".join(lines) + "\n")
        new.replace(new.with_name("hosts"))  # at once: gRPC keeps what it has read of half a file


@contextmanager
def network() -> Iterator[Network]:
    """A network without machines, which is gone after the context, with all that run on it."""
    with short_folder() as folder:
        made = Network(folder)
        try:
            yield made
        finally:
            made.stop()


def _first(command: list[str]) -> subprocess.Popen[str]:
    """The process that keeps namespaces, once they are ready; it ends when its input does."""
    keeper = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert keeper.stdout is not None
    if keeper.stdout.readline() != "ready\n":
        raise AssertionError(keeper.communicate()[1].strip())
    return keeper


def _free_prefix() -> str:
    """The first three numbers of addresses that no network here has."""
    while True:
        prefix = f"10.77.{secrets.randbelow(254) + 1}"
        if not _answer("ip", "route", "show", f"{prefix}.0/24"):
            return prefix


def _ip(*words: object) -> None:
    _quietly("ip", *words)


def _quietly(*command: object) -> None:
    _answer(*command)


def _answer(*command: object) -> str:
    return subprocess.run(
        list(map(str, command)), check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ).stdout
