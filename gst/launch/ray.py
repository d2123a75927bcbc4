"""The cluster that a sweep runs on: Ray is started or joined, and its machines can be asked.

Ray reads its settings when it is imported, so `gst.launch.environment.prepare` must come first.
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout, suppress
from typing import Any, NamedTuple

import ray
from ray.exceptions import GetTimeoutError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from gst.errors import GstError, InputError
from gst.launch.environment import LOCAL
from gst.launch.private_folder import private_folder
from gst.machine import usable_cpus

OBJECT_STORE_BYTES = 100 * 2**20
"""Nothing but keys and settings travels through Ray; its own default is 30% of the memory."""

ANSWER_SECONDS = 10
"""The time in which the address of a cluster takes a connection."""


class Machine(NamedTuple):
    """A node of the cluster and what it offers to runs."""

    node_id: str
    host: str
    cpus: float
    gpus: float


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
            yield machines_there()
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


def machines_there() -> tuple[Machine, ...]:
    """The nodes that are alive."""
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


def own_node() -> str | None:
    """The id of the node that this process is on, if it is connected to a cluster."""
    return ray.get_runtime_context().get_node_id() if ray.is_initialized() else None


def is_given_up(node_id: str | None) -> bool:
    """Whether the cluster has given up that node; no, where it does not answer."""
    with suppress(Exception):
        nodes = ray.nodes()  # type: ignore[no-untyped-call]
        return any(node["NodeID"] == node_id and not node["Alive"] for node in nodes)
    return False


def asked(
    machines: Sequence[Machine], question: Callable[..., Any], *arguments: object, seconds: float
) -> dict[Machine, Any]:
    """What the function answers on each machine, where it is called with those arguments.

    In the place of an answer is a GstError where it fails there, or does not answer within that many seconds.
    """
    ask = ray.remote(num_cpus=0)(question)
    tasks = {
        machine: ask.options(
            scheduling_strategy=NodeAffinitySchedulingStrategy(machine.node_id, soft=False)
        ).remote(*arguments)
        for machine in machines
    }
    ray.wait(list(tasks.values()), num_returns=len(tasks), timeout=seconds)
    return {machine: _answer(task, seconds) for machine, task in tasks.items()}


def _answer(task: Any, seconds: float) -> Any:
    try:
        return ray.get(task, timeout=0)
    except GetTimeoutError:
        ray.cancel(task, force=True)
        return GstError(f"no answer within {seconds:g} s")
    except Exception as error:
        return GstError(str(error).strip().splitlines()[-1])


@contextmanager
def _quiet(verbose: bool) -> Iterator[None]:
    """Keeps to itself what Ray prints, which is about trials and placement groups, not about runs."""
    if verbose:
        yield
        return
    with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
        yield
