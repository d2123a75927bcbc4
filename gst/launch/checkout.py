"""Which commit of gst a process has imported."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path
from typing import NamedTuple

import gst


class Checkout(NamedTuple):
    """A git checkout's commit, and whether files differ from it; None where there is no checkout."""

    commit: str | None
    dirty: bool | None


@cache
def checkout_of_gst() -> Checkout:
    """The state of the git checkout that gst is imported from, as this process first saw it."""
    root = Path(gst.__file__).resolve().parent.parent
    if not (root / ".git").exists():
        return Checkout(None, None)
    try:
        commit = _git(root, "rev-parse", "HEAD").strip()
        return Checkout(commit, bool(_git(root, "status", "--porcelain", "--untracked-files=no")))
    except (OSError, subprocess.SubprocessError):  # no git here, or a checkout it does not trust
        return Checkout(None, None)


def _git(root: Path, *arguments: str) -> str:
    command = ["git", "-C", str(root), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=10).stdout
