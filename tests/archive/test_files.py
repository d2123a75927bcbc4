"""Both forms of archive, as folder and as zip file: what is written is read, and damage is found."""

from __future__ import annotations

import json
import os
import tempfile
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from archive_values import VALUES
from archives import MANIFEST, rewrite, rewrite_manifest, seal
from hypothesis import given, settings
from hypothesis import strategies as st

import gst
from gst.archive import CHUNK, Archive, Column, SweepName, TableRows, archives, write_archive
from gst.errors import InputError

COLUMNS = tuple(Column(kind, kind, True) for kind in VALUES)
ROW = (1, 0.5, "a", True, datetime(2026, 1, 2, tzinfo=UTC), [1, 2])
SWEEPS = [SweepName("hand", "d1")]


def write(path, rows, *, form="csv", columns=COLUMNS, name="things", **options):
    tables = [TableRows(name, columns, [rows])]
    return write_archive(path, tables, form=form, schema="0001", sweeps=SWEEPS, **options)


def read(path, name="things"):
    (archive,) = archives(path)
    archive.verify()
    return [row for rows in archive.rows(name) for row in rows]


@pytest.fixture(params=["csv", "parquet"])
def form(request):
    return request.param


@pytest.fixture(params=["archive", "archive.zip"])
def path(request, tmp_path):
    return tmp_path / request.param


def test_what_was_written_is_read(form):
    row = st.tuples(*(st.none() | values for values in VALUES.values()))

    @settings(deadline=None)
    @given(st.lists(row, max_size=5))
    def law(rows):
        with tempfile.TemporaryDirectory() as folder:
            for name in ("archive", "archive.zip"):
                write(Path(folder) / name, rows, form=form)
                assert read(Path(folder) / name) == rows

    law()


def test_the_manifest_says_what_is_there(path, form):
    written = write(path, [ROW, ROW], form=form)
    (archive,) = archives(path)
    assert archive.manifest == written
    facts = written.tables["things"]
    assert (facts.rows, facts.columns, len(facts.sha256)) == (2, COLUMNS, 64)
    assert (written.gst, written.schema, written.form) == (gst.__version__, "0001", form)
    assert written.sweeps == (SweepName("hand", "d1"),)
    assert abs((datetime.now(UTC) - written.written).total_seconds()) < 60


def test_rows_come_in_pieces(path, form):
    rows = [(number,) for number in range(25)]
    write(path, rows, form=form, columns=(Column("number", "integer", False),))
    (archive,) = archives(path)
    assert [len(piece) for piece in archive.rows("things", size=10)] == [10, 10, 5]
    assert CHUNK >= 1000


def test_fields_may_be_of_any_size(path, form):
    long = "x" * 300_000  # more than the csv module takes by default
    write(path, [(long,)], form=form, columns=(Column("text", "text", False),))
    assert read(path) == [(long,)]


def test_an_archive_is_whole_or_not_there(path):
    def broken():
        yield [ROW]
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        write_archive(path, [TableRows("things", COLUMNS, broken())], form="csv", schema="0001", sweeps=())
    assert list(path.parent.iterdir()) == []


def test_nothing_is_overwritten(path):
    write(path, [ROW])
    with pytest.raises(InputError, match="is there already; name another folder"):
        write(path, [])
    assert read(path) == [ROW]


def test_a_zip_file_may_be_replaced_where_that_is_meant(tmp_path):
    write(tmp_path / "a.zip", [ROW])
    write(tmp_path / "a.zip", [], replace=True)
    assert read(tmp_path / "a.zip") == []
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "file").touch()
    with pytest.raises(InputError, match="is there already"):
        write(tmp_path / "a", [], replace=True)


def test_an_empty_folder_is_as_good_as_none(tmp_path):
    (tmp_path / "a").mkdir()
    write(tmp_path / "a", [ROW])
    assert read(tmp_path / "a") == [ROW]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(InputError, match="cannot be written: Permission denied"):
        write(tmp_path / "a", [ROW])


def test_a_path_below_a_file_cannot_be_written(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot be written"):
        write(tmp_path / "file" / "a", [ROW])


def test_a_folder_of_zip_files_is_all_of_them_sweeps_first(tmp_path):
    for name in ("run-b.zip", "run-a.zip", "sweep-c.zip", "failed-d.zip"):
        write(tmp_path / name, [ROW])
    (tmp_path / ".run-e.zip.0123.packed").touch()  # somebody was killed while writing it
    names = [archive.path.name for archive in archives(tmp_path)]
    assert names == ["sweep-c.zip", "failed-d.zip", "run-a.zip", "run-b.zip"]


# Damage. Each message begins with the file.


@pytest.fixture
def damaged(tmp_path):
    """The one message about what is at that path."""

    def damaged(path=tmp_path / "archive"):
        with pytest.raises(InputError) as caught:
            read(path)
        return str(caught.value).replace(f"{tmp_path}/", "")

    return damaged


@pytest.fixture
def folder(tmp_path, form):
    write(tmp_path / "archive", [ROW, ROW], form=form)
    return tmp_path / "archive"


@pytest.fixture
def csv_folder(tmp_path):
    write(tmp_path / "archive", [ROW, ROW])
    return tmp_path / "archive"


def test_no_archive(tmp_path, damaged):
    assert damaged(tmp_path / "nowhere") == "nowhere: there is no such archive"
    (tmp_path / "archive").mkdir()
    assert damaged().startswith("archive: is no archive: there is neither manifest.json in it")
    (tmp_path / "file").write_text("text")
    assert damaged(tmp_path / "file") == "file/manifest.json: cannot be read: File is not a zip file"


def test_a_missing_file(folder, form, damaged):
    (folder / f"things.{form}").unlink()
    assert damaged() == f"archive/things.{form}: is missing"


def test_another_file(folder, form, damaged):
    path = folder / f"things.{form}"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    assert damaged().startswith(f"archive/things.{form}: is not the file that was written: its sha256 is ")


def test_another_number_of_rows(folder, form, damaged):
    seal(folder, "things", rows=3)
    assert damaged() == f"archive/things.{form}: has 2 rows, and the manifest says 3"


def test_a_truncated_file(folder, form, damaged):
    path = folder / f"things.{form}"
    path.write_bytes(path.read_bytes()[:-20])
    seal(folder, "things")
    assert damaged().startswith(f"archive/things.{form}")


def test_a_truncated_zip_file(tmp_path, damaged):
    write(tmp_path / "a.zip", [ROW])
    (tmp_path / "a.zip").write_bytes((tmp_path / "a.zip").read_bytes()[:-30])
    assert damaged(tmp_path / "a.zip") == "a.zip/manifest.json: cannot be read: File is not a zip file"


def test_a_zip_file_with_a_bad_block(tmp_path, damaged):
    write(tmp_path / "a.zip", [ROW] * 100)
    with zipfile.ZipFile(tmp_path / "a.zip") as packed:
        start = packed.getinfo("things.csv").header_offset
    content = bytearray((tmp_path / "a.zip").read_bytes())
    content[start + 60] ^= 255
    (tmp_path / "a.zip").write_bytes(content)
    assert damaged(tmp_path / "a.zip").startswith("a.zip/things.csv: cannot be read: ")


def test_a_missing_column(folder, form, damaged):
    def change(content):
        content["tables"]["things"]["columns"].append({"name": "more", "kind": "text", "nullable": True})

    rewrite_manifest(folder, change)
    assert damaged() == f"archive/things.{form}: lacks the column 'more'"


def test_a_column_too_many(folder, form, damaged):
    rewrite_manifest(folder, lambda content: content["tables"]["things"]["columns"].pop())
    assert damaged().startswith(f"archive/things.{form}: has other columns than the manifest says: [")


def test_another_type(folder, form, damaged):
    def change(content):
        content["tables"]["things"]["columns"][2]["kind"] = "integer"

    rewrite_manifest(folder, change)
    told = {
        "csv": ":2: text: 'a' is not of type integer",
        "parquet": ": text: has type string, expected int64",
    }
    assert damaged() == f"archive/things.{form}{told[form]}"


def test_a_missing_value(folder, form, damaged):
    write(folder.with_name("other"), [ROW, (None, *ROW[1:])], form=form)
    rewrite_manifest(
        folder.with_name("other"),
        lambda content: content["tables"]["things"]["columns"][0].update(nullable=False),
    )
    path = folder.with_name("other")
    assert damaged(path) == f"other/things.{form}: row 2: integer: there is no value"


def test_text_in_the_place_of_json(tmp_path, damaged):
    columns = (Column("value", "text", True),)
    write(tmp_path / "archive", [("{",)], form="parquet", columns=columns)

    def change(content):
        content["tables"]["things"]["columns"][0]["kind"] = "json"

    rewrite_manifest(tmp_path / "archive", change)
    assert damaged() == "archive/things.parquet: value: '{' is not of type json"


def test_a_row_with_a_field_too_few(csv_folder, damaged):
    (csv_folder / "things.csv").write_text("integer,float,text,boolean,time,json\n1,2.0\n")
    seal(csv_folder, "things")
    assert damaged() == "archive/things.csv:2: has 2 fields, expected 6"


def test_bytes_that_are_no_text(csv_folder, damaged):
    with (csv_folder / "things.csv").open("ab") as file:
        file.write(b'1,,"\xff",,,\n')
    seal(csv_folder, "things", rows=3)
    assert damaged().startswith("archive/things.csv: is not CSV as gst writes it: ")


def test_rows_that_were_changed_with_the_manifest_are_rows(csv_folder):
    rewrite(csv_folder, "things", lambda rows: rows[0].update(text=r"\\b", integer=""))
    assert read(csv_folder)[0] == (None, 0.5, r"\b", *ROW[3:])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is not JSON: "),
        ("[]", "is not the manifest of an archive, it has no key 'archive'"),
        ("{}", "is not the manifest of an archive, it has no key 'archive'"),
        ('{"archive": 2}', "the archive has format 2, and this gst reads format 1; import it with the gst"),
        ('{"archive": "1"}', "the archive has format '1', and this gst reads format 1"),
        ('{"archive": 1}', "lacks 'gst'"),
        (b"\xff", "is not UTF-8 text"),
    ],
)
def test_a_manifest_that_is_none(csv_folder, damaged, text, message):
    (csv_folder / MANIFEST).write_bytes(text if isinstance(text, bytes) else text.encode())
    assert damaged().startswith(f"archive/{MANIFEST}: {message}")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("gst", None), ("written", "yesterday"), ("format", "xml"), ("sweeps", [{}]), ("tables", []),
        ("tables", {"../things": {"rows": 0, "sha256": "", "columns": [COLUMNS[0]._asdict()]}}),
        ("tables", {"things": {"rows": 0, "sha256": "", "columns": []}}),
        ("tables", {"things": {"rows": "no", "sha256": "", "columns": [COLUMNS[0]._asdict()]}}),
        ("tables", {"things": {"rows": 0, "sha256": "", "columns": [{"name": "a", "kind": "b"}]}}),
    ],
)  # fmt: skip
def test_a_manifest_with_another_value(csv_folder, damaged, key, value):
    content = json.loads((csv_folder / MANIFEST).read_text())
    (csv_folder / MANIFEST).write_text(json.dumps({**content, key: value}))
    assert damaged() == f"archive/{MANIFEST}: {key}: is not of the form that gst writes"


def test_the_manifest_is_read_before_anything_else(csv_folder):
    assert Archive(csv_folder).where("things") == str(csv_folder / "things.csv")
