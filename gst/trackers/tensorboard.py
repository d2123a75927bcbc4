"""A run as a folder of TensorBoard: FOLDER/SWEEP/ARM/SEED-KEY, with scalars, hyperparameters and its tags."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from gst.trackers.replaced import folder_name, replaced
from gst.trackers.tracked import TrackedRun
from gst.words import short


def write_tensorboard(folder: Path, run: TrackedRun) -> None:
    """Write the run's event file; TensorBoard keeps values with the digits of 32 bits.

    By the writer beneath SummaryWriter, which keeps a little memory of each file until the process ends.
    """
    from tensorboardX.event_file_writer import EventsWriter
    from tensorboardX.proto.event_pb2 import Event

    place = folder / folder_name(run.sweep) / folder_name(run.arm) / f"seed{run.seed}-{short(run.key)}"
    with replaced(place) as made:
        writer = EventsWriter(str(made / "events"))
        try:
            for time, step, summary in _summaries(run):
                writer.write_event(Event(wall_time=time.timestamp(), step=step, summary=summary))
        finally:
            writer.close()


def _summaries(run: TrackedRun) -> Iterator[tuple[datetime, int, Any]]:
    """The summaries of the event file, each with its time and its step."""
    from tensorboardX.summary import hparams, scalar, text

    parameters = {name: _plain(it) for name, it in run.parameters.items()}
    for part in hparams({**parameters, "arm": run.arm, "status": run.status}, dict(run.final)):
        yield run.started, 0, part
    about = "\n".join(f"    {name}: {it}" for name, it in run.tags.items())
    yield run.started, 0, text("gst", f"{run.title}\n\n{about}\n\n{run.notes}")
    for step in run.steps:
        for name, value in step.values.items():
            yield step.time, step.epoch, scalar(name, value)
    for step in run.steps[-1:]:
        for name, value in run.final.items():
            yield step.time, step.epoch, scalar(name, value)


def _plain(value: Any) -> bool | str | float:
    return value if isinstance(value, bool | str | int | float) else str(value)
