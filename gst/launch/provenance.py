"""On which machine and with which software a trial runs."""

from __future__ import annotations

import os
import platform
import resource
import socket
import sys
from pathlib import Path
from typing import Any

import torch

from gst.data import Dataset
from gst.launch.checkout import checkout_of_gst, version_with_hash
from gst.launch.gpu import gpu_of
from gst.records import DatasetFacts, Provenance
from gst.training.checkpoint import NUMERICS

DRIVER = Path("/proc/driver/nvidia/version")


def provenance(device: torch.device) -> Provenance:
    """The provenance of an attempt that trains on that device, in this process."""
    on_gpu = device.type == "cuda"
    checkout = checkout_of_gst()
    return Provenance(
        host=socket.gethostname(),
        pid=os.getpid(),
        device=str(device),
        python=platform.python_version(),
        torch=torch.__version__,
        gst=version_with_hash(),
        git_commit=checkout.commit,
        git_dirty=checkout.dirty,
        deterministic=not on_gpu or torch.are_deterministic_algorithms_enabled(),
        numerics=NUMERICS[device.type],
        **(_gpu(device) if on_gpu else {}),
    )


def facts(dataset: Dataset) -> DatasetFacts:
    """The facts about a data set that the store keeps."""
    return DatasetFacts(
        name=dataset.name,
        train=len(dataset.train.labels),
        test=len(dataset.test.labels),
        classes=dataset.classes,
        content_hash=dataset.content_hash,
        source=dataset.source,
    )


def place_of(dataset: DatasetFacts, data: Path) -> str:
    """Where a data set lies: a path within the data folder, or the words of its source."""
    path = data / dataset.source
    return str(path) if path.exists() else dataset.source


def peak_memory(device: torch.device) -> int:
    """Bytes at the most: of the trial on a GPU, else of the whole process since it began."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _gpu(device: torch.device) -> dict[str, Any]:
    """The card, its driver with the newest CUDA that this serves, and the CUDA that torch was built with."""
    found = gpu_of(device)
    name = torch.cuda.get_device_name(device) if found is None else found.name
    driver = _driver() if found is None else f"{found.driver}, CUDA {found.cuda}"
    return {"gpu": name, "gpu_driver": driver, "cuda": torch.version.cuda}


def _driver() -> str | None:
    """The version of NVIDIA's driver, from the first line of what its kernel module tells."""
    try:
        words = DRIVER.read_text().splitlines()[0].split()
    except (OSError, IndexError):
        return None
    return next((word for word in words if word[0].isdigit()), None)
