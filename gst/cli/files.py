"""Which sweep file a user means."""

from __future__ import annotations

from pathlib import Path

from gst.errors import InputError, UnknownNameError
from gst.paths import project_folder

NOT_SWEEPS = {"published"}
"""Files beside the sweeps that are none."""


def shipped_sweeps() -> dict[str, Path]:
    """The sweep files that come with gst, by name."""
    files = sorted(project_folder("sweeps").glob("*.yaml"))
    return {file.stem: file for file in files if file.stem not in NOT_SWEEPS}


def sweep_file(given: str) -> Path:
    """The file at that path; of a bare name the shipped sweep, or NAME.yaml here; `-` is standard input.

    Raises UnknownNameError for a bare name of neither, and InputError for the address of a version.
    """
    path = Path(given)
    if path.suffix or path.parent != Path() or path.is_file() or given == "-":
        return path
    if "@" in given:
        raise InputError(
            f"{given}: is a version of a sweep in a store; name the sweep's file, with the options that "
            f"`gst status {given.partition('@')[0]} --versions` tells"
        )
    shipped, here = shipped_sweeps(), path.with_name(f"{path.name}.yaml") if path.name else path
    if given not in shipped and not here.is_file():
        raise UnknownNameError("sweep", given, shipped)
    if given in shipped and here.is_file() and not here.samefile(shipped[given]):
        raise InputError(f"{given!r} comes with gst, and {here} is here: write {here} for yours")
    return shipped.get(given, here)
