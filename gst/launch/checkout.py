"""Which gst a process has imported: its commit, its version, and the content of its files."""

from __future__ import annotations

import subprocess
from functools import cache
from hashlib import sha256
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
    root = package().parent
    if not (root / ".git").exists():
        return Checkout(None, None)
    try:
        commit = _git(root, "rev-parse", "HEAD").strip()
        return Checkout(commit, bool(_git(root, "status", "--porcelain", "--untracked-files=no")))
    except (OSError, subprocess.SubprocessError):  # no git here, or a checkout it does not trust
        return Checkout(None, None)


def package() -> Path:
    """The folder that gst is imported from."""
    return Path(gst.__file__).resolve().parent


@cache
def version_with_hash() -> str:
    """The version, and 12 digits of the SHA-256 of the package's modules: `0.2.0+1a2b3c4d5e6f`.

    A wheel and the checkout that it was built from have the same, as this process first saw the files.
    """
    folder, found = package(), sha256()
    modules = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*.py")}
    for name in sorted(modules):
        if not name.startswith("_project/"):  # which a checkout has beside the package
            found.update(f"{name} {sha256(modules[name].read_bytes()).hexdigest()}\n".encode())
    return f"{gst.__version__}+{found.hexdigest()[:12]}"


def other_gst(version: str, folder: Path) -> str | None:
    """What gst this process has, where it is another than that version from that folder."""
    found = version_with_hash()
    if found == version:
        return None
    return f"has gst {found} in {package()}; this process has gst {version} in {folder}"


def _git(root: Path, *arguments: str) -> str:
    command = ["git", "-C", str(root), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=10).stdout
