"""The loss along the Hessian's leading eigenvectors: the panels of GST 2020's Figure E.4."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gst.analysis.curves import Curve, mean_curve
from gst.analysis.measurements import perturbation_results
from gst.figures.flatness_runs import FlatRuns
from gst.figures.frame import Pane, draw_panel
from gst.figures.panels.bands import add_curve
from gst.figures.sheet import Row
from gst.figures.style import Look, looks, plain

if TYPE_CHECKING:
    from gst.store import Store

_SAME = 8
"""Decimals to which steps are the same: they are multiples of 0.01, of which no float is exact."""


class WalksPanel(NamedTuple):
    """A walk for each arm along the eigenvector of that rank, counted from 0 as in the paper.

    A walk is the mean rise in test loss at each step. A step has a place here only if all runs of the arm
    have a finite loss at it. Runs of `scaled` arms were shrunk from the published configuration.
    """

    rank: int
    walks: tuple[Curve, ...]
    scaled: frozenset[str]
    looks: Mapping[str, Look]

    @property
    def heading(self) -> str:
        """The eigenvector."""
        return f"<b>Eigenvector {self.rank}</b>"

    def counts(self) -> list[tuple[str, int]]:
        """Each arm, and the number of its runs."""
        return [(it.arm, it.n) for it in self.walks]

    def rows(self) -> Iterator[Row]:
        """A row for each step of each arm."""
        for it in self.walks:
            for place, epsilon in enumerate(it.x.tolist()):
                what = {"what": "mean rise in test loss", "arm": it.arm, "rank": self.rank, "step": epsilon}
                yield {**what, **it.numbers(place), "n": it.n}

    def reading(self) -> Iterator[str]:
        """The definition of loss, eigenvectors and steps."""
        yield (
            "The loss is of the test set, less that without a step. Eigenvectors count from 0, that of "
            "the largest signed eigenvalue; a step's sign has no meaning of its own. Intervals are in the "
            "table."
        )


def walks_panels(store: Store, flat: FlatRuns, ranks: int, limit: float) -> tuple[WalksPanel, ...]:
    """A panel for each of the first `ranks` eigenvectors that runs walked along, up to steps of `limit`."""
    losses: dict[int, dict[str, dict[str, dict[float, float]]]] = {}
    for it in perturbation_results(store, flat.source, flat.results[0]):
        if it.rank < ranks and abs(it.epsilon) <= limit + 10**-_SAME:
            of_run = losses.setdefault(it.rank, {}).setdefault(it.arm, {}).setdefault(it.key, {})
            if it.increase is not None and np.isfinite(it.increase):
                of_run[round(it.epsilon, _SAME)] = it.increase
    look, scaled = looks(flat.source.arms), frozenset(it.run.arm for it in flat.results if it.run.scale < 1)
    walks = {
        rank: tuple(_walk(arm, of_arm[arm]) for arm in flat.arms if arm in of_arm)
        for rank, of_arm in sorted(losses.items())
    }
    return tuple(WalksPanel(rank, its, scaled, look) for rank, its in walks.items())


def _walk(arm: str, runs: Mapping[str, Mapping[float, float]]) -> Curve:
    steps = sorted(set.intersection(*(set(it) for it in runs.values())))
    return mean_curve(arm, np.array([[it[step] for step in steps] for it in runs.values()]), steps)


@draw_panel.register
def _(panel: WalksPanel, pane: Pane) -> None:
    for it in panel.walks:
        look = panel.looks[it.arm]
        add_curve(
            pane,
            it,
            {"color": look.colour, "width": 1.5},
            mode="lines+markers",
            marker=look.marker(5, hollow=it.arm in panel.scaled),
            hovertemplate=(
                f"<b>{plain(it.arm)}</b>, eigenvector {panel.rank}<br>step %{{x:.2f}}<br>"
                f"mean rise %{{y:.4f}}, n = {it.n}<extra></extra>"
            ),
        )
    pane.set_x(title_text="Step ε along the eigenvector")
    pane.set_y(title_text="Rise in test loss")
