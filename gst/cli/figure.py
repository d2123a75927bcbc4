"""gst figure: one figure of one sweep."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Annotated

import typer

from gst.cli.options import Db, Parameters, parameters
from gst.cli.output import print_text
from gst.cli.summary import check_file, write_figure
from gst.errors import UnknownNameError


def figure(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Which figure, such as tradeoff.")],
    sweep: Annotated[str, typer.Option("--sweep", metavar="SWEEP", help="Of which sweep.")],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="PATH",
            help="The file; .html, .png, .svg, .pdf, .json, or .csv for the numbers.",
            show_default="SWEEP-NAME.html",
        ),
    ] = None,
    param: Parameters = None,
    db: Db = None,
) -> None:
    """Draw a figure of a sweep.

    Some figures take parameters: gst figure tradeoff --sweep quickstart -p accuracy=best.
    """
    from gst.figures import FIGURES
    from gst.paths import store_url
    from gst.store import Store

    if name not in FIGURES:
        raise UnknownNameError("figure", name, FIGURES)
    given = parameters(param)
    _, _, *known = inspect.signature(FIGURES[name].numbers).parameters
    for unknown in given.keys() - set(known):
        raise UnknownNameError(f"parameter of figure {name}", unknown, known)
    path = output or Path(f"{sweep}-{name}.html")
    check_file(path)
    with Store.open(store_url(db), readonly=True) as store:
        write_figure(store, name, sweep, path, **given)
    print_text(str(path.absolute()))
