"""Archives that would take all memory, never end, or bring what no command line would take."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pyarrow as pa
import pytest
from archives import populate, rewrite, rewrite_manifest, seal
from pyarrow import parquet
from small_disk import may_mount, small_disk
from tiny_sweep import RUNS, TINY
from typer.testing import CliRunner

from gst.cli import app
from gst.errors import InputError
from gst.launch import offline
from gst.launch.offline import refuse_unwritable
from gst.paths import is_file_stem
from gst.store import Store


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """Archives of a store with some of everything, by form."""
    folder = tmp_path_factory.mktemp("exported")
    with Store.open(str(folder / "gst.db"), create=True) as store:
        populate(store)
        for form in ("csv", "parquet"):
            store.export(folder / form, form=form)
    return folder


@pytest.fixture(params=["csv"])
def archive(request, exported, tmp_path):
    return Path(shutil.copytree(exported / request.param, tmp_path / "archive"))


@pytest.fixture
def refusal(empty, tmp_path):
    """The message about an archive; nothing of it is in the store."""
    shutil.copy(empty, tmp_path / "gst.db")

    def of(path: Path) -> str:
        with Store.open(str(tmp_path / "gst.db")) as store:
            with pytest.raises(InputError) as caught:
                store.merge(path)
            assert store.sweeps() == []
        return str(caught.value)

    return of


@pytest.mark.parametrize(
    ("place", "text"),
    [
        (("rows",), "1e400"), (("rows",), "-1"), (("rows",), "1.5"), (("rows",), "true"), (("rows",), "NaN"),
        (("rows",), "9" * 5000), (("sha256",), "5"), (("columns",), "[" * 50_000), (("columns",), "{}"),
    ],
)  # fmt: skip
def test_a_manifest_of_another_form_is_told(archive, refusal, place, text):
    rewrite_manifest(archive, lambda content: content["tables"]["runs"].update({place[0]: "HERE"}))
    path = archive / "manifest.json"
    path.write_text(path.read_text().replace('"HERE"', text))
    assert f"{path}: " in refusal(archive)


def test_a_manifest_has_a_bound(archive, refusal):
    (archive / "manifest.json").write_text(" " * 4_000_001)
    assert "is larger than 4,000,000 bytes" in refusal(archive)


@pytest.mark.parametrize("name", ["manifest.json", "runs.csv"])
def test_only_files_are_read(archive, refusal, name):
    (archive / name).unlink()
    os.mkfifo(archive / name)
    assert "it is a pipe or a device" in refusal(archive)
    (archive / name).unlink()
    (archive / name).symlink_to("/dev/zero")
    assert "it is a pipe or a device" in refusal(archive)


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("/dev/zero")])
def test_an_archive_that_is_no_file(tmp_path, refusal, make):
    make(tmp_path / "archive.zip")
    told = refusal(tmp_path / "archive.zip")
    assert told.endswith(
        "archive.zip/manifest.json: cannot be read: it is a pipe or a device, expected a file"
    )


class TestResultsOfBatchJobs:
    """`gst train -o` says before it trains that its results would be lost, and loses no others."""

    @pytest.fixture
    def train(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        Path("tiny.yaml").write_text(TINY)

        def call(output: object):
            result = CliRunner().invoke(app, ["train", "tiny.yaml", "-o", str(output)], prog_name="gst")
            assert not result.exception or isinstance(result.exception, SystemExit), result.exception
            return result

        return call

    @pytest.mark.parametrize("output", ["file", "file/inside", "tiny.yaml"])
    def test_a_file_in_place_of_a_folder(self, train, output):
        Path("file").touch()
        result = train(output)
        assert (result.exit_code, result.stderr.count("gst: ")) == (2, 1)
        assert f"gst: {output}: is a file or lies in one, expected a folder\n" in result.stderr

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
    def test_a_folder_that_one_may_not_write(self, train, tmp_path):
        (tmp_path / "out").mkdir()
        for folder in (tmp_path, *tmp_path.parents[:-2]):
            folder.chmod(0o755)
        os.seteuid(65534)
        try:
            with pytest.raises(
                InputError, match=r"out: cannot be written: Permission denied; -o names another"
            ):
                refuse_unwritable(tmp_path / "out")
            with pytest.raises(
                InputError, match=r"new: cannot be written: Permission denied; -o names another"
            ):
                refuse_unwritable(tmp_path / "new")
        finally:
            os.seteuid(0)

    @pytest.mark.skipif(not may_mount(), reason="only root may mount a disk")
    def test_a_disk_that_fills(self, train, tmp_path, monkeypatch):
        with small_disk(tmp_path / "disk", 1) as disk:
            monkeypatch.setattr(offline, "write_run", filling(disk, offline.write_run, after=2))
            result = train(disk.folder / "out")
            assert (result.exit_code, result.stderr.count("gst: ")) == (2, 1)
            assert re.search(r"run-\w+\.zip: cannot be written: No space left on device\n$", result.stderr)
            there = sorted(it.name.partition("-")[0] for it in (disk.folder / "out").iterdir())
            assert there == ["run", "run", "sweep"]
            full = train(disk.folder / "out")
            assert full.stderr.endswith(
                "out: cannot be written: No space left on device; -o names another folder\n"
            )
            monkeypatch.undo()
            monkeypatch.chdir(tmp_path)
            disk.clear()
            assert train(disk.folder / "out").exit_code == 0
            assert len(list((disk.folder / "out").glob("run-*.zip"))) == RUNS


def filling(disk, write, after):
    """Writes runs, and fills the disk before the next one."""
    left = iter(range(after))

    def written(*arguments):
        if next(left, None) is None:
            disk.fill()
        return write(*arguments)

    return written


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("registered", "0001-01-01T00:00:00+23:59"), ("registered", "9999-12-31T23:59:59-23:59"),
        ("figures", "5"), ("figures", "[5]"), ("figures", "[" * 50_000), ("figures", "NaN"),
        ("design", "5"), ("name", "/path/x"), ("name", "../x"), ("name", "x" * 200), ("name", "a\nb"),
        ("title", "a\nb"), ("title", "\x1b]0;owned\x07"), ("claim", "\u202e"), ("text", "\x00"),
        ("title", "\x9b31m"),
    ],
)  # fmt: skip
def test_a_sweep_is_as_the_command_line_would_take_it(archive, refusal, column, text):
    rewrite(archive, "sweeps", lambda rows: rows[0].update({column: text}))
    assert "sweeps.csv" in refusal(archive)


@pytest.mark.parametrize(
    ("table", "column", "text"),
    [
        ("sweep_runs", "arm", "a\nb"), ("sweep_runs", "arm", "\x1b[2J"), ("attempts", "host", "\x1b[2J"),
        ("attempts", "traceback", "\x00"), ("notes", "text", "\u2066"), ("runs", "seed", "-1"),
        ("runs", "created", "0001-01-01T00:00:00+01:00"),
    ],
)  # fmt: skip
def test_other_texts_too(archive, refusal, table, column, text):
    rewrite(archive, table, lambda rows: rows[0].update({column: text}))
    assert f"{table}.csv" in refusal(archive)


def test_what_a_program_printed_comes_as_it_was(archive, tmp_path):
    rewrite(archive, "attempts", lambda rows: rows[0].update(log_tail="\x1b[1mbold\x1b[0m"))
    with Store.open(str(tmp_path / "new.db"), create=True) as store:
        store.merge(archive)
        assert ("\x1b[1mbold\x1b[0m",) in store.query("SELECT log_tail FROM attempts").rows


@pytest.mark.parametrize(
    ("name", "good"),
    [("quickstart", True), ("fig2 (1)", True), ("", False), (".", False), ("..", False), ("a/b", False),
     ("/a", False),
     ("a\\b", False), ("a\x00", False), ("a ", False), ("\u202ea", False), ("C:a", False)],
)  # fmt: skip
def test_names_of_files(name, good):
    assert is_file_stem(name) == good


def packed(archive: Path) -> Path:
    path = archive.with_suffix(".zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as target:
        for file in sorted(archive.iterdir()):
            target.write(file, file.name)
    return path


def zip_bomb(archive: Path) -> Path:
    with (archive / "sweeps.csv").open("ab") as file:
        for _ in range(300):
            file.write(b"x" * 1_000_000)
    seal(archive, "sweeps")
    return packed(archive)


def one_long_line(archive: Path) -> Path:
    with (archive / "sweeps.csv").open("ab") as file:
        file.write(b"x" * 60_000_000)
    seal(archive, "sweeps")
    return archive


def many_long_texts(archive: Path) -> Path:
    """A Parquet file of a few kilobytes: 5,000 rows that name one text of a million characters."""
    rows = 5_000
    table = parquet.read_table(archive / "notes.parquet")
    schema = table.schema
    first = table.slice(0, 1).to_pylist()[0]
    columns = []
    for field in schema:
        value = "x" * 1_000_000 if field.name == "text" else first[field.name]
        if pa.types.is_string(field.type):
            indices = pa.array([0 if value is not None else None] * rows, pa.int32())
            columns.append(pa.DictionaryArray.from_arrays(indices, pa.array([value or ""], pa.string())))
        else:
            columns.append(pa.array([value] * rows, field.type))
    whole = pa.table(columns, names=schema.names)
    parquet.write_table(whole, archive / "notes.parquet", compression="zstd", store_schema=False)
    seal(archive, "notes", rows=rows)
    return archive


ATTACKS = {"zip": ("csv", zip_bomb), "line": ("csv", one_long_line), "parquet": ("parquet", many_long_texts)}
# The peak of this process alone: that of getrusage has what its parent had when it was forked.
IMPORT = """
import re, sys
from pathlib import Path
from typer.testing import CliRunner
from gst.cli import app
result = CliRunner().invoke(app, ["import", sys.argv[1], "--db", sys.argv[2]])
peak = int(re.search(r"VmHWM:\\s*([0-9]+) kB", Path("/proc/self/status").read_text())[1])
print(result.exit_code, peak // 1024, result.output)
"""


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_import_takes_little_memory(exported, tmp_path, empty, attack):
    form, make = ATTACKS[attack]
    path = make(Path(shutil.copytree(exported / form, tmp_path / "archive")))
    store = shutil.copy(empty, tmp_path / "gst.db")
    done = subprocess.run(
        [sys.executable, "-c", IMPORT, path, store], capture_output=True, text=True, check=True, timeout=120
    )
    code, memory, message = done.stdout.split(" ", 2)
    assert code == "2", message
    assert "Traceback" not in message
    assert int(memory) < 1000, message


def test_a_formula_in_a_csv_archive_is_none_and_comes_back(tmp_path, empty):
    with Store.open(str(tmp_path / "gst.db"), create=True) as store:
        populate(store)
        key = store.query("SELECT key FROM runs LIMIT 1").rows[0][0]
        store.note("=HYPERLINK(1)", keys=[key])
        store.export(tmp_path / "out", form="csv")
    fields = (tmp_path / "out" / "notes.csv").read_text()
    assert "\\=HYPERLINK(1)" in fields
    with Store.open(str(shutil.copy(empty, tmp_path / "other.db"))) as other:
        other.merge(tmp_path / "out")
        assert ("=HYPERLINK(1)",) in other.query("SELECT text FROM notes").rows
