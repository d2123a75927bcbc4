"""Figures: numbers from a store, and pictures of them.

A figure is two functions: `numbers(store, sweep)` gives its numbers, `draw(numbers)` a plotly figure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import plotly.graph_objects as go

from gst.figures import (
    dynamics,
    dynamics_drawing,
    eigenvalues,
    eigenvalues_drawing,
    extended,
    flatness,
    flatness_drawing,
    flatness_walks,
    flatness_walks_drawing,
    gaps,
    gaps_drawing,
    group_differences,
    group_differences_drawing,
    level_curves,
    level_curves_drawing,
    level_pairs_drawing,
    match_drawing,
    normality,
    normality_drawing,
    paper_dynamics,
    paper_fig2,
    rates,
    rates_correlation,
    rates_correlation_drawing,
    rates_drawing,
    rates_scatter,
    rates_scatter_drawing,
    tables,
    tables_drawing,
    tradeoff,
    tradeoff_drawing,
    v1_drops,
    v1_drops_drawing,
    v1_rates,
    v1_rates_drawing,
    v1_sizes,
    v1_sizes_drawing,
    widths,
)
from gst.figures.export import SUFFIXES, export
from gst.figures.numbers import Numbers


class Figure(NamedTuple):
    """The numbers of a figure (from a store and the name of a sweep) and its picture (from the numbers).

    `sweep` is the sweep that the figure of a paper is drawn from, where it is of one; `family` has the
    sweeps of a figure that the paper has once for each of several benchmarks.
    """

    numbers: Callable[..., Any]
    draw: Callable[[Any], go.Figure]
    title: str
    sweep: str | None = None
    family: tuple[str, ...] = ()

    @property
    def sweeps(self) -> tuple[str, ...]:
        """The sweeps that the figure of a paper is drawn from, one by one; none where it is of any sweep."""
        return (self.sweep,) if self.sweep else self.family


def _family(name: str) -> tuple[str, ...]:
    """The sweeps of that figure of Jin 2022, one a benchmark."""
    return tuple(f"{name}_{it}" for it in ("lenet", "resnet20", "vgg16", "resnet32", "resnet50"))


FIGURES: Mapping[str, Figure] = MappingProxyType(
    {
        "tradeoff": Figure(
            tradeoff.numbers, tradeoff_drawing.draw, "Stability against accuracy, of any sweep"
        ),
        "dynamics": Figure(
            dynamics.numbers, dynamics_drawing.draw, "Accuracy by epoch and arm, of any sweep"
        ),
        "fig2_vgg11": Figure(
            paper_fig2.numbers,
            paper_fig2.draw,
            "GST 2020, Figure 2 top: VGG11's accuracy by epoch, and stability against accuracy",
            "fig2_vgg11",
        ),
        "fig2_resnet18": Figure(
            paper_fig2.numbers,
            paper_fig2.draw,
            "GST 2020, Figure 2 bottom: the same of ResNet18",
            "fig2_resnet18",
        ),
        "fig3": Figure(
            rates.numbers,
            rates_drawing.draw,
            "GST 2020, Figure 3: iterative rate against stability, accuracy and their correlation",
            "fig3",
        ),
        "fig4_resnet18": Figure(
            gaps.numbers,
            gaps_drawing.draw,
            "GST 2020, Figure 4: stability against accuracy and generalization gap, ResNet18",
            "fig4_resnet18",
        ),
        "fig4_resnet20": Figure(
            gaps.numbers, gaps_drawing.draw, "GST 2020, Figure 4: the same of ResNet20", "fig4_resnet20"
        ),
        "fig4_resnet56": Figure(
            gaps.numbers, gaps_drawing.draw, "GST 2020, Figure 4: the same of ResNet56", "fig4_resnet56"
        ),
        "fig5_top": Figure(
            paper_dynamics.fig5_top,
            dynamics_drawing.draw,
            "GST 2020, Figure 5 top: zeroing filters in place of pruning them",
            "fig5",
        ),
        "fig5_bottom": Figure(
            paper_dynamics.fig5_bottom,
            dynamics_drawing.draw,
            "GST 2020, Figure 5 bottom: Gaussian noise in place of pruning",
            "fig5",
        ),
        "fig6": Figure(
            flatness.fig6,
            flatness_drawing.draw,
            "GST 2020, Figure 6: stability against flatness, and flatness against accuracy",
            "fig6",
        ),
        "figB1": Figure(
            normality.numbers,
            normality_drawing.draw,
            "GST 2020, Figure B.1: how normal activations are, untrained and trained",
            "figB1",
        ),
        "figB2_vgg11": Figure(
            paper_fig2.numbers,
            paper_fig2.draw,
            "GST 2020, Figure B.2 top: Figure 2 of VGG11 with E[BN] scores",
            "figB2_vgg11",
        ),
        "figB2_resnet18": Figure(
            paper_fig2.numbers,
            paper_fig2.draw,
            "GST 2020, Figure B.2 bottom: Figure 2 of ResNet18 with E[BN] scores",
            "figB2_resnet18",
        ),
        "figC1": Figure(
            rates_scatter.numbers,
            rates_scatter_drawing.draw,
            "GST 2020, Figure C.1: stability against accuracy at each iterative rate",
            "fig3",
        ),
        "figC2": Figure(
            rates_correlation.numbers,
            rates_correlation_drawing.draw,
            "GST 2020, Figure C.2: Kendall's tau of stability and accuracy by iterative rate",
            "fig3",
        ),
        "figC3": Figure(
            gaps.numbers,
            gaps_drawing.draw,
            "GST 2020, Figure C.3: stability against accuracy and gap, pruning a little in every epoch",
            "figC3",
        ),
        "figD2": Figure(
            dynamics.numbers,
            dynamics_drawing.draw,
            "GST 2020, Figure D.2: zeroing for a time, then restoring",
            "figD2",
        ),
        "figE1": Figure(
            eigenvalues.fig_e1,
            eigenvalues_drawing.draw_e1,
            "GST 2020, Figure E.1: the Hessian's ten leading eigenvalues by arm",
            "fig6",
        ),
        "figE2": Figure(
            eigenvalues.fig_e2,
            eigenvalues_drawing.draw_e2,
            "GST 2020, Figure E.2: all leading eigenvalues, signed and by magnitude",
            "fig6",
        ),
        "figE3": Figure(
            flatness.fig_e3,
            flatness_drawing.draw,
            "GST 2020, Figure E.3: stability against epsilon, and epsilon against accuracy",
            "fig6",
        ),
        "figE4": Figure(
            flatness_walks.numbers,
            flatness_walks_drawing.draw,
            "GST 2020, Figure E.4: the loss along the Hessian's leading eigenvectors",
            "fig6",
        ),
        "figE5": Figure(
            flatness.fig_e5,
            flatness_drawing.draw,
            "GST 2020, Figure E.5: stability, the information criterion and accuracy",
            "fig6",
        ),
        "figE6": Figure(
            flatness.fig_e6,
            flatness_drawing.draw,
            "GST 2020, Figure E.6: stability against accuracy, six ways to prune",
            "fig6",
        ),
        "tabC1": Figure(
            tables.tab_c1,
            tables_drawing.draw,
            "GST 2020, Table C.1: pruning 46% and 59% of ResNet18",
            "tabC1",
        ),
        "tabF1": Figure(
            tables.tab_f1,
            tables_drawing.draw,
            "GST 2020, Table F.1: PruneL against the others on CIFAR-100",
            "tabF1",
        ),
        "v1_fig1": Figure(
            v1_drops.numbers,
            v1_drops_drawing.draw,
            "GST 2019, Figure 1: drops by epoch, and mean drop against accuracy",
            "v1_fig1",
        ),
        "v1_fig2": Figure(
            dynamics.numbers,
            paper_dynamics.draw_with_arrows,
            "GST 2019, Figure 2: accuracy by epoch, and the events of the least stable arm",
            "v1_fig2",
        ),
        "v1_fig3": Figure(
            v1_rates.numbers,
            v1_rates_drawing.draw,
            "GST 2019, Figure 3: iterative rate against mean drop and accuracy",
            "v1_fig3",
        ),
        "v1_figA1": Figure(
            normality.numbers,
            normality_drawing.draw,
            "GST 2019, Figure A1: how normal activations are, untrained and trained",
            "v1_figA1",
        ),
        "v1_figA2": Figure(
            v1_rates.last_numbers,
            v1_rates_drawing.draw,
            "GST 2019, Figure A2: iterative rate against the last event's drop and accuracy",
            "v1_figA2",
        ),
        "v1_figA3": Figure(
            v1_sizes.numbers,
            v1_sizes_drawing.draw,
            "GST 2019, Figure A3: data size against accuracy and gap, and accuracy by epoch",
            "v1_figA3",
        ),
        "jin_fig1a": Figure(
            extended.fig1a,
            match_drawing.draw,
            "Jin 2022, Figure 1a: VGG16 pruned, and trained as long without pruning",
            "jin_fig1a",
        ),
        "jin_fig1b": Figure(
            group_differences.fig1b,
            group_differences_drawing.draw,
            "Jin 2022, Figure 1b: which examples VGG16 fits better and worse once it is pruned",
            "jin_fig1b",
        ),
        "jin_fig2a": Figure(
            group_differences.fig2a,
            group_differences_drawing.draw,
            "Jin 2022, Figure 2a: loss by EL2N group at the optimal sparsity, less dense",
            family=_family("jin_fig2"),
        ),
        "jin_fig2b": Figure(
            group_differences.fig2b,
            group_differences_drawing.draw,
            "Jin 2022, Figure 2b: the same at the highest sparsity better than dense",
            family=_family("jin_fig2"),
        ),
        "jin_fig3": Figure(
            level_curves.fig3,
            level_curves_drawing.draw_errors,
            "Jin 2022, Figure 3: weights left against test error under label noise",
            family=_family("jin_fig3"),
        ),
        "jin_fig4": Figure(
            level_curves.fig4,
            level_curves_drawing.draw_losses,
            "Jin 2022, Figure 4: weights left against the loss of original and noisy examples",
            family=_family("jin_fig3"),
        ),
        "jin_fig5": Figure(
            group_differences.fig5,
            group_differences_drawing.draw,
            "Jin 2022, Figure 5: loss by EL2N group at the optimal sparsity, under label noise",
            family=_family("jin_fig3"),
        ),
        "jin_fig6": Figure(
            extended.fig6,
            level_pairs_drawing.draw_extended,
            "Jin 2022, Figure 6: epochs against test error, pruned and extended dense training",
            family=_family("jin_fig6"),
        ),
        "jin_fig7": Figure(
            widths.fig7,
            level_pairs_drawing.draw_widths,
            "Jin 2022, Figure 7: weights left against test error, pruned and scaled width",
            family=_family("jin_fig7"),
        ),
    }
)
"""Every figure by its name, as sweep files and the command line know it."""

__all__ = ["FIGURES", "SUFFIXES", "Figure", "Numbers", "export"]
