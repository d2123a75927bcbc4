"""The figures of Jin 2022.

Jin, Carbin, Roy, Frankle and Dziugaite: Pruning's Effect on Generalization Through the Lens of Training and
Regularization.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from gst.analysis.levels import ChosenBy, LevelSummary, group_loss_results
from gst.analysis.quantities import LEVEL_QUANTITIES
from gst.errors import InputError
from gst.figures.axes import EpochAxis
from gst.figures.level_pairs import extended_pairs, width_pairs
from gst.figures.level_runs import RULE, Arm, LevelRuns, against_dense, level_runs, without
from gst.figures.panels.group_losses import Which, group_panel
from gst.figures.panels.level_series import (
    LevelMark,
    LevelSeries,
    LevelsPanel,
    Side,
    axis_of,
    level_series,
    unplaced,
)
from gst.figures.panels.matching_levels import MatchingLevels
from gst.figures.recipe import Recipes
from gst.figures.sheet import Grid, Listed, Sheet
from gst.figures.style import COLOURS, counted

if TYPE_CHECKING:
    from gst.store import Store

JIN2022 = Recipes()
LEFT = LEVEL_QUANTITIES["weights_left"].title
TALL = Grid(row=380)
EXTENDED_DENSE = (
    "Extended dense: the same epochs with the same replayed learning rates, and no weight is removed. Epochs "
    "count the first, dense training."
)


def _family(name: str) -> tuple[str, ...]:
    """The sweeps of that figure, one a benchmark."""
    return tuple(f"{name}_{it}" for it in ("lenet", "resnet20", "vgg16", "resnet32", "resnet50"))


def _sheet(
    runs: LevelRuns,
    panel: LevelsPanel | MatchingLevels,
    about: str,
    reading: tuple[str, ...],
    notes: Iterable[str] = (),
    pairs: tuple[Listed, ...] = (),
) -> Sheet:
    """A sheet of one panel, whose table lists the pairs first."""
    words = (about, counted(panel.counts(), "mark"))
    return Sheet(runs.runs, (panel,), words, reading, tuple(notes), (*pairs, panel, runs), grid=TALL)


@JIN2022.figure(
    "jin_fig1a", "Jin 2022, Figure 1a: VGG16 pruned, and trained as long without pruning", "jin_fig1a"
)
def fig1a(store: Store, sweep: str, select_by: ChosenBy | None = None) -> Sheet:
    """Pruning and extended training by level, with the least noise that both have.

    Extended training stands where pruning of the same level does. Raises UnknownNameError for a sweep
    that is not in the store, and InputError where either has no completed run.
    """
    runs, pairs = extended_pairs(level_runs(store, sweep, select_by))
    pair = next((pair for pair in pairs if pair.levels), None)
    if pair is None or pair.pruned is None or pair.extended is None:
        raise without(sweep, "iterative pruning, or none of extended training (with the same labels)")
    left = {level.level: level.weights_left for level in pair.pruned.levels}
    both = (
        pair.pruned,
        pair.extended._replace(levels=tuple(it for it in pair.extended.levels if it.level in left)),
    )
    pruned, extended = _series(runs, both, lambda level: left[level.level])
    axis = axis_of((pruned, extended))
    sides = (
        Side("iterative pruning", (pruned,), colour=COLOURS[0], aside=1),
        Side("extended dense", (extended,), "circle", colour=COLOURS[1], aside=-1),
    )
    panel = LevelsPanel(sides, axis, "Weights left by pruning, %")
    return _sheet(
        runs.showing(both),
        MatchingLevels(panel, axis, pair.levels),
        "test error by level",
        (
            f"{EXTENDED_DENSE} Extended training stands where pruning of the same level does.",
            f"{RULE} Levels are paired by seed.",
        ),
        pairs=(pair,),
    )


def _group_differences(*which: Which, noisy: bool = False) -> Callable[..., Sheet]:
    """The numbers of a figure of loss differences by EL2N group, at levels that are chosen so.

    They are of every arm of iterative pruning in the sweep, or of those with wrong labels.
    """

    def numbers(store: Store, sweep: str, select_by: ChosenBy | None = None) -> Sheet:
        """Raises UnknownNameError for a sweep that is not there, InputError without such runs or groups."""
        runs, arms = _pruned(store, sweep, select_by, noisy=noisy)
        results = group_loss_results(store, runs.source)
        if not results:
            raise InputError(
                f"sweep {sweep!r}: none of its runs has the losses of EL2N groups; "
                "`measure: {examples: {el2n: {epochs: ...}}}` in a sweep file asks for them"
            )
        panels = tuple(group_panel(arms, results, it) for it in which)
        marks = [count for panel in panels for count in panel.counts()]
        return Sheet(
            runs.runs,
            panels,
            about=("training loss by EL2N group", counted(marks, "mark")),
            reading=(f"{runs.choice()} {RULE}",),
            notes=tuple(note for panel in panels for note in panel.summary()),
            parts=(*panels, runs),
            grid=TALL,
            interval="95% intervals" if marks else "",
        )

    return numbers


fig1b = JIN2022.figure(
    "jin_fig1b",
    "Jin 2022, Figure 1b: which examples VGG16 fits better and worse once it is pruned",
    "jin_fig1b",
    rests_on="groups",
)(_group_differences("optimal", "sparsest better"))
fig2a = JIN2022.figure(
    "jin_fig2a",
    "Jin 2022, Figure 2a: loss by EL2N group at the optimal sparsity, less dense",
    family=_family("jin_fig2"),
    rests_on="groups",
)(_group_differences("optimal"))
fig2b = JIN2022.figure(
    "jin_fig2b",
    "Jin 2022, Figure 2b: the same at the highest sparsity better than dense",
    family=_family("jin_fig2"),
    rests_on="groups",
)(_group_differences("sparsest better"))


@JIN2022.figure(
    "jin_fig3",
    "Jin 2022, Figure 3: weights left against test error under label noise",
    family=_family("jin_fig3"),
)
def fig3(store: Store, sweep: str, select_by: ChosenBy | None = None) -> Sheet:
    """Test error by level of every arm of iterative pruning, in the sweep of that name.

    Raises UnknownNameError for a sweep that is not in the store, and InputError for one without such runs.
    """
    runs, arms = _pruned(store, sweep, select_by)
    series = _series(runs, arms, _left)
    return _sheet(
        runs,
        LevelsPanel((Side("", series),), axis_of(series), LEFT, best="optimal level", dense=True),
        "test error by level",
        (f"Dashed: mean of the dense networks (level 0) with the same labels. {runs.choice()}", RULE),
        against_dense(arms),
    )


@JIN2022.figure(
    "jin_fig4",
    "Jin 2022, Figure 4: weights left against the loss of original and noisy examples",
    family=_family("jin_fig3"),
)
def fig4(store: Store, sweep: str, select_by: ChosenBy | None = None) -> Sheet:
    """Training loss by level of images with right labels and with wrong ones; otherwise as Figure 3.

    Arms without wrong labels are left out.
    """
    runs, arms = _pruned(store, sweep, select_by, noisy=True)
    original, noisy = (_series(runs, arms, _left, name) for name in ("original_loss", "noisy_loss"))
    sides = (
        Side("images with their own labels", original, dash="dash"),
        Side("images with wrong labels", noisy),
    )
    levels = [level for arm in arms for level in arm.levels]
    return _sheet(
        runs,
        LevelsPanel(sides, axis_of((*original, *noisy)), LEFT, "Training loss", best="optimal level"),
        "training loss by level",
        (
            "Losses are means over the training images at the end of a level, in eval mode, unaugmented, on "
            "the labels that are trained on.",
            runs.choice(),
        ),
        (*unplaced(original, levels, "the original loss"), *unplaced(noisy, levels, "the noisy loss")),
    )


fig5 = JIN2022.figure(
    "jin_fig5",
    "Jin 2022, Figure 5: loss by EL2N group at the optimal sparsity, under label noise",
    family=_family("jin_fig3"),
    rests_on="groups",
)(_group_differences("optimal", noisy=True))


@JIN2022.figure(
    "jin_fig6",
    "Jin 2022, Figure 6: epochs against test error, pruned and extended dense training",
    family=_family("jin_fig6"),
)
def fig6(store: Store, sweep: str, select_by: ChosenBy | None = None) -> Sheet:
    """Pruning and extended training against the epochs trained, for every noise; otherwise as Figure 1a."""
    runs, pairs = extended_pairs(level_runs(store, sweep, select_by))
    pruned = _series(runs, (pair.pruned for pair in pairs), lambda level: float(level.epochs))
    extended = _series(runs, (pair.extended for pair in pairs), lambda level: float(level.epochs))
    sides = Side("iterative pruning", pruned), Side("extended dense", extended, "circle", "dot")
    return _sheet(
        runs,
        LevelsPanel(sides, EpochAxis(), "Epochs trained", best="optimal of each"),
        "test error",
        (EXTENDED_DENSE, f"{runs.choice()} {RULE}"),
        (pair.note() for pair in pairs),
        pairs,
    )


@JIN2022.figure(
    "jin_fig7",
    "Jin 2022, Figure 7: weights left against test error, pruned and scaled width",
    family=_family("jin_fig7"),
)
def fig7(store: Store, sweep: str, select_by: ChosenBy | None = None) -> Sheet:
    """Test error of pruned and of narrower networks, for every noise, in the sweep of that name.

    Raises UnknownNameError for a sweep that is not in the store, and InputError for one without such runs.
    """
    runs, pairs = width_pairs(level_runs(store, sweep, select_by))
    full = max(level.runs[0].weights for arm in runs.arms for level in arm.levels)

    def x(level: LevelSummary) -> float:
        return level.weights_left * level.runs[0].weights / full

    pruned = _series(runs, (pair.pruned for pair in pairs), x)
    narrow = tuple(
        level_series(pair.name, LEVEL_QUANTITIES["test_error"], pair.dense, pair.narrow, x)
        for pair in pairs
        if pair.narrow
    )
    sides = (
        Side("iterative pruning", pruned),
        Side("scaled width", narrow, "circle", "dot", words=_width_words),
    )
    axis = axis_of((*pruned, *narrow), labelled=pruned)
    return _sheet(
        runs,
        LevelsPanel(sides, axis, "Weights left of the full network, %", best="optimal of each"),
        "test error",
        (
            "Scaled width: dense networks whose hidden layers are all narrower, trained once with the "
            "standard schedule, placed by the weights that they have. The full width is level 0 of pruning "
            "where it was not trained by itself.",
            *(() if any(arm.first.width == 1 for arm in runs.arms) else (NO_FULL_WIDTH,)),
            f"{runs.choice()} The optimal width is chosen the same way. {RULE}",
        ),
        (pair.note() for pair in pairs),
        pairs,
    )


NO_FULL_WIDTH = "No network of the full width completed: here the widest one has 100% of the weights."


def _width_words(mark: LevelMark) -> str:
    return f"width {mark.runs[0].width:.3g}: {100 * mark.x:.3g}% of the full network's weights"


def _pruned(
    store: Store, sweep: str, select_by: ChosenBy | None, *, noisy: bool = False
) -> tuple[LevelRuns, tuple[Arm, ...]]:
    """The arms of iterative pruning, or those with wrong labels, and the sweep's levels with only them."""
    runs = level_runs(store, sweep, select_by)
    arms = tuple(arm for arm in runs.of_kind("imp") if arm.noise or not noisy)
    if not arms:
        raise without(sweep, f"iterative pruning{' with label noise' if noisy else ''}")
    return runs.showing(arms), arms


def _series(
    runs: LevelRuns,
    arms: Iterable[Arm | None],
    x: Callable[[LevelSummary], float],
    name: str = "test_error",
) -> tuple[LevelSeries, ...]:
    quantity = LEVEL_QUANTITIES[name]
    return tuple(level_series(arm.name, quantity, arm.levels, arm.optimal, x) for arm in arms if arm)


def _left(level: LevelSummary) -> float:
    return level.weights_left
