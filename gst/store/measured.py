"""Measurements of runs that are trained already; those made in training come with their epochs."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select

from gst.errors import InputError
from gst.records import Flatness, rows_of
from gst.store.schema import eigenvalues, flatness, metadata, perturbation_losses, runs


def add_flatness(connection: Connection, key: str, found: Flatness) -> None:
    """Store that measurement of the run, in the place of an earlier one of the same epoch."""
    run = connection.execute(select(runs.c.run_id, runs.c.status).where(runs.c.key == key)).one_or_none()
    if run is None:
        raise InputError(f"no run {key!r} in this store")
    if run.status != "completed":
        raise InputError(f"run {key[:12]}: is {run.status}; only a completed run can be measured")
    for table in (eigenvalues, perturbation_losses, flatness):
        of_epoch = (table.c.run_id == run.run_id) & (table.c.epoch == found.epoch)
        connection.execute(delete(table).where(of_epoch))
    for name, rows in rows_of([found], run_id=run.run_id):
        connection.execute(insert(metadata.tables[name]), rows)
