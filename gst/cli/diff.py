"""gst diff: in what runs differ."""

from __future__ import annotations

from typing import Annotated, Any

from gst.cli.options import Db, Form, argument, opened
from gst.cli.output import note, print_rows
from gst.errors import InputError
from gst.words import short


def diff(
    runs: Annotated[list[str], argument("RUN RUN ...", "The beginnings of their keys.", default=False)],
    db: Db = None,
    form: Form = "table",
) -> None:
    """Compare two or more runs.

    What came of them; and of their seeds, their configurations and where they were trained only what
    differs. A difference, of two runs, is the second minus the first.
    """
    from gst.analysis.side_by_side import compared, run_side

    with opened(db) as store:
        keys = [store.resolve(run) for run in runs]
        if len(keys) < 2:
            raise InputError("name two runs at least: gst diff RUN RUN")
        for place, key in enumerate(keys):
            if key in keys[:place]:
                first = runs[keys.index(key)]
                raise InputError(f"{first!r} and {runs[place]!r} are the same run, {short(key)}")
        sides = [run_side(store, key) for key in keys]
    two = len(keys) == 2
    names = ("first", "second", "difference") if two else tuple(map(short, keys))
    shown = [
        (
            *(it.part, it.name),
            *(map(_short, it.values) if form == "table" else it.values),
            *([_difference(*it.values) if it.part == "result" else None] if two else []),
        )
        for it in compared(sides)
    ]
    print_rows(("part", "name", *names), shown, form)
    for key, side in zip(keys, sides, strict=True):
        if side.attempts > 1:
            note(f"run {short(key)} took {side.attempts} attempts; its environment is the last one's")


def _difference(first: Any, second: Any) -> Any:
    numbers = all(isinstance(it, int | float) for it in (first, second))
    return second - first if numbers else None


def _short(value: Any) -> Any:
    """Hashes as people see them."""
    return short(value) if isinstance(value, str) and len(value) >= 40 and value.isalnum() else value
