"""How wide a text may be."""

from __future__ import annotations

import shutil
import sys


def of_terminal() -> int:
    """The columns of the terminal."""
    return max(40, shutil.get_terminal_size().columns)


def columns(most: int) -> int:
    """So many columns, or those of the terminal that standard output is, where it has fewer."""
    return min(most, of_terminal()) if sys.stdout.isatty() else most
