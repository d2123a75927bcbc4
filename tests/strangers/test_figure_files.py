"""Files for `gst verify` that would never end, take all time, or say what no figure says."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from gst.errors import InputError
from gst.figures import FIGURES
from gst.figures.files.embedding import MOST_BYTES, extract, in_svg
from gst.figures.files.verify import verify
from gst.store import Store

ABOUT = {"gst": "1", "sweep": "hand", "sweep_digest": "d", "numbers_sha256": "n"}


@pytest.fixture
def refusal(empty):
    """The message about a file, of that content if one is given."""

    def of(path: Path, content: str | bytes | None = None) -> str:
        if content is not None:
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        with Store.open(str(empty), readonly=True) as store, pytest.raises(InputError) as refused:
            verify(store, path, FIGURES)
        return str(refused.value)

    return of


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("/dev/zero")])
def test_only_files_are_read(tmp_path, refusal, make):
    make(tmp_path / "figure.svg")
    assert refusal(tmp_path / "figure.svg").endswith(
        "cannot be read: it is a pipe or a device, expected a file"
    )


def test_a_file_has_a_bound(tmp_path, refusal):
    with (tmp_path / "figure.html").open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    assert "it is too large, expected at most 200,000,000 bytes" in refusal(tmp_path / "figure.html")


def test_json_that_is_nested_deeply(tmp_path, refusal):
    deep = "[" * 100_000 + "]" * 100_000
    for name, content in {
        "figure.json": f'{{"layout": {deep}}}',
        "figure.html": f'<html><meta name="gst:runs" content="{deep}"></head>',
        "figure.md": f"| a |\n\n<!-- gst: {deep} -->\n",
        "figure.tex": f"a\n\n% gst: {deep}\n",
        "figure.csv": f"what,provenance\nrun,{deep[50_000:-50_000]}\n",
    }.items():
        assert refusal(tmp_path / name, content) == f"{tmp_path / name}: is nested too deeply"


def test_beginnings_without_an_end(tmp_path, refusal):
    """Each of a million would be looked through to the end of the file: hours, and here a moment."""
    told = refusal(tmp_path / "figure.svg", "<svg>" + "<metadata>" * 1_000_000)
    assert "there is no provenance in it" in told


def test_the_first_metadata_of_a_picture_are_its_provenance(tmp_path):
    picture = in_svg(
        b"<svg width='1'><metadata>other</metadata></svg>", json.dumps(ABOUT | {"title": "a < b & c"})
    )
    (tmp_path / "figure.svg").write_bytes(picture)
    assert extract(tmp_path / "figure.svg").about == ABOUT | {"title": "a < b & c"}


@pytest.mark.parametrize(
    "changes",
    [
        {"sweep": 5},
        {"run_keys": 5},
        {"run_keys": "abc"},
        {"run_keys": [[]]},
        {"parameters": ["x"]},
        {"gst": None},
    ],
)
def test_provenance_of_another_form(tmp_path, refusal, changes):
    about = json.dumps({"layout": {"meta": ABOUT | changes}})
    assert "provenance" in refusal(tmp_path / "figure.json", about)
