"""Stability against accuracy at each iterative rate: the panels of GST 2020's Figure C.1."""

from __future__ import annotations

from collections.abc import Mapping

from gst.figures.methods import method, method_looks, methods_in_order, names
from gst.figures.panels.scatter import Scatter, scatter_panel
from gst.figures.pruning_rate import PruningRate, rates_named, runs_by_rate
from gst.figures.sweep_runs import SweepRuns


def rate_scatters(runs: SweepRuns) -> dict[PruningRate, Scatter]:
    """A small scatter for the runs of each rate, of all methods, slowest first."""
    methods = {run.arm: method(run) for run in runs.runs if run.pruned}
    order = methods_in_order(methods.values())
    of_method, name = method_looks(order), names(order)
    looks = {arm: of_method[it] for it in order for arm, its in methods.items() if its == it}
    panels = {}
    for rate, of_rate in runs_by_rate(runs.runs).items():
        panel = scatter_panel(
            runs.source,
            of_rate,
            "stability",
            f"{runs.accuracy}_accuracy",
            looks=looks,
            size="small",
        )
        panels[rate] = panel._replace(
            names={arm: name[it] for arm, it in methods.items()},
            lead=f"<b>{rate.words}</b>, n = {len(panel.points)}",
            x_title="Stability",
            y_title="Test accuracy",
            about={"iterative_rate": rate.rate, "retrain_period": rate.period},
        )
    return panels


def notes_by_rate(panels: Mapping[PruningRate, Scatter]) -> tuple[str, ...]:
    """Notes on correlations that could not be computed, each reason once."""
    if not panels:
        return ("no run that was pruned as it trained completed, so there is no panel",)
    reasons: dict[str, list[PruningRate]] = {}
    for rate, panel in panels.items():
        if panel.fit.pearson is None or panel.fit.kendall is None:
            for note in panel.fit.notes:
                reasons.setdefault(note.removeprefix("not computed: "), []).append(rate)
    return tuple(f"not computed at {rates_named(rates, panels)}: {note}" for note, rates in reasons.items())
