"""Checkpoints and files of single examples that no run needs any more, and why."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from gst.errors import InputError
from gst.launch.artifacts import Artifacts, StoredFile, proof
from gst.store import Filter, RunState, Store, run_states, silent_runs
from gst.store.checkpoint import EXAMPLES, NAME

TEMPORARY = re.compile(r"(?P<key>[0-9a-f]{64})/\.(\d+--?\d+\.pt|examples-\d+-[0-9a-f]{16}\.parquet)\.\d+")
"""A file of a run that was being written when its process was killed."""

PROOF = re.compile(r"\.proof-[0-9a-f]{8}")
"""The driver's file by which nodes check that they share the artifacts; removed when the driver ends."""


class Garbage(NamedTuple):
    """A file that can go."""

    file: str
    size: int  # in bytes
    reason: str


class Findings(NamedTuple):
    """The files that can go, and the number of files that stay though no run needs them."""

    garbage: tuple[Garbage, ...]
    unknown: int  # of no form that gst writes
    young: int  # may belong to an attempt that runs
    foreign: int  # of runs that this store does not know, and another may


class _File(NamedTuple):
    stored: StoredFile
    key: str
    temporary: bool


def find(
    artifacts: Artifacts,
    store: Store,
    *,
    older: timedelta,
    sweep_id: int | None = None,
    foreign: bool = False,
) -> Findings:
    """The checkpoint files that no run of the store needs, of that sweep or of all.

    Files that are not `older` are left alone: an attempt may have written them a moment ago
    and not told the store yet. `foreign` counts files of runs that the store does not know as garbage;
    of a sweep's files there are none. Proofs of drivers that were killed are garbage once nobody trains a run
    of the store.
    """
    # Files first: what a run needs by then is known by the time when the store is asked.
    recognised: dict[str, list[_File]] = {}
    proofs: list[StoredFile] = []
    unknown = 0
    for stored in artifacts.files():
        file = _recognised(stored)
        if PROOF.fullmatch(stored.name):
            proofs.append(stored)
        elif file is None:
            unknown += 1
        else:
            recognised.setdefault(file.key, []).append(file)
    runs = {it.key: it for it in run_states(store, sweep_id)}
    kept = store.checkpoints()
    outside = {key for key in recognised if key not in runs}
    superfluous = [
        (file.stored, reason)
        for key, files in recognised.items()
        if key not in outside or (sweep_id is None and foreign)
        for file, reason in _superfluous(files, runs.get(key), kept)
    ]
    alone = sweep_id is None and (foreign or not outside)  # another store's driver may live
    if alone and not _someone_trains(store, runs.values()):
        superfluous += [(it, "left by the driver of a sweep") for it in proofs]
    moment = _present(artifacts) if superfluous else datetime.now(UTC)
    garbage: list[Garbage] = []
    young = 0
    for stored, reason in superfluous:
        if stored.written is None or moment - stored.written < older:
            young += 1
        else:
            garbage.append(Garbage(stored.name, stored.size, reason))
    others = 0 if sweep_id is not None or foreign else sum(len(recognised[key]) for key in outside)
    return Findings(tuple(garbage), unknown, young, others)


def of_runs(artifacts: Artifacts, keys: Iterable[str]) -> tuple[Garbage, ...]:
    """The checkpoint files of those runs, which are removed."""
    chosen = frozenset(keys)
    found = (_recognised(it) for it in artifacts.files()) if chosen else ()
    return tuple(
        Garbage(it.stored.name, it.stored.size, "the run is removed")
        for it in found
        if it is not None and it.key in chosen
    )


def _someone_trains(store: Store, states: Iterable[RunState]) -> bool:
    silent = silent_runs(store, Filter())
    return sum(it.status == "running" for it in states) > (silent.runs if silent else 0)


def remove(artifacts: Artifacts, garbage: Garbage) -> None:
    """Remove the file, and its run's folder with the last of them."""
    artifacts.remove(garbage.file)
    artifacts.tidy(garbage.file.partition("/")[0])


def _present(artifacts: Artifacts) -> datetime:
    """The present moment of the place, whose clock may be another than this machine's: a new file's time."""
    with suppress(InputError), proof(artifacts) as name:  # none can be written there
        written = next((it.written for it in artifacts.files() if it.name == name), None)
        if written is not None:
            return written
    return datetime.now(UTC)


def _recognised(stored: StoredFile) -> _File | None:
    for form in (NAME, EXAMPLES, TEMPORARY):
        if match := form.fullmatch(stored.name):
            return _File(stored, match["key"], form is TEMPORARY)
    return None


def _superfluous(
    files: list[_File], run: RunState | None, kept: Collection[str]
) -> Iterator[tuple[_File, str]]:
    """The files that the run does not need, and why; those that are `kept` it needs."""
    needed = set() if run is None else _needed(run)
    for file in files:
        if file.temporary:
            yield file, "a save that was cut off"
        elif file.stored.name in needed or (run is not None and file.stored.name in kept):
            continue
        elif run is None:
            yield file, "no run of this store"
        elif EXAMPLES.fullmatch(file.stored.name):
            yield file, "replaced, or its attempt ended before the store was told"
        elif run.status in ("completed", "diverged"):
            yield file, f"the run is {run.status}"
        else:
            yield file, "left by an attempt, not what the run continues from"


def _needed(run: RunState) -> set[str | None]:
    """The run's checkpoint and, unless it is complete, the one before, to fall back to."""
    if (
        run.checkpoint is None
        or run.status == "diverged"
        or (run.status == "completed" and not run.final_checkpoint)
    ):
        return set()
    return {run.checkpoint, run.earlier_checkpoint}
