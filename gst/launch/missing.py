"""Checkpoints that are gone: said before the epochs that depend on them are trained again."""

from __future__ import annotations

from gst.launch.artifacts import Artifacts
from gst.launch.checkpoints import is_there
from gst.store import RunState, Store, checkpoints, run_states
from gst.store.schema import ENDED
from gst.words import counted


def missing_checkpoints(store: Store, sweep_id: int, artifacts: Artifacts) -> str | None:
    """A sentence on the sweep's unfinished runs whose checkpoints are not there, if there are any.

    Raises Unreachable, or what a file system raises, for a place that cannot be asked.
    """
    unfinished = [it for it in run_states(store, sweep_id) if it.status not in ENDED]
    lost = [epochs for run in unfinished if (epochs := _epochs_lost(store, run, artifacts))]
    if not lost:
        return None
    return (
        f"checkpoints of {counted(len(lost), 'run')} are not in {artifacts}, and "
        f"{counted(sum(lost), 'epoch')} will be trained again; "
        "if they are elsewhere, stop (Ctrl-C) and set GST_ARTIFACT_DIR to their folder"
    )


def _epochs_lost(store: Store, run: RunState, artifacts: Artifacts) -> int:
    """Number of epochs, those of EL2N networks among them, after the newest checkpoint that is there."""
    pointers = checkpoints(run._asdict())
    if not pointers:
        return 0
    left = next((it.epoch for it in pointers if is_there(it, artifacts)), None)
    if left is None:
        left = -1 - store.spec(run.key).config.el2n_epochs
    return pointers[0].epoch - left
