"""The figures of GST 2019, the first version of GST 2020."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from gst.analysis.curves import CurveQuantity
from gst.analysis.results import Accuracy, event_drops, last_drops
from gst.figures import activations
from gst.figures.methods import SCORES_2019
from gst.figures.panels.curves import CurvesPanel
from gst.figures.panels.data_sizes import size_panels
from gst.figures.panels.drop_curves import drop_curves
from gst.figures.panels.scatter import scatter_panel
from gst.figures.panels.series import accuracy_panel, rate_panel
from gst.figures.papers.any_sweep import dynamics
from gst.figures.pruning_rate import pruning_rate
from gst.figures.recipe import Recipes
from gst.figures.sheet import Grid, Sheet
from gst.figures.style import counted
from gst.figures.sweep_runs import SweepRuns, sweep_runs, without_event

if TYPE_CHECKING:
    from gst.store import Store


GST2019 = Recipes()


@GST2019.figure("v1_fig1", "GST 2019, Figure 1: drops by epoch, and mean drop against accuracy", "v1_fig1")
def fig1(store: Store, sweep: str, accuracy: Accuracy = "final") -> Sheet:
    """Drops by epoch, and mean drops against accuracy, in the sweep of that name.

    A drop is in accuracy itself, as the first version of the paper has it, and not relative to what
    it was before. The correlation takes all drops of a run, the curves those above 0 alone.

    Raises UnknownNameError for a sweep that is not in the store, and InputError for one without runs.
    """
    runs = sweep_runs(store, sweep, accuracy)
    scatter = scatter_panel(
        runs.source,
        runs.runs,
        "mean_drop",
        f"{accuracy}_accuracy",
        x_title="Mean drop over a run's events, percentage points",
        y_title="Test accuracy",
    )
    curves = drop_curves(runs, event_drops(store, runs.source), scatter.looks)
    return Sheet(
        runs,
        (curves, scatter),
        about=(runs.accuracy_quantity.words, counted(runs.arm_counts, "arm")),
        parts=(scatter, curves, runs),
        grid=Grid(widths=(0.55, 0.45), spacing=0.09),
    )


@GST2019.figure(
    "v1_fig2", "GST 2019, Figure 2: accuracy by epoch, and the events of the least stable arm", "v1_fig2"
)
def fig2(
    store: Store,
    sweep: str,
    arms: str | Sequence[str] | None = None,
    quantity: CurveQuantity = "test_accuracy",
) -> Sheet:
    """The figure `dynamics` with arrows at the events of the least stable arm."""
    sheet = dynamics(store, sweep, arms, quantity)
    return sheet._replace(panels=(sheet.panel(CurvesPanel)._replace(arrows=True),))


@GST2019.figure("v1_fig3", "GST 2019, Figure 3: iterative rate against mean drop and accuracy", "v1_fig3")
def fig3(store: Store, sweep: str, accuracy: Accuracy = "final") -> Sheet:
    """The rate against a run's mean drop over its events, in the sweep of that name.

    Raises UnknownNameError for a sweep that is not in the store, and InputError for one without runs.
    """
    runs = sweep_runs(store, sweep, accuracy)
    drops = {run.key: run.mean_drop for run in runs.runs if pruning_rate(run)}
    return _drops_by_rate(runs, "mean drop", "<b>Drop</b>: mean over a run's events", drops)


GST2019.add(
    "v1_figA1",
    "GST 2019, Figure A1: how normal activations are, untrained and trained",
    activations.of_runs,
    "v1_figA1",
    rests_on="normality",
)


@GST2019.figure(
    "v1_figA2", "GST 2019, Figure A2: iterative rate against the last event's drop and accuracy", "v1_figA2"
)
def fig_a2(store: Store, sweep: str, accuracy: Accuracy = "final") -> Sheet:
    """The rate against the drop of the last event; otherwise as Figure 3.

    That drop is the test accuracy of the epoch before less the one right after the event, so an epoch
    of training lies in between.
    """
    runs = sweep_runs(store, sweep, accuracy)
    last = last_drops(event_drops(store, runs.source))
    drops = {key: drop for key, event in last.items() if (drop := event.drop_since_previous) is not None}
    what = "drop at the last event since the epoch before"
    heading = "<b>Drop at the last event</b>: epoch before it less right after it"
    sheet = _drops_by_rate(runs, what, heading, drops)
    first = len(last) - len(drops)
    if not first:
        return sheet
    runs_have = "1 run has its" if first == 1 else f"{first} runs have their"
    note = f"{runs_have} last event in the first epoch, before which there is no accuracy"
    return sheet._replace(notes=(*sheet.notes, note))


def _drops_by_rate(runs: SweepRuns, what: str, heading: str, drops: Mapping[str, float]) -> Sheet:
    drop = rate_panel(
        runs,
        "drop",
        lambda run: drops.get(run.key),
        heading=heading,
        what=what,
        scores=SCORES_2019,
    )
    accuracy = accuracy_panel(runs, SCORES_2019)
    relative = "A drop is in test accuracy itself, in percentage points, and not relative to it."
    return Sheet(
        runs,
        (drop, accuracy),
        about=(runs.accuracy_quantity.words, counted(accuracy.counts(), "mark")),
        reading=(relative,),
        notes=without_event(runs.runs),
    )


@GST2019.figure(
    "v1_figA3", "GST 2019, Figure A3: data size against accuracy and gap, and accuracy by epoch", "v1_figA3"
)
def fig_a3(store: Store, sweep: str, accuracy: Accuracy = "final") -> Sheet:
    """Accuracy and gap against the number of training images, without augmentation and with it.

    Raises UnknownNameError for a sweep that is not in the store, and InputError for one without runs.
    """
    runs = sweep_runs(store, sweep, accuracy)
    found = size_panels(store, runs)
    most = max(it.largest for it in found)
    notes = (
        f"{'with' if it.augment else 'without'} augmentation no run of the largest size completed"
        for it in found
        if it.largest < most
    )
    return Sheet(
        runs,
        tuple(panel for it in found for panel in (it.accuracy, it.gap, it.curves)),
        about=(
            runs.accuracy_quantity.words,
            counted([count for it in found for count in it.accuracy.counts()], "mark"),
        ),
        notes=tuple(notes),
        grid=Grid(columns=3, spacing=0.075),
    )
