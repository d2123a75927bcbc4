r"""Tables as CSV: a header, then the canonical text of each value.

A missing value is an empty field. A text that is empty or starts with a backslash has one more
backslash before it, so that `\` is the empty text; so has one that a spreadsheet would compute.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO, Any

from gst.archive.column import CHUNK_TEXT, LONGEST_TEXT, Column, Kind, Row, canonical, parsed
from gst.errors import InputError
from gst.words import FORMULA


def write_csv(path: Path, columns: Sequence[Column], chunks: Iterable[Sequence[Row]]) -> int:
    """Write the rows; how many there were."""
    kinds = [column.kind for column in columns]
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")  # a text is quoted for what is in here only
        writer.writerow([column.name for column in columns])
        for chunk in chunks:
            count += len(chunk)
            writer.writerows(
                [_field(value, kind) for value, kind in zip(row, kinds, strict=True)] for row in chunk
            )
    return count


def read_csv(file: IO[bytes], columns: Sequence[Column], where: str, size: int) -> Iterator[list[Row]]:
    """The rows, `size` at a time. Raises InputError, which begins with `where`, for any that do not fit."""
    names = [column.name for column in columns]
    with io.TextIOWrapper(file, encoding="utf-8", newline="") as text, _fields_of_any_size():
        reader = csv.reader(_lines(text, where), strict=True)
        try:
            found = next(reader, [])
            if found != names:
                raise InputError(f"{where}: {_other_columns(found, names)}")
            rows = (
                (_row(fields, columns, reader.line_num, where), sum(map(len, fields))) for fields in reader
            )
            while chunk := list(_within_bytes(islice(rows, size))):
                yield chunk
        except (csv.Error, UnicodeDecodeError) as error:
            raise InputError(f"{where}: is not CSV as gst writes it: {error}") from None


def _lines(text: io.TextIOWrapper, where: str) -> Iterator[str]:
    while line := text.readline(LONGEST_TEXT + 1):
        if len(line) > LONGEST_TEXT:
            raise InputError(f"{where}: expected lines of at most {LONGEST_TEXT:,} characters")
        yield line


def _within_bytes(rows: Iterator[tuple[Row, int]]) -> Iterator[Row]:
    """The first rows, each given with its length, that fill a chunk."""
    left = CHUNK_TEXT
    for row, length in rows:
        yield row
        left -= length
        if left < 0:
            return


def _other_columns(found: Sequence[str], wanted: Sequence[str]) -> str:
    missing = [name for name in wanted if name not in found]
    return (
        f"lacks the column {missing[0]!r}"
        if missing
        else f"has other columns than the manifest says: {found}"
    )


def _field(value: Any, kind: Kind) -> str:
    text = canonical(value, kind)
    if text is None:
        return ""
    return f"\\{text}" if kind == "text" and (not text or text.startswith(("\\", *FORMULA))) else text


def _row(fields: Sequence[str], columns: Sequence[Column], line: int, where: str) -> Row:
    if len(fields) != len(columns):
        raise InputError(f"{where}:{line}: has {len(fields)} fields, expected {len(columns)}")
    return tuple(_parsed(text, column, line, where) for text, column in zip(fields, columns, strict=True))


def _parsed(text: str, column: Column, line: int, where: str) -> Any:
    if text == "":
        return None
    if column.kind == "text":
        return text[1:] if text.startswith("\\") else text
    try:
        return parsed(text, column.kind)
    except ValueError:
        found = f"{text[:80]!r} is not of type {column.kind}"
        raise InputError(f"{where}:{line}: {column.name}: {found}") from None


@contextmanager
def _fields_of_any_size() -> Iterator[None]:
    """A traceback or a sweep file may be longer than what the csv module takes by default."""
    before = csv.field_size_limit(LONGEST_TEXT)
    try:
        yield
    finally:
        csv.field_size_limit(before)
