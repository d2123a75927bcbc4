"""The figures and tables of GST 2020.

Bartoldson, Morcos, Barbu and Erlebacher: The Generalization-Stability Tradeoff in Neural Network Pruning.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gst.analysis import Accuracy
from gst.analysis.quantities import FLATNESS_QUANTITIES, stability
from gst.figures import (
    dynamics,
    dynamics_drawing,
    eigenvalues,
    eigenvalues_drawing,
    flatness_walks,
    flatness_walks_drawing,
    normality,
    normality_drawing,
    paper_dynamics,
    paper_fig2,
    tables,
    tables_drawing,
)
from gst.figures.flatness_runs import FlatRuns, flat_runs
from gst.figures.means import differences_from_unpruned
from gst.figures.panels.flat_scatters import WITHOUT_EVENTS, stability_and_accuracy, through
from gst.figures.panels.rate_correlations import INTERVALS, rate_correlations
from gst.figures.panels.rate_scatters import notes_by_rate, rate_scatters
from gst.figures.panels.scatter import scatter_panel
from gst.figures.panels.series import accuracy_panel, rate_panel
from gst.figures.recipe import Recipes
from gst.figures.sheet import Grid, Sheet
from gst.figures.style import counted
from gst.figures.sweep_runs import sweep_runs, without_event

if TYPE_CHECKING:
    from gst.store import Store


GST2020 = Recipes()

GST2020.add(
    "fig2_vgg11",
    "GST 2020, Figure 2 top: VGG11's accuracy by epoch, and stability against accuracy",
    paper_fig2.numbers,
    "fig2_vgg11",
    draw=paper_fig2.draw,
)
GST2020.add(
    "fig2_resnet18",
    "GST 2020, Figure 2 bottom: the same of ResNet18",
    paper_fig2.numbers,
    "fig2_resnet18",
    draw=paper_fig2.draw,
)


@GST2020.figure(
    "fig3", "GST 2020, Figure 3: iterative rate against stability, accuracy and their correlation", "fig3"
)
def fig3(store: Store, sweep: str, accuracy: Accuracy = "best") -> Sheet:
    """The effect of the iterative rate in the newest sweep of that name.

    `best` is the best accuracy since the last pruning event, which peeks at the test set but is what
    the paper plots; `final` is that of the last epoch.

    Raises UnknownNameError for a sweep that is not in the store, and InputError for one without runs.
    """
    runs = sweep_runs(store, sweep, accuracy)
    heading = "<b>Stability</b>: mean over a run's events"
    stable = rate_panel(runs, "stability", stability, heading=heading, inset=True)
    correlations = rate_correlations(runs, "pearson", f"<b>Pearson's r of the two</b><br>{INTERVALS}")
    return Sheet(
        runs,
        (stable, accuracy_panel(runs), correlations),
        about=(runs.accuracy_quantity.words, counted(stable.counts(), "mark")),
        notes=correlations.notes + without_event(runs.runs),
    )


def fig4(store: Store, sweep: str, accuracy: Accuracy = "best") -> Sheet:
    """Stability against accuracy and against the generalization gap, and pruned arms less unpruned ones.

    The gap is train less test accuracy at the epoch of the accuracy; the former is the running mean
    of the epoch, with augmentation where there is some. Raises as Figure 3 does.
    """
    runs = sweep_runs(store, sweep, accuracy)
    panels = tuple(
        scatter_panel(runs.source, runs.runs, "stability", f"{accuracy}_{of}", y_title=title)
        for of, title in (("accuracy", "Test accuracy"), ("gap", "Gap: train − test accuracy"))
    )
    differences = (
        differences_from_unpruned("accuracy", runs.runs, lambda run: run.accuracy(accuracy)),
        differences_from_unpruned("gap", runs.runs, lambda run: run.gap(accuracy)),
    )
    return Sheet(
        runs,
        panels,
        about=(runs.accuracy_quantity.words, counted(runs.arm_counts, "arm")),
        reading=tuple(sentence for it in differences for sentence in it.reading()),
        parts=(*panels, *differences, runs),
    )


for _model, _title in (
    ("resnet18", "stability against accuracy and generalization gap, ResNet18"),
    ("resnet20", "the same of ResNet20"),
    ("resnet56", "the same of ResNet56"),
):
    GST2020.add(f"fig4_{_model}", f"GST 2020, Figure 4: {_title}", fig4, f"fig4_{_model}")


GST2020.add(
    "fig5_top",
    "GST 2020, Figure 5 top: zeroing filters in place of pruning them",
    paper_dynamics.fig5_top,
    "fig5",
    draw=dynamics_drawing.draw,
)
GST2020.add(
    "fig5_bottom",
    "GST 2020, Figure 5 bottom: Gaussian noise in place of pruning",
    paper_dynamics.fig5_bottom,
    "fig5",
    draw=dynamics_drawing.draw,
)


@GST2020.figure(
    "fig6", "GST 2020, Figure 6: stability against flatness, and flatness against accuracy", "fig6"
)
def fig6(store: Store, sweep: str, accuracy: Accuracy = "best") -> Sheet:
    """Stability against both traces, and these against accuracy, in the newest sweep of that name.

    Raises UnknownNameError for a sweep that is not in the store, and InputError for one without runs or
    measurements.
    """
    return _through(flat_runs(store, sweep, accuracy), "hessian_trace", "gradient_trace")


GST2020.add(
    "figB1",
    "GST 2020, Figure B.1: how normal activations are, untrained and trained",
    normality.numbers,
    "figB1",
    draw=normality_drawing.draw,
)
GST2020.add(
    "figB2_vgg11",
    "GST 2020, Figure B.2 top: Figure 2 of VGG11 with E[BN] scores",
    paper_fig2.numbers,
    "figB2_vgg11",
    draw=paper_fig2.draw,
)
GST2020.add(
    "figB2_resnet18",
    "GST 2020, Figure B.2 bottom: Figure 2 of ResNet18 with E[BN] scores",
    paper_fig2.numbers,
    "figB2_resnet18",
    draw=paper_fig2.draw,
)


@GST2020.figure("figC1", "GST 2020, Figure C.1: stability against accuracy at each iterative rate", "fig3")
def fig_c1(store: Store, sweep: str, accuracy: Accuracy = "best") -> Sheet:
    """A scatter for each iterative rate, slowest first; otherwise as Figure 3."""
    runs = sweep_runs(store, sweep, accuracy)
    panels = rate_scatters(runs)
    notes = notes_by_rate(panels)
    return Sheet(
        runs,
        tuple(panels.values()),
        about=(
            runs.accuracy_quantity.words,
            counted([(f"{100 * rate.rate:.3g}%", len(it.points)) for rate, it in panels.items()], "rate"),
        ),
        notes=notes + without_event(runs.runs),
        grid=Grid(columns=4, row=140, spacing=0.03, shared_y=True),
    )


@GST2020.figure(
    "figC2", "GST 2020, Figure C.2: Kendall's tau of stability and accuracy by iterative rate", "fig3"
)
def fig_c2(store: Store, sweep: str, accuracy: Accuracy = "best") -> Sheet:
    """Kendall's tau of stability and accuracy at each rate; otherwise as Figure 3."""
    runs = sweep_runs(store, sweep, accuracy)
    heading = f"<b>Kendall's τ of stability and accuracy</b>, 95% intervals: {INTERVALS}"
    panel = rate_correlations(runs, "kendall", heading)
    return Sheet(
        runs,
        (panel,),
        about=(runs.accuracy_quantity.words, counted(panel.counts(), "rate")),
        notes=panel.notes + without_event(runs.runs),
    )


GST2020.add(
    "figC3",
    "GST 2020, Figure C.3: stability against accuracy and gap, pruning a little in every epoch",
    fig4,
    "figC3",
)
GST2020.add(
    "figD2",
    "GST 2020, Figure D.2: zeroing for a time, then restoring",
    dynamics.numbers,
    "figD2",
    draw=dynamics_drawing.draw,
)
GST2020.add(
    "figE1",
    "GST 2020, Figure E.1: the Hessian's ten leading eigenvalues by arm",
    eigenvalues.fig_e1,
    "fig6",
    draw=eigenvalues_drawing.draw_e1,
)
GST2020.add(
    "figE2",
    "GST 2020, Figure E.2: all leading eigenvalues, signed and by magnitude",
    eigenvalues.fig_e2,
    "fig6",
    draw=eigenvalues_drawing.draw_e2,
)


@GST2020.figure(
    "figE3", "GST 2020, Figure E.3: stability against epsilon, and epsilon against accuracy", "fig6"
)
def fig_e3(store: Store, sweep: str, accuracy: Accuracy = "best") -> Sheet:
    """Stability against epsilon, and epsilon against accuracy; otherwise as Figure 6."""
    return _through(flat_runs(store, sweep, accuracy), "epsilon")


GST2020.add(
    "figE4",
    "GST 2020, Figure E.4: the loss along the Hessian's leading eigenvectors",
    flatness_walks.numbers,
    "fig6",
    draw=flatness_walks_drawing.draw,
)


@GST2020.figure("figE5", "GST 2020, Figure E.5: stability, the information criterion and accuracy", "fig6")
def fig_e5(store: Store, sweep: str, accuracy: Accuracy = "best") -> Sheet:
    """Stability against the information criterion, and that against accuracy; otherwise as Figure 6."""
    return _through(flat_runs(store, sweep, accuracy), "tic")


@GST2020.figure("figE6", "GST 2020, Figure E.6: stability against accuracy, six ways to prune", "fig6")
def fig_e6(store: Store, sweep: str, accuracy: Accuracy = "best") -> Sheet:
    """Stability against accuracy over all completed runs, unpruned and scratch runs among them."""
    runs = sweep_runs(store, sweep, accuracy)
    return Sheet(
        runs,
        (stability_and_accuracy(runs),),
        about=(runs.accuracy_quantity.words, counted(runs.arm_counts, "arm")),
        reading=(WITHOUT_EVENTS,),
        interval="95% intervals",
    )


def _through(flat: FlatRuns, *names: str) -> Sheet:
    """Stability against each measurement, and the measurement against accuracy."""
    return Sheet(
        flat,
        tuple(panel for name in names for panel in through(flat, name)),
        about=(flat.basis.accuracy_quantity.words, counted(flat.arm_counts, "arm")),
        reading=(
            *flat.words(),
            *(FLATNESS_QUANTITIES[name].meaning.format(flat.eigenpairs) for name in names),
            WITHOUT_EVENTS,
        ),
        grid=Grid(columns=2, row=340, spacing=0.1),
        interval="95% intervals",
    )


GST2020.add(
    "tabC1",
    "GST 2020, Table C.1: pruning 46% and 59% of ResNet18",
    tables.tab_c1,
    "tabC1",
    draw=tables_drawing.draw,
)
GST2020.add(
    "tabF1",
    "GST 2020, Table F.1: PruneL against the others on CIFAR-100",
    tables.tab_f1,
    "tabF1",
    draw=tables_drawing.draw,
)
