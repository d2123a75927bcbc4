from __future__ import annotations

import numpy as np
import pytest
from scipy import stats as reference
from stores import SCRATCH, Run, fill, run_config

from gst.figures import FIGURES

FIGURE = FIGURES["v1_fig1"]


def run(arm, seed, drops, accuracy, **changes):
    """Four epochs with those drops at the first ones, from 0.5 on; None where there is no event."""
    events = [(epoch, 0.5, 0.5 - drop) for epoch, drop in enumerate(drops) if drop is not None]
    return Run(arm, seed, [0.5, 0.5, 0.5, accuracy], events, **changes)


RUNS = [
    run("low", 0, [0.0, 1 / 64, -1 / 64], 0.5),
    run("low", 1, [0.0, 3 / 64, 1 / 64], 0.5625),
    run("low", 2, [-1 / 64, 1 / 32, 1 / 32], 0.53125),
    run("high", 0, [1 / 4, None, 1 / 8], 0.75),
    run("high", 1, [1 / 8, None, 1 / 16], 0.625),
    run("high", 2, [3 / 8, None, -1 / 8], 0.6875),
]


@pytest.fixture
def drops(store):
    fill(store, RUNS)
    return store


def words(figure):
    layout = figure.layout
    notes = [annotation.text for annotation in layout.annotations]
    return "\n".join([layout.title.text, layout.title.subtitle.text, *notes])


def test_curves_are_means_of_drops_above_zero_at_epochs_with_events(drops):
    low, high = FIGURE.numbers(drops, "hand").panels[0].curves
    assert low.epochs == (
        (0, None, 0, 3),
        (1, pytest.approx((1 + 3 + 2) / 3 / 64), 3, 3),
        (2, pytest.approx((1 + 2) / 2 / 64), 2, 3),
    )
    assert high.epochs == ((0, 0.25, 3, 3), (2, 3 / 32, 2, 3))
    assert (low.arm, low.scaled) == ("low", False)


def test_the_correlation_is_of_all_drops(drops):
    found = FIGURE.numbers(drops, "hand")
    x = [0, 1 / 48, 1 / 64, 3 / 16, 3 / 32, 1 / 8]
    y = [0.5, 0.5625, 0.53125, 0.75, 0.625, 0.6875]
    assert found.panels[1].xs == pytest.approx(x)
    assert [dot.y for dot in found.panels[1].points] == y
    fit = found.panels[1].fit
    assert (fit.pearson.value, fit.pearson.n) == (pytest.approx(reference.pearsonr(x, y).statistic), 6)
    inside = [np.subtract(side, np.repeat([np.mean(side[:3]), np.mean(side[3:])], 3)) for side in (x, y)]
    assert (fit.within.value, fit.within.n) == (pytest.approx(reference.pearsonr(*inside).statistic), 3)
    # Two configurations have no correlation between them.
    assert fit.between is None
    assert found.runs.accuracy == "final"


def test_the_left_panel_is_in_points_and_epochs_count_from_zero(drops):
    figure = FIGURE.draw(FIGURE.numbers(drops, "hand"))
    low, high = (trace for trace in figure.data if trace.mode == "lines+markers")
    assert (list(low.x), list(high.x)) == ([1, 2], [0, 2])
    assert list(high.y) == [25, 9.375]
    assert list(low.y) == pytest.approx([100 / 32, 150 / 64])
    assert [tuple(it) for it in low.customdata] == [(3, 3), (2, 3)]
    assert figure.layout.yaxis.type == "log"
    assert low.marker.color != high.marker.color
    right = {it.name: it for it in figure.data if it.xaxis == "x2" and it.mode == "markers"}
    assert (right["low"].marker.color, right["high"].marker.color) == (low.marker.color, high.marker.color)
    assert list(right["high"].y) == [0.75, 0.625, 0.6875]
    assert right["high"].customdata[1][1] == 1


def test_it_says_what_it_shows(drops):
    text = words(FIGURE.draw(FIGURE.numbers(drops, "hand")))
    for part in (
        "final test accuracy",
        "n = 3 at every arm",
        "6 runs",
        "Drops above 0 alone",
        "all 6 runs r = 0.",
        "Within configurations r = ",
        ", 3 seeds",
    ):
        assert part in text
    final = FIGURE.numbers(drops, "hand", accuracy="best")
    assert "best test accuracy" in words(FIGURE.draw(final))


def test_the_table_has_drops_by_epoch(drops):
    table = FIGURE.numbers(drops, "hand").table()
    rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    assert [
        (row["arm"], row["epoch"], row["n"], row["of"]) for row in rows if row["what"] == "mean positive drop"
    ] == [("low", 0, 0, 3), ("low", 1, 3, 3), ("low", 2, 2, 3), ("high", 0, 3, 3), ("high", 2, 2, 3)]
    assert [row["mean_drop"] for row in rows if row["what"] == "run"][3:] == pytest.approx(
        [3 / 16, 3 / 32, 1 / 8]
    )


def test_partial_results_give_a_figure_with_notes(store):
    scaled = run_config(epochs=4, pruning={
        "kind": "filters", "score": "l2", "target": "smallest", "layers": ("conv1",), "start": 0, "end": 2,
        "every": 1, "fraction": 0.5,
    }).model_copy(update={"scale": 0.5})  # fmt: skip
    runs = [RUNS[0], run("high", 0, [1 / 8, None, 1 / 16], 0.5, status="failed"), RUNS[4]]
    fill(store, [it for it in runs if it.arm == "low" or it.status == "failed"], configs={"low": scaled})
    found = FIGURE.numbers(store, "hand")
    figure = FIGURE.draw(found)
    assert found.panels[1].fit.pearson is None
    assert [curve.arm for curve in found.panels[0].curves] == ["low"]
    text = words(figure)
    assert "No correlation" in text
    assert "1 of 2 missing: 1 failed" in text
    assert "open symbols: scaled down" in text
    assert "Not the published experiment: at scale 0.5" in text
    (curve,) = (trace for trace in figure.data if trace.mode == "lines+markers")
    assert curve.marker.symbol.endswith("-open")


def test_without_events_both_panels_stand(store):
    fill(store, [Run("none", 0, [0.5]), Run("scratch", 0, [0.5], events=[(SCRATCH, 0.5, 0.25)])])
    found = FIGURE.numbers(store, "hand")
    assert found.panels[0].curves == ()
    assert "No completed run had an event while it trained" in words(FIGURE.draw(found))


def test_an_arm_whose_drops_are_all_negative_has_no_line(store):
    fill(store, [*RUNS[3:], *(run("up", seed, [-1 / 8], 0.5) for seed in range(3))])
    found = FIGURE.numbers(store, "hand")
    assert found.panels[0].curves[1].epochs == ((0, None, 0, 3),)
    up = [trace for trace in FIGURE.draw(found).data if trace.name == "up" and trace.mode == "lines+markers"]
    assert [len(trace.x) for trace in up] == [0]
    assert np.isfinite(found.panels[1].xs).all()
