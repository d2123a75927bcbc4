"""Whether the machines of a cluster can take part in a sweep: those there at first, and those that join."""

from __future__ import annotations

import pickle
import platform
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import NamedTuple

import torch

from gst.config import DataConfig
from gst.config.execution import Resources
from gst.data import load_dataset
from gst.errors import GstError, InputError
from gst.launch.artifacts import artifacts_at, proof
from gst.launch.checkout import other_gst, package, version_with_hash
from gst.launch.provenance import facts, place_of
from gst.launch.ray import Machine, asked
from gst.words import short

PREFLIGHT_SECONDS = 120
"""How long a machine may take to answer."""


class Needs(NamedTuple):
    """The needs of a sweep on each machine that takes part in it.

    With each data set comes the hash of its content where the sweep is driven, or None if any will do.
    """

    resources: Resources
    url: str
    artifacts: str | Path
    data: Path
    datasets: tuple[tuple[DataConfig, str | None], ...]


class Versions(NamedTuple):
    """The versions that a machine must share with the one that drives the sweep, and its folder of gst."""

    python: str
    torch: str
    gst: str
    folder: Path

    def __str__(self) -> str:
        """As in a message."""
        *versions, (_, folder) = self._asdict().items()
        return f"{', '.join(f'{name} {version}' for name, version in versions)} in {folder}"


def versions() -> Versions:
    """The versions on this machine."""
    return Versions(platform.python_version(), torch.__version__, version_with_hash(), package())


class Admission(NamedTuple):
    """What a sweep asks of machines: the same on each of them, and sent there.

    `proof` is the name of a file among the artifacts as long as the sweep lasts; None where there is one
    machine and no other can join. `nodes` have been asked already.
    """

    needs: Needs
    driver: Versions
    proof: str | None
    nodes: frozenset[str] = frozenset()


@contextmanager
def admission(machines: Sequence[Machine], needs: Needs, *, joinable: bool) -> Iterator[Admission]:
    """What is asked of machines that join during the context, once all that are there have answered well.

    Raises InputError for resources that no machine has, for a machine whose software or data differ from
    those of this process, and, where there are several machines, for a store that only one can write.
    """
    _refuse_resources(machines, needs)
    if len(machines) > 1 and needs.url.startswith("sqlite"):
        raise InputError(
            f"{needs.url}: an SQLite file can be written from one machine only, and this cluster has "
            f"{len(machines)}; use Postgres: --db postgresql://user@host/database, or GST_DB_URL"
        )
    nodes = frozenset(machine.node_id for machine in machines)
    if len(machines) == 1 and not joinable:  # it is the one that drives the sweep
        _refuse_misfits(machines, other_gst, version_with_hash(), package())  # its workers may find another
        yield Admission(needs, versions(), None, nodes)
        return
    with proof(artifacts_at(needs.artifacts)) as name:
        made = Admission(needs, versions(), name, nodes)
        _refuse_misfits(machines, misfit, made)
        yield made


def _refuse_resources(machines: Sequence[Machine], needs: Needs) -> None:
    if not any(_is_large_enough(machine, needs.resources) for machine in machines):
        offers = ", ".join(f"{m.host} ({m.cpus:g} CPUs, {m.gpus:g} GPUs)" for m in machines)
        raise InputError(
            f"one run asks for {_in_words(needs.resources)}, and no machine has that: "
            f"{offers or 'there is none'}. Ask for less (resources in the sweep file, or --cpus-per-run "
            "and --gpus-per-run), or offer more "
            "(--cpus and --gpus, where gst starts Ray itself)"
        )


def _is_large_enough(machine: Machine, run: Resources) -> bool:
    return machine.cpus >= run.cpus and machine.gpus >= run.gpus


def _in_words(run: Resources) -> str:
    return f"{run.cpus:g} CPUs and {run.gpus:g} GPUs"


def none_fits(machines: Sequence[Machine], run: Resources, misfits: Mapping[str, str]) -> str | None:
    """Why none of these machines can train such a run; None where one may, or none is known to be a misfit.

    `misfits` says by the id of a node why it cannot.
    """
    if not any(machine.node_id in misfits for machine in machines):
        return None  # others may be on their way
    too_small = f"has less than the {_in_words(run)} that one run asks for"
    reasons = {
        machine: misfits.get(machine.node_id) or (None if _is_large_enough(machine, run) else too_small)
        for machine in machines
    }
    if None in reasons.values():
        return None
    lines = "\n  ".join(f"{machine.host}: {reason}" for machine, reason in reasons.items())
    return f"no machine is left that can take part:\n  {lines}"


def _refuse_misfits(
    machines: Sequence[Machine], question: Callable[..., str | None], *arguments: object
) -> None:
    answers = asked(machines, question, *arguments, seconds=PREFLIGHT_SECONDS)
    problems = [
        f"{machine.host}: {f'cannot run gst: {answer}' if isinstance(answer, GstError) else answer}"
        for machine, answer in answers.items()
        if answer is not None
    ]
    if problems:
        raise InputError("these machines cannot take part:\n  " + "\n  ".join(problems))


@cache  # a process trains many runs
def joiner_misfit(admission: bytes) -> str | None:
    """Why the machine where this runs, which joined later, cannot take part; the admission is pickled."""
    asked: Admission = pickle.loads(admission)
    return refused_store(asked.needs.url) or misfit(asked)


def refused_store(url: str) -> str | None:
    """Why a machine that does not drive the sweep cannot write to the store, if it cannot."""
    if not url.startswith("sqlite"):
        return None
    return f"cannot write the store {url}, an SQLite file of another machine; use Postgres"


def misfit(admission: Admission) -> str | None:
    """Why the machine where this runs cannot take part in the sweep, if it cannot."""
    found, needs = versions(), admission.needs
    if found[:3] != admission.driver[:3]:
        return f"has {found}; this process has {admission.driver}"
    if admission.proof is None:  # it is the machine that drives the sweep
        return None
    try:
        artifacts = artifacts_at(needs.artifacts)
        if not artifacts.exists(admission.proof):
            return f"does not share the checkpoint folder {artifacts} (GST_ARTIFACT_DIR)"
        for config, wanted in needs.datasets:
            data = facts(load_dataset(config, needs.data))
            if wanted not in (None, data.content_hash):
                there = f"{short(data.content_hash)} in {place_of(data, needs.data)}"
                return f"has other data: {there}; this process has {short(wanted)}"
    except GstError as error:
        return str(error)
    return None
