"""A figure and its numbers as a file, which carries what it was made from."""

from __future__ import annotations

import csv
import errno
import hashlib
import html
import io
import json
import logging
import math
import os
import secrets
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import plotly.graph_objects as go

import gst
from gst.analysis.source import Table
from gst.errors import InputError
from gst.figures.files import embedding
from gst.figures.files.markup import latex, markdown
from gst.figures.files.page import drawn, page
from gst.figures.files.paper_table import PaperTable, paper_tables
from gst.figures.panels.arm_means import arm_means
from gst.figures.sheet import Sheet
from gst.figures.style import HEIGHT, WIDTH, sentences
from gst.figures.sweep_runs import SweepRuns
from gst.words import counted, csv_field


class TitledTable(NamedTuple):
    """The title and the numbers of a figure, which stand beside its drawing in a file; its runs, if any."""

    title: str
    table: Table
    runs: SweepRuns | None = None

    @property
    def for_papers(self) -> tuple[PaperTable, ...]:
        """The same with a row an arm, where there are arms."""
        if self.runs is None:
            return paper_tables(self.table)
        pruned = {run.arm for run in self.runs.runs if run.pruned}
        return paper_tables(self.table, arm_means(self.runs).rows(), pruned)


_Render = Callable[[go.Figure, TitledTable, Mapping[str, Any]], bytes]


def export(
    figure: go.Figure,
    numbers: Sheet,
    path: Path,
    *,
    name: str | None = None,
    parameters: Mapping[str, object] = MappingProxyType({}),
) -> Path:
    """Write the figure, or for .csv, .md and .tex its numbers, in the format of the path's suffix; the path.

    Every format carries sweep, digest, run keys, version and a hash of the numbers, and how the runs depart
    from the published experiment. With the name and parameters of the figure they are enough to check it
    (gst verify). The file appears whole or not at all.
    Raises InputError for a suffix that is not known, a folder that does not exist, or no browser.
    """
    return write(figure, titled(numbers), path, provenance(numbers, name, parameters))


def titled(numbers: Sheet) -> TitledTable:
    """The table of the sheet, its title and its runs."""
    return TitledTable(numbers.source.title, numbers.table(), numbers.runs)


def write(figure: go.Figure, sheet: TitledTable, path: Path, about: Mapping[str, Any]) -> Path:
    """The same for a figure that is of no sweep: `about` is what it was made from."""
    render = SUFFIXES.get(path.suffix.lower())
    if render is None:
        raise InputError(
            f"{path}: a figure is written as one of {', '.join(SUFFIXES)}, "
            f"found {repr(path.suffix) if path.suffix else 'no suffix'}"
        )
    if not path.parent.is_dir():
        raise InputError(f"{path}: the folder {path.parent} does not exist; make it first")
    stamped = go.Figure(figure).update_layout(meta=dict(about))
    write_whole(path, render(stamped, sheet, about))
    return path


def provenance(
    numbers: Sheet, name: str | None = None, parameters: Mapping[str, object] = MappingProxyType({})
) -> dict[str, Any]:
    """What a figure was made from; over 1,000 run keys become their number and a hash of all."""
    source = numbers.source
    return {
        "gst": gst.__version__,
        **({"figure": name, "parameters": dict(parameters)} if name else {}),
        "sweep": source.sweep,
        "sweep_digest": source.digest,
        "runs": len(source.keys),
        "missing_runs": len(source.missing),
        **({"deviations": list(numbers.deviations)} if numbers.deviations else {}),
        **({"differs": numbers.differs} if numbers.differs else {}),
        "numbers_sha256": numbers_sha256(numbers.table()),
        **embedding.keys(source.keys),
    }


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that appears whole or not at all; InputError where it cannot be written.

    A link stays one: the file that it leads to is written.
    """
    target = Path(os.path.realpath(path))
    partial = target.with_name(f".gst-{secrets.token_hex(8)}.partial")  # not longer than a name may be
    try:
        if target.exists() and not target.is_file():
            raise OSError(errno.EEXIST, "it is no file")
        partial.write_bytes(content)
        partial.replace(target)
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror}") from error
    finally:
        with suppress(OSError):
            partial.unlink()


def _html(figure: go.Figure, sheet: TitledTable, about: Mapping[str, Any]) -> bytes:
    tags = "".join(
        f'<meta name="gst:{html.escape(name)}" content="{html.escape(embedding.text(value))}">\n'
        for name, value in about.items()
    )
    body = drawn(figure, "gst-figure")
    return page(sheet.title, body, tags=tags, style="html, body { height: 100% }").encode()


def _json(figure: go.Figure, sheet: TitledTable, about: Mapping[str, Any]) -> bytes:
    drawing = embedding.unpacked(json.loads(figure.to_json()))
    rows = [{name: embedding.finite(it) for name, it in row.items()} for row in sheet.table.records()]
    return (json.dumps({**drawing, "rows": rows}, indent=2, allow_nan=False) + "\n").encode()


def _csv(figure: go.Figure, sheet: TitledTable, about: Mapping[str, Any]) -> bytes:
    text, (columns, rows) = io.StringIO(), sheet.table.filled()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow((*columns, embedding.COLUMN))
    writer.writerows(
        (*map(csv_field, row), "" if place else json.dumps(dict(about))) for place, row in enumerate(rows)
    )
    return text.getvalue().encode()


def _markdown(figure: go.Figure, sheet: TitledTable, about: Mapping[str, Any]) -> bytes:
    comment = json.dumps(dict(about)).replace("--", "-\\u002d")  # which would end the comment
    return f"{markdown(sheet.for_papers, caption(sheet, about))}{embedding.MARKDOWN}{comment} -->\n".encode()


def _latex(figure: go.Figure, sheet: TitledTable, about: Mapping[str, Any]) -> bytes:
    label = "-".join(str(about[name]) for name in ("sweep", "figure", "weights") if name in about)
    text = latex(sheet.for_papers, caption(sheet, about), label)
    return f"{text}{embedding.LATEX}{json.dumps(dict(about))}\n".encode()


def caption(sheet: TitledTable, about: Mapping[str, Any]) -> str:
    """Title, number of runs, how intervals were made, scale, the note of the sweep's file, and departures.

    `about` is the provenance of the figure.
    """
    made = dict.fromkeys(
        str(row["method"]) for row in sheet.table.records() if "method" in row and "low" in row
    )
    missing = f", {about['missing_runs']} missing" if about.get("missing_runs") else ""
    runs = [counted(about["runs"], "run") + missing] if "runs" in about else []
    ways = [f"intervals: {'; '.join(made)}"] if made else []
    departs = (
        [f"not the published experiment: {', '.join(about['deviations'])}"] if "deviations" in about else []
    )
    own = [it for it in (sheet.runs.scaled_down, sheet.runs.source.note) if it] if sheet.runs else []
    return " ".join(sentences([sheet.title, *runs, *ways, *own, *departs]))


def _picture(suffix: str, stamp: Callable[[bytes, str], bytes]) -> _Render:
    def render(figure: go.Figure, sheet: TitledTable, about: Mapping[str, Any]) -> bytes:
        return stamp(_rendered(figure, suffix), json.dumps(about))

    return render


def _rendered(figure: go.Figure, suffix: str) -> bytes:
    with _without_arguments():
        import kaleido  # here, because it starts slowly and most formats need none
        from choreographer.errors import BrowserFailedError, ChromeNotFoundError

    height = figure.layout.height or HEIGHT
    options = {"format": suffix, "width": WIDTH, "height": height, "scale": 2 if suffix == "png" else 1}
    try:
        # Without MathJax, which would be fetched from the network. The browser runs without its own
        # sandbox (kaleido's default), so that root can use it in a container.
        with _without_false_alarm():
            return bytes(kaleido.calc_fig_sync(figure, opts=options, kopts={"mathjax": False}))
    except ChromeNotFoundError as error:
        raise InputError(
            f"a .{suffix} needs Chrome or Chromium, and none was found: install one (plotly_get_chrome, or "
            "your system's package chromium) or set BROWSER_PATH to it; .html, .json and .csv need none"
        ) from error
    except BrowserFailedError as error:
        raise InputError(
            f"a .{suffix} needs Chrome or Chromium, and the one found did not start; "
            "set BROWSER_PATH to another, or write .html, .json or .csv, which need none"
        ) from error


@contextmanager
def _without_arguments() -> Iterator[None]:
    """Keep the command's arguments from kaleido, which takes --log for the beginning of its own options."""
    given = sys.argv
    sys.argv = given[:1]
    try:
        yield
    finally:
        sys.argv = given


@contextmanager
def _without_false_alarm() -> Iterator[None]:
    """Keep the browser's channel from logging a traceback where all is well.

    When it closes it writes itself a farewell, and now and then reads that as a message that it
    cannot parse: about one picture in fifteen.
    """

    def alarm(record: logging.LogRecord) -> bool:
        return not record.getMessage().startswith("JSONError decoding message")

    channel = logging.getLogger("choreographer.channels.pipe")
    channel.addFilter(alarm)
    try:
        yield
    finally:
        channel.removeFilter(alarm)


DIGITS, PLACES = 9, 12
"""Significant digits that count, and decimals: machines differ in the last ones of a sum."""


def numbers_sha256(table: Table) -> str:
    """The sha256 of columns and rows; numbers that differ by rounding alone have the same."""
    rows = [[canonical(value) for value in row] for row in table.rows]
    return hashlib.sha256(json.dumps([list(table.columns), rows]).encode()).hexdigest()


def canonical(value: object) -> str | None:
    """The value as text: of a number the digits that count, an empty string like None."""
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if not math.isfinite(value):
        return str(float(value))
    return f"{round(float(value), PLACES) + 0.0:.{DIGITS}g}"  # plus zero, for there is a negative one


SUFFIXES: Mapping[str, _Render] = {
    ".html": _html,
    ".png": _picture("png", embedding.in_png),
    ".svg": _picture("svg", embedding.in_svg),
    ".pdf": _picture("pdf", embedding.in_pdf),
    ".json": _json,
    ".csv": _csv,
    ".md": _markdown,
    ".tex": _latex,
}
"""The formats, by the suffix of a file."""
