"""A sweep on its way: where its runs train, and what drives them there."""

from __future__ import annotations

import logging
import signal
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TextIO

from gst.cli.output import note
from gst.errors import InputError
from gst.words import cut

if TYPE_CHECKING:
    from gst.cli.notify import Place
    from gst.config import SweepSpec
    from gst.launch.drive import Engine
    from gst.launch.log import Saying
    from gst.launch.trial import Assignment
    from gst.records import DatasetFacts
    from gst.store import Look

SHOWN_PROBLEMS = 3


class Options(NamedTuple):
    """Where and with what a sweep is to be run; it changes no result."""

    local: bool
    address: str | None
    cpus: int | None
    gpus: int | None
    max_concurrent: int | None
    verbose: bool
    quiet: bool = False
    places: Sequence[Place] = ()  # that hear of it


def refuse_cluster_options(options: Options) -> None:
    """Raise InputError for options that have no meaning in this process."""
    given = [
        f"--{name.replace('_', '-')}"
        for name in ("address", "cpus", "gpus", "max_concurrent")
        if getattr(options, name) is not None
    ]
    if given:
        raise InputError(
            f"--local runs one after another in this process; {', '.join(given)} has no place there"
        )


def run(
    spec: SweepSpec,
    url: str,
    path: Path,
    options: Options,
    datasets: Mapping[str, DatasetFacts],
    *,
    retry_failed: bool,
    accept_data: bool,
) -> None:
    """Register the sweep and drive it to its end, showing how far it is; `datasets` are those found here."""
    from gst.analysis.looks import look_in_words
    from gst.cli.display import Display, is_live, view_on
    from gst.cli.news import News, Teller, troubled_runs
    from gst.launch.drive import drive
    from gst.launch.plan import asked_keys
    from gst.launch.progress import Watch
    from gst.launch.trial import Assignment
    from gst.paths import data_folder
    from gst.store import Store

    spec = _on_what_is_here(spec, options, path)
    assignment = Assignment(
        url=url,
        sweep_id=0,
        driver_epoch=0,
        data=data_folder(),
        artifacts=_artifacts(url),
        cpus=spec.resources.cpus,
        gpus=spec.resources.gpus,
        checkpoint_seconds=spec.checkpoints.seconds,
        keep=spec.checkpoints.keep,
        keep_at=spec.checkpoints.at,
        grace=spec.checkpoints.grace if spec.checkpoints.keep != "none" else 0.0,
        accept_data=accept_data,
    )
    stream = sys.stderr
    with (
        _log_on(stream, verbose=options.verbose) as log,
        _terminable(),
        _engine(spec, assignment, options, path, datasets) as engine,
        Store.open(url, create=True) as store,
        Store.open(url, readonly=True) as watched,
    ):
        sweep_id, asked = store.register(spec), asked_keys(spec)
        if retry_failed:
            store.retry(sweep_id=sweep_id, keys=asked)
        view = view_on(stream, live=is_live(stream, verbose=options.verbose), quiet=options.quiet)
        seeds = {seed for it in spec.configs for seed in it.seeds}
        (version,) = watched.sweeps(sweep_id=sweep_id)
        news = News(version.called, partial(troubled_runs, watched, version.address), time.monotonic())
        teller = Teller(Watch(watched, sweep_id, seeds), news, options.places)
        with Display(Watch(watched, sweep_id, seeds), view) as display:

            def told(look: Look) -> None:
                assert spec.design is not None
                display.say(look_in_words(spec.design, look))

            with log.through(display.say), teller:  # above the drawing
                assignment = assignment._replace(sweep_id=sweep_id)
                problems = teller.problems = drive(store, assignment, engine, told, asked)
    for problem in cut(problems, SHOWN_PROBLEMS, "more like these; see all with -v"):
        note(f"gst: {problem}")


def _artifacts(url: str) -> Path | str:
    """Where checkpoints go. Raises InputError, before anything runs, for a URL that cannot be written."""
    from gst.cli.plan import artifact_place
    from gst.launch.artifacts import artifacts_at, proof

    place = artifact_place(url)
    if isinstance(place, str):
        with proof(artifacts_at(place)):
            pass
    return place


def _on_what_is_here(spec: SweepSpec, options: Options, path: Path) -> SweepSpec:
    """The sweep with its runs on the CPU where this machine is all there is and has no GPU.

    A cluster without the GPUs that a sweep asks for is refused instead: it can be given some.
    """
    from gst.launch.environment import LOCAL, cluster_address
    from gst.launch.trial import has_gpu

    own = options.local or cluster_address(options.address, f"sweep {path}") == LOCAL
    if not spec.resources.gpus or not own or (has_gpu() and options.gpus != 0):
        return spec
    note(f"no GPU to use here: runs train on the CPU, not on {spec.resources.gpus:g} GPUs each")
    return spec._replace(resources=spec.resources.model_copy(update={"gpus": 0.0}))


@contextmanager
def _log_on(stream: TextIO, *, verbose: bool) -> Iterator[Saying]:
    """Shows there what gst warns of, or, if asked to be verbose, whatever it and Ray log."""
    from gst.launch.log import Saying, attached

    handler = Saying(partial(print, file=stream, flush=True), logging.WARNING, "gst: %(message)s")
    if verbose:
        logging.basicConfig(format="%(asctime)s %(name)s: %(message)s")
        yield handler
        return
    with attached(handler):
        yield handler


@contextmanager
def _terminable() -> Iterator[None]:
    """SIGTERM, and SIGHUP of a closed terminal, end the sweep as Ctrl-C does, with every run in order.

    Whoever stops a job may say so several times: only the first one counts. SIGHUP stays ignored where it is,
    as under nohup.
    """

    def end(number: int, frame: object) -> None:
        for each in numbers:
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt

    numbers = [signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        numbers.append(signal.SIGHUP)
    before = {number: signal.signal(number, end) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _engine(
    spec: SweepSpec,
    assignment: Assignment,
    options: Options,
    path: Path,
    datasets: Mapping[str, DatasetFacts],
) -> Iterator[Engine]:
    """The engine that runs the trials: this process, or a Ray cluster that lasts as long as the context."""
    from gst.launch.environment import LOCAL, cluster_address, prepare
    from gst.launch.trial import device, run_all

    if options.local:
        device(assignment.gpus)
        yield run_all
        return
    address = cluster_address(options.address, f"sweep {path}")
    prepare(address)
    if not options.quiet:
        note("starting Ray" if address == LOCAL else f"joining the Ray cluster at {address}")
    from gst.cli.display import is_live, waiting
    from gst.launch.preflight import Needs
    from gst.launch.ray_process import Cluster, ray_engine

    different = {config.data.label: config.data for _, config, _ in spec.configs}
    wanted = tuple(
        (config, None if assignment.accept_data else datasets[label].content_hash)
        for label, config in different.items()
    )
    needs = Needs(spec.resources, assignment.url, assignment.artifacts, assignment.data, wanted)
    cluster = Cluster(
        address, needs, options.cpus, options.gpus, options.max_concurrent, verbose=options.verbose
    )
    live = is_live(sys.stderr, verbose=options.verbose) and not options.quiet
    with ray_engine(cluster, waiting(sys.stderr, live=live)) as engine:
        yield engine
