"""The provenance of a figure inside its file, whatever its format: put there by an export, and read again."""

from __future__ import annotations

import base64
import csv
import hashlib
import html
import io
import json
import math
import re
import struct
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from gst.errors import InputError
from gst.figures.files.page import DATA
from gst.paths import read_regular

MOST_KEYS = 1000
MOST_BYTES = 200_000_000
"""Bytes of a file that is read for its provenance."""


def keys(run_keys: Sequence[str]) -> dict[str, object]:
    """The run keys, or over 1,000 of them one hash: sha256 of all, in order, a line each."""
    if len(run_keys) <= MOST_KEYS:
        return {"run_keys": list(run_keys)}
    lines = "".join(f"{key}\n" for key in run_keys)
    return {"run_keys_sha256": hashlib.sha256(lines.encode()).hexdigest()}


def text(value: object) -> str:
    """A string as it is, anything else as JSON, on one line."""
    return " ".join(value.split()) if isinstance(value, str) else json.dumps(value)


def in_png(picture: bytes, about: str) -> bytes:
    """The PNG with the text in an iTXt chunk `gst`, right after the header."""
    header = 8 + 25  # signature; length, type, 13 bytes and checksum of IHDR
    body = b"iTXt" + b"gst\0\0\0\0\0" + about.encode()
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    return picture[:header] + chunk + picture[header:]


def in_svg(picture: bytes, about: str) -> bytes:
    """The SVG with the text in a metadata element."""
    opening = re.search(rb"<svg\b[^>]*>", picture)
    if not opening:
        raise AssertionError("the browser's SVG has no svg element")
    element = f"<metadata>{html.escape(about, quote=False)}</metadata>".encode()
    return picture[: opening.end()] + element + picture[opening.end() :]


def in_pdf(picture: bytes, about: str) -> bytes:
    """The PDF with the text as the subject of its document information, as an incremental update.

    Nothing of the browser's file is changed: an object, its cross-reference and a trailer that points
    back to the old one are appended (PDF 1.7, 7.5.6).
    """
    trailer = picture[picture.rindex(b"trailer") :]
    size, root = (re.search(pattern, trailer) for pattern in (rb"/Size (\d+)", rb"/Root (\d+ \d+ R)"))
    previous = re.search(rb"startxref\s+(\d+)", trailer)
    if not (size and root and previous):
        raise AssertionError("the browser's PDF has no classic trailer")
    number = int(size[1])
    words = about.encode("ascii").hex().encode()  # JSON, which escapes all else
    body = b"\n%d 0 obj\n<</Creator (gst) /Subject <%s>>>\nendobj\n" % (number, words)
    entries = b"xref\n0 1\n0000000000 65535 f \n%d 1\n%010d 00000 n \n" % (number, len(picture) + 1)
    links = b"/Root %s /Info %d 0 R /Prev %s" % (root[1], number, previous[1])
    end = b"trailer\n<</Size %d %s>>\nstartxref\n%d\n%%%%EOF\n" % (
        number + 1,
        links,
        len(picture) + len(body),
    )
    return picture + body + entries + end


COLUMN = "provenance"
"""The last column of a CSV, with the provenance in its first row."""
MARKDOWN, LATEX = "\n<!-- gst: ", "\n% gst: "
"""Beginnings of the last line of a table as text."""


def unpacked(value: Any) -> Any:
    """The value with lists of numbers where plotly has packed arrays of them as text; NaN is None."""
    if isinstance(value, Mapping):
        if {"dtype", "bdata"} <= value.keys():
            array = np.frombuffer(base64.b64decode(value["bdata"]), dtype=f"<{value['dtype']}")
            if shape := value.get("shape"):
                array = array.reshape([int(size) for size in str(shape).split(",")])
            return unpacked(array.tolist())
        return {name: unpacked(it) for name, it in value.items()}
    return [unpacked(it) for it in value] if isinstance(value, list) else finite(value)


def finite(value: Any) -> Any:
    """The value, or None for a number that JSON does not have."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


_NEEDED = ("gst", "sweep", "sweep_digest", "numbers_sha256")
"""Without these there is nothing to check a file against."""
_OF_FILES = ("weights", "weights_sha256", "model", "data", "data_hash")
_WORDS = ("gst", "figure", "sweep", "sweep_digest", "numbers_sha256", "run_keys_sha256", *_OF_FILES)
"""Names of strings, which stand in HTML without quotes."""


class Extract(NamedTuple):
    """The content of a file: `about`, its provenance, and of the others the one that its format carries.

    `cells` are header and rows of a table as text, `figure` the data and layout of a drawing and its rows,
    `text` all of a file that is a table for papers. A picture has none of them.
    """

    format: str
    about: Mapping[str, Any]
    cells: list[list[str]] | None = None
    text: str | None = None
    figure: Mapping[str, Any] | None = None


def extract(path: Path) -> Extract:
    """The content of the file, whatever its suffix says.

    Raises InputError for a file that cannot be read, and for one without the provenance of a figure.
    """
    try:
        content = read_regular(path, MOST_BYTES)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    try:
        found = _found(content)
    except (ValueError, KeyError, IndexError, AttributeError, TypeError, csv.Error) as error:
        raise InputError(f"{path}: its provenance cannot be read: {error}") from error
    if found is not None and isinstance(found.about, dict) and "weights" in found.about:
        raise InputError(
            f"{path}: is of the weights in {found.about['weights']} and of no run; `gst normality` draws it "
            "again, and no store has its numbers"
        )
    if (
        found is None
        or not isinstance(found.about, dict)
        or any(not isinstance(found.about.get(name), str) for name in _NEEDED)
    ):
        raise InputError(
            f"{path}: there is no provenance in it; files that `gst figure` wrote have one, unless another "
            "program has saved them anew"
        )
    keys, parameters = found.about.get("run_keys") or [], found.about.get("parameters") or {}
    if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
        raise InputError(f"{path}: its provenance cannot be read: run_keys is no list of texts")
    if not isinstance(parameters, dict):
        raise InputError(f"{path}: its provenance cannot be read: parameters has no names")
    return found


def _found(content: bytes) -> Extract | None:
    if content.startswith(b"\x89PNG\r\n"):
        return _picture("PNG", _in_png(content))
    if content.startswith(b"%PDF"):
        return _picture("PDF", _in_pdf(content))
    text = content.decode("utf-8", errors="replace")
    start = text.lstrip()[:200].lower()
    if start.startswith("{"):
        figure = json.loads(text)
        about = figure.get("layout", {}).get("meta")
        return Extract("JSON", about, figure=figure) if about else None
    if text.partition("\n")[0].endswith(f",{COLUMN}"):
        return _in_csv(text)
    for kind, opening in (("Markdown", MARKDOWN), ("LaTeX", LATEX)):
        _, found, about = text.rpartition(opening)
        if found:
            return Extract(kind, json.loads(about.removesuffix("\n").removesuffix(" -->")), text=text)
    if "<svg" in start:
        # A regular expression would look for the end of each of many beginnings.
        metadata, end, _ = text.partition("<metadata>")[2].partition("</metadata>")
        return _picture("SVG", html.unescape(metadata) if end else None)
    return _in_html(text) if "<html" in start else None


def _picture(kind: str, about: str | None) -> Extract | None:
    return Extract(kind, json.loads(about)) if about else None


def _in_png(content: bytes) -> str | None:
    place = 8
    while place + 12 <= len(content):
        size = int.from_bytes(content[place : place + 4], "big")
        chunk = content[place + 4 : place + 8 + size]
        if chunk.startswith(b"iTXtgst\0"):
            if zlib.crc32(chunk) != int.from_bytes(content[place + 8 + size : place + 12 + size], "big"):
                raise ValueError("the checksum of the PNG's text does not fit")
            return chunk.removeprefix(b"iTXtgst\0\0\0\0\0").decode()
        place += 12 + size
    return None


def _in_pdf(content: bytes) -> str | None:
    subjects = re.findall(rb"/Creator \(gst\) /Subject <([0-9a-fA-F]+)>", content)
    return bytes.fromhex(subjects[-1].decode()).decode() if subjects else None


def _in_csv(text: str) -> Extract:
    rows = list(csv.reader(io.StringIO(text)))
    return Extract("CSV", json.loads(rows[1][-1]), cells=[row[:-1] for row in rows])


def _in_html(text: str) -> Extract | None:
    head = text.partition("</head>")[0]
    tags = re.findall(r'<meta name="gst:(\w+)" content="([^"]*)">', head)
    if not tags:
        return None
    about = {name: _value(name, html.unescape(content)) for name, content in tags}
    _, data, rest = text.partition(DATA)
    if not data:
        return Extract("HTML", about)
    figure, _ = json.loads(rest.partition("</script>")[0])
    return Extract("HTML", about, figure=figure)


def _value(name: str, text: str) -> Any:
    return text if name in _WORDS else json.loads(text)
