"""gst verify: whether a figure's file says what a store says."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gst.cli.options import Db, argument, choice, opened
from gst.cli.output import Answer, print_json, print_text
from gst.errors import Incomplete

DIFFERS = 4
"""The exit code where something does not hold."""
_WORDS = {True: "holds", False: "does not hold", None: "not checked"}


def verify(
    file: Annotated[Path, argument("FILE", "A figure's file, of any of its formats.")],
    db: Db = None,
    form: Annotated[Answer, choice("How to write the checks.", "--format")] = "text",
) -> None:
    """Check a figure's file against a store.

    The file says which sweep and runs it was made from, and which numbers. Exit code 4 says that
    something of that does not hold in the store, 3 that something could not be checked, 2 that the file
    says nothing. What a picture shows is never checked, only what it says of itself.
    """
    from gst.figures import FIGURES
    from gst.figures.files.verify import verify as checks_of

    with opened(db) as store:
        checks = checks_of(store, file, FIGURES)
    width = max(map(len, _WORDS.values()))
    if form == "json":
        print_json([{"holds": it.holds, "words": it.words} for it in checks])
    else:
        print_text("\n".join(f"{_WORDS[it.holds]:{width}}  {it.words}" for it in checks))
    if any(check.holds is False for check in checks):
        raise typer.Exit(DIFFERS)
    if unchecked := sum(check.holds is None and not check.by_nature for check in checks):
        raise Incomplete(f"{unchecked} of {len(checks)} could not be checked, and may be anything")
