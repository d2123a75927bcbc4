"""Figures of any sweep."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gst.analysis import Accuracy
from gst.figures import (
    dynamics,
    dynamics_drawing,
)
from gst.figures.panels.arm_means import arm_means
from gst.figures.panels.scatter import scatter_panel
from gst.figures.recipe import Recipes
from gst.figures.sheet import Grid, Sheet
from gst.figures.sweep_runs import sweep_runs

if TYPE_CHECKING:
    from gst.store import Store

ANY_SWEEP = Recipes()


@ANY_SWEEP.figure("tradeoff", "Stability against accuracy, of any sweep")
def tradeoff(store: Store, sweep: str, accuracy: Accuracy = "final") -> Sheet:
    """Stability against accuracy of each pruned run, and the mean of each arm.

    `final` is the accuracy of the last epoch, `best` the best since the last pruning event, which
    peeks at the test set but is what GST 2020 plots. Random streams follow from the sweep's digest: same
    runs, same numbers.

    Raises UnknownNameError for a sweep that is not in the store, and InputError for one without runs.
    """
    runs = sweep_runs(store, sweep, accuracy)
    arms = arm_means(runs)
    scatter = scatter_panel(
        runs.source,
        runs.runs,
        "stability",
        f"{accuracy}_accuracy",
        looks=arms.looks,
        size="wide",
        legend=False,
    )
    of_run = ("arm", "key", "seed", "scale", "stability", f"{accuracy}_test_accuracy")
    return Sheet(
        runs,
        (scatter, arms),
        about=(runs.accuracy_quantity.words,),
        parts=(scatter.fit, arms, runs),
        columns=("what", *of_run, "value", "low", "high", "n", "p", "method"),
        # Notes are below the left panel only: upright labels of the right one may reach far down.
        grid=Grid(widths=(0.6, 0.4), spacing=0.02, shared_y=True, note_width=112),
    )


ANY_SWEEP.add(
    "dynamics", "Accuracy by epoch and arm, of any sweep", dynamics.numbers, draw=dynamics_drawing.draw
)
