"""gst doctor: whether everything is in place, and what to do where it is not."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from gst.cli.options import Db, Form, Huge, Overrides, Scale, Seeds, Subset, argument, choice, option
from gst.cli.output import Format, note, print_rows
from gst.errors import GstError, InputError

if TYPE_CHECKING:
    from gst.launch.doctor import Check, Finding

COLUMNS = ("check", "status", "found")


def doctor(
    file: Annotated[
        str | None, argument("FILE", "Also whether this sweep, or shipped sweep, can run here.")
    ] = None,
    start_ray: Annotated[
        bool, choice("Also start a Ray on this machine, which takes some seconds.", "--ray")
    ] = False,
    address: Annotated[
        str | None, option("ADDRESS", "Check every node of that Ray cluster; auto is the one here.")
    ] = None,
    seeds: Seeds = None,
    overrides: Overrides = None,
    scale: Scale = None,
    subset: Subset = None,
    huge: Huge = False,
    db: Db = None,
    form: Form = "table",
) -> None:
    """Check this machine, the store and the folders.

    Each check is ok, or says what to do. Nothing is changed, but that --address puts a small file among the
    artifacts for a moment, to see which nodes share them. Exit code 1 if a check fails. --seeds, -s, --scale
    and --subset change FILE as `gst sweep` does.
    """
    from gst.paths import store_url

    changes = {"seeds": seeds, "overrides": overrides, "scale": scale, "subset": subset}
    changes = {name: it for name, it in changes.items() if it is not None}
    if changes and file is None:
        raise InputError("--seeds, -s, --scale and --subset change a sweep: give FILE too")
    if address is not None:
        if file is not None:
            raise InputError("--address looks at nodes, not at a sweep: leave one of the two out")
        _check_cluster(address, db, form, start_ray=start_ray)
        return
    url = store_url(db)
    of_file = None if file is None else partial(_of_sweep, file, url, huge=huge, **changes)
    found = _findings(url, of_file, start_ray=start_ray)
    if form == "table":
        print_rows(COLUMNS, [it[:3] for it in found], form)
        for it in found:
            if it.remedy:
                note(f"{it.check}: {it.remedy}")
    else:
        print_rows((*COLUMNS, "remedy"), found, form)
    _refuse_failed([it.check for it in found if it.status == "fail"], len(found))


def _refuse_failed(failed: list[str], of: int) -> None:
    if failed:
        raise GstError(f"{len(failed)} of {of} checks failed: {', '.join(failed)}")


def _check_cluster(given: str, db: str | None, form: Format, *, start_ray: bool) -> None:
    """Have every node of that cluster checked, and print a row for each."""
    from gst.launch.environment import LOCAL, cluster_address, prepare
    from gst.paths import data_folder, store_url

    address = cluster_address(given, "doctor")
    if address == LOCAL or start_ray:
        raise InputError("--address names a cluster that runs; `gst doctor --ray` starts one of this machine")
    prepare(address)
    from gst.launch.cluster_doctor import NodeFinding, examined
    from gst.launch.ray import cluster

    with cluster(address) as machines:
        url = store_url(db)
        found = examined(machines, url, _artifacts(url), data_folder())
    if form == "table":
        checks = list(dict.fromkeys(it.check for it in found))
        table = {(it.node, it.check): it.status for it in found}
        nodes = dict.fromkeys(it.node for it in found)
        print_rows(
            ("check", *nodes), [(name, *(table.get((it, name)) for it in nodes)) for name in checks], form
        )
        for it in found:
            if it.status != "ok":
                note(f"{it.node}: {it.check}: {it.found}{f'; {it.remedy}' if it.remedy else ''}")
    else:
        print_rows(NodeFinding._fields, found, form)
    _refuse_failed([f"{it.check} on {it.node}" for it in found if it.status == "fail"], len(found))


def _findings(url: str, of_file: Check | None, *, start_ray: bool) -> list[Finding]:
    from gst.launch import doctor as checks
    from gst.launch import store_doctor as store_checks
    from gst.paths import data_folder

    place = _artifacts(url)  # first: the check of the store takes away what readers of SQLite leave
    named: dict[str, checks.Check] = {
        "Python": checks.python,
        "gst": checks.installation,
        "packages": checks.packages,
        "torch": checks.torch_pair,
        "GPU": checks.gpu,
        "step": checks.training_step,
        "memory": checks.memory,
        **({"Ray starts": checks.ray_starts} if start_ray else {}),
        "store": partial(store_checks.store, url),
        "data": partial(store_checks.data, data_folder()),
        "artifacts": partial(store_checks.artifacts, place),
        "disk": lambda: checks.space(_folders(url, place)),
        "browser": checks.browser,
        **({} if of_file is None else {"sweep": of_file}),
    }
    return [it for name, check in named.items() for it in checks.findings(name, check)]


def _of_sweep(file: str, url: str, **changes: Any) -> Iterator[Finding]:
    """Whether that sweep can run here; what `gst sweep` would refuse is raised."""
    from gst.cli.files import sweep_file
    from gst.cli.plan import check, stored_plan, total
    from gst.config import load_sweep
    from gst.launch import store_doctor
    from gst.launch.doctor import Finding
    from gst.launch.trial import has_gpu
    from gst.paths import data_folder

    sweep = load_sweep(sweep_file(file), **changes)
    planned = stored_plan(sweep, url)
    here = check(planned, url)
    yield Finding("sweep", "ok", total(planned))
    yield from store_doctor.images(sweep, here, data_folder())
    yield from store_doctor.resources(sweep, has_gpu=has_gpu())


def _folders(url: str, artifacts: Path | str) -> dict[str, Path]:
    """The folders of this machine that gst writes to, by what they are for."""
    from gst.paths import data_folder
    from gst.store.connect import is_sqlite, parsed, sqlite_path

    database = parsed(url)
    store = {"the store": sqlite_path(database).parent} if is_sqlite(database) else {}
    kept = {"artifacts": artifacts} if isinstance(artifacts, Path) else {}
    return store | kept | {"data": data_folder(), "temporary files": Path(tempfile.gettempdir())}


def _artifacts(url: str) -> Path | str:
    """The place for checkpoints. A store that does not tell its last one has a finding of its own."""
    from gst.cli.plan import artifact_place
    from gst.paths import artifact_folder
    from gst.store import STORE_ERRORS

    try:
        return artifact_place(url)
    except STORE_ERRORS:
        return artifact_folder()
