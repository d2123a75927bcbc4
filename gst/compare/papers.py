"""Comparing a store with what papers report, figure by figure, and the sweep that stands for another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, get_args

from gst.analysis.deviation import setting_words
from gst.analysis.effects import Measurement
from gst.analysis.levels import ChosenBy
from gst.analysis.source import Source, find_source
from gst.compare.departure import fitting_sweep
from gst.compare.judge import judge
from gst.compare.level_choice import chosen_words
from gst.compare.loading import without_figure
from gst.compare.own_sweep import own_sweep
from gst.compare.published import Published, PublishedFigure
from gst.compare.results import Assumption, Comparison, FigureResult, Setting
from gst.compare.selection import Context
from gst.compare.sweep_in_store import SweepInStore, Sweeps
from gst.compare.values import compare_value
from gst.config import RunConfig
from gst.errors import InputError

if TYPE_CHECKING:
    from gst.store import Store


def compare(
    store: Store,
    published: Published,
    figures: Sequence[str],
    *,
    sweep: str | None = None,
    name: str = "",
    select_by: ChosenBy | None = None,
    others: Sequence[str] = (),
) -> Comparison:
    """The named figures of the published ones, compared with sweeps of the store.

    `sweep` is one of the store that stands for the figures' own; they must all have the same. Of figures
    with several benchmarks only that one is compared then which the sweep stands for. `name` says where the
    published numbers are from. `select_by` is the error by which optimal levels are chosen: unless given,
    validation error where images are held out, else test error. `others` are sweeps of the store that no
    published figure is about. Raises InputError for figures of several sweeps with `sweep` and for others
    without completed runs, and UnknownNameError for a sweep that is not in the store.
    """
    instead: dict[str, str] = {}
    benchmark = None
    if sweep is not None:
        source = find_source(store, sweep)  # which says what is wrong with it
        own, benchmark = stands_for(store, published, figures, source)
        instead[own] = sweep
    sweeps = Sweeps(store, published.sweeps, instead, select_by)
    compared = tuple(_figure(published, figure, sweeps, benchmark) for figure in figures)
    alone = (SweepInStore(store, other, find_source(store, other)) for other in others)
    compared += tuple(own_sweep(store, it, _setting(it)) for it in alone)
    return Comparison(name, published.tolerance, compared, select_by)


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
        settings=_settings(context),
        values=tuple(it for value in figure.values for it in compare_value(value, context)),
        claims=tuple(it for claim in figure.claims for it in judge(claim, context)),
        absent=tuple(it for it in _asked(context) if sweeps.lacks(it)),
    )


def _asked(context: Context) -> tuple[str, ...]:
    """The published sweeps that the figure's values and claims need, without benchmarks that are left out."""
    figure = context.figure
    unasked = {it for name, it in figure.benchmarks.items() if name not in context.benchmarks}
    return () if figure.unavailable else tuple(it for it in figure.sweeps if it not in unasked)


def _settings(context: Context) -> tuple[Setting, ...]:
    found = []
    for name in _asked(context):
        try:
            found.append(_setting(context.sweeps.of(name)))
        except InputError:  # each value and claim says so
            continue
    return tuple(found)


def _setting(sweep: SweepInStore) -> Setting:
    source, runs = sweep.source, [it.run for it in sweep.runs]
    return Setting(
        sweep=source.label,
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
        chosen_by=chosen_words(sweep.runs, sweep.by),
        differs=sweep.departure.about.differs,
        assumed=tuple(_assumptions(sweep)),
        mixed=source.mixed,
    )


def _assumptions(sweep: SweepInStore) -> Iterator[Assumption]:
    """The keys of the sweep's configurations that the paper leaves open, with the values of our runs."""
    arms = list(dict.fromkeys(it.run.arm for it in sweep.runs))
    for key, it in sweep.departure.about.assumed.items():
        found = [
            sweep.configs[arm].settings()
            for arm in arms
            if key in sweep.departure.assumed(arm, get_args(Measurement))
        ]
        if found:
            # Runs without a measurement have no setting of it.
            values = dict.fromkeys(setting_words(settings[key]) for settings in found if key in settings)
            yield Assumption(key, tuple(values), it.reason)


def stands_for(
    store: Store, published: Published, figures: Sequence[str], source: Source
) -> tuple[str, str | None]:
    """The published sweep that the source stands for, and the figures' benchmark that it is about.

    Among a figure's benchmarks it is the one whose sweep has that name, or else the one with its network and
    data. Raises InputError for figures of several sweeps, and where no benchmark fits.
    """
    config = store.spec(source.members[0].key).config
    found = {name: _own(published.figures[name], source.sweep, config) for name in figures}
    sweeps = {own for own, _ in found.values()} - {None}
    if len(sweeps) != 1:
        said = ", ".join(f"{name} {own or 'none'}" for name, (own, _) in found.items())
        raise InputError(f"another sweep can stand for one of the published, and these have {said}")
    (own,) = sweeps
    assert own is not None
    return own, next((benchmark for _, benchmark in found.values() if benchmark), None)


def stand_ins(store: Store, published: Published, figure: str, sweeps: Iterable[str]) -> Iterator[str]:
    """Each of these sweeps of the store that could stand for the figure's own, and answers some of it."""
    for name in without_figure(published, sweeps):
        try:
            source = find_source(store, name)
            own, benchmark = stands_for(store, published, [figure], source)
        except InputError:  # it has no completed run, or another network
            continue
        if fitting_sweep([own], name, store.spec(source.members[0].key).config) is not None:
            instead = Sweeps(store, published.sweeps, {own: name})
            if not _figure(published, figure, instead, benchmark).reason:
                yield name


def _own(figure: PublishedFigure, sweep: str, config: RunConfig) -> tuple[str | None, str | None]:
    """The figure's sweep that fits, and its benchmark in a figure with several."""
    if not figure.benchmarks:
        return figure.sweep, None
    own = fitting_sweep(figure.benchmarks.values(), sweep.partition("@")[0], config)
    if own is not None:
        return own, next(benchmark for benchmark, it in figure.benchmarks.items() if it == own)
    listed = ", ".join(f"{own} ({benchmark})" for benchmark, own in figure.benchmarks.items())
    raise InputError(f"sweep {sweep!r} is of none of the figure's networks and data; there are: {listed}")
