"""Checkpoints that are gone: said before the epochs that depend on them are trained again."""

from __future__ import annotations

from gst.launch.artifacts import Artifacts
from gst.launch.checkpoints import is_there
from gst.store import RunState, Store, checkpoints, run_states
from gst.store.schema import ENDED


def missing_checkpoints(store: Store, sweep_id: int, artifacts: Artifacts) -> str | None:
    """A sentence on the sweep's unfinished runs whose checkpoints are not there, if there are any.

    Raises Unreachable, or what a file system raises, for a place that cannot be asked.
    """
    unfinished = [it for it in run_states(store, sweep_id) if it.status not in ENDED]
    lost = [epochs for run in unfinished if (epochs := _epochs_lost(run, artifacts))]
    if not lost:
        return None
    return (
        f"checkpoints of {len(lost)} runs are not in {artifacts}, and {sum(lost)} epochs are trained again; "
        "if they are elsewhere, stop (Ctrl-C) and set GST_ARTIFACT_DIR to their folder"
    )


def _epochs_lost(run: RunState, artifacts: Artifacts) -> int:
    """Number of epochs between the run's newest checkpoint and the newest that is there."""
    pointers = checkpoints(run._asdict())
    left = next((it.epoch + 1 for it in pointers if is_there(it, artifacts)), 0)
    return pointers[0].epoch + 1 - left if pointers else 0
