"""What the papers report, beside what the store has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dash import Dash, Input, Output, dcc, html

from gst.compare.loading import load_published, shipped_file, without_figure
from gst.compare.own_sweep import OWN
from gst.compare.papers import compare
from gst.compare.results import Comparison, absence
from gst.compare.telling import (
    Block,
    ClaimRow,
    Claims,
    Differences,
    Heading,
    Sentence,
    Summary,
    ValueRow,
    Values,
    tell,
)
from gst.dashboard.grid import grid
from gst.dashboard.kept import Kept
from gst.dashboard.page import Context, redrawn, remembered
from gst.dashboard.pieces import chooser, field, fields, folded, heading, message
from gst.errors import GstError
from gst.grouping import grouped
from gst.store import Store
from gst.store.reading import results_version

TITLE = "Compare"
ORDER = 5


def layout(context: Context) -> list[Any]:
    """A choice of papers, and what came of it."""
    papers = ["all", *(paper.name for paper in load_published(shipped_file()).papers.values()), OWN]
    return [
        heading(TITLE, "What the papers report, beside what the store has."),
        fields(field("Paper", chooser("compare-paper", papers, context.query.get("paper")))),
        dcc.Store(id="compare-mark"),
        dcc.Loading(html.Div(id="compare-results", style={"minHeight": 200}), delay_show=400),
    ]


def register(app: Dash, context: Context) -> None:
    """Compare anew whenever another run has completed."""
    remembered(app, Input("compare-paper", "value"))
    comparison = kept_comparison(context.store)

    @redrawn(
        app,
        "compare-mark",
        [Output("compare-results", "children")],
        [Input("compare-paper", "value")],
        lambda paper: comparison.mark(None),
    )
    def show(paper: str) -> Any:
        try:
            return (results(of_paper(comparison.of(None), paper)),)
        except GstError as error:
            return (message(str(error)),)


def kept_comparison(store: Store) -> Kept[None, Comparison]:
    """The comparison with all that is published, and what can be asked of other sweeps.

    It is made anew once another run has completed.
    """

    def made(_: None) -> Comparison:
        published = load_published(shipped_file())
        names = (it.name for it in store.sweeps() if it.meant and it.completed and not it.archived)
        others = without_figure(published, names)
        return compare(store, published, tuple(published.figures), others=others)

    return Kept(made, lambda _: results_version(store))


def of_paper(found: Comparison, paper: str) -> Comparison:
    """The comparison with that paper alone, or with all of them."""
    return found._replace(figures=tuple(it for it in found.figures if paper in ("all", it.paper)))


def results(found: Comparison) -> list[Any]:
    """Figures that could be compared, one after another, and why the others could not."""
    said = [part for block in tell(found) for part in shown(block)]
    return [*said, html.H2("Not compared"), *missing(found)]


def missing(found: Comparison) -> Iterator[Any]:
    """The sweeps that are not in the store, each once, and what else keeps figures from being compared."""
    absent = grouped((sweep, figure.figure) for figure in found.figures for sweep in figure.absent)
    reasons: dict[str, list[str]] = {}
    for figure in found.figures:
        lacking = absence(*figure.absent) if figure.absent else ""
        if other := figure.reason.removesuffix(lacking).removesuffix("; "):
            reasons.setdefault(other, []).append(figure.figure)
    if absent:
        rows = [(sweep, ", ".join(names), f"gst sweep {sweep}") for sweep, names in absent.items()]
        yield grid(("sweep that is not in the store", "figures", "command"), rows, id="compare-missing")
    if reasons:
        yield grid(("figures", "why"), [(", ".join(names), why) for why, names in reasons.items()])
    if not absent and not reasons:
        yield html.P("None.", className="faint")


def shown(block: Block) -> Iterator[Any]:
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
        case Differences():
            yield grid(("final test accuracy, paired by seed", "difference"), block.rows)
            yield html.P(block.method, className="about")
        case Claims():
            yield from map(claim, block.rows)
        case Values():
            columns = ("value", "published", "ours", "runs", "", "where", "remarks")
            yield grid(columns, [value(row) for row in block.rows])


def claim(row: ClaimRow) -> html.Details:
    """A claim with its verdict, and on a click its parts; "elsewhere" where our runs differ."""
    elsewhere = ", elsewhere" if row.deviations else ""
    kind = f"verdict {row.verdict.replace(' ', '-')}"
    about = "; ".join(filter(None, (row.reason, row.deviations)))
    parts = html.Ul([html.Li(f"{it.name}: {it.verdict}: {it.numbers}", title=it.method) for it in row.parts])
    told = [html.B(row.verdict + elsewhere, className=kind), html.Span(row.name), html.Span(row.place)]
    return folded(told, html.P(about, className="faint"), parts)


def value(row: ValueRow) -> list[Any]:
    """A row of a published value and ours."""
    remarks = "; ".join(filter(None, (row.reason, row.deviations)))
    return [row.name, row.published, row.ours, row.n, row.verdict, row.place, remarks]
