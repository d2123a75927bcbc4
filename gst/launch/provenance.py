"""On which machine and with which software a trial runs."""

from __future__ import annotations

import os
import platform
import resource
import socket
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import NamedTuple

import torch

import gst
from gst.data import Dataset
from gst.store import DatasetFacts, Provenance

DRIVER = Path("/proc/driver/nvidia/version")


def provenance(device: torch.device) -> Provenance:
    """What the store keeps of an attempt that trains on that device, in this process."""
    on_gpu = device.type == "cuda"
    checkout = _checkout()
    return Provenance(
        host=socket.gethostname(),
        pid=os.getpid(),
        device=str(device),
        python=platform.python_version(),
        torch=torch.__version__,
        gst=gst.__version__,
        gpu=torch.cuda.get_device_name(device) if on_gpu else None,
        gpu_driver=_driver() if on_gpu else None,
        cuda=torch.version.cuda if on_gpu else None,
        git_commit=checkout.commit,
        git_dirty=checkout.dirty,
        deterministic=not on_gpu or torch.are_deterministic_algorithms_enabled(),
    )


def facts(dataset: Dataset) -> DatasetFacts:
    """What the store keeps of a data set."""
    return DatasetFacts(
        name=dataset.name,
        train=len(dataset.train.labels),
        test=len(dataset.test.labels),
        classes=dataset.classes,
        content_hash=dataset.content_hash,
        source=dataset.source,
    )


def peak_memory(device: torch.device) -> int:
    """Bytes at the most: of the trial on a GPU, else of the whole process since it began."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


class _Checkout(NamedTuple):
    commit: str | None
    dirty: bool | None


@cache
def _checkout() -> _Checkout:
    """The state of the git checkout that gst is imported from, as this process first saw it."""
    root = Path(gst.__file__).resolve().parent.parent
    if not (root / ".git").exists():
        return _Checkout(None, None)
    try:
        commit = _git(root, "rev-parse", "HEAD").strip()
        return _Checkout(commit, bool(_git(root, "status", "--porcelain", "--untracked-files=no")))
    except (OSError, subprocess.SubprocessError):  # no git here, or a checkout it does not trust
        return _Checkout(None, None)


def _git(root: Path, *arguments: str) -> str:
    command = ["git", "-C", str(root), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=10).stdout


def _driver() -> str | None:
    """The version of NVIDIA's driver, from the first line of what its kernel module tells."""
    try:
        words = DRIVER.read_text().splitlines()[0].split()
    except (OSError, IndexError):
        return None
    return next((word for word in words if word[0].isdigit()), None)
