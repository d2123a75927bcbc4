"""Moments in time, in UTC wherever they are; the present one is the database's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, DateTime, Dialect, TypeDecorator, literal_column, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from gst.errors import StoreError


class Time(TypeDecorator[datetime]):
    """A moment, always in UTC: SQLite keeps no time zone, so none but this one may come in or out.

    Raises StoreError for a value that is no moment, which someone wrote by hand.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The moment in UTC; a naive one is a bug."""
        if value is None:
            return None
        assert value.tzinfo is not None, "a time without a zone"
        return value.astimezone(UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None]:
        """What reads a value of that database; one without a zone is in UTC."""
        process = self.impl_instance.dialect_impl(dialect).result_processor(dialect, coltype)

        def moment(value: Any) -> datetime | None:
            if value is None:
                return None
            try:
                return _in_utc(value if process is None else process(value))
            except (ValueError, TypeError, AttributeError, OverflowError):
                raise StoreError(
                    f"the store has {value!r} where a time should be, such as 2026-01-31 23:59:00.000000: "
                    "correct that row, in UTC"
                ) from None

        return moment


def _in_utc(moment: Any) -> datetime:
    found: datetime = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return found


class Present(FunctionElement[datetime]):
    """The database's present moment, or the one that much later.

    Machines' clocks differ: a time that is stored, or compared with a stored one, comes from here.
    """

    type = Time()
    inherit_cache = True

    def __init__(self, later: timedelta = timedelta(0)) -> None:
        super().__init__(literal_column(f"{later.total_seconds():g}"))


@compiles(Present, "postgresql")
def _on_postgres(element: Present, compiler: Any, **words: Any) -> str:
    return f"(clock_timestamp() + make_interval(secs => {compiler.process(element.clauses, **words)}))"


@compiles(Present, "sqlite")
def _on_sqlite(element: Present, compiler: Any, **words: Any) -> str:
    # In the form that times have there, which are compared as texts.
    later = compiler.process(element.clauses, **words)
    return f"strftime('%Y-%m-%d %H:%M:%f000', 'now', '{later} seconds')"


def present(connection: Connection) -> datetime:
    """The database's present moment."""
    return connection.execute(select(Present())).scalar_one()
