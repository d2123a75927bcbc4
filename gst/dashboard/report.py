"""Everything about one sweep in one file that opens without a network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from string import Template
from types import MappingProxyType

import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

import gst
from gst.analysis import Table
from gst.dashboard.account import Account, account, columns_with_values
from gst.dashboard.markup import Markup, bar, block, facts, paragraph, table
from gst.dashboard.words import KEY_DIGITS, counted, duration, moment, shown
from gst.errors import GstError, InputError
from gst.figures import FIGURES
from gst.figures.export import provenance, write_whole
from gst.figures.panels.arm_means import Arm, ArmMeans
from gst.figures.panels.scatter import Scatter
from gst.figures.sheet import Sheet
from gst.figures.style import percent
from gst.stats import Estimate
from gst.store import Store

ALWAYS: Mapping[str, str] = MappingProxyType(
    {"tradeoff": "Stability and accuracy", "dynamics": "Accuracy by epoch"}
)
"""Figures of every sweep, and their headings."""
TRACEBACKS = 20
"""Failed runs whose traceback a report shows."""
_HERE = Path(__file__).parent


def write_report(store: Store, sweep: str, path: Path) -> Path:
    """Write the report of the newest sweep of that name; the path. The file appears whole or not at all.

    Raises UnknownNameError for a sweep that is not in the store, InputError where it cannot be written.
    """
    check_report(path)
    write_whole(path, report(store, sweep).encode())
    return path


def check_report(path: Path) -> None:
    """Refuse a report's file before the work that it would take to find out."""
    if path.suffix.lower() not in (".html", ".htm"):
        raise InputError(f"{path}: a report is written as .html")
    if not path.parent.is_dir():
        raise InputError(f"{path}: the folder {path.parent} does not exist; make it first")


def report(store: Store, sweep: str) -> str:
    """The report as a page of HTML, with everything that it needs inside."""
    about = account(store, sweep)
    parts = [*_head(about), *_progress(about), *_results(store, about), *_failed(about)]
    parts += [*_settings(about), *_provenance(about), *_reproduce(about)]
    return Template((_HERE / "report.html").read_text(encoding="utf-8")).substitute(
        title=escape(about.title),
        style=(_HERE / "assets" / "gst.css").read_text(encoding="utf-8"),
        plotly=get_plotlyjs(),
        body="\n".join(parts),
    )


def _head(about: Account) -> Iterator[Markup]:
    yield Markup(f"<h1>{escape(about.title)}</h1>")
    yield paragraph(f"Sweep {about.name}. {_written()}", "about")
    if about.claim:
        yield paragraph(f"Claim: {about.claim}", "message")


def _written() -> str:
    return f"This report was written by gst {gst.__version__} at {shown(datetime.now(UTC))} UTC."


def _progress(about: Account) -> Iterator[Markup]:
    progress = about.progress
    yield Markup("<h2>Progress</h2>")
    yield bar(progress.counts)
    words = (
        f"{counted(progress.runs, 'run')}; {progress.epochs_done:,} of {progress.epochs_total:,} epochs; "
        f"{duration(progress.seconds)} of training, summed over runs"
    )
    if about.began:
        words += f"; from {shown(moment(about.began))} to {shown(moment(about.ended)) or 'now'} UTC"
    yield paragraph(f"{words}.", "faint")


def _results(store: Store, about: Account) -> Iterator[Markup]:
    """The arms, and every figure that can be drawn; the others say why not."""
    drawn: list[Markup] = []
    names = [*ALWAYS, *about.figures, *(n for n, figure in FIGURES.items() if about.name in figure.sweeps)]
    for name in dict.fromkeys(name for name in names if name in FIGURES):
        figure = FIGURES[name]
        drawn.append(Markup(f"<h2>{escape(ALWAYS.get(name, figure.title))}</h2>"))
        try:
            numbers = figure.numbers(store, about.name)
        except GstError as error:
            drawn.append(paragraph(str(error), "message"))
            continue
        if name == "tradeoff":
            yield from _arms(numbers)
        picture = go.Figure(figure.draw(numbers)).update_layout(meta=provenance(numbers, name))
        drawn.append(_embedded(picture, name))
    yield from drawn


def _embedded(figure: go.Figure, name: str) -> Markup:
    # Without a word, plotly offers to send the data to its maker's server.
    config = {"responsive": True, "displaylogo": False, "showSendToCloud": False, "plotlyServerURL": ""}
    page = figure.to_html(
        full_html=False,
        include_plotlyjs=False,
        include_mathjax=False,
        div_id=f"figure-{name}",
        config=config,
    )
    return Markup(str(page))


def _arms(found: Sheet) -> Iterator[Markup]:
    means, fit = found.panel(ArmMeans), found.panel(Scatter).fit
    yield Markup("<h2>Arms</h2>")
    columns = (
        "arm",
        "runs",
        f"{means.accuracy} test accuracy",
        "95% interval",
        "mean stability",
        "95% interval",
    )
    yield table(Table(columns, tuple(_arm(arm) for arm in means.arms)))
    method = next((arm.accuracy.method for arm in means.arms if arm.accuracy), None)
    words = (
        f"Intervals: {method}, over runs. " if method else "No arm has two runs, so there is no interval. "
    )
    if found.runs.scales:
        scales = ", ".join(f"{scale:g}" for scale in found.runs.scales)
        words += f"Runs are shrunk from the published configuration, to a scale of {scales}. "
    yield paragraph(words + " ".join(f"{note[0].upper()}{note[1:]}." for note in fit.notes), "faint")


def _arm(arm: Arm) -> tuple[object, ...]:
    stability = arm.mean_stability if arm.pruned else None
    return (
        arm.arm,
        arm.n,
        percent(arm.mean_accuracy, 2),
        _interval(arm.accuracy),
        "" if stability is None else percent(stability, 2),
        _interval(arm.stability) if arm.pruned else "",
    )


def _interval(found: Estimate | None) -> str:
    return "" if found is None else f"{percent(found.low, 2)} to {percent(found.high, 2)}"


def _failed(about: Account) -> Iterator[Markup]:
    rows = about.failed.rows
    if not rows:
        return
    yield Markup("<h2>Runs that did not complete</h2>")
    shortened = tuple((row[0], row[1][:KEY_DIGITS], *row[2:-1]) for row in rows)  # type: ignore[index]
    yield table(Table(about.failed.columns[:-1], shortened))
    traces = [row for row in rows if row[-1]]
    for row in traces[:TRACEBACKS]:
        yield block(f"Traceback of {str(row[1])[:KEY_DIGITS]}", str(row[-1]))
    if len(traces) > TRACEBACKS:
        yield paragraph(f"Tracebacks of the first {TRACEBACKS} of {len(traces)}.", "faint")


def _settings(about: Account) -> Iterator[Markup]:
    yield Markup("<h2>Configuration</h2>")
    yield Markup("<h3>Shared by all arms</h3>")
    yield facts(about.shared)
    yield Markup("<h3>Arm by arm</h3>")
    yield table(about.arms)


def _provenance(about: Account) -> Iterator[Markup]:
    yield Markup("<h2>Provenance</h2>")
    yield facts(
        [
            ("sweep", about.name),
            ("digest", about.digest),
            ("registered", f"{shown(moment(about.registered))} UTC"),
        ]
    )
    yield Markup("<h3>Software and machines</h3>")
    if about.software.rows:
        yield table(columns_with_values(about.software))
    else:
        yield paragraph("No attempt has ended yet.", "faint")
    yield Markup("<h3>Data</h3>")
    yield table(about.datasets) if about.datasets.rows else paragraph("No data set is known yet.", "faint")


def _reproduce(about: Account) -> Iterator[Markup]:
    yield Markup("<h2>How to reproduce it</h2>")
    commits = sorted({str(row[1]) for row in about.software.rows if row[1]})
    software = f"gst at {', '.join(commits)}" if commits else "the version of gst named above"
    if any(row[2] for row in about.software.rows):
        software += " (some runs were trained with changes that were not committed)"
    yield paragraph(
        f"Take {software}, save the file below as {about.name}.yaml, and run it. What was given on the "
        "command line in its place (--set, --seeds, --scale) is not in the file; the configuration above "
        "is what ran."
    )
    file = f"{about.name}.yaml"
    yield Markup(f"<pre>gst sweep {escape(file)}\ngst report {escape(about.name)}</pre>")
    yield block(file, about.text)
