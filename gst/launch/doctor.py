"""Checks of a machine, one for each need of gst; each has a remedy for the fault that it finds."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Callable, Iterable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Literal, NamedTuple

from gst.errors import GstError
from gst.words import short

# Heavy libraries are imported by the checks that ask for them: one that is broken is a finding.

Status = Literal["ok", "warn", "fail"]

GIGABYTE = 10**9
LITTLE_SPACE, NO_SPACE = 5 * GIGABYTE, GIGABYTE // 2
LITTLE_MEMORY = 2 * GIGABYTE
"""A worker with torch needs half a gigabyte, and several work at once."""
NOT_CHECKED = "not checked"
"""The beginning of a finding that there is none: a check that could not be made is not ok."""
OWN_ROW = ("torch", "torchvision", "ray")
"""Packages that have a check of their own."""


class Finding(NamedTuple):
    """The result of one check, and the remedy where something is wrong."""

    check: str
    status: Status
    found: str
    remedy: str = ""


Check = Callable[[], Iterable[Finding]]


def findings(name: str, check: Check) -> tuple[Finding, ...]:
    """The findings of a check; a check that raises becomes a finding of that name."""
    try:
        return tuple(check())
    except GstError as error:
        return (Finding(name, "fail", str(error)),)
    except Exception as error:
        return (Finding(name, "fail", f"{NOT_CHECKED}: {type(error).__name__}: {error}"),)


def python() -> Iterator[Finding]:
    """Whether gst can run on this Python."""
    from packaging.specifiers import SpecifierSet

    version, wanted = platform.python_version(), metadata.metadata("gst")["Requires-Python"]
    fits = SpecifierSet(wanted).contains(version, prereleases=True)
    remedy = f"make an environment with a Python {wanted}: make PYTHON=/path/to/python"
    yield Finding("Python", "ok" if fits else "fail", version, "" if fits else remedy)


def installation() -> Iterator[Finding]:
    """Which gst this is."""
    from gst.launch.checkout import checkout_of_gst, package

    version, (commit, dirty), root = metadata.version("gst"), checkout_of_gst(), package().parent
    if commit is None and (root / ".git").exists():
        remedy = f"install git, or let it trust the folder: git config --global --add safe.directory {root}"
        yield Finding("gst", "warn", f"{version}, commit {NOT_CHECKED}: git does not tell it", remedy)
    elif commit is None:
        yield Finding("gst", "ok", f"{version}, not a git checkout")
    elif dirty:
        remedy = "commit what you changed before you train what others shall repeat"
        yield Finding("gst", "warn", f"{version}, commit {short(commit)} with changed files", remedy)
    else:
        yield Finding("gst", "ok", f"{version}, commit {short(commit)}")


def packages() -> Iterator[Finding]:
    """Whether everything that gst imports is there, in a version that it knows."""
    requirements = list(_requirements("gst"))
    if not requirements:
        missing = f"{NOT_CHECKED}: the metadata of the package gst are not there, which name them"
        yield Finding("packages", "warn", missing, 'install it: pip install -c docker/constraints.txt -e "."')
        return
    wrong = [it for it in map(_misfit, requirements) if it is not None]
    others = [text for name, text in wrong if name not in OWN_ROW]
    remedy = 'in the environment: pip install -c docker/constraints.txt -e "."'
    yield Finding(
        "packages", "fail" if others else "ok", "; ".join(others) or "all there", remedy if others else ""
    )
    for _, text in (it for it in wrong if it[0] == "ray"):
        yield Finding("Ray", "fail", text, 'pip install "ray[tune]" in that version')
    if not any(name == "ray" for name, _ in wrong):
        yield Finding("Ray", "ok", metadata.version("ray"))


def torch_pair() -> Iterator[Finding]:
    """Whether torch and torchvision are there, belong together, and can be imported."""
    wrong = [text for name, text in filter(None, map(_misfit, _requirements("gst"))) if name in OWN_ROW[:2]]
    pair = [] if wrong else filter(None, map(_misfit, _requirements("torchvision")))
    wrong += [f"torchvision needs another: {text}" for name, text in pair if name == "torch"]
    remedy = "install a pair that was released together, as pytorch.org lists them"
    if not wrong:
        try:
            import torch
            from torch import nn

            nn.Linear(2, 2)(torch.ones(2))
            __import__("torchvision")  # only gst.data and gst.models use it; a wrong one fails here
        except Exception as error:
            wrong = [f"cannot be imported: {type(error).__name__}: {error}"]
    if wrong:
        yield Finding("torch", "fail", "; ".join(wrong), remedy)
        return
    built = f"CUDA {torch.version.cuda}" if torch.version.cuda else "CPU only"
    yield Finding(
        "torch", "ok", f"{torch.__version__} ({built}), torchvision {metadata.version('torchvision')}"
    )


def gpu() -> Iterator[Finding]:
    """The GPUs, and whether torch can use them."""
    import torch

    from gst.launch.gpu import gpus, problem

    found, silent = gpus(), problem()
    usable = torch.cuda.device_count() if torch.cuda.is_available() else 0
    for number, card in enumerate(found):
        memory = f"{card.free / GIGABYTE:.0f} of {card.memory / GIGABYTE:.0f} GB free"
        yield Finding(f"GPU {number}", "ok", f"{card.name}, {memory}, driver {card.driver}, CUDA {card.cuda}")
    if found and not usable:
        yield Finding(
            "GPU", "warn", "torch finds none of them: runs train on the CPU", _why_no_gpu(found[0].cuda)
        )
    elif not found and usable:
        yield Finding(
            "GPU", "ok", f"{usable}, the first is {torch.cuda.get_device_name(0)}; NVML does not answer"
        )
    elif silent is not None:
        remedy = "restart the machine after an update of the driver; `nvidia-smi` shows whether it works"
        yield Finding(
            "GPU", "warn", f"{NOT_CHECKED}: NVML does not answer ({silent}); torch finds none", remedy
        )
    elif not found:
        yield Finding("GPU", "ok", "none: runs train on the CPU")


def training_step() -> Iterator[Finding]:
    """Whether each GPU that torch can use, or else the CPU, trains a small network for a step."""
    import time

    import torch

    usable = torch.cuda.device_count() if torch.cuda.is_available() else 0
    for name in [f"cuda:{number}" for number in range(usable)] or ["cpu"]:
        try:
            began = time.monotonic()
            _step(name)
            milliseconds = 1000 * (time.monotonic() - began)
            yield Finding(f"step on {name}", "ok", f"{milliseconds:.0f} ms, the first one")
        except RuntimeError as error:  # torch's own of CUDA are such, and many lines long
            told = str(error).strip().partition("\n")[0]
            remedy = "see `nvidia-smi`: another process may have its memory, or the driver must be restarted"
            yield Finding(f"step on {name}", "fail", f"{type(error).__name__}: {told}", remedy)


def _step(device: str) -> None:
    """Train a small network for a step there."""
    import torch
    from torch import nn

    layers = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(288, 2)).to(device)
    optimizer = torch.optim.SGD(layers.parameters(), lr=0.1)
    images, labels = torch.ones(4, 3, 8, 8, device=device), torch.zeros(4, dtype=torch.long, device=device)
    loss = nn.functional.cross_entropy(layers(images), labels)
    torch.autograd.backward(loss)
    optimizer.step()
    if not torch.isfinite(loss).item():
        raise RuntimeError(f"a loss of {loss.item()}")


def memory() -> Iterator[Finding]:
    """How much memory is free."""
    try:
        told = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text().splitlines())
        free, total = (int(told[name].split()[0]) * 1024 for name in ("MemAvailable", "MemTotal"))
    except (OSError, KeyError, ValueError):  # not Linux
        yield Finding("memory", "ok", f"{NOT_CHECKED} on this system")
        return
    little = free < LITTLE_MEMORY
    remedy = "end other programs, or train fewer runs at once: --max-concurrent" if little else ""
    said = f"{free / GIGABYTE:.1f} of {total / GIGABYTE:.1f} GB free"
    yield Finding("memory", "warn" if little else "ok", said, remedy)


def ray_starts() -> Iterator[Finding]:
    """Whether a Ray of this machine alone comes up."""
    import time

    from gst.launch.environment import LOCAL, prepare

    prepare(LOCAL)
    from gst.launch import ray

    began = time.monotonic()
    with ray.cluster(LOCAL, cpus=1) as machines:
        took = time.monotonic() - began
        yield Finding("Ray starts", "ok", f"in {took:.1f} s, {len(machines)} machine")


def browser() -> Iterator[Finding]:
    """Whether figures can be written as pictures."""
    from choreographer.browsers.chromium import Chromium

    path = Chromium.find_browser(skip_local=False)
    if path:
        yield Finding("browser", "ok", f"{path}: draws .png, .svg and .pdf")
        return
    remedy = "install Chrome or Chromium (plotly_get_chrome does), or set BROWSER_PATH to one"
    yield Finding("browser", "warn", "none: figures can be .html, .json and .csv, but no pictures", remedy)


def space(places: dict[str, Path]) -> Iterator[Finding]:
    """Free space on each disk that holds one of these folders, which need not exist yet."""
    disks: dict[int, tuple[int, list[str]]] = {}
    for name, path in places.items():
        try:
            folder = existing(path)
            free = shutil.disk_usage(folder).free
            disks.setdefault(folder.stat().st_dev, (free, []))[1].append(name)
        except OSError as error:
            yield Finding("disk", "warn", f"{NOT_CHECKED} for {name}: {error}")
    for free, names in disks.values():
        status: Status = "fail" if free < NO_SPACE else "warn" if free < LITTLE_SPACE else "ok"
        remedy = (
            "" if status == "ok" else "make room, or name another place: --db, GST_ARTIFACT_DIR, GST_DATA_DIR"
        )
        yield Finding("disk", status, f"{free / GIGABYTE:.1f} GB free for {', '.join(names)}", remedy)


def existing(path: Path) -> Path:
    """The folder, or the nearest one above it that exists."""
    return next(folder for folder in (path, *path.absolute().parents) if folder.is_dir())


def _why_no_gpu(newest: str) -> str:
    import torch

    if "CUDA_VISIBLE_DEVICES" in os.environ:
        return f"CUDA_VISIBLE_DEVICES is {os.environ['CUDA_VISIBLE_DEVICES']!r}: set it to the GPUs to use"
    if torch.version.cuda is None:
        return "this torch was built for the CPU: install one for CUDA, as pytorch.org describes"
    return f"this torch needs CUDA {torch.version.cuda}, the driver serves up to {newest}: renew the driver"


def _requirements(package: str) -> Iterator[str]:
    """The requirements of an installed package here, without its extras; none, if it is not installed."""
    from packaging.requirements import Requirement

    try:
        listed = metadata.requires(package) or []
    except metadata.PackageNotFoundError:
        return
    for text in listed:
        marker = Requirement(text).marker
        if marker is None or marker.evaluate({"extra": ""}):
            yield text


def _misfit(requirement: str) -> tuple[str, str] | None:
    """The package's name and what is wrong with it, if anything is."""
    from packaging.requirements import Requirement

    wanted = Requirement(requirement)
    try:
        version = metadata.version(wanted.name)
    except metadata.PackageNotFoundError:
        return wanted.name, f"{wanted.name} is not installed"
    if wanted.specifier.contains(version, prereleases=True):
        return None
    return wanted.name, f"{wanted.name} is {version}, and has to be {wanted.specifier}"
