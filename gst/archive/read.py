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
from gst.paths import NO_URL, open_regular
from gst.words import short

CHUNK = 10_000
"""Rows in memory at a time."""
MOST_MANIFEST = 4_000_000
"""Bytes of a manifest."""
MOST_PACKED = 100
"""How many times as large as packed a file of results may be, beyond what any may."""
MOST_TIMES = 1000
"""How many times as many characters as a table's file has bytes its rows may have, beyond what any may."""
ANY = 50_000_000
"""Characters that the rows of a table may have, whatever the size of its file."""


class Archive:
    """An archive at a path, a folder or a zip file, whose manifest has been read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with self._open(FILE) as file:
                content = file.read(MOST_MANIFEST + 1)
            if len(content) > MOST_MANIFEST:
                raise InputError(f"{path / FILE}: is larger than {MOST_MANIFEST:,} bytes")
            text = content.decode("utf-8")
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
            left = ANY + MOST_TIMES * self._packed_size(self.manifest.file(table))
            for chunk in read(file, facts.columns, where, size):
                left -= sum(len(value) for row in chunk for value in row if isinstance(value, str))
                if left < 0 or count + len(chunk) > facts.rows:
                    raise InputError(f"{where}: has more in it than its size and the manifest say")
                _refuse_missing_values(chunk, facts.columns, where, count)
                count += len(chunk)
                yield chunk
        if count != facts.rows:
            raise InputError(f"{where}: has {count} rows, and the manifest says {facts.rows}")

    @contextmanager
    def _open(self, name: str) -> Iterator[IO[bytes]]:
        try:
            if self.path.is_dir():
                with open_regular(self.path / name) as file:
                    yield file
            else:
                with open_regular(self.path) as whole, zipfile.ZipFile(whole) as packed:
                    self._refuse_bomb(packed.getinfo(name))
                    with packed.open(name) as file:
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
            why = getattr(error, "strerror", None) or error
            raise InputError(f"{self.path / name}: cannot be read: {why}") from None

    def _packed_size(self, name: str) -> int:
        """Bytes of a file as it lies there."""
        if self.path.is_dir():
            return (self.path / name).stat().st_size
        with open_regular(self.path) as whole, zipfile.ZipFile(whole) as packed:
            return packed.getinfo(name).compress_size

    def _refuse_bomb(self, info: zipfile.ZipInfo) -> None:
        if info.file_size > ANY + MOST_PACKED * info.compress_size:
            raise InputError(
                f"{self.path / info.filename}: says that {info.compress_size:,} bytes are {info.file_size:,} "
                "when unpacked, which no file of results is"
            )


def archives(path: Path) -> Iterator[Archive]:
    """The archives at that path: itself, or the zip files in it, as `gst train` leaves them, sweeps first.

    There may be one for each of many runs, so each is opened when it is its turn.
    Raises InputError where there are none.
    """
    is_url = NO_URL.match(str(path))
    if is_url or (path.is_file() and _is_database(path)):
        name = "URL" if is_url else path  # which may have a password in it
        raise InputError(
            f"{name}: is a database and no archive: --db {name} uses it as it is, and "
            f"`gst export --db {name} -o results.zip` makes an archive of it"
        )
    if not path.exists():
        raise InputError(f"{path}: there is no such archive")
    if not path.is_dir() or (path / FILE).exists():
        yield Archive(path)
        return
    parts = sorted(path.glob("*.zip"), key=lambda part: (not part.name.startswith("sweep-"), part.name))
    if not parts:
        raise InputError(
            f"{path}: is no archive: there is neither {FILE} in it, which `gst export` writes, "
            "nor a zip file of `gst train`"
        )
    yield from map(Archive, parts)


def _is_database(path: Path) -> bool:
    with open_regular(path) as file:
        return file.read(16) == b"SQLite format 3\0"


def _refuse_missing_values(chunk: Sequence[Row], columns: Sequence[Column], where: str, before: int) -> None:
    for number, column in enumerate(columns):
        if column.nullable:
            continue
        for index, row in enumerate(chunk):
            if row[number] is None:
                raise InputError(f"{where}: row {before + index + 1}: {column.name}: there is no value")
