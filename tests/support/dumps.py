"""Stores of every schema that gst has had."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg

from gst.store.connect import parsed, sqlite_path

SCHEMAS = Path(__file__).parents[1] / "schemas"


def load(url: str, backend: str, revision: str) -> None:
    """Make the database at that URL from the dump."""
    dump = (SCHEMAS / f"{revision}.{backend}.sql").read_text(encoding="utf-8")
    if backend == "sqlite":
        with closing(sqlite3.connect(sqlite_path(parsed(url)))) as connection:
            connection.executescript(dump)
    else:
        plain = parsed(url).set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(plain) as connection:
            connection.execute(dump)
