"""Tables as Parquet; JSON stands there as canonical text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from gst.archive.column import CHUNK_TEXT, LONGEST_TEXT, Column, Row, canonical, parsed
from gst.errors import InputError

MOST_GROUP = 500_000_000
"""Bytes of a group of rows when unpacked."""

if TYPE_CHECKING:
    import pyarrow as pa


def write_parquet(path: Path, columns: Sequence[Column], chunks: Iterable[Sequence[Row]]) -> int:
    """Write the rows, each chunk as a row group; how many there were."""
    import pyarrow as pa
    from pyarrow import parquet

    schema = _schema(columns)
    count = 0
    with parquet.ParquetWriter(path, schema, compression="zstd", compression_level=9) as writer:
        for chunk in chunks:
            count += len(chunk)
            values = zip(*chunk, strict=True) if chunk else ((),) * len(columns)
            arrays = [
                pa.array([_stored(value, column) for value in given], type=field.type)
                for given, column, field in zip(values, columns, schema, strict=True)
            ]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
    return count


def read_parquet(file: IO[bytes], columns: Sequence[Column], where: str, size: int) -> Iterator[list[Row]]:
    """The rows, `size` at a time. Raises InputError, which begins with `where`, for any that do not fit."""
    import pyarrow as pa
    from pyarrow import parquet

    try:
        texts = [column.name for column in columns if column.kind in ("text", "json")]
        with closing(parquet.ParquetFile(file)) as opened:
            _refuse_other_schema(opened.schema_arrow, columns, where)
            _refuse_large_groups(opened.metadata, where)
        # A text that a file has once and a million rows name is once in memory, too.
        with closing(parquet.ParquetFile(file, read_dictionary=texts)) as opened:
            for batch in opened.iter_batches(batch_size=size):
                yield from _rows(batch, columns, where)
    except (pa.ArrowException, OSError, UnicodeDecodeError, OverflowError, ValueError) as error:
        raise InputError(f"{where}: is not a readable Parquet file: {error}") from None


def _rows(batch: pa.RecordBatch, columns: Sequence[Column], where: str) -> Iterator[list[Row]]:
    """The rows of a batch, in as many pieces as keep their texts within a chunk."""
    given = [_values(batch.column(number), column, where) for number, column in enumerate(columns)]
    rows: list[Row] = []
    left = CHUNK_TEXT
    for row in zip(*given, strict=True):
        rows.append(row)
        left -= sum(len(value) for value in row if isinstance(value, str))
        if left < 0:
            yield rows
            rows, left = [], CHUNK_TEXT
    if rows:
        yield rows


def _values(found: pa.Array, column: Column, where: str) -> list[Any]:
    """The values of a column; equal texts are one in memory."""
    if column.kind not in ("text", "json"):
        return [_value(value, column, where) for value in found.to_pylist()]
    texts = found.dictionary.to_pylist()
    if any(text is not None and len(text) > LONGEST_TEXT for text in texts):
        raise InputError(f"{where}: {column.name}: expected at most {LONGEST_TEXT:,} characters")
    different = [_value(text, column, where) for text in texts]
    return [None if place is None else different[place] for place in found.indices.to_pylist()]


def _refuse_large_groups(metadata: Any, where: str) -> None:
    for number in range(metadata.num_row_groups):
        size = metadata.row_group(number).total_byte_size
        if size > MOST_GROUP:
            raise InputError(
                f"{where}: has {size:,} bytes in one group of rows, expected at most {MOST_GROUP:,}"
            )


def _schema(columns: Sequence[Column]) -> pa.Schema:
    import pyarrow as pa

    types = {
        "integer": pa.int64(),
        "float": pa.float64(),
        "text": pa.string(),
        "boolean": pa.bool_(),
        "time": pa.timestamp("us", tz="UTC"),
        "json": pa.string(),
    }
    return pa.schema([pa.field(it.name, types[it.kind], nullable=it.nullable) for it in columns])


def _refuse_other_schema(found: pa.Schema, columns: Sequence[Column], where: str) -> None:
    wanted = _schema(columns)
    for name in wanted.names:
        if name not in found.names:
            raise InputError(f"{where}: lacks the column {name!r}")
        if found.field(name).type != wanted.field(name).type:
            raise InputError(
                f"{where}: {name}: has type {found.field(name).type}, expected {wanted.field(name).type}"
            )
    if found.names != wanted.names:
        raise InputError(f"{where}: has other columns than the manifest says: {found.names}")


def _stored(value: Any, column: Column) -> Any:
    if column.kind == "json":
        return canonical(value, "json")
    if column.kind == "float" and value is not None:
        return None if value != value else value + 0.0
    return value


def _value(value: Any, column: Column, where: str) -> Any:
    if column.kind not in ("json", "time") or value is None:
        return value
    try:
        return parsed(value if column.kind == "json" else value.isoformat(), column.kind)
    except ValueError:
        raise InputError(
            f"{where}: {column.name}: {str(value)[:80]!r} is not of type {column.kind}"
        ) from None
