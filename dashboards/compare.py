"""What the papers report, beside what the store has."""

from __future__ import annotations

import threading

from dash import Input, Output, State, dcc, html, no_update

from gst.compare import compare, load_published, shipped_file
from gst.compare.telling import (
    Claims,
    Heading,
    NotCompared,
    Sentence,
    Summary,
    Values,
    tell,
)
from gst.dashboard.pieces import field, fields, heading, message, table
from gst.dashboard.sweeps import results_version
from gst.errors import GstError

TITLE = "Compare"
ORDER = 5


def layout(context):
    """A choice of papers, and what came of it."""
    papers = {paper.name: paper.name for paper in load_published(shipped_file()).papers.values()}
    return [
        heading(TITLE, "What the papers report, beside what the store has."),
        fields(
            field("Paper", dcc.Dropdown({"all": "all", **papers}, "all", id="compare-paper", clearable=False))
        ),
        dcc.Store(id="compare-mark"),
        dcc.Loading(html.Div(id="compare-results", style={"minHeight": 200}), delay_show=400),
    ]


def register(app, context):
    """Compare anew whenever another run has completed."""
    comparisons = Comparisons(context.store)

    @app.callback(
        Output("compare-results", "children"),
        Output("compare-mark", "data"),
        Input("compare-paper", "value"),
        Input("version", "data"),
        State("compare-mark", "data"),
    )
    def show(paper, version, before):
        mark = [paper, results_version(context.store)]
        if mark == before:
            return no_update, no_update
        try:
            return results(of_paper(comparisons.now(), paper)), mark
        except GstError as error:
            return message(str(error)), mark


class Comparisons:
    """The comparison with everything published, kept until another run completes. Threads may share it."""

    def __init__(self, store):
        self._store = store
        self._lock = threading.Lock()
        self._kept = None, None

    def now(self):
        """The comparison as it stands."""
        mark = results_version(self._store)
        with self._lock:
            if self._kept[0] != mark:
                published = load_published(shipped_file())
                self._kept = mark, compare(self._store, published, tuple(published.figures))
            return self._kept[1]


def of_paper(found, paper):
    """The comparison with that paper alone, or with all of them."""
    return found._replace(figures=tuple(it for it in found.figures if paper in ("all", it.paper)))


def results(found):
    """Figures that could be compared, one after another, and why the others could not."""
    return [part for block in tell(found) for part in shown(block)]


def shown(block):
    """A block of the comparison as components; pictures are for the page of gst compare."""
    match block:
        case Summary():
            counts = ", ".join(f"{count} {verdict}" for verdict, count in block.counts)
            yield html.P(f"Claims: {counts}. {block.apart('below')}", id="compare-summary")
            yield html.P(" ".join(block.methods), className="about")
        case Heading():
            yield html.H2(f"{block.paper}, {block.title}")
            yield html.P(f"{block.figure}: {block.citation}", className="faint")
        case Sentence():
            label = f"{block.label}: ".capitalize() if block.label else ""
            yield html.P(label + block.text, className="about", style={"margin": "0 0 4px"})
        case Claims():
            yield table(("verdict", "claim", "where"), [claim(row) for row in block.rows])
        case Values():
            columns = ("value", "published", "ours", "runs", "", "where", "remarks")
            yield table(columns, [value(row) for row in block.rows])
        case NotCompared():
            rows = [[words(", ".join(names)), words(reason)] for reason, names in block.names.items()]
            yield html.H2("Not compared")
            yield table(("figures", "why"), rows)


def words(found):
    """A cell that breaks its lines."""
    return html.Div(found, className="words")


def claim(row):
    """A row of a claim: its verdict, and on a click its parts; "elsewhere" where our runs differ."""
    elsewhere = ", elsewhere" if row.deviations else ""
    kind = f"verdict {row.verdict.replace(' ', '-')}"
    about = "; ".join(filter(None, (row.reason, row.deviations)))
    parts = html.Ul([html.Li(f"{it.name}: {it.verdict}: {it.numbers}", title=it.method) for it in row.parts])
    details = html.Details([html.Summary(row.name), html.P(about, className="faint"), parts])
    return [html.Span(row.verdict + elsewhere, className=kind), words(details), row.place]


def value(row):
    """A row of a published value and ours."""
    remarks = "; ".join(filter(None, (row.reason, row.deviations)))
    return [row.name, row.published, row.ours, row.n, row.verdict, row.place, words(remarks)]
