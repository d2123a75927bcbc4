"""What a benchmark says of itself: the machine, and a row beside the fastest fair peer."""

# ruff: noqa: T201

from __future__ import annotations

import os
import platform

HEADER = "| what | unit | gst | fastest fair peer | peer | gst / peer | n |\n|---|---|---|---|---|---|---|"


def machine() -> str:
    """Kernel, cores, load and Python."""
    cores, load = os.cpu_count(), os.getloadavg()[0]
    return f"{platform.platform()}, {cores} cores, load {load:.1f}, Python {platform.python_version()}"


def row(what: str, unit: str, ours: float, peer: str, theirs: float, n: int) -> str:
    """A row of the table; n is the number of measurements of each, of which these are medians."""
    return f"| {what} | {unit} | {ours:.3g} | {peer} | {theirs:.3g} | {ours / theirs:.2f} | {n:,} |"


def is_row(line: str) -> bool:
    """Whether the line is such a row, and not the heading."""
    columns = HEADER.partition("\n")[0]
    return line.startswith("| ") and line.count("|") == columns.count("|") and line.strip() != columns


def judge(what: str, unit: str, ours: float, peer: str, theirs: float, n: int) -> None:
    """Print the row."""
    print(row(what, unit, ours, peer, theirs, n), flush=True)
