"""The file that has a network's answer to each training image, at one moment of a run."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from gst.errors import DataError

COLUMNS = ("index", "label", "right_label", "prediction", "loss")
"""The image's index in the training split of its data set, the label trained on, the right label, the class
that the network takes it for (integers), and the cross-entropy on the label trained on (float32)."""


def packed(columns: Sequence[Any]) -> bytes:
    """The content of a Parquet file of those arrays ([n] each, as COLUMNS says), about 5 bytes an image.

    Classes are stored in one byte where 256 are enough. Losses are stored as they are, to the last bit.
    """
    import pyarrow as pa
    from pyarrow import parquet

    *integers, losses = columns
    classes = pa.uint8() if all(column.max(initial=0) < 256 for column in integers[1:]) else pa.uint16()
    types = (pa.int32(), classes, classes, classes)
    arrays = [pa.array(column, type=kind) for column, kind in zip(integers, types, strict=True)]
    table = pa.Table.from_arrays([*arrays, pa.array(losses, type=pa.float32())], names=COLUMNS)
    file = io.BytesIO()
    parquet.write_table(
        table,
        file,
        compression="zstd",
        compression_level=9,
        use_dictionary=list(COLUMNS[1:4]),
        # Indices rise by small steps; signs and exponents of losses are alike, and lie side by side.
        column_encoding={"index": "DELTA_BINARY_PACKED", "loss": "BYTE_STREAM_SPLIT"},
    )
    return file.getvalue()


def unpacked(content: bytes, where: str) -> dict[str, Any]:
    """The numpy array of each of COLUMNS. Raises DataError, which begins with `where`, for another file."""
    import pyarrow as pa
    from pyarrow import parquet

    try:
        table = parquet.read_table(io.BytesIO(content))
        return {name: table.column(name).to_numpy() for name in COLUMNS}
    except (pa.ArrowException, KeyError, OSError, ValueError) as error:
        raise DataError(f"{where}: is not a file of single examples: {error}") from None
