"""Figures of any sweep."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gst.analysis import Accuracy, CurveQuantity
from gst.figures.panels.arm_means import arm_means
from gst.figures.panels.curves import curves_panel
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
        # Upright labels of the right panel reach far down: notes are below the left one only.
        grid=Grid(
            widths=(0.6, 0.4), row=460 if arms.upright else 340, spacing=0.02, shared_y=True, note_width=112
        ),
    )


@ANY_SWEEP.figure("dynamics", "Accuracy by epoch and arm, of any sweep")
def dynamics(
    store: Store,
    sweep: str,
    arms: str | Sequence[str] | None = None,
    quantity: CurveQuantity = "test_accuracy",
) -> Sheet:
    """The mean curves of those arms of the newest sweep of that name, or of all.

    `arms` is a list, or names with commas between. Raises UnknownNameError for a sweep, an arm or a
    quantity that there is not, and InputError where none of the runs completed.
    """
    runs = sweep_runs(store, sweep, "final", arms)
    panel = curves_panel(store, runs, quantity)
    after = " after each epoch's pruning" if quantity.startswith("test") else ""
    return Sheet(runs, (panel,), about=(f"{panel.quantity.words}{after}",), grid=Grid(row=400))
