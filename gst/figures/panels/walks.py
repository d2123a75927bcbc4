"""The loss along the Hessian's leading eigenvectors: the panels of GST 2020's Figure E.4."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gst.analysis.measurements import perturbation_results
from gst.figures.flatness_runs import FlatRuns
from gst.figures.frame import Pane, draw_panel
from gst.figures.panels.bands import FloatArray, mean_row, means_of_runs
from gst.figures.sheet import Row
from gst.figures.style import Look, looks, plain

if TYPE_CHECKING:
    from gst.store import Store

_SAME = 8
"""Decimals to which steps are the same: they are multiples of 0.01, of which no float is exact."""


class Walk(NamedTuple):
    """The mean rise in test loss over an arm's `n` runs, at each step along an eigenvector.

    `low` and `high` bound the 95% interval; None with one run. A step has a place here only if
    all these runs have a finite loss at it.
    """

    arm: str
    n: int
    scaled: bool
    epsilons: FloatArray
    mean: FloatArray
    low: FloatArray | None
    high: FloatArray | None


class WalksPanel(NamedTuple):
    """A walk for each arm along the eigenvector of that rank, counted from 0 as in the paper."""

    rank: int
    walks: tuple[Walk, ...]
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
            for place, epsilon in enumerate(it.epsilons.tolist()):
                what = {"what": "mean rise in test loss", "arm": it.arm, "rank": self.rank, "step": epsilon}
                yield {**what, **mean_row(it, place), "n": it.n}

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
    look, scaled = looks(flat.source.arms), {it.run.arm for it in flat.results if it.run.scale < 1}
    return tuple(
        WalksPanel(
            rank,
            tuple(
                _walk(arm, losses[rank][arm], scaled=arm in scaled)
                for arm in flat.arms
                if arm in losses[rank]
            ),
            look,
        )
        for rank in sorted(losses)
    )


def _walk(arm: str, runs: Mapping[str, Mapping[float, float]], *, scaled: bool) -> Walk:
    epsilons = sorted(set.intersection(*(set(it) for it in runs.values())))
    values = np.array([[it[epsilon] for epsilon in epsilons] for it in runs.values()])
    means = means_of_runs(values)
    return Walk(arm, len(runs), scaled, np.array(epsilons), *means)


@draw_panel.register
def _(panel: WalksPanel, pane: Pane) -> None:
    for it in panel.walks:
        look = panel.looks[it.arm]
        pane.add(
            x=it.epsilons,
            y=it.mean,
            name=plain(it.arm),
            legendgroup=it.arm,
            showlegend=True,
            mode="lines+markers",
            line={"color": look.colour, "width": 1.5},
            marker=look.marker(5, hollow=it.scaled),
            hovertemplate=(
                f"<b>{plain(it.arm)}</b>, eigenvector {panel.rank}<br>step %{{x:.2f}}<br>"
                f"mean rise %{{y:.4f}}, n = {it.n}<extra></extra>"
            ),
        )
    pane.set_x(title_text="Step ε along the eigenvector")
    pane.set_y(title_text="Rise in test loss")
