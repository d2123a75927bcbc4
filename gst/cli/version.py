"""gst version: what is installed, and where things lie."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, distribution
from typing import Annotated

import typer

from gst.cli.options import choice
from gst.cli.output import Answer, print_json, print_text

LIBRARIES = ("torch", "torchvision", "ray", "sqlalchemy", "numpy", "pandas", "plotly")


def version(
    form: Annotated[Answer, choice("How to write them.", "--format")] = "text",
) -> None:
    """Show versions, and where things lie."""
    from gst.paths import artifact_folder, data_folder, project_folder, store_url
    from gst.store.password import masked

    rows = [("gst", _installed("gst")), ("python", platform.python_version())]
    rows += [(name, _installed(name)) for name in LIBRARIES]
    rows += [
        ("store", masked(store_url())),
        ("data", str(data_folder())),
        ("artifacts", masked(str(artifact_folder()))),
        ("sweeps", str(project_folder("sweeps"))),
    ]
    if form == "json":
        print_json(dict(rows))
        return
    width = max(len(name) for name, _ in rows)
    print_text("\n".join(f"{name.ljust(width)}  {value}" for name, value in rows))


def print_and_exit(wanted: bool) -> None:
    """Answer `gst --version`."""
    if wanted:
        print_text(f"gst {_installed('gst')}")
        raise typer.Exit


def _installed(name: str) -> str:
    try:
        return distribution(name).version
    except PackageNotFoundError:
        return "is not installed"
