"""Comparing a store with what papers report, figure by figure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gst.analysis import find_source
from gst.compare.claims import judge
from gst.compare.published import Published, PublishedFigure
from gst.compare.question import Question
from gst.compare.results import Comparison, FigureResult, Setting
from gst.compare.selection import NotRun, SweepInStore, Sweeps
from gst.compare.values import compare_value
from gst.errors import InputError

if TYPE_CHECKING:
    from gst.store import Store


def compare(
    store: Store, published: Published, figures: Sequence[str], *, sweep: str | None = None, name: str = ""
) -> Comparison:
    """Those figures of the published ones, compared with the newest sweeps of that name in the store.

    `sweep` is one of the store that stands for the figures' own; they must all have the same. `name` says
    where the published numbers are from. Raises InputError for figures of several sweeps with `sweep`, and
    UnknownNameError for a sweep that is not in the store.
    """
    instead = {}
    if sweep is not None:
        instead[_own_sweep(published, figures)] = sweep
        find_source(store, sweep)  # which says what is wrong with it
    sweeps = Sweeps(store, instead)
    compared = tuple(_figure(published, figure, sweeps) for figure in figures)
    return Comparison(name, published.tolerance, compared)


def _own_sweep(published: Published, figures: Sequence[str]) -> str:
    own = {figure: published.figures[figure].sweep for figure in figures}
    sweeps = set(own.values()) - {None}
    if len(sweeps) != 1:
        found = ", ".join(f"{figure} {sweep or 'none'}" for figure, sweep in own.items())
        raise InputError(f"another sweep can stand for one of the published, and these have {found}")
    (name,) = sweeps
    assert name is not None
    return name


def _figure(published: Published, name: str, sweeps: Sweeps) -> FigureResult:
    figure = published.figures[name]
    question = Question(figure, sweeps, published.tolerance, published.unmeasured)
    return FigureResult(
        figure=name,
        title=figure.title,
        paper=published.papers[figure.paper].name,
        citation=published.papers[figure.paper].citation,
        sweep=figure.sweep,
        accuracy=figure.accuracy,
        differs=figure.differs,
        settings=_settings(figure, sweeps),
        values=tuple(compare_value(value, question) for value in figure.values),
        claims=tuple(judge(claim, question) for claim in figure.claims),
    )


def _settings(figure: PublishedFigure, sweeps: Sweeps) -> tuple[Setting, ...]:
    names = dict.fromkeys([figure.sweep, *(group.sweep for group in figure.groups.values())])
    found = []
    for name in names:
        if name is not None and not figure.unavailable:
            try:
                found.append(_setting(sweeps.of(name)))
            except NotRun:  # each value and claim says so
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
    )
