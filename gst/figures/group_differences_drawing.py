"""The pictures of Jin 2022's Figures 1b, 2 and 5: loss differences by EL2N group."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from gst.figures.axes import asides
from gst.figures.caption import subtitle, title_layout
from gst.figures.group_differences import ArmDifferences, GroupDifference, GroupDifferences, Panel
from gst.figures.level_curves_drawing import arm_colours
from gst.figures.level_drawing import add_entry
from gst.figures.level_runs import RULE
from gst.figures.level_words import SMALL_DOTS, dense_words, place
from gst.figures.panels import Axes, add_notes, counted, head, intervals, sentences, show_legend
from gst.figures.panels.marks import error_bars
from gst.figures.style import BASELINE, FAINT, Look, plain, signed

HEADINGS = {
    "optimal": "<b>Optimal level</b>",
    "sparsest better": "<b>Sparsest level better than dense</b>",
}
_APART = 0.22
"""Of the distance between two groups: how far neighbouring series stand apart, where they are three."""


def draw(found: GroupDifferences) -> go.Figure:
    """The figure of these numbers: a panel for each level that is shown."""
    figure = make_subplots(rows=1, cols=len(found.panels), horizontal_spacing=0.09)
    shown = {it.arm.label: it.arm for panel in found.panels for it in panel.arms}
    arms = [arm for arm in found.runs.arms if arm.label in shown]
    colours = arm_colours(sorted(arms, key=lambda arm: arm.noise))
    for number, panel in enumerate(found.panels, start=1):
        tail = "" if number == 1 else str(number)
        _panel(figure, panel, (f"x{tail}", f"y{tail}"), colours)
    figure.update_xaxes(title_text="EL2N group: from the lowest scores to the highest")
    figure.update_yaxes(title_text="Training loss: pruned less dense", col=1)
    for label, colour in colours.items():
        add_entry(figure, shown[label].name, colour)
    title_layout(
        figure,
        found.source.title,
        subtitle(found.runs.basis, "training loss by EL2N group", _counted(found)),
        margin={"l": 90, "r": 30, "t": 165, "b": 150},
    )
    show_legend(figure, above=34)
    add_notes(figure, _notes(found))
    return figure


def _panel(figure: go.Figure, panel: Panel, axes: Axes, colours: dict[str, str]) -> None:
    domain = {"xref": f"{axes[0]} domain", "yref": axes[1], "layer": "below"}
    figure.add_shape(type="line", x0=0, x1=1, y0=0, y1=0, line={"color": BASELINE, "width": 1}, **domain)
    for it, aside in zip(panel.arms, asides(len(panel.arms)), strict=True):
        _series(figure, it, axes, colours[it.arm.label], _APART * aside)
    head(figure, axes, _heading(panel))
    if not panel.arms:
        figure.update_layout(
            {f"yaxis{axes[1][1:]}": {"showticklabels": False, "ticks": "", "showgrid": False}}
        )
        words = {"text": "no level to show, for the reason below", "font": {"color": FAINT}}
        place = {"xref": f"{axes[0]} domain", "x": 0.5, "yref": f"{axes[1]} domain", "y": 0.5}
        figure.add_annotation(**words, **place)
        figure.add_scatter(x=[None], y=[None], showlegend=False, xaxis=axes[0], yaxis=axes[1])
    last = max((group.bin for it in panel.arms for group in it.groups), default=20)
    figure.update_layout(
        {f"xaxis{axes[0][1:]}": {"range": [0.3, last + 0.7], "dtick": 1 if last <= 10 else 2, "tick0": 2}}
    )


def _heading(panel: Panel) -> str:
    about = f": {place(panel.arms[0].level)}" if len(panel.arms) == 1 else ""
    return f"{HEADINGS[panel.which]}{about}"


def _series(figure: go.Figure, found: ArmDifferences, axes: Axes, colour: str, aside: float) -> None:
    name = plain(f"{found.arm.name}, {place(found.level)}")
    shared = {"showlegend": False, "xaxis": axes[0], "yaxis": axes[1]}
    dots = [(group, seed, key, value) for group in found.groups for seed, key, value in group.runs]
    figure.add_scatter(
        x=[group.bin + aside for group, _, _, _ in dots],
        y=[value for _, _, _, value in dots],
        name=f"{found.arm.name}, single runs",
        mode="markers",
        marker={"color": colour, "size": 4},
        opacity=0.35,
        customdata=[(key[:12], seed, group.bin, signed(value, 4)) for group, seed, key, value in dots],
        hovertemplate=(
            f"<b>{plain(found.arm.label)}</b>, seed %{{customdata[1]}}<br>group %{{customdata[2]}}: "
            "difference %{customdata[3]}<br>run %{customdata[0]}<extra></extra>"
        ),
        **shared,
    )
    scaled = any(run.scale < 1 for run in found.level.runs)
    figure.add_scatter(
        x=[group.bin + aside for group in found.groups],
        y=[group.group.mean for group in found.groups],
        name=found.arm.name,
        mode="lines+markers",
        line={"color": colour, "width": 1.5},
        marker=Look(colour, "square").marker(8, hollow=scaled),
        error_y=error_bars([group.group for group in found.groups], colour, small=True),
        customdata=[(group.bin, *_words(group)) for group in found.groups],
        hovertemplate=(
            f"<b>{name}</b><br>group %{{customdata[0]}}: mean difference %{{customdata[1]}}<br>"
            "%{customdata[2]}<extra></extra>"
        ),
        **shared,
    )


def _words(found: GroupDifference) -> tuple[str, str]:
    estimate, rule = found.group.estimate, found.rule
    bounds = f"{signed(estimate.low, 4)} to {signed(estimate.high, 4)}" if estimate else "no interval"
    deviation = f", standard deviation {rule.deviation:.4f}, {found.verdict}" if rule else ""
    return signed(found.group.mean, 4), f"{bounds}{deviation}, n = {found.group.n}"


def _counted(found: GroupDifferences) -> str:
    marks = [
        (f"group {group.bin} of {it.arm.name}", group.group.n)
        for panel in found.panels
        for it in panel.arms
        for group in it.groups
    ]
    return counted(marks, "mark")


def _notes(found: GroupDifferences) -> Iterator[str]:
    arms = [it for panel in found.panels for it in panel.arms]
    estimates = [group.group.estimate for it in arms for group in it.groups]
    groups = max((len(it.groups) for it in arms), default=20)
    yield f"{intervals(it.method for it in estimates if it)} {SMALL_DOTS}"
    yield (
        f"The last of {groups} equally large groups of training images has the highest EL2N scores. "
        "A difference is the loss at the level less that of the dense network of the same run; below 0 the "
        "pruned network fits better."
    )
    yield f"{found.runs.choice()} {RULE}"
    for panel in found.panels:
        for it in panel.arms:
            yield _summary(panel, it)
        yield from sentences(panel.notes)


def _summary(panel: Panel, found: ArmDifferences) -> str:
    counts = Counter(group.verdict for group in found.groups)
    words = f"{counts['better']} groups lower, {counts['match']} match, {counts['worse']} higher"
    if counts[None] == len(found.groups):
        words = "fewer than two seeds, so no verdict on groups"
    ratio = found.concentration
    top = "" if ratio is None else f"; mean |difference| of the top fifth {ratio:.3g} times that of the rest"
    lost = f"; {found.lost} losses are not finite" if found.lost else ""
    which = "optimal" if panel.which == "optimal" else "sparsest better"
    return (
        f"{found.arm.name[0].upper()}{found.arm.name[1:]}, {which} at {place(found.level)} "
        f"({dense_words(found.level)}): {words}{top}{lost}."
    )
