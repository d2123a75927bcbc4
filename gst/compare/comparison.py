"""Comparing a store with what papers report, figure by figure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gst.analysis import find_source
from gst.compare.judge import judge
from gst.compare.levels import chosen_words
from gst.compare.published import Published
from gst.compare.results import Comparison, FigureResult, Setting
from gst.compare.selection import Context, SweepInStore, Sweeps
from gst.compare.stand_in import stands_for
from gst.compare.values import compare_value
from gst.errors import InputError

if TYPE_CHECKING:
    from gst.store import Store


def compare(
    store: Store, published: Published, figures: Sequence[str], *, sweep: str | None = None, name: str = ""
) -> Comparison:
    """Those figures of the published ones, compared with the newest sweeps of that name in the store.

    `sweep` is one of the store that stands for the figures' own; they must all have the same. Of figures
    with several benchmarks only that one is compared then which the sweep stands for. `name` says where the
    published numbers are from. Raises InputError for figures of several sweeps with `sweep`, and
    UnknownNameError for a sweep that is not in the store.
    """
    instead: dict[str, str] = {}
    benchmark = None
    if sweep is not None:
        source = find_source(store, sweep)  # which says what is wrong with it
        own, benchmark = stands_for(store, published, figures, source)
        instead[own] = sweep
    sweeps = Sweeps(store, instead)
    compared = tuple(_figure(published, figure, sweeps, benchmark) for figure in figures)
    return Comparison(name, published.tolerance, compared)


def _figure(published: Published, name: str, sweeps: Sweeps, benchmark: str | None) -> FigureResult:
    figure = published.figures[name]
    paper = published.papers[figure.paper]
    asked = tuple(figure.benchmarks) if benchmark is None else (benchmark,)
    context = Context(figure, paper, sweeps, published.tolerance, published.unmeasured, asked)
    return FigureResult(
        figure=name,
        title=figure.title,
        paper=paper.name,
        citation=paper.citation,
        sweep=figure.sweep,
        accuracy=figure.accuracy,
        differs=figure.differs,
        settings=_settings(context),
        values=tuple(it for value in figure.values for it in compare_value(value, context)),
        claims=tuple(it for claim in figure.claims for it in judge(claim, context)),
    )


def _settings(context: Context) -> tuple[Setting, ...]:
    figure, found = context.figure, []
    unasked = {it for name, it in figure.benchmarks.items() if name not in context.benchmarks}
    for name in figure.sweeps:
        if name not in unasked and not figure.unavailable:
            try:
                found.append(_setting(context.sweeps.of(name)))
            except InputError:  # each value and claim says so
                continue
    return tuple(found)


def _setting(sweep: SweepInStore) -> Setting:
    source, runs = sweep.source, [it.run for it in sweep.runs]
    return Setting(
        sweep=source.sweep,
        digest=source.digest,
        runs=len(source.keys),
        missing=len({member.key for member in source.missing}),
        statuses=source.statuses(),
        models=tuple(sorted({run.model for run in runs})),
        datasets=tuple(sorted({run.dataset for run in runs})),
        train_per_class=tuple(
            sorted({run.train_per_class for run in runs if run.train_per_class is not None})
        ),
        scales=tuple(sorted({run.scale for run in runs})),
        chosen_by=chosen_words(sweep.runs),
    )
