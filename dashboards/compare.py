"""What the papers report, beside what the store has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from dash import Dash, Input, Output, State, dcc, html, no_update

from gst.compare import (
    VERDICTS,
    ClaimResult,
    Comparison,
    FigureResult,
    Part,
    ValueResult,
    compare,
    counted,
    load_published,
    methods,
    number,
    ours_words,
    p_value,
    published_words,
    setting_words,
    shipped_file,
)
from gst.dashboard.kept import Kept
from gst.dashboard.page import Context
from gst.dashboard.pieces import cell, chooser, field, fields, folded, heading, message, table
from gst.errors import GstError
from gst.store import Store, results_version

TITLE = "Compare"
ORDER = 5

ACCURACY = {"best": "best test accuracy since the last pruning event", "final": "final test accuracy"}
AGREES = {True: "agrees", False: "differs", None: ""}


def layout(context: Context) -> list[Any]:
    """A choice of papers, and what came of it."""
    papers = ["all", *(paper.name for paper in load_published(shipped_file()).papers.values())]
    return [
        heading(TITLE, "What the papers report, beside what the store has."),
        fields(field("Paper", chooser("compare-paper", papers))),
        dcc.Store(id="compare-mark"),
        dcc.Loading(html.Div(id="compare-results", style={"minHeight": 200}), delay_show=400),
    ]


def register(app: Dash, context: Context) -> None:
    """Compare anew whenever another run has completed."""
    comparison = kept_comparison(context.store)

    @app.callback(
        Output("compare-results", "children"),
        Output("compare-mark", "data"),
        Input("compare-paper", "value"),
        Input("version", "data"),
        State("compare-mark", "data"),
    )
    def show(paper: str, version: str, before: Any) -> Any:
        mark = [paper, comparison.mark(None)]
        if mark == before:
            return no_update, no_update
        try:
            return results(of_paper(comparison.of(None), paper)), mark
        except GstError as error:
            return message(str(error)), mark


def kept_comparison(store: Store) -> Kept[None, Comparison]:
    """The comparison with everything published, made anew once another run has completed."""

    def made(_: None) -> Comparison:
        published = load_published(shipped_file())
        return compare(store, published, tuple(published.figures))

    return Kept(made, lambda _: results_version(store))


def of_paper(found: Comparison, paper: str) -> Comparison:
    """The comparison with that paper alone, or with all of them."""
    chosen = tuple(figure for figure in found.figures if paper in ("all", figure.paper))
    return Comparison(found.published, found.tolerance, chosen)


def results(found: Comparison) -> list[Any]:
    """Figures that could be compared, one after another, and why the others could not."""
    compared = [figure for figure in found.figures if not figure.reason]
    return [
        html.P(summary(found), id="compare-summary"),
        html.P(" ".join(methods(found)), className="about"),
        *(part for figure in compared for part in section(figure)),
        html.H2("Not compared"),
        *waiting([figure for figure in found.figures if figure.reason]),
    ]


def summary(found: Comparison) -> str:
    """How many claims came to which verdict; those of runs that differ from the paper's apart."""
    words = ", ".join(f"{found.count(verdict)} {verdict}" for verdict in VERDICTS)
    elsewhere = (
        f" {found.elsewhere} more judged by runs that differ from the published experiment, "
        "which counts neither for nor against the paper."
    )
    return f"Claims: {words}.{elsewhere if found.elsewhere else ''}"


def waiting(figures: Sequence[FigureResult]) -> Iterator[Any]:
    """Why nothing of these figures was compared, those with the same reason together."""
    reasons: dict[str, list[str]] = {}
    for figure in figures:
        reasons.setdefault(figure.reason, []).append(figure.figure)
    rows = [[cell(", ".join(names)), cell(reason)] for reason, names in reasons.items()]
    yield table(("figures", "why"), rows) if rows else html.P("None.", className="faint")


def section(figure: FigureResult) -> Iterator[Any]:
    """One figure: what our runs were, its claims and its values."""
    yield html.H2(figure.title)
    about = [
        f"{figure.paper}, {figure.figure}: {ACCURACY[figure.accuracy]}",
        *map(setting_words, figure.settings),
    ]
    about += [f"differs from the paper by design: {figure.differs}"] if figure.differs else []
    yield html.P("; ".join(about) + ".", className="about")
    if figure.claims:
        rows = [[verdict(claim), cell(parts(claim)), claim.place] for claim in figure.claims]
        yield table(("verdict", "claim", "where"), rows)
    if figure.values:
        columns = ("value", "published", "ours", "runs", "", "where", "remarks")
        yield table(columns, [value(each) for each in figure.values])


def verdict(claim: ClaimResult) -> html.Span:
    """The verdict, and that it is not one on the paper where our runs differ."""
    elsewhere = ", elsewhere" if claim.deviations and claim.verdict != "not run" else ""
    return html.Span(claim.verdict + elsewhere, className=f"verdict {claim.verdict.replace(' ', '-')}")


def parts(claim: ClaimResult) -> html.Details:
    """The claim, and on a click what each of its parts came to."""
    about = "; ".join(it for it in (claim.reason, *claim.deviations) if it)
    lines = [html.Li(part(each)) for each in claim.parts]
    return folded(claim.claim, html.P(about, className="faint"), html.Ul(lines))


def part(found: Part) -> str:
    """One comparison in a line."""
    if found.value is None:
        return f"{found.name}: {found.verdict}: {found.reason}"
    numbers = [number(found.value, found.low, found.high, found.unit), f"n = {counted(found.n)}"]
    numbers += [] if found.p is None else [f"p = {p_value(found.p)}"]
    return f"{found.name}: {found.verdict}: {', '.join(numbers)}" + (
        f" ({found.reason})" if found.reason else ""
    )


def value(found: ValueResult) -> list[Any]:
    """A row of a published value and ours."""
    runs = counted(found.ours.n) if found.ours else ""
    remarks = "; ".join(it for it in (found.reason, *found.deviations) if it)
    agrees = AGREES[found.agrees]
    return [found.name, published_words(found), ours_words(found), runs, agrees, found.place, cell(remarks)]
