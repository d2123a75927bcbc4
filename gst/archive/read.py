"""Reading an archive, which is checked against its manifest and never trusted."""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from gst.archive.column import Column, Row
from gst.archive.csv_file import read_csv
from gst.archive.manifest import FILE, Manifest, from_json
from gst.archive.parquet_file import read_parquet
from gst.errors import InputError
from gst.words import short

CHUNK = 10_000
"""Rows in memory at a time."""


class Archive:
    """An archive at a path, a folder or a zip file, whose manifest has been read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with self._open(FILE) as file:
                text = file.read().decode("utf-8")
        except UnicodeDecodeError as error:
            raise InputError(f"{path / FILE}: is not UTF-8 text: {error}") from None
        self.manifest: Manifest = from_json(text, str(path / FILE))

    def where(self, table: str) -> str:
        """The name of a table's file in messages."""
        return str(self.path / self.manifest.file(table))

    def verify(self) -> None:
        """Raise InputError unless every file is there, and is the very one that was written."""
        for table, facts in self.manifest.tables.items():
            with self._open(self.manifest.file(table)) as file:
                digest = hashlib.sha256()
                while block := file.read(1 << 20):
                    digest.update(block)
            if digest.hexdigest() != facts.sha256:
                raise InputError(
                    f"{self.where(table)}: is not the file that was written: its sha256 is "
                    f"{short(digest.hexdigest())}..., the manifest has {short(facts.sha256)}..."
                )

    def rows(self, table: str, size: int = CHUNK) -> Iterator[list[Row]]:
        """The rows of a table of the manifest, in the order of its columns, `size` at a time.

        Raises InputError for columns, types and numbers of rows other than the manifest's.
        """
        facts, where = self.manifest.tables[table], self.where(table)
        read = read_parquet if self.manifest.form == "parquet" else read_csv
        count = 0
        with self._open(self.manifest.file(table)) as file:
            for chunk in read(file, facts.columns, where, size):
                _refuse_missing_values(chunk, facts.columns, where, count)
                count += len(chunk)
                yield chunk
        if count != facts.rows:
            raise InputError(f"{where}: has {count} rows, and the manifest says {facts.rows}")

    @contextmanager
    def _open(self, name: str) -> Iterator[IO[bytes]]:
        try:
            if self.path.is_dir():
                with (self.path / name).open("rb") as file:
                    yield file
            else:
                with zipfile.ZipFile(self.path) as packed, packed.open(name) as file:
                    yield file
        except (FileNotFoundError, KeyError):
            raise InputError(f"{self.path / name}: is missing") from None
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            OSError,
            NotImplementedError,
            RuntimeError,
        ) as error:
            raise InputError(f"{self.path / name}: cannot be read: {error}") from None


def archives(path: Path) -> Iterator[Archive]:
    """The archives at that path: itself, or the zip files in it, as `gst train` leaves them, sweeps first.

    There may be one for each of many runs, so each is opened when it is its turn.
    Raises InputError where there are none.
    """
    if not path.exists():
        raise InputError(f"{path}: there is no such archive")
    if path.is_file() or (path / FILE).exists():
        yield Archive(path)
        return
    parts = sorted(path.glob("*.zip"), key=lambda part: (not part.name.startswith("sweep-"), part.name))
    if not parts:
        raise InputError(
            f"{path}: is no archive: there is neither {FILE} in it, which `gst export` writes, "
            "nor a zip file of `gst train`"
        )
    yield from map(Archive, parts)


def _refuse_missing_values(chunk: Sequence[Row], columns: Sequence[Column], where: str, before: int) -> None:
    for number, column in enumerate(columns):
        if column.nullable:
            continue
        for index, row in enumerate(chunk):
            if row[number] is None:
                raise InputError(f"{where}: row {before + index + 1}: {column.name}: there is no value")
