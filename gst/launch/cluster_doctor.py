"""The checks of `gst doctor` on every node of a running cluster, in one table."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from gst.config.execution import Resources
from gst.data import data_sets_in
from gst.errors import GstError
from gst.launch.artifacts import artifacts_at, proof
from gst.launch.doctor import Finding, Status
from gst.launch.preflight import Admission, Needs, misfit, refused_store, versions
from gst.launch.ray import Machine, asked

NODE_SECONDS = 180
"""How long a node may take for all of its checks; several do them at once."""

DOCTOR_SECONDS = 120
"""How long `gst doctor` may take there."""

TAKES_PART = "takes part"
"""The check that a node has the software of the driver, shares its artifacts, and can write its store."""


class NodeFinding(NamedTuple):
    """A finding, and the node that it is about."""

    node: str
    check: str
    status: Status
    found: str
    remedy: str = ""


def examined(machines: Sequence[Machine], url: str, artifacts: Path | str, data: Path) -> list[NodeFinding]:
    """The findings on each node, for a sweep that this machine would drive with that store and those folders.

    A small file is among the artifacts meanwhile. Raises InputError where it cannot be written.
    """
    environment = {"GST_DB_URL": url, "GST_ARTIFACT_DIR": str(artifacts), "GST_DATA_DIR": str(data)}
    here = [it.label for it in data_sets_in(data) if it.stored is not None]
    hosts = Counter(machine.host for machine in machines)
    with _no_folder_left(artifacts), proof(artifacts_at(artifacts)) as name:
        asking = Admission(Needs(Resources(), url, artifacts, data, ()), versions(), name)
        answers = asked(
            machines, node_findings, asking, environment, here, len(machines) > 1, seconds=NODE_SECONDS
        )
    found = []
    for machine, answer in answers.items():
        node = machine.host if hosts[machine.host] == 1 else f"{machine.host} {machine.node_id[:6]}"
        if isinstance(answer, GstError):
            remedy = "see that the node is up, and that the same Python and gst are installed there"
            answer = [Finding(TAKES_PART, "fail", f"cannot run gst: {answer}", remedy)]
        found += [NodeFinding(node, *it) for it in answer]
    return found


@contextmanager
def _no_folder_left(place: Path | str) -> Iterator[None]:
    """Removes the folders that were made in the context to have that one, unless something is in them."""
    above = (place, *place.parents) if isinstance(place, Path) else ()
    made = [folder for folder in above if not folder.exists()]
    try:
        yield
    finally:
        for folder in made:
            with suppress(OSError):
                folder.rmdir()


def node_findings(
    asking: Admission, environment: Mapping[str, str], data_sets: Sequence[str], several: bool
) -> list[Finding]:
    """The findings on the node where this runs, in a process of their own: this one may not see the GPUs."""
    problem = (refused_store(asking.needs.url) if several else None) or misfit(asking)
    there = {it.label for it in data_sets_in(asking.needs.data) if it.stored is not None}
    lacking = [label for label in data_sets if label not in there]
    found = [Finding(TAKES_PART, "fail" if problem else "ok", problem or "as the driver")]
    if lacking:
        remedy = f"on the node: gst data fetch {' '.join(it.removeprefix('folder:') for it in lacking)}"
        found.append(Finding("data sets", "fail", f"lacks {', '.join(lacking)}", remedy))
    variables = {**os.environ, **environment}
    if not variables.get("CUDA_VISIBLE_DEVICES", "all"):  # some Rays hide GPUs from who asks for none
        del variables["CUDA_VISIBLE_DEVICES"]
    command = [sys.executable, "-P", "-c", "from gst.cli import main; main()", "doctor", "--format", "json"]
    try:
        done = subprocess.run(
            command, env=variables, capture_output=True, text=True, check=False, timeout=DOCTOR_SECONDS
        )
    except subprocess.TimeoutExpired:
        slow = f"gst doctor did not end there within {DOCTOR_SECONDS:g} s"
        return [*found, Finding("doctor", "fail", slow, "run it on the node, and see where it waits")]
    try:
        rows = json.loads(done.stdout)
    except ValueError:
        last = (done.stderr.strip().splitlines() or ["it says nothing"])[-1]
        return [*found, Finding("doctor", "fail", f"gst doctor does not run there: {last}")]
    return [*found, *(Finding(**row) for row in rows)]
