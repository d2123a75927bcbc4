"""The archives that come with gst: runs that were trained once, so that nobody else has to."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gst.errors import InputError, UnknownNameError
from gst.paths import project_folder


def shipped_folder() -> Path:
    """The folder that they lie in."""
    return project_folder("sweeps") / "results"


def shipped_archives() -> dict[str, Path]:
    """Their files by name."""
    return {path.stem: path for path in sorted(shipped_folder().glob("*.zip"))}


def chosen_archives(names: Sequence[str]) -> list[Path]:
    """The files of these names, of all without a name.

    Raises UnknownNameError for a name of none, and InputError where no results came along.
    """
    known = shipped_archives()
    if not known:
        raise InputError(
            "no results came with this installation; a clone of the repository has them in sweeps/results"
        )
    for name in names:
        if name not in known:
            raise UnknownNameError("shipped archive", name, known)
    return [known[name] for name in names or known]
