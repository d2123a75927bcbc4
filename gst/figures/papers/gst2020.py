"""The figures and tables of GST 2020.

Bartoldson, Morcos, Barbu and Erlebacher: The Generalization-Stability Tradeoff in Neural Network Pruning.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from gst.analysis.quantities import FLATNESS_QUANTITIES, RUN_QUANTITIES, stability
from gst.analysis.results import Accuracy
from gst.errors import InputError, UnknownNameError
from gst.figures import activations
from gst.figures.flatness_runs import FlatRuns, flat_runs
from gst.figures.panels.arm_table import arm_rows, arm_table
from gst.figures.panels.contrasts import contrasts_panel
from gst.figures.panels.curves import curves_panel
from gst.figures.panels.flat_scatters import WITHOUT_EVENTS, stability_and_accuracy, through
from gst.figures.panels.rate_correlations import INTERVALS, rate_correlations
from gst.figures.panels.rate_scatters import notes_by_rate, rate_scatters
from gst.figures.panels.scatter import scatter_panel
from gst.figures.panels.series import accuracy_panel, rate_panel
from gst.figures.panels.spectra import SpectraPanel, spectra_panel
from gst.figures.panels.walks import walks_panels
from gst.figures.papers.any_sweep import dynamics
from gst.figures.recipe import Recipes
from gst.figures.sheet import Grid, Sheet
from gst.figures.style import counted
from gst.figures.sweep_runs import sweep_runs, without_event
from gst.grouping import grouped

if TYPE_CHECKING:
    from gst.store import Store


GST2020 = Recipes()


def fig2(
    store: Store, sweep: str, accuracy: Accuracy = "best", arms: str | Sequence[str] | None = None
) -> Sheet:
    """Test accuracy by epoch, and stability against accuracy, run by run, in the sweep of that name.

    The paper's accuracy is `best`, since the last pruning event; `final` is of the last epoch. Raises
    UnknownNameError for a name that there is not, and InputError for a sweep without completed runs.
    """
    runs = sweep_runs(store, sweep, accuracy, arms)
    curves = curves_panel(store, runs)
    heading = f"<b>Mean over the runs of an arm</b>{' and its 95% interval' if curves.method else ''}"
    scatter = scatter_panel(
        runs.source, runs.runs, "stability", f"{accuracy}_accuracy", looks=curves.looks, legend=False
    )
    return Sheet(
        runs,
        (curves._replace(heading=heading), scatter),
        about=(runs.accuracy_quantity.words,),
        parts=(scatter, curves, runs),
        grid=Grid(widths=(0.55, 0.45), row=440, spacing=0.1),
    )


GST2020.each(fig2, {
    "fig2_vgg11": "GST 2020, Figure 2 top: VGG11's accuracy by epoch, and stability against accuracy",
    "fig2_resnet18": "GST 2020, Figure 2 bottom: the same of ResNet18",
})  # fmt: skip


@GST2020.figure(
    "fig3", "GST 2020, Figure 3: iterative rate against stability, accuracy and their correlation", "fig3"
)
def fig3(store: Store, sweep: str, accuracy: Accuracy = "best") -> Sheet:
    """The effect of the iterative rate in the sweep of that name.

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
    differences = tuple(
        contrasts_panel(store, runs, RUN_QUANTITIES[f"{accuracy}_{of}"], value)
        for of, value in (
            ("accuracy", lambda run: run.accuracy(accuracy)),
            ("gap", lambda run: run.gap(accuracy)),
        )
    )
    return Sheet(
        runs,
        panels,
        about=(runs.accuracy_quantity.words, counted(runs.arm_counts, "arm")),
        reading=tuple(sentence for it in differences for sentence in it.sentences()),
        parts=(*differences, *panels, runs),
    )


GST2020.each(fig4, {
    "fig4_resnet18": "GST 2020, Figure 4: stability against accuracy and generalization gap, ResNet18",
    "fig4_resnet20": "GST 2020, Figure 4: the same of ResNet20",
    "fig4_resnet56": "GST 2020, Figure 4: the same of ResNet56",
})  # fmt: skip


GST2020.figure("fig5_top", "GST 2020, Figure 5 top: zeroing filters in place of pruning them", "fig5")(
    partial(dynamics, arms=("No Noise", "PruneL", "Zeroing 1", "Zeroing 50", "Zeroing 1105"))
)
GST2020.figure("fig5_bottom", "GST 2020, Figure 5 bottom: Gaussian noise in place of pruning", "fig5")(
    partial(dynamics, arms=("No Noise", "PruneL", "Gaussian 1", "Gaussian 50", "Gaussian 1105"))
)


def _through(*names: str) -> Callable[..., Sheet]:
    """The numbers of a figure of stability against measurements of flatness, and these against accuracy."""

    def numbers(store: Store, sweep: str, accuracy: Accuracy = "best") -> Sheet:
        """Raises UnknownNameError for a sweep that is not there, InputError without runs or measurements."""
        flat = flat_runs(store, sweep, accuracy)
        panels = tuple(panel for name in names for panel in through(flat, name))
        return Sheet(
            flat.basis,
            panels,
            about=(flat.basis.accuracy_quantity.words, counted(flat.arm_counts, "arm")),
            reading=(
                *flat.words(),
                *(FLATNESS_QUANTITIES[name].meaning.format(flat.eigenpairs) for name in names),
                WITHOUT_EVENTS,
            ),
            parts=(*panels, flat),
            grid=Grid(columns=2, row=340, spacing=0.1),
        )

    return numbers


GST2020.figure(
    "fig6",
    "GST 2020, Figure 6: stability against flatness, and flatness against accuracy",
    "fig6",
    rests_on="flatness",
)(_through("hessian_trace", "gradient_trace"))
GST2020.figure(
    "figB1",
    "GST 2020, Figure B.1: how normal activations are, untrained and trained",
    "figB1",
    rests_on="normality",
)(activations.of_runs)
GST2020.each(fig2, {
    "figB2_vgg11": "GST 2020, Figure B.2 top: Figure 2 of VGG11 with E[BN] scores",
    "figB2_resnet18": "GST 2020, Figure B.2 bottom: Figure 2 of ResNet18 with E[BN] scores",
    "figB2_resnet18_ebn": "GST 2020, B.2.3: the same of ResNet18 with plain E[BN] scores",
})  # fmt: skip


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


GST2020.figure(
    "figC3",
    "GST 2020, Figure C.3: stability against accuracy and gap, pruning a little in every epoch",
    "figC3",
)(fig4)
GST2020.figure("figD2", "GST 2020, Figure D.2: zeroing for a time, then restoring", "figD2")(dynamics)


@GST2020.figure(
    "figE1", "GST 2020, Figure E.1: the Hessian's ten leading eigenvalues by arm", "fig6", rests_on="flatness"
)
def fig_e1(store: Store, sweep: str, leading: int = 10, accuracy: Accuracy = "best") -> Sheet:
    """The `leading` eigenvalues of largest magnitude; otherwise as Figure 6."""
    flat = flat_runs(store, sweep, accuracy)
    return _spectra(flat, spectra_panel(flat, "dominant", leading))


@GST2020.figure(
    "figE2",
    "GST 2020, Figure E.2: all leading eigenvalues, signed and by magnitude",
    "fig6",
    rests_on="flatness",
)
def fig_e2(store: Store, sweep: str, accuracy: Accuracy = "best") -> Sheet:
    """All leading eigenvalues by signed value, and their magnitudes; otherwise as Figure 6."""
    flat = flat_runs(store, sweep, accuracy)
    by_value = "<b>By signed value</b>, the largest first, with 95% intervals"
    return _spectra(
        flat,
        spectra_panel(flat, "signed", heading=by_value),
        spectra_panel(flat, "magnitude", heading="<b>By magnitude</b>, the largest first"),
    )


def _spectra(flat: FlatRuns, *panels: SpectraPanel) -> Sheet:
    return Sheet(
        flat.basis,
        panels,
        about=("mean of each rank over runs", counted(flat.arm_counts, "arm")),
        reading=tuple(flat.words()),
        parts=(*panels, flat),
        scaled="outlines and dotted lines: ",
    )


GST2020.figure(
    "figE3",
    "GST 2020, Figure E.3: stability against epsilon, and epsilon against accuracy",
    "fig6",
    rests_on="flatness",
)(_through("epsilon"))


@GST2020.figure(
    "figE4",
    "GST 2020, Figure E.4: the loss along the Hessian's leading eigenvectors",
    "fig6",
    rests_on="flatness",
)
def fig_e4(
    store: Store, sweep: str, ranks: int = 9, limit: float = 0.12, accuracy: Accuracy = "best"
) -> Sheet:
    """The loss along the first `ranks` eigenvectors, in steps up to `limit`; otherwise as Figure 6.

    The paper has eigenvectors 0 to 8, and steps of 0.12 at most.
    """
    flat = flat_runs(store, sweep, accuracy)
    panels = walks_panels(store, flat, ranks, limit)
    if not panels:
        raise InputError(
            f"sweep {sweep!r}: no run of it has walked along an eigenvector; `directions` above 0 in "
            "`measure.flatness` of a sweep file asks for it"
        )
    return Sheet(
        flat.basis,
        panels,
        about=(counted(panels[0].counts(), "arm"),),
        reading=tuple(flat.words()),
        parts=(*panels, flat),
        grid=Grid(columns=3, row=220, spacing=0.03, shared_x=True, shared_y=True),
        interval="means over runs",
    )


GST2020.figure(
    "figE5",
    "GST 2020, Figure E.5: stability, the information criterion and accuracy",
    "fig6",
    rests_on="flatness",
)(_through("tic"))


@GST2020.figure("figE6", "GST 2020, Figure E.6: stability against accuracy, six ways to prune", "fig6")
def fig_e6(store: Store, sweep: str, accuracy: Accuracy = "best") -> Sheet:
    """Stability against accuracy over all completed runs, unpruned and scratch runs among them."""
    runs = sweep_runs(store, sweep, accuracy)
    return Sheet(
        runs,
        (stability_and_accuracy(runs),),
        about=(runs.accuracy_quantity.words, counted(runs.arm_counts, "arm")),
        reading=(WITHOUT_EVENTS,),
    )


@GST2020.figure("tabC1", "GST 2020, Table C.1: pruning 46% and 59% of ResNet18", "tabC1")
def tab_c1(store: Store, sweep: str, accuracy: Accuracy = "best") -> Sheet:
    """Every arm; of arms whose names differ in the last word only (`46%`, `59%`), each less the first.

    Raises UnknownNameError for a sweep or accuracy that there is not, InputError for one without runs.
    """
    runs = sweep_runs(store, sweep, accuracy)
    arms = arm_rows(runs)
    methods = grouped((arm.arm.rpartition(" ")[0] or arm.arm, arm) for arm in arms)
    return arm_table(runs, arms, ((other, first) for first, *others in methods.values() for other in others))


@GST2020.figure("tabF1", "GST 2020, Table F.1: PruneL against the others on CIFAR-100", "tabF1")
def tab_f1(store: Store, sweep: str, accuracy: Accuracy = "best", reference: str = "PruneL") -> Sheet:
    """Every arm, and each less the `reference`.

    Raises UnknownNameError for a sweep, arm or accuracy that there is not, InputError where no run of
    the sweep or of the reference completed.
    """
    runs = sweep_runs(store, sweep, accuracy)
    if reference not in runs.source.arms:
        raise UnknownNameError(f"arm of sweep {sweep}", reference, runs.source.arms)
    arms = arm_rows(runs)
    of_reference = next((arm for arm in arms if arm.arm == reference), None)
    if of_reference is None:
        raise InputError(
            f"sweep {sweep!r} has no completed run of {reference!r}, which all are compared with"
        )
    return arm_table(runs, arms, ((arm, of_reference) for arm in arms if arm is not of_reference))
