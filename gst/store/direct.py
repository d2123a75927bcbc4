"""Transactions straight through the driver, for what runs once an epoch: Core takes several times as long."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import Dialect, Engine, Insert, Update
from sqlalchemy.exc import DBAPIError

Values = Mapping[str, Any]


class Prepared(NamedTuple):
    """A statement in the words of a driver, and the values for which it is to run."""

    text: str
    values: list[Sequence[Any] | Values]


Execute = Callable[[Prepared], int]
"""Runs the statement for each of the values, and returns how many rows that touched."""


class Direct:
    """Transactions that write. Core's statements are compiled once, and Core's errors are raised.

    Statements are prepared before a transaction, which others may wait for. Threads may share one, and
    the pool of the engine is shared with everyone who uses the engine.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._dialect = engine.dialect
        self._compiled: dict[Insert | Update, _Compiled] = {}

    def prepared(self, statement: Insert | Update, rows: Sequence[Values]) -> Prepared:
        """All rows must have the same names, and these must be the same at every call."""
        compiled = self._compiled.get(statement)
        if compiled is None:
            compiled = self._compiled[statement] = _Compiled(statement, rows[0], self._dialect)
        return Prepared(compiled.text, [compiled.values(row) for row in rows])

    @contextmanager
    def transaction(self) -> Iterator[Execute]:
        """A function that runs prepared statements in a transaction, committed at the end of the context."""
        driver: Any = self._dialect.loaded_dbapi
        connection = None
        try:
            connection = self._engine.raw_connection()
            cursor = connection.cursor()
            if self._dialect.name == "sqlite":  # elsewhere the driver begins
                cursor.execute("BEGIN IMMEDIATE")
            yield partial(_execute, cursor)
            connection.commit()
        except BaseException as error:
            if connection is not None:
                # To close it is not enough: SQLite waits for cursors, which the traceback keeps.
                with suppress(driver.Error):
                    connection.rollback()
                connection.invalidate(error)
            if isinstance(error, driver.Error):
                raise DBAPIError.instance(None, None, error, driver.Error, dialect=self._dialect) from error
            raise
        connection.close()  # which gives it back to the pool


def _execute(cursor: Any, prepared: Prepared) -> int:
    if len(prepared.values) == 1:
        cursor.execute(prepared.text, prepared.values[0])
    else:
        cursor.executemany(prepared.text, prepared.values)
    return int(cursor.rowcount)


class _Compiled:
    """A statement in the words of a driver, for values of those names."""

    def __init__(self, statement: Insert | Update, names: Values, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect, column_keys=list(names))
        kinds = {name: parameter.type for parameter, name in compiled.bind_names.items()}
        self.text = str(compiled)
        self._constants = {name: value for name, value in compiled.params.items() if name not in names}
        self._positional = compiled.positional
        self._parameters = [
            (name, kinds[name].dialect_impl(dialect).bind_processor(dialect))
            for name in compiled.positiontup or kinds
        ]

    def values(self, given: Values) -> Sequence[Any] | Values:
        """These values as the driver takes them."""
        all_values = {**self._constants, **given}
        pairs = (
            (name, all_values[name] if process is None else process(all_values[name]))
            for name, process in self._parameters
        )
        return [value for _, value in pairs] if self._positional else dict(pairs)
