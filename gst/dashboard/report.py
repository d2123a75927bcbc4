"""Everything about one sweep in one file that opens without a network."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
from dash import html

import gst
from gst.analysis.looks import decision_in_words
from gst.dashboard.contrast_table import COLUMNS, contrast_table
from gst.dashboard.drawings import with_headings
from gst.dashboard.markup import Markup, as_html
from gst.dashboard.pieces import cell, facts, folded, message, status_bar, table
from gst.errors import GstError, InputError
from gst.figures import FIGURES
from gst.figures.files.export import provenance, write_whole
from gst.figures.files.page import drawn, page
from gst.figures.means import RunMean
from gst.figures.panels.arm_means import Arm, ArmMeans
from gst.figures.panels.contrasts import Contrasts
from gst.figures.panels.scatter import Scatter
from gst.figures.sheet import Sheet
from gst.figures.style import percent, sentences
from gst.store import Store
from gst.store.account import Account, account
from gst.store.queries import Rows
from gst.words import counted, duration, readable, short

TRACEBACKS = 20
"""Failed runs whose traceback a report shows."""


def write_report(store: Store, sweep: str, path: Path) -> Path:
    """The path, once the report of that sweep is there, whole or not at all.

    Raises UnknownNameError for a sweep that is not in the store, InputError where it cannot be written.
    """
    check_report(path)
    write_whole(path, report(store, sweep).encode())
    return path


def check_report(path: Path) -> None:
    """Raise InputError for a path that no report can be written to."""
    if path.suffix.lower() not in (".html", ".htm"):
        raise InputError(f"{path}: a report is written as .html")
    if not path.parent.is_dir():
        raise InputError(f"{path}: the folder {path.parent} does not exist; make it first")


def report(store: Store, sweep: str) -> str:
    """The report as one page of HTML, with styles, plotly and data inside."""
    about = account(store, sweep)
    decision = decision_in_words(store, store.sweep_id(sweep))
    parts = [*_head(about), *_progress(about, decision), *_results(store, about), *_stopped(about)]
    parts += [*_settings(about), *_provenance(about), *_reproduce(about)]
    body = "\n".join(map(as_html, parts))
    style = (Path(__file__).parent / "assets" / "gst.css").read_text(encoding="utf-8")
    return page(about.version.title, f"<main>\n{body}\n</main>", style=style)


def _head(about: Account) -> Iterator[Any]:
    written = f"This report was written by gst {gst.__version__} at {readable(datetime.now(UTC))} UTC."
    yield html.H1(about.version.title)
    yield html.P(f"Sweep {about.version.label}. {written}", className="about")
    if about.version.claim:
        yield message(f"Claim: {about.version.claim}")


def _progress(about: Account, decision: str | None) -> Iterator[Any]:
    progress = about.progress
    yield html.H2("Progress")
    yield status_bar(progress.counts)
    words = (
        f"{counted(progress.runs, 'run')}; {progress.epochs_done:,} of {progress.epochs_total:,} epochs; "
        f"{duration(progress.seconds)} of training, summed over runs"
    )
    if about.began:
        words += f"; from {readable(about.began)} to {readable(about.ended) or 'now'} UTC"
    yield _faint(f"{words}.")
    if progress.silent:
        yield message(progress.silent.words)
    if decision:
        yield message(decision)
    for mixed in about.mixed:
        yield message(mixed)


def _results(store: Store, about: Account) -> Iterator[Any]:
    """The arms, then each figure, or why it cannot be drawn."""
    found: list[Any] = []
    papers = (name for name, figure in FIGURES.items() if about.version.name in figure.sweeps)
    for name, title in with_headings((*about.figures, *papers)).items():
        figure = FIGURES[name]
        found.append(html.H2(title))
        try:
            numbers = figure.numbers(store, about.version.address)
        except GstError as error:
            found.append(message(str(error)))
            continue
        if name == "tradeoff":
            yield from _contrasts(numbers)
            yield from _arms(numbers)
        picture = go.Figure(figure.draw(numbers)).update_layout(meta=provenance(numbers, name))
        found.append(html.Div(Markup(drawn(picture, f"figure-{name}")), className="panels"))
    yield from found


def _contrasts(found: Sheet) -> Iterator[Any]:
    """The differences of arms, paired by seed; nothing where no arms can be paired."""
    if shown := contrast_table(found.panel(Contrasts)):
        yield html.H2("Differences of arms, paired by seed")
        yield html.P(shown.about, className="about")
        yield table(
            COLUMNS,
            [[cell(name), value, cell(interval), *rest] for name, value, interval, *rest in shown.rows],
        )
        yield html.P(shown.method, className="about")


def _arms(found: Sheet) -> Iterator[Any]:
    means = found.panel(ArmMeans)
    yield html.H2("Arms")
    accuracy = f"{means.accuracy} test accuracy"
    columns = ("arm", "runs", accuracy, "95% interval", "mean stability", "95% interval")
    yield table(columns, [_arm(arm) for arm in means.arms])
    words = "No arm has two runs, so there is no interval. "
    if means.method:
        words = f"Intervals: {means.method}, over runs. "
    if found.runs.scales:
        scales = ", ".join(f"{scale:g}" for scale in found.runs.scales)
        words += f"Runs are shrunk, to a scale of {scales}. "
    yield _faint(" ".join([words.strip(), *sentences(found.panel(Scatter).fit.notes)]))


def _arm(arm: Arm) -> tuple[object, ...]:
    return (arm.name, arm.accuracy.n, *_mean(arm.accuracy), *_mean(arm.stability))


def _mean(found: RunMean | None) -> tuple[str, str]:
    """The mean and its interval, in words."""
    if found is None:
        return "", ""
    interval = found.estimate
    bounds = f"{percent(interval.low, 2)} to {percent(interval.high, 2)}" if interval else ""
    return percent(found.mean, 2), bounds


def _stopped(about: Account) -> Iterator[Any]:
    columns, rows = about.stopped
    if not rows:
        return
    yield html.H2("Runs that did not complete")
    yield table(columns[:-1], [(row[0], short(row[1]), *row[2:-1]) for row in rows])
    traces = [row for row in rows if row[-1]]
    for row in traces[:TRACEBACKS]:
        yield folded(f"Traceback of {short(row[1])}", html.Pre(row[-1]))
    if len(traces) > TRACEBACKS:
        yield _faint(f"Tracebacks of the first {TRACEBACKS} of {len(traces)}.")


def _settings(about: Account) -> Iterator[Any]:
    yield html.H2("Configuration")
    yield html.H3("Shared by all arms")
    yield facts(about.shared)
    yield html.H3("Arm by arm")
    yield table(*about.arms)


def _provenance(about: Account) -> Iterator[Any]:
    yield html.H2("Provenance")
    registered = f"{readable(about.version.registered)} UTC"
    version = [("version", about.version.address), ("options", about.version.words)]
    yield facts([*version, ("digest", about.version.digest), ("registered", registered)])
    yield html.H3("Software and machines")
    yield table(*about.software) if about.software.rows else _faint("No attempt has ended yet.")
    yield html.H3("Data")
    yield table(*about.datasets) if about.datasets.rows else _faint("No data set is known yet.")


def _reproduce(about: Account) -> Iterator[Any]:
    yield html.H2("How to reproduce it")
    commits = sorted({str(commit) for commit in _column(about.software, "git_commit") if commit})
    software = f"gst at {', '.join(commits)}" if commits else "the version of gst named above"
    if any(_column(about.software, "git_dirty")):
        software += " (some runs were trained with changes that were not committed)"
    file = f"{about.version.name}.yaml"
    yield html.P(
        f"Take {software}, save the file below as {file}, and run it. Seeds that were given in the place "
        "of its own (--seeds) are not in the file; the configuration above is what ran."
    )
    yield html.Pre(f"gst sweep {file} {about.version.options or ''}\ngst report {about.version.address}")
    yield folded(file, html.Pre(about.text))


def _column(found: Rows, name: str) -> list[Any]:
    """The values of that column; an empty list where the rows have no such column."""
    return [row[found.columns.index(name)] for row in found.rows] if name in found.columns else []


def _faint(text: str) -> html.P:
    return html.P(text, className="faint")
