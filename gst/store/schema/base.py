"""Names of constraints, and the columns and checks that several tables have."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, MetaData

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


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
