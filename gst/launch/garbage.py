"""Checkpoint files that no run needs any more, and why."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from gst.errors import InputError
from gst.launch.artifacts import Artifacts, StoredFile, proof
from gst.store import RunState, Store, run_states
from gst.store.checkpoint import NAME

TEMPORARY = re.compile(r"(?P<key>[0-9a-f]{64})/\.(?P<attempt>\d+)-(?P<epoch>-?\d+)\.pt\.\d+")
"""A checkpoint that was being written when its process was killed."""


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
    of a sweep's files there are none.
    """
    # Files first: what a run needs by then is known by the time when the store is asked.
    recognised: dict[str, list[_File]] = {}
    unknown = 0
    for stored in artifacts.files():
        file = _recognised(stored)
        if file is None:
            unknown += 1
        else:
            recognised.setdefault(file.key, []).append(file)
    runs = {it.key: it for it in run_states(store, sweep_id)}
    kept = store.checkpoints()
    outside = {key for key in recognised if key not in runs}
    moment: datetime | None = None
    garbage: list[Garbage] = []
    young = 0
    for key, files in recognised.items():
        if key in outside and (sweep_id is not None or not foreign):
            continue
        for file, reason in _superfluous(files, runs.get(key), kept):
            written = file.stored.written
            moment = moment or _present(artifacts)
            if written is None or moment - written < older:
                young += 1
            else:
                garbage.append(Garbage(file.stored.name, file.stored.size, reason))
    others = 0 if sweep_id is not None or foreign else sum(len(recognised[key]) for key in outside)
    return Findings(tuple(garbage), unknown, young, others)


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
    for form in (NAME, TEMPORARY):
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
