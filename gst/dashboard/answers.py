"""Answers to SQL, for people to read and to take along."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import NamedTuple

from gst.store import Rows, Store
from gst.store.queries import parameters_of

SHOWN = 500
"""Rows that a page shows."""
DOWNLOADED = 200_000
"""Rows that a file has at most: a browser holds all of it in memory."""


class Answer(NamedTuple):
    """The first rows that a query returned, and whether there are more."""

    rows: Rows
    more: bool


def answer(store: Store, sql: str, values: Mapping[str, str], most: int = SHOWN) -> Answer:
    """The first `most` rows of that query, with values for its parameters as a person typed them.

    Raises InputError for SQL that the database refuses, and parameters without a value.
    """
    params = {name: typed(values[name]) for name in parameters_of(sql) if values.get(name, "") != ""}
    found = store.first_rows(sql, most + 1, params)
    return Answer(Rows(found.columns, found.rows[:most]), len(found.rows) > most)


def typed(text: str) -> str | int | float:
    """A number where the text is one, else the text."""
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            continue
    return text


def as_csv(rows: Rows) -> str:
    """The rows with a header; nothing for what is missing."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(rows.columns)
    writer.writerows(["" if value is None else value for value in row] for row in rows.rows)
    return text.getvalue()
