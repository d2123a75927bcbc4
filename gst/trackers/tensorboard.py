"""A run as a folder of TensorBoard: FOLDER/SWEEP/ARM/SEED-KEY, with scalars, hyperparameters and its tags."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gst.trackers.replaced import folder_name, replaced
from gst.trackers.tracked import TrackedRun
from gst.words import short


def write_tensorboard(folder: Path, run: TrackedRun) -> None:
    """Write the run's event file; TensorBoard keeps values with the digits of 32 bits."""
    from tensorboardX import SummaryWriter
    from tensorboardX.summary import hparams

    place = folder / folder_name(run.sweep) / folder_name(run.arm) / f"seed{run.seed}-{short(run.key)}"
    with replaced(place) as made, SummaryWriter(str(made)) as writer:
        parameters = {name: _plain(it) for name, it in run.parameters.items()} | {"arm": run.arm}
        for part in hparams({**parameters, "status": run.status}, dict(run.final)):
            writer.file_writer.add_summary(part, walltime=run.started.timestamp())
        about = "\n".join(f"    {name}: {it}" for name, it in run.tags.items())
        writer.add_text("gst", f"{run.title}\n\n{about}\n\n{run.notes}", walltime=run.started.timestamp())
        for step in run.steps:
            for name, value in step.values.items():
                writer.add_scalar(name, value, step.epoch, walltime=step.time.timestamp())
        if run.steps:
            last = run.steps[-1]
            for name, value in run.final.items():
                writer.add_scalar(name, value, last.epoch, walltime=last.time.timestamp())


def _plain(value: Any) -> bool | str | float:
    return value if isinstance(value, bool | str | int | float) else str(value)
