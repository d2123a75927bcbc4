"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import typer

from gst.cli.output import Format
from gst.errors import InputError

Db = Annotated[
    str | None,
    typer.Option(
        "--db",
        metavar="STORE",
        envvar="GST_DB_URL",
        help="The results database: an SQLite file or postgresql://user@host/database.",
        show_default="gst.db",
    ),
]
SelectBy = Annotated[
    Literal["validation", "test"] | None,
    typer.Option(
        "--select-by",
        help="The error by which the best level of pruning is chosen.",
        show_default="validation where images are held out, else test",
    ),
]
Form = Annotated[Format, typer.Option("--format", help="How to write the rows.")]
Seeds = Annotated[
    str | None,
    typer.Option(
        metavar="SEEDS",
        help="In place of the file's: a count (10), a range (0-4) or a list (1,5,9 or 0-4,7; 7, is 7 alone).",
    ),
]
Overrides = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        "-s",
        metavar="KEY=VALUE",
        help="Change every run that has the key, as in training.epochs=5; may be repeated.",
    ),
]
Scale = Annotated[
    float | None,
    typer.Option(
        metavar="FRACTION", help="Shrink every run to that fraction of its epochs; the results say so."
    ),
]
Subset = Annotated[
    int | None,
    typer.Option(min=1, metavar="N", help="With --scale: train on that many images of a class."),
]
Huge = Annotated[bool, typer.Option("--huge", help="Allow a sweep of more than 100,000 runs.")]
Parameters = Annotated[
    list[str] | None,
    typer.Option("--param", "-p", metavar="NAME=VALUE", help="The value of a parameter; may be repeated."),
]


def parameters(given: Sequence[str] | None) -> dict[str, Any]:
    """The parameters by name, numbers where they read as such.

    Raises InputError for one that is not name=value.
    """
    return dict(map(_parameter, given or ()))


def _parameter(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals or not name.isidentifier():
        raise InputError(f"-p {text!r}: expected name=value, such as sweep=quickstart")
    for number in (int, float):
        try:
            return name, number(value)
        except ValueError:
            continue
    return name, value
