"""Every table of the schema is in an archive or said not to be, and machines without a database agree."""

from __future__ import annotations

import pytest
from archives import populate, tables

from gst.archive import archives
from gst.archive.layout import TRAINED
from gst.store import Store
from gst.store.schema import YIELDED, metadata
from gst.store.transfer.tables import EXCLUDED, LOCAL, NATURAL, archived, layout


def test_every_table_of_the_schema_is_exported_with_its_rows_or_excluded(tmp_path):
    """A new table fails here until `archives.populate` fills it."""
    url = str(tmp_path / "gst.db")
    with Store.open(url, create=True) as store:
        populate(store)
        store.export(tmp_path / "out")
    (archive,) = archives(tmp_path / "out")
    wanted = {name: len(rows) for name, rows in tables(url).items() if name not in EXCLUDED}
    assert 0 not in wanted.values(), "a table without rows proves nothing"
    assert {name: facts.rows for name, facts in archive.manifest.tables.items()} == wanted
    assert set(metadata.tables) >= EXCLUDED


@pytest.mark.parametrize("table", list(archived()), ids=lambda table: table.name)
def test_no_column_is_left_out_but_ids_places_and_what_databases_compute(table):
    left_out = {column.name for column in table.columns} - {it.column.name for it in layout(table).fields}
    allowed = {column.name for column in table.columns if column.computed is not None}
    allowed |= {column.name for column in table.primary_key.columns if column.name.endswith("_id")}
    allowed |= {column.name for column in LOCAL if column.table is table}
    assert left_out <= allowed - {"run_id"} | ({"run_id"} if table.name == "runs" else set())
    names = [column.name for column in layout(table).columns]
    assert len(set(names)) == len(names)
    assert not [name for name in names if name.endswith("_id")]


@pytest.mark.parametrize("name", TRAINED)
def test_what_training_fills_has_the_columns_of_the_store(name):
    assert TRAINED[name] == layout(metadata.tables[name]).columns


def test_everything_that_runs_yield_is_filled_by_training():
    assert {table.name for table in YIELDED} <= set(TRAINED)


def test_what_rows_are_called_is_unique():
    for name, columns in NATURAL.items():
        unique = [
            {column.name for column in constraint.columns}
            for constraint in metadata.tables[name].constraints
            if type(constraint).__name__ == "UniqueConstraint"
        ]
        assert set(columns) in unique
