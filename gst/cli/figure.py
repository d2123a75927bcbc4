"""gst figure: figures of sweeps as files, and a list of what there is to draw."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from gst.cli.options import Db, Form, Parameters, SelectBy, parameters
from gst.cli.output import Format, note, print_rows, print_text
from gst.cli.summary import check_file, figure_name, write_figure
from gst.errors import Incomplete, InputError, StoreError, UnknownNameError

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
        typer.Argument(
            metavar="[NAME]", help="A figure, or a family such as fig2; without one, all are listed."
        ),
    ] = None,
    sweep: Annotated[
        str | None,
        typer.Option(
            "--sweep",
            metavar="SWEEP",
            help="The sweep that it is drawn from.",
            show_default="that of the paper's figure",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="PATH",
            help="A folder or a file; .html, .png, .svg, .pdf, .json, or .csv and .md for the numbers.",
            show_default="SWEEP-NAME.html",
        ),
    ] = None,
    param: Parameters = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Refuse to draw where runs are missing; exit code 3.")
    ] = False,
    select_by: SelectBy = None,
    listed: Annotated[bool, typer.Option("--list", help="List the figures and what the store has.")] = False,
    form: Form = Format.table,
    db: Db = None,
) -> None:
    """Draw figures of sweeps, or list them.

    A figure of a paper needs no more than its name. Some take parameters: gst figure tradeoff --sweep
    quickstart -p accuracy=best.
    """
    from gst.paths import store_url
    from gst.store import Store

    if name is None or listed:
        _list(store_url(db), form)
        return
    given = parameters(param) | ({} if select_by is None else {"select_by": select_by})
    drawings = _drawings(name, sweep, output)
    for drawing in drawings:
        _refuse_parameters(drawing.name, given)
        check_file(drawing.path)
    with Store.open(store_url(db), readonly=True) as store:
        there = {it.name for it in store.sweeps()}
        with_runs = [it for it in drawings if it.sweep in there]
        if len(with_runs) == 1 and output is not None and not output.is_dir():
            drawings = [with_runs[0]._replace(path=output)]  # of a family, the one that was run
        if strict:
            _refuse_missing(store, drawings, given)
        _draw(store, drawings, given)


def _drawings(name: str, sweep: str | None, output: Path | None) -> list[Drawing]:
    """The drawings and their files: one figure, every member of a family, or one for each of its sweeps.

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
    return [Drawing(*pair, _path(*pair, output, len(pairs) > 1)) for pair in pairs]


def _path(name: str, sweep: str, output: Path | None, several: bool) -> Path:
    if output is None:
        return Path(f"{figure_name(name, sweep)}.html")
    if output.is_dir():
        return output / f"{figure_name(name, sweep)}.html"
    if not several:
        return output
    from gst.figures import FIGURES

    return output.with_stem(
        f"{output.stem}-{figure_name(name, sweep) if sweep in FIGURES[name].family else name}"
    )


def _refuse_parameters(name: str, given: dict[str, Any]) -> None:
    from gst.figures import FIGURES

    _, _, *known = inspect.signature(FIGURES[name].numbers).parameters
    for unknown in given.keys() - set(known):
        raise UnknownNameError(f"parameter of figure {name}", unknown, known)


def _refuse_missing(store: Store, drawings: list[Drawing], given: dict[str, Any]) -> None:
    """Raise Incomplete where a figure would lack runs, before any is drawn."""
    from gst.figures import FIGURES

    for name, sweep, _ in drawings:
        source = FIGURES[name].numbers(store, sweep, **given).source
        if not source.missing:
            continue
        named = [f"{run.arm} seed {run.seed} ({run.status})" for run in source.missing[:SHOWN]]
        more = [f"{len(source.missing) - SHOWN} more"] if len(source.missing) > SHOWN else []
        raise Incomplete(
            f"figure {name} lacks {len(source.missing)} of {len(source.members)} runs of sweep {sweep}: "
            + ", ".join(named + more)
        )


def _draw(store: Store, drawings: list[Drawing], given: dict[str, Any]) -> None:
    """Draw what can be drawn; raise for the rest of a family once the others are there."""
    refused = []
    for name, sweep, path in drawings:
        try:
            write_figure(store, name, sweep, path, **given)
        except InputError as error:
            advice = _advice(name, sweep, error)
            if len(drawings) == 1:
                raise (InputError(f"{error}{advice}") if advice else error) from error
            refused.append(figure_name(name, sweep))
            note(f"{name}: {error}{advice}")
        else:
            print_text(str(path.absolute()))
    if refused:
        raise Incomplete(f"{len(refused)} of {len(drawings)} figures are not drawn: {', '.join(refused)}")


def _advice(name: str, sweep: str, error: InputError) -> str:
    """How to get the runs of a paper's figure, where its sweep is not in the store."""
    from gst.figures import FIGURES

    absent = isinstance(error, UnknownNameError) and sweep in FIGURES[name].sweeps
    return f"; its runs come from: gst sweep {sweep}" if absent else ""


def _list(url: str, form: Format) -> None:
    """Print every figure, its sweep and how many of the sweep's runs the store has completed."""
    from gst.figures import FIGURES

    runs = _runs(url)
    rows = [
        (name, sweep or "any", runs.get(sweep, "none") if sweep else "", it.title)
        for name, it in FIGURES.items()
        for sweep in it.sweeps or ("",)
    ]
    print_rows(("figure", "sweep", "runs", "title"), rows, form)


def _runs(url: str) -> dict[str, str]:
    """`40 of 40` for the newest sweep of each name in the store; nothing, and a note, without a store."""
    from gst.store import Store

    try:
        with Store.open(url, readonly=True) as store:
            sweeps = sorted(store.sweeps(), key=lambda sweep: (sweep.registered, sweep.sweep_id))
    except StoreError as error:
        note(str(error))
        return {}
    return {sweep.name: f"{sweep.completed} of {sweep.runs}" for sweep in sweeps}
