"""gst sweep: run a sweep file, or what is left of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from gst.cli.driving import Options, refuse_cluster_options, run
from gst.cli.files import sweep_file
from gst.cli.notify import places
from gst.cli.options import Db, Huge, Overrides, Scale, Seeds, Subset, SweepFile, choice, count, option
from gst.cli.output import Answer, note, print_text
from gst.cli.streams import excuse_output
from gst.errors import Incomplete
from gst.words import counted

if TYPE_CHECKING:
    from gst.store import Store, Version


def sweep(
    file: SweepFile,
    db: Db = None,
    seeds: Seeds = None,
    overrides: Overrides = None,
    scale: Scale = None,
    subset: Subset = None,
    huge: Huge = False,
    local: Annotated[bool, choice("In this process, one run after another, without Ray.", "--local")] = False,
    address: Annotated[
        str | None,
        option(
            "ADDRESS",
            "A running Ray cluster, or auto.",
            default="RAY_ADDRESS, else a Ray of this machine alone",
        ),
    ] = None,
    cpus: Annotated[int | None, count("Use that many CPUs of this machine.")] = None,
    gpus: Annotated[int | None, count("Use that many GPUs of this machine.", least=0)] = None,
    max_concurrent: Annotated[int | None, count("Number of runs at a time, at most.")] = None,
    cpus_per_run: Annotated[
        float | None, option("X", "CPUs of one run; may be a fraction.", default="the file's", min=0)
    ] = None,
    gpus_per_run: Annotated[
        float | None,
        option("X", "GPUs of one run; with 0.25, four runs share one.", default="the file's", min=0),
    ] = None,
    keep: Annotated[
        Literal["last", "none", "final"] | None,
        choice(
            "Save each run's last state while it trains, none (what is stopped starts over), "
            "or also its final state for good.",
            default="the file's, else last",
        ),
    ] = None,
    checkpoint_seconds: Annotated[
        float | None,
        option(
            "SECONDS",
            "How often a run is saved, at the end of an epoch.",
            "--checkpoint",
            default="the file's, else 30",
            min=0,
        ),
    ] = None,
    retry_failed: Annotated[bool, choice("Also run again what failed.", "--retry-failed")] = False,
    accept_data: Annotated[
        bool,
        choice(
            "Train though data have changed since runs of the sweep were trained on them; those in "
            "progress begin anew.",
            "--accept-data",
        ),
    ] = False,
    dry_run: Annotated[bool, choice("Only show what would be run.", "--dry-run")] = False,
    verbose: Annotated[bool, choice("Let Ray and the runs talk.", "--verbose", "-v")] = False,
    quiet: Annotated[
        bool, choice("Print results and warnings only, and no progress.", "--quiet", "-q")
    ] = False,
    notify: Annotated[
        list[str] | None,
        option(
            "URL",
            "Tell that place when runs go wrong, the sweep stands still or ends: a URL of apprise, "
            "such as slack://... or mailto://...; may be repeated. In GST_NOTIFY, spaces separate several.",
            envvar="GST_NOTIFY",
        ),
    ] = None,
    form: Annotated[Answer, choice("How to write what came of it.", "--format")] = "text",
    output: Annotated[
        Path | None, option("PATH", "The HTML figure.", "--output", "-o", default="SWEEP-FIGURE.html")
    ] = None,
) -> None:
    """Run a sweep, or what is left of it.

    What the store has is not run again. A file with a design decides at each look, says what, and goes on or
    stops. Exit code 3 says that some runs did not complete; the same command carries on.
    """
    options = Options(local, address, cpus, gpus, max_concurrent, verbose, quiet, places(notify or ()))
    if local:
        refuse_cluster_options(options)
    from gst.analysis.looks import decision_in_words
    from gst.cli.plan import check, note_remarks, show, stored_plan, total
    from gst.cli.summary import figure_files, print_summary
    from gst.config import load_sweep
    from gst.config.execution import changed
    from gst.launch.plan import asked_keys
    from gst.paths import store_url
    from gst.store import Store

    path = sweep_file(file)
    spec = load_sweep(path, seeds=seeds, overrides=overrides or (), scale=scale, subset=subset, huge=huge)
    note_remarks(spec)
    spec = spec._replace(
        resources=changed(spec.resources, cpus=cpus_per_run, gpus=gpus_per_run),
        checkpoints=changed(spec.checkpoints, keep=keep, seconds=checkpoint_seconds),
    )
    figure_files(spec, output, spec.name)  # before hours of training
    url = store_url(db)
    planned = stored_plan(spec, url)
    if dry_run:
        check(planned, url, retry_failed=retry_failed, accept_data=accept_data)
        show([planned], "table")
        return
    if not quiet:
        note(f"{spec.title}\n{total(planned)}")
    failed = retry_failed and planned.runs_failed
    if planned.runs_left or planned.undecided or planned.unmeasured or failed:
        datasets = check(planned, url, fetch=True, retry_failed=retry_failed, accept_data=accept_data)
        try:
            run(spec, url, path, options, datasets, retry_failed=retry_failed, accept_data=accept_data)
        except KeyboardInterrupt:
            note("stopping; what is recorded stays, and the same command carries on")
            raise
    with Store.open(url) as store:
        sweep_id = store.register(spec)
        (version,) = store.sweeps(sweep_id=sweep_id)
        if version.runs > len(planned.keys):
            note(f"{version.called} has {version.runs} runs, of which {len(planned.keys)} were asked for")
        if not version.meant:
            note(f"of {version.address}, {version.words}; {version.name} alone means another version")
        print_summary(store, version, spec, figure_files(spec, output, version.label), form)
        decision = decision_in_words(store, sweep_id)
        if decision is not None and form == "text":
            print_text(decision)
        if spec.checkpoints.keep == "final":
            _note_what_was_not_kept(store, sweep_id)
        _refuse_incomplete(store, version, asked_keys(spec))
    excuse_output()


def _note_what_was_not_kept(store: Store, sweep_id: int) -> None:
    """Tell of runs that were completed when nobody had asked for their final state: it is gone."""
    from gst.store import run_states

    completed = [it for it in run_states(store, sweep_id) if it.status == "completed"]
    if missing := sum(not it.final_checkpoint for it in completed):
        note(f"{counted(missing, 'completed run')} had ended before, without their final state being kept")


def _refuse_incomplete(store: Store, version: Version, asked: Collection[str]) -> None:
    """Raise Incomplete unless every run that was asked for has ended, and none lacks a measurement.

    A diverged one has, and its outcome is a result; a cancelled one was ended on purpose.
    """
    from gst.store import run_states, unmeasured
    from gst.store.sources import blocked

    counts = Counter(it.status for it in run_states(store, version.sweep_id) if it.key in asked)
    runs, name = counts.total(), version.called
    if counts["diverged"]:
        note(f"{counts['diverged']} of {runs} runs diverged, and are not among the numbers above")
    if counts["cancelled"]:
        note(
            f"{counts['cancelled']} of {runs} runs are cancelled, and not among the numbers above: "
            f"`gst retry --sweep {name}` takes that back"
        )
    missing = runs - counts["completed"] - counts["diverged"] - counts["cancelled"]
    lacking = sum(key in asked for key in unmeasured(store, version.sweep_id))
    if not missing and lacking:
        raise Incomplete(
            f"{lacking} completed runs lack a measurement that the sweep asks for; warnings above say why"
        )
    if not missing:
        return
    failed = counts["failed"]
    hints = []
    if failed:
        hints.append(
            f"{failed} failed: `gst ls --sweep {name} --status failed` lists them, "
            "`gst logs RUN` says why, and --retry-failed runs them again"
        )
    stuck = [it for it in blocked(store, version.sweep_id) if it.key in asked]
    if stuck:
        hints.append(f"{len(stuck)} wait for one that will not complete: {stuck[0].words}")
    if (left := missing - failed - len(stuck)) > 0:
        hints.append(f"{left} did not come to their end: the same command carries on")
    raise Incomplete(f"{missing} of {runs} runs are not complete; " + "; ".join(hints))
