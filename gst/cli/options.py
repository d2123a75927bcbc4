"""Options that several commands share."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from gst.cli.complete import sweep_files
from gst.cli.output import Format
from gst.errors import InputError

if TYPE_CHECKING:
    from gst.store import Store

MOST = 2**31 - 1
"""The largest number of an option that counts: what takes it, such as a column, may hold no more."""
MOST_STORED = 2**63 - 1
"""The largest whole number that databases hold."""
_TEXTS = {"arm", "dataset", "key", "name", "status", "sweep", "tag"}
_WHOLE = re.compile(r"[+-]?[0-9]{1,1000}")
_DECIMAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?", re.IGNORECASE)


def count(text: str, *, least: int = 1, default: str | bool = True) -> Any:
    """An option that counts, with that help; `default` says in words what is done without it."""
    return option("N", text, default=default, min=least, max=MOST)


def option(metavar: str, text: str, *names: str, default: str | bool = True, **more: Any) -> Any:
    """An option with that help, whose value is called so; `default` says in words what is done without it."""
    return typer.Option(*names, metavar=metavar, help=text, show_default=default, **more)


def choice(text: str, *names: str, default: str | bool = True) -> Any:
    """An option of these names, with that help, that is there or not, or takes one of some words."""
    return typer.Option(*names, help=text, show_default=default)


def argument(metavar: str, text: str, *, default: str | bool = True, **more: Any) -> Any:
    """An argument with that help, which is called so; `default` says in words what is meant without it."""
    return typer.Argument(metavar=metavar, help=text, show_default=default, **more)


SweepFile = Annotated[
    str,
    argument(
        "FILE",
        "A sweep file, a shipped sweep as quickstart, or - for standard input.",
        autocompletion=sweep_files,
    ),
]
Db = Annotated[
    str | None,
    option(
        "STORE",
        "The results database: an SQLite file or postgresql://user@host/database.",
        "--db",
        default="gst.db",
        envvar="GST_DB_URL",
    ),
]
SelectBy = Annotated[
    Literal["validation", "test"] | None,
    choice(
        "The error by which the best level of pruning is chosen.",
        "--select-by",
        default="validation where images are held out, else test",
    ),
]
Form = Annotated[Format, choice("How to write the rows.", "--format")]
Seeds = Annotated[
    str | None,
    option(
        "SEEDS",
        "In place of the file's: a count from its first on (10), a range (0-4) or a list (1,5,9 or "
        "0-4,7; 7, is 7 alone).",
    ),
]
Overrides = Annotated[
    list[str] | None,
    option(
        "KEY=VALUE",
        "Change every run that has the key, as in training.epochs=5; may be repeated.",
        "--set",
        "-s",
    ),
]
Scale = Annotated[
    float | None, option("FRACTION", "Shrink every run to that fraction of its epochs; the results say so.")
]
Subset = Annotated[
    int | None,
    count("With --scale: train on that many images of a class."),
]
Huge = Annotated[bool, choice("Allow a sweep of more than 100,000 runs.", "--huge")]
Parameters = Annotated[
    list[str] | None, option("NAME=VALUE", "The value of a parameter; may be repeated.", "--param", "-p")
]


def opened(db: str | None, *, readonly: bool = True, create: bool = False) -> Store:
    """The store at that URL or path, which --db names, or else the environment."""
    from gst.paths import store_url
    from gst.store import Store

    return Store.open(store_url(db), readonly=readonly, create=create)


def parameters(given: Sequence[str] | None) -> dict[str, Any]:
    """The parameters by name, numbers where they read as such and may be some: an arm may be called 2019.

    Raises InputError for one that is not name=value, and for a number that no database holds.
    """
    return dict(map(_parameter, given or ()))


def _parameter(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals or not name.isidentifier():
        raise InputError(f"-p {text!r}: expected name=value, such as sweep=quickstart")
    if name in _TEXTS:
        return name, value
    if _WHOLE.fullmatch(value):
        if abs(number := int(value)) > MOST_STORED:
            raise InputError(f"-p {text!r}: expected a number from {-MOST_STORED} to {MOST_STORED}")
        return name, number
    if _DECIMAL.fullmatch(value) and math.isfinite(float(value)):
        return name, float(value)
    return name, value
