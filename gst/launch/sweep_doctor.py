"""Checks of one sweep on this machine: its data, and what a run asks for."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from gst.config import SweepSpec
from gst.launch.doctor import Finding
from gst.machine import usable_cpus


def images(sweep: SweepSpec, found: Collection[str], folder: Path) -> Iterator[Finding]:
    """Whether the data sets are here; `found` are the labels of those that are, and that fit the runs."""
    for label in dict.fromkeys(it.config.data.label for it in sweep.configs):
        if label in found:
            yield Finding("sweep's data", "ok", f"{label}: is here, and fits the runs")
        elif label == "imagenet":
            remedy = (
                "put it there, with train/ and val/, or fetch it from a place that has it: gst data fetch"
            )
            yield Finding("sweep's data", "fail", f"{label}: is not in {folder}", remedy)
        else:
            remedy = f"`gst sweep` downloads it, and so does: gst data fetch {label}"
            yield Finding("sweep's data", "warn", f"{label}: is not in {folder}", remedy)


def resources(sweep: SweepSpec, *, has_gpu: bool) -> Iterator[Finding]:
    """Whether this machine has what one run asks for."""
    asked, cpus = sweep.resources, usable_cpus()
    found = f"a run asks for {asked.cpus:g} CPUs and {asked.gpus:g} GPUs"
    if asked.cpus > cpus:
        remedy = (
            "ask for less (resources in the sweep file, or --cpus-per-run), or join a cluster (--address)"
        )
        yield Finding("sweep's resources", "fail", f"{found}; this machine has {cpus} CPUs", remedy)
    elif asked.gpus and not has_gpu:
        yield Finding("sweep's resources", "warn", f"{found}; none is here", "runs train on the CPU then")
    else:
        yield Finding("sweep's resources", "ok", found)
