"""Figures of any sweep."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from gst.analysis.barriers import lines
from gst.analysis.curves import CurveQuantity
from gst.analysis.disagreement import disagreements
from gst.analysis.event_parts import event_classes, layer_shares
from gst.analysis.importance import importance as shares_of
from gst.analysis.knobs import knob_correlations
from gst.analysis.predictors import predictors as predictors_of
from gst.analysis.quantities import RUN_QUANTITIES, quantity_names, sweep_quantity
from gst.analysis.results import Accuracy
from gst.figures.panels.arm_means import ArmMeans, arm_means
from gst.figures.panels.barrier import barrier_panel, lines_panel
from gst.figures.panels.by_key import by_key, varying_keys
from gst.figures.panels.contrasts import Contrasts, contrasts_panel
from gst.figures.panels.curves import Axis as CurveAxis
from gst.figures.panels.curves import Log, curves_panel
from gst.figures.panels.disagreement import DisagreementPanel
from gst.figures.panels.event_classes import class_drops, confusion_panels
from gst.figures.panels.fit import Knobs
from gst.figures.panels.importance import ImportancePanel
from gst.figures.panels.layer_shares import layers_panels
from gst.figures.panels.parallel import parallel as parallel_panel
from gst.figures.panels.predictors import PredictorsPanel
from gst.figures.panels.scatter import scatter_panel
from gst.figures.recipe import Recipes
from gst.figures.sheet import Grid, Sheet
from gst.figures.sweep_runs import SweepRuns, sweep_runs

if TYPE_CHECKING:
    from gst.store import Store

ANY_SWEEP = Recipes()
Quantity = Annotated[str, quantity_names]
"""The name of a quantity of runs; the function has those that a sweep has."""
NUMBERS = ("value", "low", "high", "n", "unit", "p", "p_holm", "method", "note")
"""Columns of a table of numbers with intervals."""


@ANY_SWEEP.figure("tradeoff", "Stability against accuracy")
def tradeoff(store: Store, sweep: str, accuracy: Accuracy = "final") -> Sheet:
    """Stability against accuracy of each pruned run, and arms against each other, paired by seed.

    Where no arms can be paired, the mean of each arm stands in the place of differences. `final` is the
    accuracy of the last epoch, `best` the best since the last pruning event, which peeks at the test set but
    is what GST 2020 plots.

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
        legend=False,
    )
    quantity = runs.accuracy_quantity
    paired = contrasts_panel(store, runs, quantity, lambda run: run.accuracy(accuracy), arms.looks)
    knobs = Knobs(knob_correlations(store, runs.runs, RUN_QUANTITIES["stability"], quantity))
    of_run = ("arm", "key", "seed", "scale", "stability", f"{accuracy}_test_accuracy")
    return Sheet(
        runs,
        (scatter, paired) if paired.tested else (scatter, arms),
        about=(quantity.words,),
        parts=(paired, scatter.fit, knobs, arms, runs),
        columns=("what", *of_run, "other", "knob", *NUMBERS),
        grid=_beside(paired) if paired.tested else _beside_arms(arms),
    )


def _beside(paired: Contrasts) -> Grid:
    return Grid(widths=(0.6, 0.4), row=max(360, paired.height), spacing=0.06, note_width=120)


def _beside_arms(arms: ArmMeans) -> Grid:
    # Upright labels of the right panel reach far down: notes are below the left one only.
    row = 460 if arms.upright else 340
    return Grid(widths=(0.6, 0.4), row=row, spacing=0.02, shared_y=True, note_width=112)


@ANY_SWEEP.figure("dynamics", "Accuracy by epoch and arm")
def dynamics(
    store: Store,
    sweep: str,
    arms: str | Sequence[str] | None = None,
    quantity: CurveQuantity = "test_accuracy",
    x: CurveAxis = "epoch",
    log: Log = "",
    smooth: float = 0,
) -> Sheet:
    """The mean curves of those arms of the sweep of that name, or of all, by epoch or at the ends of levels.

    `arms` is a list, or names with commas between; `log` names axes that are logarithmic; `smooth` draws an
    exponential average over the raw curve, in which each epoch counts so many times as much as the next one.
    Raises UnknownNameError for a sweep, an arm, a quantity or an axis that there is not, and InputError where
    none of the runs completed, or none has levels.
    """
    runs = sweep_runs(store, sweep, "final", arms)
    panel = curves_panel(store, runs, quantity, x=x, log=log, smooth=smooth)
    after = " after each epoch's pruning" if quantity.startswith("test") else ""
    return Sheet(runs, (panel,), about=(f"{panel.quantity.words}{after}",), grid=Grid(row=400))


@ANY_SWEEP.figure("by", "A quantity by a key of the configurations")
def by(
    store: Store,
    sweep: str,
    x: Annotated[str | None, varying_keys] = None,
    y: Quantity = "final_accuracy",
    log: Log | None = None,
) -> Sheet:
    """The means of y by the values of a key (pruning.fraction), a line for arms that differ in it alone.

    Without x, the key with the most values is taken; the end of a key's name is enough (label_noise). Without
    `log`, the axis of a key is logarithmic where its values are far apart. Flatness is a quantity where it
    was measured (hessian_trace). Raises UnknownNameError for a sweep, a key or a quantity that there is not,
    and InputError for a sweep without runs, or of one configuration.
    """
    runs = _runs(store, sweep, y)
    quantity = sweep_quantity(store, runs.source, y)
    panel = by_key(store, runs, x, quantity, log)
    return Sheet(runs, (panel,), about=(quantity.words,), grid=Grid(row=400))


def _runs(store: Store, sweep: str, quantity: str) -> SweepRuns:
    return sweep_runs(store, sweep, "best" if quantity.startswith("best") else "final")


@ANY_SWEEP.figure("importance", "Shares of a quantity's variance by varied key and seed")
def importance(store: Store, sweep: str, y: Quantity = "final_accuracy") -> Sheet:
    """The share of the variance of y that each varied key explains, and the seed (see gst.stats.importance).

    Raises UnknownNameError for a sweep or a quantity that there is not, and InputError for a sweep without
    runs, or of one configuration, or whose runs share too few seeds.
    """
    runs = _runs(store, sweep, y)
    quantity = sweep_quantity(store, runs.source, y)
    panel = ImportancePanel(shares_of(store, runs.source, y))
    return Sheet(runs, (panel,), about=(quantity.words,), grid=Grid(row=panel.height))


@ANY_SWEEP.figure("parallel", "Varied keys and a quantity as parallel axes, a line an arm")
def parallel(store: Store, sweep: str, y: Quantity = "final_accuracy") -> Sheet:
    """A line for each arm through its values of the varied keys, coloured by its mean of y.

    Raises UnknownNameError for a sweep or a quantity that there is not, and InputError for a sweep without
    runs, or of one configuration.
    """
    runs = _runs(store, sweep, y)
    quantity = sweep_quantity(store, runs.source, y)
    panel = parallel_panel(store, runs, quantity)
    return Sheet(
        runs, (panel,), about=(quantity.words,), grid=Grid(row=440, foot=14), interval="means over runs"
    )


@ANY_SWEEP.figure("predictors", "What several quantities tell of one, alone and given the others")
def predictors(
    store: Store, sweep: str, x: str | Sequence[str] | None = None, y: Quantity = "final_accuracy"
) -> Sheet:
    """The correlation of each predictor x with y, and the partial one given the other predictors.

    `x` is a list, or names with commas between; without it, stability, the distance of weights from their
    initial values, and the Hessian's trace where it was measured. Raises UnknownNameError for a sweep or a
    quantity that there is not, and InputError for fewer than two predictors or a sweep without runs.
    """
    runs = _runs(store, sweep, y)
    panel = PredictorsPanel(predictors_of(store, runs.source, x, y))
    about = (panel.found.outcome.words,)
    return Sheet(
        runs,
        (panel,),
        about=about,
        grid=Grid(row=panel.height),
        columns=("what", "arm", "key", "seed", *NUMBERS),
    )


@ANY_SWEEP.figure("classes", "Which classes pay for pruning: drops at events by class")
def classes(store: Store, sweep: str, arms: str | Sequence[str] | None = None) -> Sheet:
    """The drop in accuracy of each class of test images, mean over events, of those arms or of all.

    Where arms are many, those whose classes differ most are drawn, and all are in the table. Raises
    UnknownNameError for a sweep or an arm that there is not, and InputError where no run has classes stored.
    """
    runs = sweep_runs(store, sweep, "final", arms)
    panel = class_drops(event_classes(store, runs.source), runs.source.arms)
    return Sheet(runs, (panel,), grid=Grid(row=420))


@ANY_SWEEP.figure("confusion", "Which class becomes which at pruning events")
def confusion(store: Store, sweep: str, arms: str | Sequence[str] | None = None) -> Sheet:
    """The share of answers that become another class at events, of those arms or of the two with most churn.

    Raises UnknownNameError for a sweep or an arm that there is not, and InputError where no run has classes
    stored.
    """
    runs = sweep_runs(store, sweep, "final", arms)
    found = event_classes(store, runs.source)
    panels = confusion_panels(found, runs.source.arms, 2 if arms is None else len(runs.source.arms))
    return Sheet(runs, panels, grid=Grid(columns=2, row=460), interval="sums over events and runs")


@ANY_SWEEP.figure("layers", "What pruning leaves of each layer, event by event")
def layers(store: Store, sweep: str, arms: str | Sequence[str] | None = None) -> Sheet:
    """The share of each layer that is left after each event, a panel for each of those arms, or of all.

    Raises UnknownNameError for a sweep or an arm that there is not, and InputError where no run removes
    anything as it trains.
    """
    runs = sweep_runs(store, sweep, "final", arms)
    panels = layers_panels(layer_shares(store, runs.source), runs.source.arms)
    return Sheet(runs, panels, grid=Grid(columns=min(3, len(panels)), row=220, shared_y=True, spacing=0.03))


@ANY_SWEEP.figure(
    "barrier", "Error on the line between two orders of batches, by branch epoch", rests_on="connectivity"
)
def barrier(store: Store, sweep: str, arms: str | Sequence[str] | None = None) -> Sheet:
    """The error barrier by the epoch at which two runs of one trunk branched off, and error along the line.

    `arms` is a list, or names with commas between. Raises UnknownNameError for a sweep or an arm that there
    is not, and InputError where nothing was measured (`measure: {connectivity: ...}`).
    """
    runs = sweep_runs(store, sweep, "final", arms)
    found = lines(store, runs.source)
    return Sheet(runs, (barrier_panel(found), lines_panel(found)), about=("linear mode connectivity",))


@ANY_SWEEP.figure("disagreement", "Test images that two networks answer differently")
def disagreement(store: Store, sweep: str, arms: str | Sequence[str] | None = None) -> Sheet:
    """The share of test images that two seeds of an arm answer differently, and an arm and the first one.

    Raises UnknownNameError for a sweep or an arm that there is not, and InputError where no answers are
    stored, or where each seed tests on images of its own.
    """
    runs = sweep_runs(store, sweep, "final", arms)
    panel = DisagreementPanel(disagreements(store, runs.source))
    return Sheet(runs, (panel,), grid=Grid(row=panel.height))
