"""What a shell completes: sweeps, as they come with gst or as a store has them, figures and commands."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import typer

from gst.errors import GstError


def sweep_files(incomplete: str) -> list[str]:
    """Shipped sweeps and the sweep files of the folder that begin so."""
    from gst.cli.files import shipped_sweeps

    return [
        it for it in (*shipped_sweeps(), *_here(incomplete, ".yaml", ".yml")) if it.startswith(incomplete)
    ]


def archive_names(context: typer.Context, incomplete: str) -> list[str]:
    """Archives and folders that begin so; after --shipped those that come with gst."""
    from gst.archive.shipped import shipped_archives

    known = shipped_archives() if context.params.get("shipped") else _here(incomplete, ".zip")
    return [it for it in known if it.startswith(incomplete)]


def _here(incomplete: str, *suffixes: str) -> list[str]:
    """Files with such a suffix, and folders, of the folder that was typed so far."""
    head = "".join(incomplete.rpartition("/")[:2])
    here = (f"{head}{path.name}{'/' * path.is_dir()}" for path in sorted(Path(head).glob("*")))
    return [it for it in here if it.endswith((*suffixes, "/"))]


def figure_names(incomplete: str) -> list[str]:
    """Figures that begin so."""
    from gst.config.figure_name import FigureName

    return [it for it in get_args(FigureName) if it.startswith(incomplete)]


def command_names(context: typer.Context, incomplete: str) -> list[str]:
    """Commands of gst that begin so."""
    known = getattr(context.find_root().command, "commands", {})
    return [it for it in known if it.startswith(incomplete)]


def stored_sweeps(context: typer.Context, incomplete: str) -> list[str]:
    """Sweeps of the store and their versions that begin so; none where there is no store."""
    from gst.paths import store_url
    from gst.store import Store, sweep_names

    try:
        with Store.open(store_url(context.params.get("db")), readonly=True) as store:
            return [it for it in sweep_names(store) if it.startswith(incomplete)]
    except GstError:
        return []
