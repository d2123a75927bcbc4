"""Which sweep file a user means."""

from __future__ import annotations

from pathlib import Path

from gst.errors import UnknownNameError
from gst.paths import project_folder

NOT_SWEEPS = {"published"}
"""Files beside the sweeps that are none."""


def shipped_sweeps() -> dict[str, Path]:
    """The sweep files that come with gst, by name."""
    files = sorted(project_folder("sweeps").glob("*.yaml"))
    return {file.stem: file for file in files if file.stem not in NOT_SWEEPS}


def sweep_file(given: str) -> Path:
    """The file at that path, or the shipped sweep of that bare name; `-` is standard input.

    Raises UnknownNameError for a bare name that neither exists here nor is shipped.
    """
    path = Path(given)
    if path.suffix or path.parent != Path() or path.is_file() or given == "-":
        return path
    shipped = shipped_sweeps()
    if given not in shipped:
        raise UnknownNameError("sweep", given, shipped)
    return shipped[given]
