"""The correlation of stability and accuracy at each iterative rate, with both intervals."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

from gst.analysis.quantities import stability
from gst.analysis.results import RunResult
from gst.errors import InputError
from gst.figures.axes import rate_axis
from gst.figures.frame import Pane, draw_panel
from gst.figures.pruning_rate import PruningRate, rates_named, runs_by_rate
from gst.figures.sheet import Row
from gst.figures.style import COLOURS, FAINT, INK, bounds
from gst.figures.sweep_runs import SweepRuns
from gst.stats.correlation import Correlation, fisher_correlation
from gst.stats.crossed import crossed_runs, seeds_correlation

Kind = Literal["pearson", "kendall"]
WORDS: dict[Kind, str] = {"pearson": "Pearson's r", "kendall": "Kendall's τ"}
FISHER, SEEDS = INK, COLOURS[3]
INTERVALS = (
    f"<span style=\"color:{FISHER}\">■</span> Fisher's z (the paper's), "
    f'<span style="color:{SEEDS}">■</span> seeds drawn'
)
"""The colours of both intervals, for a heading."""
_ASIDE = 0.8


class RateCorrelation(NamedTuple):
    """A correlation over the runs of one rate, all targets pooled; None where it could not be computed."""

    rate: PruningRate
    n: int
    fisher: Correlation | None
    seeds: Correlation | None

    @property
    def value(self) -> float | None:
        """The correlation itself, which is the same under both intervals."""
        found = self.fisher or self.seeds
        return found.value if found else None


class RateCorrelations(NamedTuple):
    """The correlation at each rate, slowest first; `notes` say what could not be computed, and why."""

    heading: str
    kind: Kind
    rates: tuple[RateCorrelation, ...]
    notes: tuple[str, ...]
    x_title: str = "Iterative rate, % of the most pruned layer"

    def rows(self) -> Iterator[Row]:
        """The correlations, a row for each interval."""
        for it in self.rates:
            place = {"iterative_rate": it.rate.rate, "retrain_period": it.rate.period}
            for found in (it.fisher, it.seeds):
                if found:
                    yield {"what": self.kind, **place, **found._asdict()}

    def counts(self) -> list[tuple[str, int]]:
        """Each rate, and the number of its runs."""
        return [(f"{100 * it.rate.rate:.3g}%", it.n) for it in self.rates]

    def reading(self) -> Iterator[str]:
        """The assumptions of the correlations and both intervals."""
        wide = "" if self.kind == "pearson" else ", and is too wide for τ"
        yield (
            "Correlations: over the runs of all targets at a rate. Fisher's z, the paper's, takes runs as "
            f"independent and normal{wide}. The other interval leaves out each seed with all its runs "
            "(jackknife, Student's t): it says how r varies with the seed, for these targets as they are."
        )


def rate_correlations(runs: SweepRuns, kind: Kind, heading: str) -> RateCorrelations:
    """The correlation of stability and accuracy at each rate.

    Fisher's interval is the paper's (GST 2020, Figures 3 and C.2); it takes runs as independent and normal,
    and for tau it is too wide. A rate's targets are too few to be drawn, so the other interval draws seeds.
    """
    by_rate = runs_by_rate(runs.runs)
    refused: dict[tuple[str, str], list[PruningRate]] = {}
    found = tuple(_correlation(runs, kind, rate, its, refused) for rate, its in by_rate.items())
    notes = [
        f"no {name} interval at {rates_named(rates, by_rate)}: {reason}"
        for (name, reason), rates in refused.items()
    ]
    if not found:
        notes.append("no run that was pruned as it trained completed, so there is no correlation")
    return RateCorrelations(heading, kind, found, tuple(notes))


def _correlation(
    found: SweepRuns,
    kind: Kind,
    rate: PruningRate,
    runs: tuple[RunResult, ...],
    refused: dict[tuple[str, str], list[PruningRate]],
) -> RateCorrelation:
    x = [stable for run in runs if (stable := stability(run)) is not None]
    y = [run.accuracy(found.accuracy) for run in runs]
    configurations, seeds = [run.config_id for run in runs], [run.seed for run in runs]
    intervals: dict[str, Callable[[], Correlation]] = {
        "Fisher": lambda: fisher_correlation(kind, x, y)._replace(p=None),
        "seed": lambda: seeds_correlation(kind, crossed_runs(x, y, configurations, seeds)),
    }
    made: dict[str, Correlation] = {}
    for name, make in intervals.items():
        try:
            made[name] = make()
        except InputError as error:
            refused.setdefault((name, str(error)), []).append(rate)
    return RateCorrelation(rate, len(runs), made.get("Fisher"), made.get("seed"))


@draw_panel.register
def _(panel: RateCorrelations, pane: Pane) -> None:
    axis = rate_axis([it.rate.rate for it in panel.rates])
    shown = [(it.rate, it.value) for it in panel.rates if it.value is not None]
    pane.across(0, color=FAINT, width=1, dash="dot")
    pane.add(
        x=[axis.place(rate.rate) for rate, _ in shown],
        y=[value for _, value in shown],
        name=WORDS[panel.kind],
        mode="lines",
        line={"color": FAINT, "width": 1.5},
        hoverinfo="skip",
    )
    fisher = [(it.rate, it.fisher) for it in panel.rates if it.fisher]
    seeds = [(it.rate, it.seeds) for it in panel.rates if it.seeds]
    for name, made, aside, colour, symbol in (
        ("fisher", fisher, -_ASIDE, FISHER, "circle"),
        ("seeds drawn", seeds, _ASIDE, SEEDS, "diamond"),
    ):
        pane.add(
            x=[axis.place(rate.rate, aside) for rate, _ in made],
            y=[found.value for _, found in made],
            name=f"{WORDS[panel.kind]}, {name}",
            mode="markers",
            marker={"color": colour, "symbol": symbol, "size": 8},
            **_interval(made, colour),
        )
    ends = [end for _, found in (*fisher, *seeds) for end in (found.low, found.high) if end is not None]
    pane.set_x(title_text=panel.x_title, title_font_size=14, **axis.layout(pane.width))
    pane.set_y(range=(min([-0.2, *ends]) - 0.05, max([0.2, *ends]) + 0.05))


def _interval(made: list[tuple[PruningRate, Correlation]], colour: str) -> dict[str, object]:
    # Without an interval a mark has no bar.
    ends = [
        (it.value, it.value if it.low is None else it.low, it.value if it.high is None else it.high)
        for _, it in made
    ]
    return {
        "error_y": {
            "array": [high - value for value, _, high in ends],
            "arrayminus": [value - low for value, low, _ in ends],
            "color": colour,
            "thickness": 2,
            "width": 4,
        },
        "customdata": [
            (rate.words, bounds(found), found.n, found.unit, found.method) for rate, found in made
        ],
        "hovertemplate": (
            "<b>%{customdata[0]}</b><br>%{y:.2f}%{customdata[1]}, n = %{customdata[2]} %{customdata[3]}"
            "<br>%{customdata[4]}<extra></extra>"
        ),
    }
