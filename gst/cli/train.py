"""gst train: the runs of a sweep on a machine without a database, into files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from gst.cli.files import sweep_file
from gst.cli.options import Huge, Overrides, Scale, Seeds, Subset, SweepFile, choice, option
from gst.cli.output import note, print_text
from gst.cli.streams import excuse_output
from gst.errors import Incomplete, InputError
from gst.words import counted, fine_duration, short

if TYPE_CHECKING:
    from gst.launch.offline import Ended, Offline


def train(
    file: SweepFile,
    output: Annotated[Path, option("FOLDER", "Where each run's results go.", "--output", "-o")],
    seeds: Seeds = None,
    overrides: Overrides = None,
    scale: Scale = None,
    subset: Subset = None,
    huge: Huge = False,
    shard: Annotated[str, option("I/N", "Only the Ith of N equal parts of the runs, for N jobs.")] = "1/1",
    device: Annotated[
        Literal["cpu", "cuda"] | None,
        choice("Where to train.", default="a GPU if the sweep asks for one and it is there, else cpu"),
    ] = None,
) -> None:
    """Train a sweep into files, without a database or Ray.

    For batch jobs and borrowed machines. Each run goes into FOLDER when it ends, and `gst import FOLDER`
    takes all of them into a store. What FOLDER has is not trained again; runs that failed are. Several
    jobs may share a folder, each with a --shard of its own. No checkpoints are made: whoever is stopped
    loses the run in progress.
    """
    from gst.cli.plan import note_remarks
    from gst.config import load_sweep
    from gst.launch.dry_start import dry_start
    from gst.launch.offline import Offline, Shard, chosen_device, refuse_unwritable, train_all
    from gst.paths import data_folder

    spec = load_sweep(
        sweep_file(file), seeds=seeds, overrides=overrides or (), scale=scale, subset=subset, huge=huge
    )
    note_remarks(spec)
    if spec.design is not None:
        first, *_, last = spec.design.seeds
        raise InputError(
            f"{file}: has a design (seeds.looks), whose decisions need a store: use `gst sweep`, or give "
            f"--seeds {first}-{last} to train all its seeds without a decision"
        )
    where = chosen_device(spec, device)
    offline = Offline(spec, output, data_folder(), where, Shard.parse(shard))
    left = offline.remaining()
    note(f"{spec.title}\n{_todo(offline, left)}")
    if any(it.config.measure.each_example for it in spec.configs):
        note("single examples (measure.each_example) are kept beside a store only, by gst sweep")
    if left:
        refuse_unwritable(output)
        dry_start(spec, data=data_folder())
        try:
            failed = train_all(offline, _report)
        except KeyboardInterrupt:
            note("stopped; the runs that ended are there, and the same command carries on")
            raise
        _refuse_failed(failed)
    print_text(str(output.absolute()))
    excuse_output()


def _todo(offline: Offline, left: int) -> str:
    runs = len(offline.runs())
    part = f" in part {offline.shard.number} of {offline.shard.of}" if offline.shard.of > 1 else ""
    what = f"{left} to train on {offline.device}" if left else "nothing left to train"
    return f"{offline.sweep.name}: {counted(runs, 'run')}{part}, {what}"


def _report(ended: Ended) -> None:
    attempt = ended.attempt
    text = f"{ended.arm}, seed {ended.spec.seed}: {attempt.status}"
    if attempt.status == "failed":
        text += f" ({attempt.reason})"
    elif attempt.records:
        text += f", test accuracy {attempt.records[-1].epoch.test_accuracy:.1%}"
    note(f"{text}, {fine_duration(attempt.seconds)}")


def _refuse_failed(failed: list[Ended]) -> None:
    if failed:
        from gst.config import run_key

        some = ", ".join(short(run_key(it.spec)) for it in failed[:5]) + (", ..." if failed[5:] else "")
        raise Incomplete(
            f"{counted(len(failed), 'run')} failed: {some}; `gst import` takes in why, "
            "and the same command tries them again"
        )
