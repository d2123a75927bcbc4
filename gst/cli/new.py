"""gst new: a sweep file to begin with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from gst.cli.options import argument
from gst.cli.output import note, print_text
from gst.errors import InputError
from gst.paths import is_file_stem, project_folder

SCHEMA = "gst.schema.json"


def new(
    name: Annotated[str, argument("NAME", "The name of the sweep, or the path of its file.")] = "sweep",
) -> None:
    """Write a commented sweep file to begin with.

    Beside it goes gst.schema.json, by which editors complete and check it, unless that is there. Nothing is
    ever overwritten.
    """
    path = Path(name if name.endswith((".yaml", ".yml")) else f"{name}.yaml")
    if not is_file_stem(path.stem):
        raise InputError(
            f"{name!r} cannot be the name of a sweep: expected one that files everywhere may have"
        )
    if not path.parent.is_dir():
        raise InputError(f"{path}: the folder {path.parent} does not exist; make it first")
    shipped = project_folder("sweeps")
    text = (shipped / "template" / "sweep.yaml").read_text(encoding="utf-8")
    if not _written(path, text.replace("FILE", str(path))):
        raise InputError(f"{path}: is there already, and stays as it is; give another name")
    schema = path.parent / SCHEMA
    if _written(schema, (shipped / SCHEMA).read_text(encoding="utf-8")):
        note(f"{schema}: the form of sweep files, for editors")
    print_text(str(path))


def _written(path: Path, text: str) -> bool:
    """Whether the file could be made, because nothing was there."""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        return False
    return True
