"""Questions to the store: SQL from db/queries by name, or as text; one statement, bound parameters only."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import CursorResult, Engine, Executable, text
from sqlalchemy.exc import StatementError

from gst.errors import InputError, UnknownNameError, suggestion
from gst.paths import project_folder
from gst.store.bounds import Answer, Limits, StoppedError, cut, watched
from gst.store.faults import remedy
from gst.store.versions import known_address

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Rows(NamedTuple):
    """The result of a query; each row has a value for each column."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]


class NamedQuery(NamedTuple):
    """A file of db/queries: its name, what it answers, and the parameters that it needs."""

    name: str
    question: str
    parameters: tuple[str, ...]
    sql: str


def named_queries() -> tuple[NamedQuery, ...]:
    """All named queries, by name."""
    return tuple(
        _named(path.stem, path.read_text(encoding="utf-8"))
        for path in sorted((project_folder("db") / "queries").glob("*.sql"))
    )


LONGEST = 100_000
"""Characters of a statement."""
ROWS = 1000
"""Rows that are taken from a driver at a time."""


def ask(engine: Engine, query: str, parameters: Mapping[str, object]) -> Rows:
    """The answer to a query, given by name or as SQL.

    The engine must be one that can only read. Raises UnknownNameError for a name that no query has,
    and InputError for parameters that do not fit and SQL that the database refuses.
    """
    with _answering(engine, query, parameters) as result:
        if not result.returns_rows:
            return Rows((), [])
        return Rows(tuple(result.keys()), list(_raw(result)))


def ask_numbers(engine: Engine, query: str, parameters: Mapping[str, object]) -> NDArray[np.float64]:
    """The same of a query whose columns are numbers, [rows, columns]; NaN where there is none.

    A few rows at a time are objects: an array takes a tenth of their memory.
    """
    import numpy as np  # here, because whoever writes needs none

    def array(rows: Sequence[tuple[Any, ...]]) -> NDArray[np.float64]:
        try:
            return np.fromiter(chain.from_iterable(rows), np.float64, len(rows) * columns)
        except TypeError:  # there is a None; this way takes twice as long
            return np.array(rows, dtype=np.float64).ravel()

    with _answering(engine, query, parameters) as result:
        columns = len(result.keys())
        parts = [np.empty(0)]
        while rows := _raw(result, ROWS):
            parts.append(array(rows))
        return np.concatenate(parts).reshape(-1, columns)


def _raw(result: CursorResult[Any], most: int | None = None) -> Sequence[tuple[Any, ...]]:
    """The next rows, or all, as the driver has them.

    Core would wrap each row, which takes four times as long as to read it. Its strategy is undocumented, but
    the cursor alone lacks the rows that were fetched ahead.
    """
    strategy: Any = result.cursor_strategy
    rows: Sequence[tuple[Any, ...]]
    if most is None:
        rows = strategy.fetchall(result, result.cursor)
    else:
        rows = strategy.fetchmany(result, result.cursor, most)
    return rows


@contextmanager
def _answering(engine: Engine, query: str, parameters: Mapping[str, object]) -> Iterator[CursorResult[Any]]:
    name, statement = _checked(query, parameters)
    question, given = _alone(engine, statement, name), _addressed(engine, query, parameters)
    with _refused(name), engine.connect() as connection, connection.execute(question, given) as result:
        yield result


def ask_bounded(
    engine: Engine, query: str, parameters: Mapping[str, object], limits: Limits, gone: Callable[[], bool]
) -> Answer:
    """The same within limits, for whoever may ask anything; stopped when the asker has `gone`.

    Rows come one after another, so that what a limit cuts off was never in memory.
    """
    name, statement = _checked(query, parameters)
    question = _alone(engine, statement, name, max_row_buffer=50)
    given = _addressed(engine, query, parameters)
    with _refused(name), engine.connect() as connection, watched(connection, limits.seconds, gone):
        if connection.dialect.name == "postgresql":
            milliseconds = max(1, int(1000 * limits.seconds))
            connection.exec_driver_sql(f"SET LOCAL statement_timeout = {milliseconds}")
        with connection.execute(question, given) as result:
            if not result.returns_rows:
                return Answer((), [])
            return Answer(tuple(result.keys()), *cut(result, limits))


def _alone(engine: Engine, statement: str, name: str, **options: Any) -> Executable:
    """That statement, in such a way that no other which hides in it is executed.

    A server that is asked for a cursor takes one statement; otherwise it takes as many as it finds.
    """
    if engine.dialect.name != "postgresql":
        return text(statement)
    if _STREAMED.match(statement):
        return text(statement).execution_options(stream_results=True, **options)
    if ";" in statement:
        raise InputError(f"{name}: has a semicolon, which may end an EXPLAIN or a SHOW: leave it out")
    return text(statement)


@contextmanager
def _refused(name: str) -> Iterator[None]:
    try:
        yield
    except StatementError as error:
        raise InputError(f"{name}: {str(error.orig).strip()}{remedy(error)}") from error
    except StoppedError as error:
        raise InputError(f"{name}: {error}") from error
    except MemoryError:
        raise InputError(f"{name}: the answer is larger than the memory of this machine") from None


def _checked(query: str, parameters: Mapping[str, object]) -> tuple[str, str]:
    """The name of the query in messages, and its statement."""
    if len(query) > LONGEST:
        raise InputError(f"SQL: expected at most {LONGEST:,} characters, found {len(query):,}")
    name, sql = _sql(query)
    statement = _one_statement(sql, name)
    _refuse_parameters(name, parameters_of(sql), parameters)
    return name, statement


def _addressed(engine: Engine, query: str, parameters: Mapping[str, object]) -> dict[str, object]:
    """The parameters; of a named query with an address that the view has for the same sweep."""
    if "sweep" not in parameters or not _NAME.fullmatch(query.strip()):
        return dict(parameters)
    with engine.connect() as connection:
        return {**parameters, "sweep": known_address(connection, str(parameters["sweep"]))}


def chosen(engine: Engine, query: Executable) -> Sequence[Any]:
    """The rows of a query that is put together from the tables of the schema.

    Raises InputError where the database refuses it.
    """
    try:
        with engine.connect() as connection:
            return connection.execute(query).all()
    except StatementError as error:
        raise InputError(str(error.orig).strip()) from error


# COPY starts programs, and a transaction that only reads does not mind: what is not to write must ask.
QUESTIONS = ("SELECT", "WITH", "VALUES", "TABLE", "EXPLAIN", "SHOW", "PRAGMA")
"""How statements start that ask."""
_STREAMED = re.compile(r"[\s(]*(SELECT|WITH|VALUES|TABLE)\b", re.IGNORECASE)
"""How those start whose rows a server hands out a few at a time."""

_NAME = re.compile(r"\w+")
_TOKEN = re.compile(
    r"""
    (?P<comment> --[^\n]* | /\*.*?(?:\*/|\Z) )  # whatever is never closed goes to the end, and is read once
  | (?P<quoted> '(?:[^']|'')*+(?:'|\Z) | "(?:[^"]|"")*+(?:"|\Z) )
  | (?P<end> ; )
  | (?<![:\w]) : (?P<parameter> [A-Za-z_]\w* )
    """,
    re.VERBOSE | re.DOTALL,
)


def _named(name: str, sql: str) -> NamedQuery:
    question = sql.partition("\n")[0].removeprefix("--").strip()
    return NamedQuery(name, question, parameters_of(sql), sql)


def _sql(query: str) -> tuple[str, str]:
    """The name of the query in messages, and its text."""
    if not _NAME.fullmatch(query.strip()):
        return "SQL", query
    known = {it.name: it for it in named_queries()}
    if query.strip() not in known:
        raise UnknownNameError("query", query.strip(), known)
    return f"query {query.strip()!r}", known[query.strip()].sql


def parameters_of(sql: str) -> tuple[str, ...]:
    """The names after a colon, outside of quotes and comments, in order of appearance."""
    names = (match["parameter"] for match in _TOKEN.finditer(sql))
    return tuple(dict.fromkeys(name for name in names if name))


def _one_statement(sql: str, name: str) -> str:
    """The statement without comments, and with colons in quotes kept from being taken for parameters."""

    def replaced(match: re.Match[str]) -> str:
        if match["comment"]:
            return " "
        return match[0].replace(":", "\\:") if match["quoted"] else match[0]

    ends = [match.start() for match in _TOKEN.finditer(sql) if match["end"]]
    if ends and _TOKEN.sub(lambda m: "" if m["comment"] or m["end"] else m[0], sql[ends[0] :]).strip():
        raise InputError(f"{name}: one statement at a time, found more after the first semicolon")
    statement = _TOKEN.sub(replaced, sql[: ends[0]] if ends else sql).strip()
    if not statement:
        raise InputError(f"{name}: there is no statement in it")
    (word,) = re.findall(r"\A[\s(]*(\w*)", statement)
    if word.upper() not in QUESTIONS:
        hint = suggestion(word.upper(), QUESTIONS)
        raise InputError(f"{name}: starts with {word!r}; {hint}a question starts with {', '.join(QUESTIONS)}")
    return statement


def _refuse_parameters(name: str, wanted: tuple[str, ...], given: Mapping[str, object]) -> None:
    needs = f"it needs {', '.join(wanted) or 'none'}"
    for unknown in (it for it in given if it not in wanted):  # the first: a misspelt one is missing, too
        raise InputError(f"{name}: there is no parameter {unknown!r}; {suggestion(unknown, wanted)}{needs}")
    if missing := [it for it in wanted if it not in given]:
        raise InputError(f"{name}: the parameter {', '.join(missing)} is missing; {needs}")
