"""A sweep on a machine without a database: each run's records go into a file when it ends."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import Literal, NamedTuple

import torch

from gst.config import RunSpec, SweepRun, SweepSpec, run_key
from gst.config.key import older_key
from gst.config.measure import Measurements
from gst.data import Dataset, load_dataset
from gst.errors import InputError
from gst.launch.attempt import Ending, Machine, attempt
from gst.launch.log import log_tail
from gst.launch.provenance import provenance
from gst.launch.run_archives import Attempt, run_file, write_run, write_sweep
from gst.launch.sampling import Sampling
from gst.records import DatasetFacts, EpochRecords
from gst.training import El2nEpoch, State, trunk_again

DeviceName = Literal["cpu", "cuda"]


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
    """A sweep to train without a store: `data` is the data folder, `folder` the one that files go to."""

    sweep: SweepSpec
    folder: Path
    data: Path
    device: torch.device
    shard: Shard = Shard(1, 1)

    def runs(self) -> dict[str, list[SweepRun]]:
        """The shard's runs and their arms, by key: every Nth of the file, so that shards are alike."""
        different: dict[str, list[SweepRun]] = {}
        for run in self.sweep.runs():
            different.setdefault(run_key(run.spec), []).append(run)
        return dict(list(different.items())[self.shard.number - 1 :: self.shard.of])

    def remaining(self) -> int:
        """Number of runs without a result in the folder; those that failed are tried again."""
        return sum(not self.is_done(key, of_arms) for key, of_arms in self.runs().items())

    def is_done(self, key: str, of_arms: Sequence[SweepRun]) -> bool:
        """Whether the run has a result in the folder, maybe under a key that it had before."""
        keys = {key, *(older_key(it.spec) for it in of_arms)}
        return any(run_file(self.folder, it).exists() for it in keys)


def chosen_device(sweep: SweepSpec, name: DeviceName | None) -> torch.device:
    """The device of that name, else the one that the sweep asks for, as far as it is here.

    Raises InputError where a GPU is named and torch finds none.
    """
    found = torch.cuda.is_available()
    if name == "cuda" and not found:
        raise InputError("--device cuda: torch finds no GPU here")
    return torch.device(name or ("cuda" if sweep.resources.gpus and found else "cpu"))


def refuse_unwritable(folder: Path) -> None:
    """Make the folder if need be. Raises InputError where files cannot be made in it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder) as file:
            file.write(b"gst was here")
    except (FileExistsError, NotADirectoryError):
        raise InputError(f"{folder}: is a file or lies in one, expected a folder") from None
    except OSError as error:
        raise InputError(f"{folder}: cannot be written: {error.strerror}; -o names another folder") from None


def train_all(offline: Offline, report: Callable[[Ended], None]) -> list[Ended]:
    """Train what remains, one run after another; those that failed.

    A run's file is written when it ends: whoever is killed loses the run in progress and no other.
    Raises InputError where it cannot be written, and DataError for what cannot be read.
    """
    for arm, config, _ in offline.sweep.configs:
        if config.chooser is not None:
            raise InputError(offline.sweep.misfit(arm, "data.leave_out.arm: needs a store: use gst sweep"))
    write_sweep(offline.folder, offline.sweep, datetime.now(UTC))
    datasets: dict[str, Dataset] = {}
    failed = []
    for key, of_arms in offline.runs().items():
        if offline.is_done(key, of_arms):
            continue
        ended = _trained(offline, of_arms, datasets)
        report(ended)
        if ended.attempt.status == "failed":
            failed.append(ended)
    return failed


def _trained(offline: Offline, of_arms: Sequence[SweepRun], datasets: dict[str, Dataset]) -> Ended:
    arm, spec = of_arms[0]

    def dataset() -> Dataset:
        data = spec.config.data
        if data.label not in datasets:
            datasets[data.label] = load_dataset(data, offline.data)
        return datasets[data.label]

    resources, on_gpu = offline.sweep.resources, offline.device.type == "cuda"
    machine = Machine(offline.device, resources.cpus, max(resources.gpus, 1.0) if on_gpu else 0.0)
    asked = Measurements.of(it.spec.config.measure for it in of_arms)
    sink = ArchiveSink(offline, spec, asked, machine)
    with log_tail() as tail:
        attempt(sink, machine, dataset, tail)
    assert sink.written is not None
    return Ended(arm, spec, *sink.written)


class ArchiveSink:
    """A run's records wait in memory until it ends, and become one file (see gst.launch.attempt.Sink)."""

    def __init__(self, offline: Offline, spec: RunSpec, measurements: Measurements, machine: Machine) -> None:
        self.spec = spec
        self.measurements = measurements
        self.written: tuple[Attempt, Path] | None = None
        self._offline = offline
        self._provenance = replace(provenance(machine.device), cpus=machine.cpus, gpus=machine.gpus)
        self._started, self._began = datetime.now(UTC), time.monotonic()
        self._records: list[EpochRecords] = []
        self._el2n_seconds = 0.0
        self._sampling = Sampling(machine.device)

    def not_the_runs_fault(self, error: Exception) -> bool:
        """No error is anyone else's: there is no store."""
        return False

    def uses(self, dataset: DatasetFacts) -> None:
        """Note the data set."""
        self._provenance = replace(self._provenance, dataset=dataset)

    def resume(self, begin: Callable[[], State]) -> State:
        """Begin with the first epoch: an attempt without a store leaves no checkpoint."""
        return begin()

    def left_out(self, device: torch.device) -> None:
        """Nothing: a sweep in which one run chooses for another is refused."""

    def trunk(self, dataset: Dataset, device: torch.device) -> State:
        """The trunk's state, trained again: without a store there is none to go on from."""
        return trunk_again(self.spec, dataset, device)

    def watching(self) -> Sampling:
        """Sample the machine; nobody else can take the run."""
        return self._sampling

    def scored(self, done: El2nEpoch, state: State) -> None:
        """Add up the time."""
        self._el2n_seconds += done.seconds

    def write(self, records: EpochRecords, state: State) -> None:
        """Keep the epoch, without files of single examples: those are kept beside a store."""
        self._records.append(replace(records, each_example=()))

    def end(self, ending: Ending) -> None:
        """Write the file, unless the run was interrupted: then it is trained again."""
        if ending.status == "interrupted":
            return
        ended = Attempt(
            spec=self.spec,
            provenance=self._provenance,
            started=self._started,
            seconds=time.monotonic() - self._began,
            records=tuple(self._records),
            el2n_seconds=self._el2n_seconds,
            samples=self._sampling.samples(),
            **ending._asdict(),
        )
        self.written = ended, write_run(self._offline.folder, self._offline.sweep, ended)
