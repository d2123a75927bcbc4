"""The cluster that a sweep runs on: Ray is started or joined, and its machines are looked at first.

Ray reads its settings when it is imported, so `gst.launch.environment.prepare` must come first.
"""

from __future__ import annotations

import io
import logging
import platform
import socket
from collections.abc import Iterator, Sequence
from contextlib import chdir, contextmanager, nullcontext, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

import ray
import torch
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from gst.config import DataConfig
from gst.config.execution import Resources
from gst.data import load_dataset
from gst.errors import GstError, InputError
from gst.launch.artifacts import artifacts_at, proof
from gst.launch.checkout import package, version_with_hash
from gst.launch.environment import LOCAL
from gst.launch.private_folder import private_folder
from gst.launch.provenance import facts, place_of
from gst.machine import usable_cpus
from gst.words import short

OBJECT_STORE_BYTES = 100 * 2**20
"""Nothing but keys and settings travels through Ray; its own default is 30% of the memory."""

PREFLIGHT_SECONDS = 120

ANSWER_SECONDS = 10
"""The time in which the address of a cluster takes a connection."""


class Machine(NamedTuple):
    """A node of the cluster and what it offers to runs."""

    node_id: str
    host: str
    cpus: float
    gpus: float


class Needs(NamedTuple):
    """The needs of a sweep on each machine that takes part in it.

    With each data set comes the hash of its content where the sweep is driven, or None if any will do.
    """

    resources: Resources
    url: str
    artifacts: str | Path
    data: Path
    datasets: tuple[tuple[DataConfig, str | None], ...]


@contextmanager
def cluster(
    address: str, *, cpus: int | None = None, gpus: int | None = None, verbose: bool = False
) -> Iterator[tuple[Machine, ...]]:
    """The machines of the cluster at that address, connected to for the duration of the context.

    `cpus` and `gpus` limit a cluster that is started here; what a running one has is its own affair.
    """
    if address != LOCAL and (cpus is not None or gpus is not None):
        raise InputError(
            f"--cpus and --gpus describe a Ray that gst starts itself; the cluster at {address} has its own"
        )
    _refuse_silent(address)
    own: dict[str, Any] = {
        "num_cpus": cpus or usable_cpus(),
        "num_gpus": gpus,
        "object_store_memory": OBJECT_STORE_BYTES,
        "include_dashboard": False,
    }
    with _quiet(verbose), private_folder() as folder:
        nothing = folder / "empty"
        nothing.mkdir()
        try:
            with chdir(nothing):  # workers import what lies where Ray is started
                ray.init(
                    address,
                    log_to_driver=verbose,
                    logging_level=logging.INFO if verbose else logging.ERROR,
                    # Ray lets everyone into its folder, and so has one inside the private one.
                    **({**own, "_temp_dir": str(folder / "r")} if address == LOCAL else {}),
                )
        except Exception as error:  # also a plain Exception, where a machine is too busy to start it in time
            hint = "; --local does without Ray" if address == LOCAL else ""
            reason = str(error).removesuffix(".")
            raise GstError(f"Ray does not start or answer at address {address!r}: {reason}{hint}") from error
        try:
            yield _machines()
        finally:
            ray.shutdown()


def _refuse_silent(address: str) -> None:
    """Raise GstError at once for a host and port where nothing listens; Ray would try for minutes."""
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal():
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=ANSWER_SECONDS).close()
    except (OSError, OverflowError) as error:
        raise GstError(
            f"no Ray cluster answers at address {address!r}: {error}. Start it, name another with --address, "
            "or unset RAY_ADDRESS for a Ray of this machine alone"
        ) from error


def _machines() -> tuple[Machine, ...]:
    return tuple(
        Machine(
            node["NodeID"],
            node["NodeManagerHostname"],
            node["Resources"].get("CPU", 0.0),
            node["Resources"].get("GPU", 0.0),
        )
        for node in ray.nodes()  # type: ignore[no-untyped-call]
        if node["Alive"]
    )


def check(machines: Sequence[Machine], needs: Needs) -> None:
    """Refuse a sweep that could only hang or fail on these machines, with the reason.

    Raises InputError for resources that no machine has, for a machine whose software differs from
    that of this process, and, where there are several machines, for a store that only one can write.
    """
    cpus, gpus = needs.resources.cpus, needs.resources.gpus
    if not any(machine.cpus >= cpus and machine.gpus >= gpus for machine in machines):
        offers = ", ".join(f"{m.host} ({m.cpus:g} CPUs, {m.gpus:g} GPUs)" for m in machines)
        raise InputError(
            f"one run asks for {cpus:g} CPUs and {gpus:g} GPUs, and no machine has that: "
            f"{offers or 'there is none'}. Ask for less (resources in the sweep file, or --cpus-per-run "
            "and --gpus-per-run), or offer more "
            "(--cpus and --gpus, where gst starts Ray itself)"
        )
    if len(machines) > 1 and needs.url.startswith("sqlite"):
        raise InputError(
            f"{needs.url}: an SQLite file can be written from one machine only, and this cluster has "
            f"{len(machines)}; use Postgres: --db postgresql://user@host/database, or GST_DB_URL"
        )
    _preflight(machines, needs)


class Findings(NamedTuple):
    """The versions that a machine must share with the one that drives the sweep."""

    python: str
    torch: str
    gst: str


def findings() -> Findings:
    """The versions on this machine."""
    return Findings(platform.python_version(), torch.__version__, version_with_hash())


def _inspect(needs: Needs, proof: str | None) -> tuple[Findings, Path, str | None]:
    """The versions on the machine where this runs, the folder of gst there, and the problem, if there is one.

    Without the name of a proof only the versions are asked for.
    """
    if proof is None:
        return findings(), package(), None
    try:
        artifacts = artifacts_at(needs.artifacts)
        if not artifacts.exists(proof):
            return (
                findings(),
                package(),
                f"does not share the checkpoint folder {artifacts} (GST_ARTIFACT_DIR)",
            )
        for config, wanted in needs.datasets:
            found = facts(load_dataset(config, needs.data))
            if wanted not in (None, found.content_hash):
                there = f"{short(found.content_hash)} in {place_of(found, needs.data)}"
                return findings(), package(), f"has other data: {there}; this process has {short(wanted)}"
    except GstError as error:
        return findings(), package(), str(error)
    return findings(), package(), None


def _preflight(machines: Sequence[Machine], needs: Needs) -> None:
    problems = []
    with proof(artifacts_at(needs.artifacts)) if len(machines) > 1 else nullcontext() as name:
        inspect = ray.remote(num_cpus=0)(_inspect)
        answers = {}
        for machine in machines:
            there = NodeAffinitySchedulingStrategy(machine.node_id, soft=False)
            task = inspect.options(scheduling_strategy=there)
            answers[machine] = task.remote(needs, name)
        for machine, answer in answers.items():
            try:
                found, folder, problem = ray.get(answer, timeout=PREFLIGHT_SECONDS)
            except Exception as error:
                problems.append(f"{machine.host}: cannot run gst: {str(error).strip().splitlines()[-1]}")
                continue
            if found != findings():
                theirs, ours = f"{_versions(found)} in {folder}", f"{_versions(findings())} in {package()}"
                problems.append(f"{machine.host}: has {theirs}; this process has {ours}")
            if problem:
                problems.append(f"{machine.host}: {problem}")
    if problems:
        raise InputError("these machines cannot take part:\n  " + "\n  ".join(problems))


def _versions(findings: Findings) -> str:
    return ", ".join(f"{name} {version}" for name, version in findings._asdict().items())


@contextmanager
def _quiet(verbose: bool) -> Iterator[None]:
    """Keeps to itself what Ray prints, which is about trials and placement groups, not about runs."""
    if verbose:
        yield
        return
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        yield
