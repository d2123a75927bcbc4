"""gst cancel and gst retry: ending runs on purpose, and taking an end back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from gst.cli.options import Db, Form, choice, opened
from gst.cli.output import Format, note
from gst.cli.selection import OfArm, OfSweep, Runs, chosen_runs, print_runs, refuse_others

if TYPE_CHECKING:
    from gst.store import RunState


def cancel(
    runs: Runs = None, sweep: OfSweep = None, arm: OfArm = None, db: Db = None, form: Form = "table"
) -> None:
    """Cancel runs that have not ended.

    A run that is being trained stops within half a minute on a CPU, and on a GPU at the end of its epoch; it
    keeps its complete epochs, and the sweep goes on with the others. `gst retry` takes it back.
    """
    from gst.store.sweeps import CANCELLED

    with opened(db, readonly=False) as store:
        found = chosen_runs(store, runs, sweep, arm)
        if runs:
            refuse_others(found, CANCELLED, "cancelled")
        changed = store.cancel(run.key for run in found)
    _report(found, changed, form)
    stopping = sum(run.status == "running" for run in found if run.key in changed)
    note(
        f"{_runs(changed)} cancelled"
        + (f", of which {stopping} stop at the end of their epoch at the latest" if stopping else "")
        + ("; nothing there was left to do" if not changed else "")
    )


def retry(
    runs: Runs = None,
    sweep: OfSweep = None,
    arm: OfArm = None,
    diverged: Annotated[bool, choice("Also runs whose loss left the finite numbers.", "--diverged")] = False,
    db: Db = None,
    form: Form = "table",
) -> None:
    """Make failed and cancelled runs pending again.

    They go on from their last checkpoint, if it is still there, when their sweep is run.
    """
    statuses = ("failed", "cancelled", "diverged") if diverged else ("failed", "cancelled")
    with opened(db, readonly=False) as store:
        found = chosen_runs(store, runs, sweep, arm)
        if runs:
            refuse_others(found, statuses, "retried" if diverged else "retried without --diverged")
        changed = store.retry(keys=[run.key for run in found], statuses=statuses)
    _report(found, changed, form)
    note(f"{_runs(changed)} pending again" + ("; `gst sweep FILE` trains what is left" if changed else ""))


def _report(found: Sequence[RunState], changed: Sequence[str], form: Format) -> None:
    """The runs that changed, with the state in which they were found."""
    new = set(changed)
    print_runs(("key", "was"), [(run.key, run.status) for run in found if run.key in new], form)


def _runs(changed: Sequence[str]) -> str:
    return "1 run is" if len(changed) == 1 else f"{len(changed)} runs are"
