"""What a shell completes: names of sweeps, as they come with gst or as a store has them."""

from __future__ import annotations

from pathlib import Path

import typer

from gst.errors import GstError


def sweep_files(incomplete: str) -> list[str]:
    """Shipped sweeps and the sweep files of the folder that begin so."""
    from gst.cli.files import shipped_sweeps

    place = Path(incomplete).parent if "/" in incomplete else Path()
    here = (str(path) + ("/" if path.is_dir() else "") for path in sorted(place.glob("*")))
    files = [it for it in here if it.endswith((".yaml", ".yml", "/"))]
    return [it for it in (*shipped_sweeps(), *files) if it.startswith(incomplete)]


def stored_sweeps(context: typer.Context, incomplete: str) -> list[str]:
    """Sweeps of the store and their versions that begin so; none where there is no store."""
    from gst.paths import store_url
    from gst.store import Store, sweep_names

    try:
        with Store.open(store_url(context.params.get("db")), readonly=True) as store:
            return [it for it in sweep_names(store) if it.startswith(incomplete)]
    except GstError:
        return []
