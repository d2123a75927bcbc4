"""gst sql: questions to a store."""

from __future__ import annotations

from typing import Annotated

from gst.cli.options import Db, Form, Parameters, argument, opened, option, parameters
from gst.cli.output import print_rows
from gst.cli.selection import told_version
from gst.errors import InputError

MOST_ROWS = 1_000_000
"""Number of rows of an answer."""
MOST_BYTES = 50_000_000
"""Bytes of its texts, and of its numbers at eight each."""


def sql(
    statement: Annotated[
        str, argument("STATEMENT|@QUERY", "SQL, or the name of a query that comes with gst.")
    ],
    param: Parameters = None,
    seconds: Annotated[
        float, option("SECONDS", "Stop a question that takes longer.", "--timeout", min=0.1)
    ] = 60,
    db: Db = None,
    form: Form = "table",
) -> None:
    """Ask a store in SQL, or by the name of a query.

    For example: gst sql "SELECT status, COUNT(*) FROM runs GROUP BY status".
    The store is opened read-only. `gst sql @` lists the queries that come with gst.
    """
    from gst.store import Limits
    from gst.store.queries import named_queries

    if statement == "@":
        rows = [(query.name, ", ".join(query.parameters), query.question) for query in named_queries()]
        print_rows(("query", "parameters", "question"), rows, form)
        return
    given = parameters(param)
    with opened(db) as store:
        if statement.startswith("@") and "sweep" in given:
            told_version(store, str(given["sweep"]))
        found = store.answer(statement.removeprefix("@"), given, Limits(seconds, MOST_ROWS, MOST_BYTES))
    if found.more:
        size = f"{MOST_ROWS:,} rows or {MOST_BYTES // 1_000_000} MB"
        raise InputError(f"the answer has more than {size}: ask for less of it, as with LIMIT")
    print_rows(found.columns, found.rows, form)
