"""gst figure: figures of sweeps as files, and a list of what there is to draw."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from gst.cli.complete import figure_names
from gst.cli.options import Db, Parameters, SelectBy, argument, choice, opened, option, parameters
from gst.cli.output import Format, note, print_json, print_rows, print_text, table
from gst.cli.selection import told_version
from gst.cli.summary import check_file, figure_name, write_figure
from gst.errors import Incomplete, InputError, StoreError, UnknownNameError
from gst.words import listed

if TYPE_CHECKING:
    from gst.store import Store

SHOWN = 10
"""Missing runs that a message names."""


class Drawing(NamedTuple):
    """A figure that is to be drawn: of which sweep, and into which file."""

    name: str
    sweep: str
    path: Path


def figure(
    name: Annotated[
        str | None,
        argument(
            "NAME",
            "A figure, or a family such as fig2; without one, all are listed.",
            autocompletion=figure_names,
        ),
    ] = None,
    of: Annotated[str | None, argument("SWEEP", "The same as --sweep SWEEP.", default=False)] = None,
    sweep: Annotated[
        str | None, option("SWEEP", "The sweep that it is drawn from.", default="that of the paper's figure")
    ] = None,
    output: Annotated[
        Path | None,
        option(
            "PATH",
            "A folder or a file; .html, .png, .svg, .pdf, .csv for all numbers, .md and .tex for tables "
            "with a row an arm, or .json for plotly's drawing with all numbers under `rows`.",
            "--output",
            "-o",
            default="SWEEP-NAME.html",
        ),
    ] = None,
    param: Parameters = None,
    log: Annotated[str | None, option("AXES", "Logarithmic axes: x, y or xy (dynamics, by).")] = None,
    smooth: Annotated[
        float | None,
        option(
            "WEIGHT",
            "Draw an exponential average over curves: an epoch counts WEIGHT (0.6) times the next one.",
            default="no average",
        ),
    ] = None,
    strict: Annotated[
        bool, choice("Refuse to draw where runs are missing; exit code 3.", "--strict")
    ] = False,
    select_by: SelectBy = None,
    listed: Annotated[bool, choice("List the figures and what the store has.", "--list")] = False,
    form: Annotated[
        Format | None,
        choice("Print the numbers so, and draw nothing; without a name, how to write the list.", "--format"),
    ] = None,
    db: Db = None,
) -> None:
    """Draw figures of sweeps, or list them.

    A figure of a paper needs no more than its name. Some take parameters: gst figure tradeoff --sweep
    quickstart -p accuracy=best. --format table prints a row an arm, json and csv all numbers.
    """
    from gst.paths import store_url

    if name is None or listed:
        print_rows(LISTED, figure_rows(store_url(db)), form or "table")
        return
    if of is not None and sweep is not None:
        raise InputError(f"{of!r} and --sweep {sweep!r}: name one sweep")
    sweep = of if sweep is None else sweep
    if form is not None and output is not None:
        raise InputError(
            "--format prints the numbers, and -o writes a file in the form of its suffix; give one"
        )
    options = {"select_by": select_by, "log": log, "smooth": smooth}
    given = parameters(param) | {name: it for name, it in options.items() if it is not None}
    pairs = figures_of(name, sweep)
    for chosen, _ in pairs:
        refuse_parameters(chosen, given)
    with opened(db) as store:
        there = {it.name for it in store.sweeps()}
        with_runs = [pair for pair in pairs if pair[1].partition("@")[0] in there]
        if output is not None and not output.is_dir() and len(with_runs) == 1:
            pairs = with_runs  # of a family, the one that was run
        labels = {it: _label(store, it) for it in dict.fromkeys(of_sweep for _, of_sweep in pairs)}
        if form is not None:
            _print(store, pairs, form, given, strict)
            return
        several = len(pairs) > 1
        drawings = [Drawing(*it, _path(*it, labels[it[1]], output, several)) for it in pairs]
        for drawing in drawings:
            check_file(drawing.path)
        if strict:
            _refuse_missing(store, drawings, given)
        _draw(store, drawings, given)


def figures_of(name: str, sweep: str | None) -> list[tuple[str, str]]:
    """Figures and sweeps to be drawn: one, every member of a family, or one for each of its sweeps.

    Raises UnknownNameError for a name that is neither, and InputError for a figure that is of any
    sweep where none is given.
    """
    from gst.figures import FIGURES

    names = [name] if name in FIGURES else [other for other in FIGURES if other.startswith(f"{name}_")]
    if not names:
        raise UnknownNameError("figure", name, FIGURES)
    pairs = []
    for member in names:
        of_sweeps = (sweep,) if sweep else FIGURES[member].sweeps
        if not of_sweeps:
            raise InputError(f"figure {member!r} is of any sweep; say of which: --sweep SWEEP")
        pairs += [(member, of_sweep) for of_sweep in of_sweeps]
    return pairs


def _label(store: Store, sweep: str) -> str:
    try:
        return told_version(store, sweep).label
    except UnknownNameError:
        return sweep  # drawing it says so


def _path(name: str, sweep: str, label: str, output: Path | None, several: bool) -> Path:
    from gst.figures import FIGURES

    own = figure_name(name, label)
    if output is None:
        return Path(f"{own}.html")
    if output.is_dir():
        return output / f"{own}.html"
    if not several:
        return output
    return output.with_stem(f"{output.stem}-{own if sweep in FIGURES[name].family else name}")


def refuse_parameters(name: str, given: dict[str, Any]) -> None:
    """Raise UnknownNameError for a parameter that the figure does not take."""
    from gst.figures import FIGURES

    _, _, *known = inspect.signature(FIGURES[name].numbers).parameters
    for unknown in given.keys() - set(known):
        raise UnknownNameError(f"parameter of figure {name}", unknown, known)


def _print(
    store: Store, pairs: list[tuple[str, str]], form: Format, given: dict[str, Any], strict: bool
) -> None:
    """Print the numbers of one figure; InputError where the name is of several."""
    from gst.figures import FIGURES
    from gst.figures.files.export import caption, provenance, titled

    if len(pairs) > 1:
        names = ", ".join(f"{name} --sweep {sweep}" for name, sweep in pairs)
        raise InputError(f"--format prints one figure, and there are {len(pairs)}: {names}; name one")
    ((name, sweep),) = pairs
    if strict:
        _refuse_missing(store, [Drawing(name, sweep, Path())], given)
    numbers = FIGURES[name].numbers(store, sweep, **given)
    found = titled(numbers)
    match form:
        case "table":
            tables = (table(it.columns, it.rows) for it in found.for_papers)
            print_text("\n\n".join([*tables, caption(found, provenance(numbers))]))
        case "json":
            print_json(found.table.records())
        case "csv":
            print_rows(*found.table.filled(), form)


def _refuse_missing(store: Store, drawings: list[Drawing], given: dict[str, Any]) -> None:
    """Raise Incomplete where a figure would lack runs, before any is drawn."""
    from gst.figures import FIGURES

    for name, sweep, _ in drawings:
        source = FIGURES[name].numbers(store, sweep, **given).source
        if not source.missing:
            continue
        named = [f"{run.arm} seed {run.seed} ({run.status})" for run in source.missing]
        raise Incomplete(
            f"figure {name} lacks {len(source.missing)} of {len(source.members)} runs of sweep {sweep}: "
            + listed(named, SHOWN)
        )


def _draw(store: Store, drawings: list[Drawing], given: dict[str, Any]) -> None:
    """Draw what can be drawn; raise for the rest of a family once the others are there."""
    from gst.figures import FIGURES

    refused, absent = [], dict[str, None]()
    for name, sweep, path in drawings:
        try:
            write_figure(store, name, sweep, path, **given)
        except InputError as error:
            is_absent = isinstance(error, UnknownNameError) and sweep in FIGURES[name].sweeps
            if len(drawings) == 1:
                advice = f"{error}; its runs come from: gst sweep {sweep}"
                raise (InputError(advice) if is_absent else error) from error
            refused.append(figure_name(name, sweep))
            if is_absent:
                absent[sweep] = None
            else:
                note(f"{name}: {error}")
        else:
            print_text(str(path.absolute()))
    if absent:
        note(f"not in this store: {', '.join(absent)}; gst sweep NAME trains one of them")
    if refused:
        raise Incomplete(f"{len(refused)} of {len(drawings)} figures are not drawn: {', '.join(refused)}")


LISTED = ("figure", "sweep", "runs", "title")


def figure_rows(url: str) -> list[tuple[str, str, str, str]]:
    """Every figure, its sweep, how many of the sweep's runs the store has completed, and the title."""
    from gst.figures import FIGURES

    runs = _runs(url)
    return [
        (name, sweep or "any", runs.get(sweep, "none") if sweep else "", it.title)
        for name, it in FIGURES.items()
        for sweep in it.sweeps or ("",)
    ]


def _runs(url: str) -> dict[str, str]:
    """`40 of 40` for each sweep of the store by name; nothing, and a note, without a store."""
    try:
        with opened(url) as store:
            return {it.name: f"{it.completed} of {it.runs}" for it in store.sweeps() if it.meant}
    except StoreError as error:
        note(str(error))
        return {}
