from __future__ import annotations

import hashlib
import html
import json
import logging
import math
import re
import shutil
import struct
import subprocess
import sys
import zlib
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import plotly.io
import pytest

import gst
from gst.analysis.source import Source, Table
from gst.errors import InputError
from gst.figures import FIGURES, SUFFIXES, export
from gst.figures.files.embedding import keys
from gst.figures.files.export import _without_false_alarm, numbers_sha256, provenance
from gst.figures.files.verify import verify

BROWSER = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chrome")
needs_browser = pytest.mark.skipif(BROWSER is None, reason="no Chrome or Chromium is installed")


@pytest.fixture
def numbers(hand):
    return FIGURES["tradeoff"].numbers(hand, "hand")


class Rows(list):
    """A part of a figure's table."""

    def rows(self):
        return iter(self)


def of_source(sheet, **changes):
    """The sheet, as if it were of another sweep."""
    return sheet._replace(runs=sheet.runs._replace(source=sheet.source._replace(**changes)))


@pytest.fixture
def figure(numbers):
    return FIGURES["tradeoff"].draw(numbers)


@pytest.fixture
def about(numbers):
    """What every export must carry."""
    source = numbers.source
    return {
        "gst": gst.__version__,
        "sweep": "hand",
        "sweep_digest": source.digest,
        "runs": 6,
        "missing_runs": 0,
        "numbers_sha256": numbers_sha256(numbers.table()),
        "run_keys": list(source.keys),
    }


@pytest.fixture
def picture(hand, figure, numbers, tmp_path):
    """The figure as a real browser draws it, in a file with that suffix, which `gst verify` finds to hold."""

    def drawn(suffix):
        path = export(figure, numbers, tmp_path / f"figure.{suffix}", name="tradeoff")
        assert [it.holds for it in verify(hand, path, FIGURES)] == [True, True, True, None]
        return path

    return drawn


@pytest.fixture
def named(about):
    """What a file that can be verified must carry."""
    return about | {"figure": "tradeoff", "parameters": {}}


def test_provenance(numbers, about):
    assert provenance(numbers) == about
    named = provenance(numbers, "tradeoff", {"accuracy": "final"})
    assert named == about | {"figure": "tradeoff", "parameters": {"accuracy": "final"}}


def test_over_a_thousand_keys_become_a_hash():
    many = [f"{number:064x}" for number in range(1001)]
    assert keys(many[:1000]) == {"run_keys": many[:1000]}
    assert keys(many) == {
        "run_keys_sha256": hashlib.sha256("".join(f"{key}\n" for key in many).encode()).hexdigest()
    }


def test_html_carries_everything_and_needs_no_network(figure, numbers, about, tmp_path):
    page = export(figure, numbers, tmp_path / "figure.html").read_text(encoding="utf-8")
    found = dict(re.findall(r'<meta name="gst:(\w+)" content="([^"]*)">', page))
    assert {name: html.unescape(text) for name, text in found.items()} == {
        name: value if isinstance(value, str) else json.dumps(value) for name, value in about.items()
    }
    assert "<title>By hand</title>" in page
    assert '<meta charset="utf-8">' in page
    assert not re.search(r'<(script|link)[^>]*\b(src|href)\s*=\s*["\']?https?:', page)
    assert len(page) > 1_000_000  # plotly itself
    assert page == export(figure, numbers, tmp_path / "again.html").read_text(encoding="utf-8")


def test_json_is_the_figure(figure, numbers, about, tmp_path):
    path = export(figure, numbers, tmp_path / "figure.json")
    text = path.read_text(encoding="utf-8")
    read = plotly.io.from_json(text)
    assert read.layout.meta == about
    assert [trace.name for trace in read.data] == [trace.name for trace in figure.data]
    assert figure.layout.meta is None  # what was drawn stays as it was
    columns, rows = numbers.table()
    assert json.loads(text)["rows"] == [
        {name: it for name, it in zip(columns, row, strict=True) if it is not None} for row in rows
    ]
    assert "bdata" not in text


def test_json_has_no_number_that_json_lacks(figure, numbers, tmp_path):
    figure.add_scatter(x=np.array([1.0, 2.0]), y=np.array([[1.0, np.nan], [np.inf, 2.0]]))
    odd = numbers._replace(
        parts=(Rows([{"what": "loss", "value": math.nan}, {"what": "x", "value": math.inf}]),)
    )
    text = export(figure, odd._replace(columns=()), tmp_path / "figure.json").read_text(encoding="utf-8")
    found = json.loads(text, parse_constant=lambda name: pytest.fail(name))
    assert found["rows"] == [{"what": "loss"}, {"what": "x", "value": None}]
    assert (found["data"][-1]["x"], found["data"][-1]["y"]) == ([1.0, 2.0], [[1.0, None], [None, 2.0]])


def test_csv_is_the_numbers(figure, numbers, about, tmp_path):
    path = export(figure, numbers, tmp_path / "figure.csv")
    found, (columns, rows) = pd.read_csv(path), numbers.table()
    filled = [at for at in range(len(columns)) if any(row[at] is not None for row in rows)]
    assert 0 < len(filled) < len(columns)
    assert list(found) == [*(columns[at] for at in filled), "provenance"]
    assert json.loads(found["provenance"][0]) == about
    assert found["provenance"][1:].isna().all()
    for at in filled:
        values = found[columns[at]].astype(object).where(found[columns[at]].notna(), None)
        assert values.tolist() == [row[at] for row in rows]


def test_every_figures_numbers_are_plain(hand):
    for name in ("tradeoff", "dynamics", "fig2_vgg11", "tabC1", "by", "fig3", "v1_figA2"):
        for row in FIGURES[name].numbers(hand, "hand").table().rows:
            assert {type(it) for it in row} <= {str, int, float, bool, type(None)}, (name, row)


def test_markdown_has_its_comment_at_the_end(figure, numbers, about, tmp_path):
    text = export(figure, numbers, tmp_path / "figure.md").read_text(encoding="utf-8")
    *table, comment = text.rstrip("\n").split("\n")
    assert json.loads(comment.removeprefix("<!-- gst: ").removesuffix(" -->")) == about
    assert table[0].startswith("By hand. 6 runs. Intervals: ")


def test_a_comment_in_markdown_cannot_be_ended_by_a_name(figure, numbers, tmp_path):
    odd = of_source(numbers, sweep="x --> <script>")
    text = export(figure, odd, tmp_path / "figure.md").read_text(encoding="utf-8")
    assert text.count("-->") == 1
    assert json.loads(text.rpartition("<!-- gst: ")[2].removesuffix(" -->\n"))["sweep"] == "x --> <script>"


def test_a_picture_is_as_high_as_its_figure(figure, numbers, tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr("kaleido.calc_fig_sync", lambda figure, opts, kopts: asked.append(opts) or b"<svg >")
    export(figure, numbers, tmp_path / "figure.svg")
    height = figure.layout.height
    export(figure.update_layout(height=900), numbers, tmp_path / "figure.svg")
    assert [opts["height"] for opts in asked] == [height, 900]


def test_a_title_of_several_lines_stays_in_its_line(figure, numbers, tmp_path):
    odd = of_source(numbers, sweep='odd "name"\n# evil: yes', title="<script>alert(1)</script>")
    page = export(FIGURES["tradeoff"].draw(odd), odd, tmp_path / "figure.html").read_text(encoding="utf-8")
    assert "<script>alert(1)" not in page
    found = pd.read_csv(export(figure, odd, tmp_path / "figure.csv"))
    assert len(found) == len(odd.table().rows)
    assert json.loads(found["provenance"][0])["sweep"] == 'odd "name"\n# evil: yes'


@pytest.mark.parametrize("name", ["figure.gif", "figure", "figure.html.bak"])
def test_unknown_suffixes_are_refused(figure, numbers, tmp_path, name):
    with pytest.raises(InputError, match=r"\.html, \.png, \.svg, \.pdf, \.json, \.csv, \.md, \.tex, found "):
        export(figure, numbers, tmp_path / name)
    assert list(tmp_path.glob("figure*")) == []


def test_suffixes_do_not_mind_their_case(figure, numbers, tmp_path):
    assert json.loads(export(figure, numbers, tmp_path / "figure.JSON").read_text(encoding="utf-8"))


def test_a_folder_that_does_not_exist_is_refused(figure, numbers, tmp_path):
    with pytest.raises(InputError, match=r"the folder .*nowhere does not exist"):
        export(figure, numbers, tmp_path / "nowhere" / "figure.html")


def test_a_file_appears_whole_or_not_at_all(figure, numbers, tmp_path, monkeypatch):
    path = tmp_path / "figure.json"
    path.write_text("before")

    def full(self, content):
        self.open("wb").close()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(InputError, match=r"figure\.json: cannot be written: No space left on device"):
        export(figure, numbers, path)
    assert path.read_text() == "before"
    assert [found.name for found in tmp_path.iterdir() if "figure" in found.name] == ["figure.json"]


def test_without_a_browser_pictures_are_refused_and_say_how_to_get_one(
    figure, numbers, tmp_path, monkeypatch
):
    monkeypatch.setenv("BROWSER_PATH", str(tmp_path / "no-browser"))
    with pytest.raises(InputError, match=r"\.png needs Chrome or Chromium.*plotly_get_chrome.*BROWSER_PATH"):
        export(figure, numbers, tmp_path / "figure.png")
    assert not (tmp_path / "figure.png").exists()


def test_the_browsers_false_alarm_is_not_heard_and_others_are(caplog):
    channel = logging.getLogger("choreographer.channels.pipe")
    with _without_false_alarm():
        channel.error("JSONError decoding message. Ignoring")
        channel.error("something else")
    channel.error("JSONError decoding message. Ignoring")
    assert [record.getMessage() for record in caplog.records] == [
        "something else",
        "JSONError decoding message. Ignoring",
    ]


@needs_browser
@pytest.mark.slow
def test_png(figure, picture, named):
    content = picture("png").read_bytes()
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, position = {}, 8
    while position < len(content):
        (size,) = struct.unpack(">I", content[position : position + 4])
        kind, body = content[position + 4 : position + 8], content[position + 8 : position + 8 + size]
        (checksum,) = struct.unpack(">I", content[position + 8 + size : position + 12 + size])
        assert zlib.crc32(kind + body) == checksum
        chunks[kind] = body
        position += 12 + size
    assert json.loads(chunks[b"iTXt"].removeprefix(b"gst\0\0\0\0\0")) == named
    assert struct.unpack(">II", chunks[b"IHDR"][:8]) == (2400, 2 * figure.layout.height)


@needs_browser
@pytest.mark.slow
def test_a_picture_of_a_command_with_options_that_kaleido_would_take(hand, tmp_path):
    """In a process of its own: kaleido reads the arguments once, when it is imported."""
    words = ["figure", "dynamics", "hand", "--log", "x", "--db", str(tmp_path / "gst.db"), "-o", "hand.svg"]
    script = "import sys; sys.argv[:1] = ['gst']; from gst.cli.commands import run; sys.exit(run())"
    done = subprocess.run(
        [sys.executable, "-c", script, *words], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "hand.svg").read_text(encoding="utf-8").startswith("<svg")


@needs_browser
@pytest.mark.slow
def test_svg(figure, picture, named):
    root = ElementTree.parse(picture("svg")).getroot()
    assert json.loads(root.find("{http://www.w3.org/2000/svg}metadata").text) == named
    assert (root.get("width"), root.get("height")) == ("1200", str(figure.layout.height))


@needs_browser
@pytest.mark.slow
def test_pdf(picture, named):
    content = picture("pdf").read_bytes()
    assert content.startswith(b"%PDF-1.")
    start = int(content.rstrip().rpartition(b"startxref\n")[2].split()[0])
    entry = re.match(rb"xref\n0 1\n0{10} 65535 f \n(\d+) 1\n(\d{10}) 00000 n \n", content[start:])
    place = int(entry[2])
    assert content[place:].startswith(entry[1] + b" 0 obj\n<</Creator (gst) /Subject <")
    text = bytes.fromhex(re.search(rb"/Subject <([0-9a-f]+)>", content[place:])[1].decode())
    assert json.loads(text) == named
    previous = int(re.search(rb"/Prev (\d+)", content[start:])[1])
    assert content[previous:].startswith(b"xref\n0 ")


def test_the_registry_is_a_list_of_names():
    assert list(FIGURES)[:2] == ["tradeoff", "dynamics"]
    assert list(SUFFIXES) == [".html", ".png", ".svg", ".pdf", ".json", ".csv", ".md", ".tex"]
    with pytest.raises(TypeError):
        FIGURES["mine"] = FIGURES["tradeoff"]


def test_any_numbers_can_be_exported(figure, tmp_path):
    class Mine:
        source = Source("s", "s", 1, "d", "t", ())
        deviations = ()
        differs = ""
        runs = None

        def table(self) -> Table:
            return Table(("a",), ((1,), (None,)))

    assert pd.read_csv(export(figure, Mine(), tmp_path / "figure.csv"))["a"].tolist()[0] == 1
    lines = export(figure, Mine(), tmp_path / "figure.md").read_text(encoding="utf-8").splitlines()
    assert lines[2:6] == ["| A |", "| ---: |", "| 1 |", "|  |"]
