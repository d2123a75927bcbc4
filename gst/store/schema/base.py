"""Names of constraints, and the columns and checks that several tables have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Integer,
    MetaData,
    Text,
)

from gst.archive import column as archive
from gst.archive.layout import TRAINED, columns_told
from gst.store.utc_time import Time

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
_TYPES: Mapping[archive.Kind, Any] = {
    "integer": Integer,
    "float": Double,
    "text": Text,
    "boolean": Boolean,
    "time": Time,
}


def one_of(column: str, values: tuple[str, ...]) -> CheckConstraint:
    """The column has one of these values."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def fractions(*columns: str) -> list[CheckConstraint]:
    """These columns are fractions of 1."""
    return [CheckConstraint(f"{column} BETWEEN 0 AND 1", name=column) for column in columns]


def of_run() -> Column[Any]:
    """The run that a row is of."""
    return Column("run_id", Integer, ForeignKey("runs.run_id"), nullable=False)


def columns(text: str, *large: str) -> list[Column[Any]]:
    """The columns that a text such as `epoch integer, name text?` tells; numbers in `large` have 64 bits."""
    return [_column(it, it.name in large) for it in columns_told(text)]


def columns_of(table: str, *large: str) -> list[Column[Any]]:
    """The columns that an archive has of that table, but for a run's key; numbers in `large` have 64 bits.

    Where an archive names a row of another table, there is its id.
    """
    apart = ("run_key", "sweep_digest", "dataset_content_hash")
    return [_column(it, it.name in large) for it in TRAINED[table] if it.name not in apart]


def _column(column: archive.Column, large: bool) -> Column[Any]:
    if column.name in ("config_hash", "dataset_name", "sweep_name"):
        other = column.name.partition("_")[0]
        return Column(f"{other}_id", Integer, ForeignKey(f"{other}s.{other}_id"), nullable=column.nullable)
    kind = JSON(none_as_null=column.nullable) if column.kind == "json" else _TYPES[column.kind]
    return Column(column.name, BigInteger if large else kind, nullable=column.nullable)
