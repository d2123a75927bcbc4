"""gst sweep: run a sweep file, or what is left of it."""

from __future__ import annotations

import logging
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from gst.cli.files import sweep_file
from gst.cli.options import Db, Overrides, Scale, Seeds, Subset
from gst.cli.output import Format, note
from gst.errors import Incomplete, InputError

if TYPE_CHECKING:
    from gst.config import SweepSpec
    from gst.launch.drive import Engine
    from gst.launch.trial import Assignment
    from gst.store import Progress


SHOWN_PROBLEMS = 3


class Options(NamedTuple):
    """How a sweep is to be run; it changes no result."""

    local: bool
    address: str | None
    cpus: int | None
    gpus: int | None
    max_concurrent: int | None
    checkpoint_seconds: float
    verbose: bool


def sweep(
    file: Annotated[
        str,
        typer.Argument(metavar="FILE", help="A sweep file, or the name of a shipped sweep, as quickstart."),
    ],
    db: Db = None,
    seeds: Seeds = None,
    overrides: Overrides = None,
    scale: Scale = None,
    subset: Subset = None,
    local: Annotated[
        bool, typer.Option("--local", help="In this process, one run after another, without Ray.")
    ] = False,
    address: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="A running Ray cluster, or auto.",
            show_default="RAY_ADDRESS, else a Ray of this machine alone",
        ),
    ] = None,
    cpus: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Use that many CPUs of this machine.")
    ] = None,
    gpus: Annotated[
        int | None, typer.Option(min=0, metavar="N", help="Use that many GPUs of this machine.")
    ] = None,
    max_concurrent: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="At most that many runs at a time.")
    ] = None,
    checkpoint_seconds: Annotated[
        float,
        typer.Option(
            "--checkpoint", min=0, metavar="SECONDS", help="How often a run is saved, at the end of an epoch."
        ),
    ] = 30.0,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Also run again what failed.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be run.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Let Ray and the runs talk.")] = False,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="PATH", help="The HTML figure.", show_default="SWEEP-FIGURE.html"
        ),
    ] = None,
) -> None:
    """Run a sweep, or what is left of it.

    What the store has is not run again. Exit code 3 says that some runs did not complete; the same
    command carries on.
    """
    options = Options(local, address, cpus, gpus, max_concurrent, checkpoint_seconds, verbose)
    if local:
        _refuse_cluster_options(options)
    from gst.cli.plan import show, stored_plan, total
    from gst.cli.summary import figure_files, print_summary
    from gst.config import load_sweep
    from gst.launch.plan import rehearse
    from gst.paths import data_folder, store_url
    from gst.store import Store

    path = sweep_file(file)
    spec = load_sweep(path, seeds=seeds, overrides=overrides or (), scale=scale, subset=subset)
    files = figure_files(spec, output)
    url = store_url(db)
    planned = stored_plan(spec, url)
    if dry_run:
        show([planned], Format.table)
        return
    note(f"{spec.title}\n{total(planned)}")
    if planned.runs_left or (retry_failed and planned.runs_failed):
        rehearse(spec, data=data_folder())
        try:
            _run(spec, url, path, options, retry_failed)
        except KeyboardInterrupt:
            note("stopping; what is recorded stays, and the same command carries on")
            raise
    with Store.open(url) as store:
        sweep_id = store.register(spec)
        print_summary(store, spec, files)
        _refuse_incomplete(store.progress(sweep_id))


def _run(spec: SweepSpec, url: str, path: Path, options: Options, retry_failed: bool) -> None:
    """Register the sweep and drive it to its end, showing how far it is."""
    from gst.cli.display import Display, view_on
    from gst.launch.drive import drive
    from gst.launch.progress import Watch
    from gst.launch.trial import Assignment
    from gst.paths import artifact_folder, data_folder
    from gst.store import Store

    spec = _on_what_is_here(spec, options, path)
    assignment = Assignment(
        url=url,
        sweep_id=0,
        driver_epoch=0,
        data=data_folder(),
        artifacts=artifact_folder(),
        cpus=spec.resources.cpus,
        gpus=spec.resources.gpus,
        checkpoint_seconds=options.checkpoint_seconds,
    )
    if options.verbose:
        logging.basicConfig(format="%(asctime)s %(name)s: %(message)s")
    stream = sys.stderr  # what is printed to the later one, while Ray is up, is not for the user
    with (
        _engine(spec, assignment, options, path) as engine,
        _terminable(),  # after Ray has started, which takes the signal for itself
        Store.open(url, create=True) as store,
        Store.open(url, readonly=True) as watched,
    ):
        sweep_id = store.register(spec)
        if retry_failed:
            store.retry(sweep_id=sweep_id)
        view = view_on(stream, live=stream.isatty() and not options.verbose)
        with Display(Watch(watched, sweep_id), view):
            problems = drive(store, assignment._replace(sweep_id=sweep_id), engine)
    for problem in problems[:SHOWN_PROBLEMS]:
        note(f"gst: {problem}")
    if len(problems) > SHOWN_PROBLEMS:
        note(f"gst: and {len(problems) - SHOWN_PROBLEMS} more like these; see all with -v")


def _on_what_is_here(spec: SweepSpec, options: Options, path: Path) -> SweepSpec:
    """The sweep with its runs on the CPU where this machine is all there is and has no GPU.

    A cluster without the GPUs that a sweep asks for is refused instead: it can be given some.
    """
    from gst.launch.environment import LOCAL, cluster_address
    from gst.launch.trial import has_gpu

    own = options.local or cluster_address(options.address, str(path)) == LOCAL
    if not spec.resources.gpus or not own or (has_gpu() and options.gpus != 0):
        return spec
    note(f"no GPU to use here: runs train on the CPU, not on {spec.resources.gpus:g} GPUs each")
    return spec._replace(resources=spec.resources.model_copy(update={"gpus": 0.0}))


@contextmanager
def _terminable() -> Iterator[None]:
    """SIGTERM ends the sweep as Ctrl-C does, with every run in order, rather than on the spot."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _engine(spec: SweepSpec, assignment: Assignment, options: Options, path: Path) -> Iterator[Engine]:
    """What runs the trials: this process, or a Ray cluster that is there as long as the context is."""
    from gst.launch import local
    from gst.launch.environment import LOCAL, cluster_address, prepare
    from gst.launch.trial import device

    if options.local:
        device(assignment.gpus)
        yield local.run_all
        return
    address = cluster_address(options.address, str(path))
    prepare(address)
    note("starting Ray" if address == LOCAL else f"joining the Ray cluster at {address}")
    from gst.launch import ray

    datasets = tuple(dict.fromkeys(config.data for _, config, _ in spec.configs))
    needs = ray.Needs(spec.resources, assignment.url, assignment.artifacts, assignment.data, datasets)
    with ray.cluster(address, cpus=options.cpus, gpus=options.gpus, verbose=options.verbose) as machines:
        ray.check(machines, needs)
        yield partial(ray.run_all, max_concurrent=options.max_concurrent)


def _refuse_cluster_options(options: Options) -> None:
    given = [
        f"--{name.replace('_', '-')}"
        for name in ("address", "cpus", "gpus", "max_concurrent")
        if getattr(options, name) is not None
    ]
    if given:
        raise InputError(
            f"--local runs one after another in this process; {', '.join(given)} has no place there"
        )


def _refuse_incomplete(progress: Progress) -> None:
    """Raise Incomplete unless every run has ended; a diverged one has, and its outcome is a result."""
    counts = progress.counts
    if counts["diverged"]:
        note(f"{counts['diverged']} of {progress.runs} runs diverged, and are not among the numbers above")
    missing = progress.runs - counts["completed"] - counts["diverged"]
    if not missing:
        return
    failed = counts["failed"]
    hints = []
    if failed:
        hints.append(
            f"{failed} failed: `gst ls --sweep {progress.name} --status failed` lists them, "
            "`gst show RUN` says why, and --retry-failed runs them again"
        )
    if missing > failed:
        hints.append(f"{missing - failed} did not come to their end: the same command carries on")
    raise Incomplete(f"{missing} of {progress.runs} runs are not complete; " + "; ".join(hints))
