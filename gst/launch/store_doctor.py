"""Checks of the places where things lie: the store, data sets and artifacts; and of a sweep there."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from pathlib import Path

from gst.config import SweepSpec
from gst.errors import GstError, StoreError
from gst.launch.artifacts import artifacts_at, proof
from gst.launch.doctor import Finding, existing
from gst.machine import usable_cpus
from gst.store.connect import is_sqlite, parsed, sqlite_path
from gst.store.filesystem import is_there, network_filesystem
from gst.store.health import TIMES, commit_milliseconds, journal_mode, refuse_unwritable, server
from gst.store.migrate import found_version, refuse_other_versions
from gst.store.password import masked

SLOW_MILLISECONDS = 100.0
"""Milliseconds of a commit that is still quick; a run makes one an epoch, and many runs take turns."""


def store(url: str) -> Iterator[Finding]:
    """Whether the database is there, of our schema, ours to write, and quick. It is left as it is."""
    target = parsed(url)
    local = is_sqlite(target)
    try:
        there = not local or is_there(sqlite_path(target))
    except StoreError as error:
        yield Finding("store", "fail", str(error), "name another with --db or GST_DB_URL")
        return
    kind = network_filesystem(sqlite_path(target)) if local else None
    if kind is not None:
        yield Finding(
            "store",
            "fail",
            f"{masked(target)}: lies on a network filesystem ({kind}), where SQLite's locks fail",
            "put the file on a local disk, or use Postgres: --db postgresql://user@host/database",
        )
        return
    if not there:
        yield Finding(
            "store", "ok", f"{masked(str(sqlite_path(target)))}: is not there yet; `gst sweep FILE` makes it"
        )
    else:
        try:
            version = found_version(target)
            refuse_other_versions(version, target)
            answers, journal = server(target), journal_mode(target) if local else None
            refuse_unwritable(target)  # last: who may write takes the files away that readers of SQLite leave
        except StoreError as error:
            yield Finding("store", "fail", str(error), _remedy(local))
            return
        yield Finding("store", "ok", f"{masked(target)}: {answers}, schema {version}")
        if journal is not None:
            yield from _journal(journal)
    yield from _speed(commit_milliseconds(target))


def _remedy(local: bool) -> str:
    if local:
        return "see `gst db upgrade`, the file's permissions, or name another with --db or GST_DB_URL"
    return "see `gst db upgrade`, the address, whether the server runs, and the user's password and rights"


def _journal(mode: str) -> Iterator[Finding]:
    if mode == "wal":
        yield Finding("journal", "ok", "write-ahead log: readers and a writer do not wait for each other")
    else:
        remedy = "the next `gst sweep` changes it; a copy made by sqlite3 .dump or .backup has it so"
        yield Finding("journal", "warn", f"{mode}, not a write-ahead log", remedy)


def _speed(milliseconds: float) -> Iterator[Finding]:
    found = f"{milliseconds:.2f} ms for a small transaction, the median of {TIMES}"
    if milliseconds < SLOW_MILLISECONDS:
        yield Finding("store speed", "ok", found)
    else:
        remedy = (
            "use a local disk for SQLite, or a Postgres server that is nearer; another program may be busy"
        )
        yield Finding("store speed", "warn", found, remedy)


def data(folder: Path) -> Iterator[Finding]:
    """Which data sets are there, and whether others can be fetched."""
    from gst.data import data_sets_in  # here: it imports torch, which may be what is broken

    try:
        found = data_sets_in(folder)
    except OSError as error:
        yield Finding(
            "data", "fail", f"{folder}: cannot be read: {error.strerror}", "GST_DATA_DIR names another"
        )
        return
    there = (it.label for it in found if it.stored is not None)
    text = f"{folder}: {', '.join(('digits (comes with scikit-learn)', *there))}"
    if os.access(existing(folder), os.W_OK | os.X_OK):
        yield Finding("data", "ok", text)
    else:
        remedy = (
            "name a folder that can be written with GST_DATA_DIR: to download, and to keep what is decoded"
        )
        yield Finding("data", "warn", f"{text}; it cannot be written", remedy)
    for it in found:
        if it.problem:
            yield Finding("data", "warn", it.problem, "mend or remove it; a sweep that needs it is refused")


def artifacts(place: Path | str) -> Iterator[Finding]:
    """Whether checkpoints can be kept there. A folder that is not there is not made."""
    try:
        if isinstance(place, Path) and not place.is_dir():
            if not os.access(existing(place), os.W_OK | os.X_OK):
                raise GstError(f"{place}: cannot be made: {existing(place)} cannot be written")
            yield Finding("artifacts", "ok", f"{place}: is made when there is something to keep")
            return
        there = artifacts_at(place)
        with proof(there):
            yield Finding("artifacts", "ok", f"{there}: can be written")
    except GstError as error:
        remedy = "name a folder that can be written, or s3://bucket/folder, with GST_ARTIFACT_DIR"
        yield Finding("artifacts", "fail", str(error), remedy)


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
