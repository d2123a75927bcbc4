"""Runs of a store for other trackers of experiments: MLflow, TensorBoard, and W&B offline."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gst.errors import InputError
from gst.trackers.mlflow_files import write_mlflow
from gst.trackers.tensorboard import write_tensorboard
from gst.trackers.tracked import TrackedRun, tracked_runs
from gst.trackers.wandb_offline import close_wandb, write_wandb

if TYPE_CHECKING:
    from gst.store import Store

__all__ = ["TRACKERS", "TrackedRun", "export_to", "tracked_runs"]


class Tracker(NamedTuple):
    """What writes one run into a folder, in the place of what it wrote there of the same run before.

    All is written once it is closed.
    """

    write: Callable[[Path, TrackedRun], None]
    close: Callable[[], None] = lambda: None


TRACKERS: Mapping[str, Tracker] = {
    "mlflow": Tracker(write_mlflow),
    "tensorboard": Tracker(write_tensorboard),
    "wandb-offline": Tracker(write_wandb, close_wandb),
}


def export_to(store: Store, tracker: str, folder: Path, sweep: str | None = None) -> int:
    """Write each run that has begun, of that sweep or of all, for that tracker; how many were written.

    One run after another, in whatever number: none stays in memory. Raises InputError where `folder` is no
    folder, and where the tracker's package is not installed.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise InputError(f"{folder}: is no folder; name one, which may have an earlier export") from None
    written = 0
    try:
        for run in tracked_runs(store, sweep):
            TRACKERS[tracker].write(folder, run)
            written += 1
    finally:
        TRACKERS[tracker].close()
    return written
