"""A run as an offline run of W&B, written by its own client; `wandb sync` uploads it."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Any

from gst.errors import InputError
from gst.trackers.tracked import TrackedRun
from gst.words import short

LONGEST_GROUP = 128


def write_wandb(folder: Path, run: TrackedRun) -> None:
    """Write the run below FOLDER/wandb: its project is the sweep, its group the arm, its id from its key.

    A step of W&B is an epoch. What came before any training is in the summary, for W&B has no step -1.
    Raises InputError where the package wandb is not installed.
    """
    os.environ.setdefault("WANDB_ERROR_REPORTING", "false")  # its client would tell its authors of errors
    try:
        import wandb
    except ModuleNotFoundError:
        raise InputError("wandb-offline needs the package wandb: pip install 'gst[wandb]'") from None
    name = f"{run.digest[:7]}-{short(run.key)}"
    for older in (folder / "wandb").glob(f"offline-run-*-{name}"):
        shutil.rmtree(older)
    made = wandb.init(
        dir=str(folder),
        project=run.sweep,
        group=run.arm[:LONGEST_GROUP],
        id=name,
        name=run.name,
        notes=run.notes or None,
        tags=[it[:64] for it in run.labels],
        config={**run.parameters, **run.tags},
        reinit="create_new",
        settings=_settings(wandb),
    )
    for step in run.steps:
        if step.epoch >= 0:
            made.log(
                {**step.values, "epoch": step.epoch, "_timestamp": step.time.timestamp()}, step=step.epoch
            )
    before = {
        f"before/{name}": it for step in run.steps if step.epoch < 0 for name, it in step.values.items()
    }
    made.summary.update({**before, **run.final, "gst.status": run.status})
    made.finish(exit_code=0 if run.status in ("completed", "running") else 1)


def _settings(wandb: Any) -> Any:
    """Nothing but the run: no output, machine, code or repository of the process that exports it."""
    return wandb.Settings(
        mode="offline",
        silent=True,
        console="off",
        disable_git=True,
        disable_job_creation=True,
        save_code=False,
        x_disable_meta=True,
        x_disable_stats=True,
        x_disable_machine_info=True,
        x_save_requirements=False,
    )


def close_wandb() -> None:
    """Wait until W&B's own process has written its last file, which it has not when a run is finished."""
    if sys.modules.get("wandb") is not None:
        sys.modules["wandb"].teardown()
