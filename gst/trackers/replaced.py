"""Folders that take the place of their older selves, and names of folders from any text."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from gst.paths import is_file_stem

_LONGEST = 100


@contextmanager
def replaced(folder: Path) -> Iterator[Path]:
    """An empty folder beside that one, which takes its place after the context, if nothing goes wrong."""
    partial = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)  # of an export that was killed
    partial.mkdir(parents=True)
    try:
        yield partial
        shutil.rmtree(folder, ignore_errors=True)
        partial.replace(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def folder_name(text: str) -> str:
    """The text as the name of a folder: as it is where it can be one, else quoted as in a URL."""
    plain = is_file_stem(text) and text[0] != "." and "%" not in text
    name = text if plain else quote(text, safe=" =,+()@") or "%"
    name = f"%2E{name[1:]}" if name[0] == "." else name
    if len(name) <= _LONGEST:
        return name
    return f"{name[:_LONGEST]}-{hashlib.sha256(text.encode()).hexdigest()[:7]}"
