"""Writing an archive: it is whole, or it is not there."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import zipfile
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import gst
from gst.archive.column import Column, Row
from gst.archive.csv_file import write_csv
from gst.archive.manifest import FILE, Form, Manifest, SweepName, TableFacts, to_json
from gst.archive.parquet_file import write_parquet
from gst.errors import InputError

Write = Callable[[Path, Sequence[Column], Iterable[Sequence[Row]]], int]


class TableRows(NamedTuple):
    """A table to write: its rows come in chunks, so that they need not all be in memory."""

    name: str
    columns: tuple[Column, ...]
    chunks: Iterable[Sequence[Row]]


def write_archive(
    path: Path,
    tables: Iterable[TableRows],
    *,
    form: Form,
    schema: str,
    sweeps: Iterable[SweepName],
    replace: bool = False,
) -> Manifest:
    """The manifest of the archive that is at that path now: a zip file if it is called so, else a folder.

    Raises InputError where something is there already, unless a zip file is to `replace` another.
    """
    _refuse_existing(path, replace)
    # Not the process id: processes of several machines may write to one folder.
    folder = path.with_name(f".gst-{secrets.token_hex(8)}")  # not longer than a name may be
    packed = folder.with_name(f"{folder.name}.packed")
    try:
        folder.mkdir(parents=True)
        manifest = _write(folder, tables, form, schema, tuple(sweeps))
        if path.suffix == ".zip":
            _pack(folder, packed)
            packed.replace(path)
        else:
            folder.replace(path)
        sync(path.parent)
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror or error}") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        with suppress(OSError):
            packed.unlink()
    return manifest


def _refuse_existing(path: Path, replace: bool) -> None:
    if path.is_dir() and path.suffix != ".zip" and not any(path.iterdir()):
        return
    if path.exists() and not (replace and path.is_file() and path.suffix == ".zip"):
        raise InputError(f"{path}: is there already; name another folder, or remove it")


def _write(
    folder: Path, tables: Iterable[TableRows], form: Form, schema: str, sweeps: tuple[SweepName, ...]
) -> Manifest:
    write: Write = write_parquet if form == "parquet" else write_csv
    written: dict[str, TableFacts] = {}
    for name, columns, chunks in tables:
        file = folder / f"{name}.{form}"
        rows = write(file, columns, chunks)
        sync(file)
        written[name] = TableFacts(columns, rows, _sha256(file))
    manifest = Manifest(gst.__version__, schema, datetime.now(UTC), form, sweeps, written)
    (folder / FILE).write_text(to_json(manifest), encoding="utf-8")
    sync(folder / FILE)
    sync(folder)
    return manifest


def _pack(folder: Path, target: Path) -> None:
    with zipfile.ZipFile(target, "w") as packed:
        for file in sorted(folder.iterdir()):
            # Parquet is compressed in itself, and read back and forth, which only stored files allow cheaply.
            method = zipfile.ZIP_STORED if file.suffix == ".parquet" else zipfile.ZIP_DEFLATED
            packed.write(file, file.name, compress_type=method)
    sync(target)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync(path: Path) -> None:
    """Bring a file to the disk before it is renamed, or a power cut leaves a name without content.

    Of a folder, bring the names in it there.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
