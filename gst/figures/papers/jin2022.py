"""The figures of Jin 2022.

Jin, Carbin, Roy, Frankle and Dziugaite: Pruning's Effect on Generalization Through the Lens of Training and
Regularization.
"""

from __future__ import annotations

from gst.figures import (
    extended,
    group_differences,
    group_differences_drawing,
    level_curves,
    level_curves_drawing,
    level_pairs_drawing,
    match_drawing,
    widths,
)
from gst.figures.recipe import Recipes


def _family(name: str) -> tuple[str, ...]:
    """The sweeps of that figure, one a benchmark."""
    return tuple(f"{name}_{it}" for it in ("lenet", "resnet20", "vgg16", "resnet32", "resnet50"))


JIN2022 = Recipes()

JIN2022.add(
    "jin_fig1a",
    "Jin 2022, Figure 1a: VGG16 pruned, and trained as long without pruning",
    extended.fig1a,
    "jin_fig1a",
    draw=match_drawing.draw,
)
JIN2022.add(
    "jin_fig1b",
    "Jin 2022, Figure 1b: which examples VGG16 fits better and worse once it is pruned",
    group_differences.fig1b,
    "jin_fig1b",
    draw=group_differences_drawing.draw,
)
JIN2022.add(
    "jin_fig2a",
    "Jin 2022, Figure 2a: loss by EL2N group at the optimal sparsity, less dense",
    group_differences.fig2a,
    family=_family("jin_fig2"),
    draw=group_differences_drawing.draw,
)
JIN2022.add(
    "jin_fig2b",
    "Jin 2022, Figure 2b: the same at the highest sparsity better than dense",
    group_differences.fig2b,
    family=_family("jin_fig2"),
    draw=group_differences_drawing.draw,
)
JIN2022.add(
    "jin_fig3",
    "Jin 2022, Figure 3: weights left against test error under label noise",
    level_curves.fig3,
    family=_family("jin_fig3"),
    draw=level_curves_drawing.draw_errors,
)
JIN2022.add(
    "jin_fig4",
    "Jin 2022, Figure 4: weights left against the loss of original and noisy examples",
    level_curves.fig4,
    family=_family("jin_fig3"),
    draw=level_curves_drawing.draw_losses,
)
JIN2022.add(
    "jin_fig5",
    "Jin 2022, Figure 5: loss by EL2N group at the optimal sparsity, under label noise",
    group_differences.fig5,
    family=_family("jin_fig3"),
    draw=group_differences_drawing.draw,
)
JIN2022.add(
    "jin_fig6",
    "Jin 2022, Figure 6: epochs against test error, pruned and extended dense training",
    extended.fig6,
    family=_family("jin_fig6"),
    draw=level_pairs_drawing.draw_extended,
)
JIN2022.add(
    "jin_fig7",
    "Jin 2022, Figure 7: weights left against test error, pruned and scaled width",
    widths.fig7,
    family=_family("jin_fig7"),
    draw=level_pairs_drawing.draw_widths,
)
