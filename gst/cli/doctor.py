"""gst doctor: whether everything is in place, and what to do where it is not."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gst.cli.options import Db, Form
from gst.cli.output import Format, note, print_rows
from gst.errors import GstError

if TYPE_CHECKING:
    from gst.launch.doctor import Finding

COLUMNS = ("check", "status", "found")


def doctor(
    start_ray: Annotated[
        bool, typer.Option("--ray", help="Also start a Ray on this machine, which takes some seconds.")
    ] = False,
    db: Db = None,
    form: Form = Format.table,
) -> None:
    """Check this machine, the store and the folders.

    Each check is ok, or says what to do. Nothing is changed. Exit code 1 if a check fails.
    """
    found = _findings(db, start_ray=start_ray)
    if form is Format.table:
        print_rows(COLUMNS, [it[:3] for it in found], form)
        for it in found:
            if it.remedy:
                note(f"{it.check}: {it.remedy}")
    else:
        print_rows((*COLUMNS, "remedy"), found, form)
    failed = [it.check for it in found if it.status == "fail"]
    if failed:
        raise GstError(f"{len(failed)} of {len(found)} checks failed: {', '.join(failed)}")


def _findings(db: str | None, *, start_ray: bool) -> list[Finding]:
    from gst.launch import doctor as checks
    from gst.launch import store_doctor as store_checks
    from gst.paths import artifact_folder, data_folder, store_url

    url = store_url(db)
    named: dict[str, checks.Check] = {
        "Python": checks.python,
        "gst": checks.installation,
        "packages": checks.packages,
        "torch": checks.torch_pair,
        "GPU": checks.gpu,
        **({"Ray starts": checks.ray_starts} if start_ray else {}),
        "store": partial(store_checks.store, url),
        "data": partial(store_checks.data, data_folder()),
        "artifacts": partial(store_checks.artifacts, artifact_folder()),
        "disk": lambda: checks.space(_folders(url)),
        "browser": checks.browser,
    }
    return [it for name, check in named.items() for it in checks.findings(name, check)]


def _folders(url: str) -> dict[str, Path]:
    """The folders of this machine that gst writes to, by what they are for."""
    from gst.paths import artifact_folder, data_folder
    from gst.store.connect import is_sqlite, parsed, sqlite_path

    database, artifacts = parsed(url), artifact_folder()
    store = {"the store": sqlite_path(database).parent} if is_sqlite(database) else {}
    kept = {"artifacts": artifacts} if isinstance(artifacts, Path) else {}
    return store | kept | {"data": data_folder(), "temporary files": Path(tempfile.gettempdir())}
