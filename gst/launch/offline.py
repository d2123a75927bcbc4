"""A sweep on a machine without a database: each run's records go into a file when it ends."""

from __future__ import annotations

import gc
import logging
import traceback
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, NamedTuple

import torch

from gst.config import RunSpec, SweepSpec, run_key
from gst.data import Dataset, load_dataset
from gst.errors import Diverged, InputError
from gst.launch.log import log_tail
from gst.launch.parts import Attempt, run_file, write_run, write_sweep
from gst.launch.provenance import facts, peak_memory, provenance
from gst.records import EpochRecords
from gst.training import start, train

DeviceName = Literal["cpu", "cuda"]

logger = logging.getLogger(__name__)


class Shard(NamedTuple):
    """One of several equal parts of a sweep, for as many processes; parts count from 1."""

    number: int
    of: int

    @classmethod
    def parse(cls, text: str) -> Shard:
        """The shard that `I/N` stands for. Raises InputError for anything else."""
        number, slash, of = text.partition("/")
        if slash and number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of):
            return cls(int(number), int(of))
        raise InputError(f"--shard {text!r}: expected I/N, such as 1/8 for the first of eight; I is 1 to N")


class Ended(NamedTuple):
    """A run that has just come to its end, and the file that it is in."""

    arm: str
    spec: RunSpec
    attempt: Attempt
    file: Path


class Offline(NamedTuple):
    """What is to be trained where: `data` is the data folder, `folder` the one that files go to."""

    sweep: SweepSpec
    folder: Path
    data: Path
    device: torch.device
    shard: Shard = Shard(1, 1)

    def runs(self) -> dict[str, tuple[str, RunSpec]]:
        """The shard's runs: arm and specification by key, every Nth of the file, so that shards are alike."""
        different: dict[str, tuple[str, RunSpec]] = {}
        for arm, spec in self.sweep.runs():
            different.setdefault(run_key(spec), (arm, spec))
        return dict(list(different.items())[self.shard.number - 1 :: self.shard.of])

    def remaining(self) -> int:
        """How many of them have no result in the folder; those that failed are tried again."""
        return sum(not run_file(self.folder, key).exists() for key in self.runs())


def chosen_device(sweep: SweepSpec, name: DeviceName | None) -> torch.device:
    """The device of that name, else the one that the sweep asks for, as far as it is here.

    Raises InputError where a GPU is named and torch finds none.
    """
    found = torch.cuda.is_available()
    if name == "cuda" and not found:
        raise InputError("--device cuda: torch finds no GPU here")
    return torch.device(name or ("cuda" if sweep.resources.gpus and found else "cpu"))


def train_all(offline: Offline, report: Callable[[Ended], None]) -> list[Ended]:
    """Train what remains, one run after another; those that failed.

    A run's file is written when it ends: whoever is killed loses the run in progress and no other.
    """
    offline.folder.mkdir(parents=True, exist_ok=True)
    write_sweep(offline.folder, offline.sweep, datetime.now(UTC))
    # Results on the CPU depend on the number of threads, so a run has the same number wherever it runs.
    torch.set_num_threads(max(1, round(offline.sweep.resources.cpus)))
    datasets: dict[tuple[str, str | None], Dataset] = {}
    failed = []
    for key, (arm, spec) in offline.runs().items():
        if run_file(offline.folder, key).exists():
            continue
        attempt = _attempt(offline, spec, datasets)
        ended = Ended(arm, spec, attempt, write_run(offline.folder, offline.sweep, attempt))
        report(ended)
        if attempt.status == "failed":
            failed.append(ended)
        _clear()
    return failed


def _attempt(offline: Offline, spec: RunSpec, datasets: dict[tuple[str, str | None], Dataset]) -> Attempt:
    device, resources = offline.device, offline.sweep.resources
    gpus = max(resources.gpus, 1.0) if device.type == "cuda" else 0.0
    where = replace(provenance(device), cpus=resources.cpus, gpus=gpus)
    began = datetime.now(UTC)
    status, trace = "completed", None
    records: list[EpochRecords] = []
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    with log_tail() as tail:
        try:
            name = (spec.config.data.name, spec.config.data.folder)
            if name not in datasets:
                datasets[name] = load_dataset(spec.config.data, offline.data)
            where = replace(where, dataset=facts(datasets[name]))
            for of_epoch in train(start(spec, datasets[name], device)):
                records.append(of_epoch)
                logger.info(
                    "epoch %d: test accuracy %.4f", of_epoch.epoch.epoch, of_epoch.epoch.test_accuracy
                )
        except Diverged as error:
            logger.info("%s", error)
            status = "diverged"
        except Exception:  # what is wrong with one run must not keep the others from training
            status, trace = "failed", traceback.format_exc()
    return Attempt(
        spec=spec,
        provenance=where,
        status=status,
        started=began,
        ended=datetime.now(UTC),
        records=tuple(records),
        peak_memory=peak_memory(device),
        traceback=trace,
        log_tail=None if trace is None else "\n".join(tail),
    )


def _clear() -> None:
    """Leave no memory of a run to the next."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
