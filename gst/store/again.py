"""A run that is trained again, beside the rows that it has in the store."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from gst.records import TABLES, Connectivity, EpochRecords, ExampleContent, Flatness, Normality, rows
from gst.store.schema import MEASUREMENTS, metadata

if TYPE_CHECKING:
    from gst.store.store import Store


NEWER = {field.name for kind in TABLES for field in fields(kind) if field.default is None}
"""Columns that stores have not had from the first, and that their older rows lack."""


def measurement_name(found: Flatness | Normality | ExampleContent | Connectivity) -> tuple[Any, ...]:
    """What tells measurements of one kind and run apart."""
    if isinstance(found, ExampleContent):
        return (found.epoch,)
    whole = (found.epoch, found.settings)
    if isinstance(found, Connectivity):
        return (*whole, found.point)
    return whole if isinstance(found, Flatness) else (*whole, found.layer, found.statistics)


def other_row(store: Store, run_id: int, records: EpochRecords) -> str | None:
    """The first value of an epoch that is not as it is stored, in words, or None.

    Measurements of the network and seconds are not compared, nor what older versions did not store.
    """
    for name, again in rows(records, run_id=run_id):
        table = metadata.tables[name]
        if table in MEASUREMENTS:
            continue
        key = [column.name for column in table.primary_key.columns]
        epochs = {row["epoch"] for row in again}
        query = select(table).where(table.c.run_id == run_id, table.c.epoch.in_(epochs))
        stored = (row._mapping for row in store.select(query))
        before = {tuple(row[it] for it in key): row for row in stored}
        for row in again:
            was = before.get(tuple(row[it] for it in key), {})
            for column in (it for it in row if it != "seconds"):
                value = _listed(row[column])
                if value != was.get(column) and not (column in NEWER and was.get(column) is None):
                    return f"has {name}.{column} {value}, and {was.get(column)} was stored"
    return None


def _listed(value: Any) -> Any:
    """The value with lists in the place of tuples, as JSON gives it back."""
    return [_listed(it) for it in value] if isinstance(value, tuple) else value
