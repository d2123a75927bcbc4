"""What a picture was made from, inside the picture: one text in PNG, SVG and PDF files."""

from __future__ import annotations

import hashlib
import json
import re
import struct
import zlib
from collections.abc import Sequence
from html import escape

MOST_KEYS = 1000


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
    element = f"<metadata>{escape(about, quote=False)}</metadata>".encode()
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
