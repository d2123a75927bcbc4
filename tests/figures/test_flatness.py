"""Figures 6, E.3, E.5 and E.6 of GST 2020, on runs made by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from flat_stores import CUT, NONE, SMALL, flat_runs, mixed
from scipy import stats as reference
from stores import Run, fill

from gst.errors import InputError, UnknownNameError
from gst.figures import FIGURES
from gst.figures.flatness_runs import FlatRuns

ALL = [*NONE, *CUT, *SMALL]
STABILITY, ACCURACY = (np.array([row[place] for row in ALL]) for place in (0, 1))
TRACE = np.array([sum(row[2]) for row in ALL])
NOISE = np.array([row[3] for row in ALL])


@pytest.fixture
def flat(store):
    fill(store, mixed())
    return store


def drawn(name, store):
    figure = FIGURES[name].draw(FIGURES[name].numbers(store, "hand"))
    return figure, "\n".join(
        [figure.layout.title.subtitle.text, *(it.text for it in figure.layout.annotations)]
    )


def check(panel, x, y):
    """Points and correlations, over unpruned and scratch runs as well."""
    assert panel.xs.tolist() == pytest.approx(x.tolist())
    assert [dot.y for dot in panel.points] == pytest.approx(y.tolist())
    assert panel.baselines == ()
    arms = [dot.run.arm for dot in panel.points]
    frame = pd.DataFrame({"arm": arms, "x": x, "y": y})
    means = frame.groupby("arm").mean()
    expected = reference.pearsonr(means["x"], means["y"])
    assert (panel.fit.between.n, panel.fit.between.unit) == (3, "configurations")
    assert (panel.fit.between.value, panel.fit.between.p) == pytest.approx(tuple(expected))
    inside = frame[["x", "y"]] - frame.groupby("arm").transform("mean")
    assert panel.fit.within.value == pytest.approx(reference.pearsonr(inside["x"], inside["y"])[0])
    assert panel.fit.pearson.value == pytest.approx(reference.pearsonr(x, y)[0])
    assert panel.fit.kendall.value == pytest.approx(reference.kendalltau(x, y)[0])
    for it in (panel.fit.pearson, panel.fit.kendall):
        assert (it.n, it.low, it.high, it.p) == (len(x), None, None, None)
        assert it.method == "no interval: 3 configurations are too few to draw from"


def test_four_panels_over_all_runs(flat):
    found = FIGURES["fig6"].numbers(flat, "hand")
    assert found.runs.accuracy == "best"
    assert [(it.x, it.y) for it in found.panels] == [
        ("stability", "hessian_trace"), ("hessian_trace", "best_accuracy"),
        ("stability", "gradient_trace"), ("gradient_trace", "best_accuracy"),
    ]  # fmt: skip
    pairs = ((STABILITY, TRACE), (TRACE, ACCURACY), (STABILITY, NOISE), (NOISE, ACCURACY))
    for panel, (x, y) in zip(found.panels, pairs, strict=True):
        check(panel, x, y)
        slope, intercept = np.polyfit(x, y, 1)
        assert panel.fit.line == (pytest.approx(slope), pytest.approx(intercept))


def test_the_criterion(flat):
    one, other = FIGURES["figE5"].numbers(flat, "hand").panels
    check(one, STABILITY, NOISE / TRACE)
    check(other, NOISE / TRACE, ACCURACY)


def test_a_run_without_an_epsilon_is_counted_and_has_no_place(flat):
    found = FIGURES["figE3"].numbers(flat, "hand")
    rows = [row for row in ALL if row[4] is not None]
    epsilon = np.array([row[4] for row in rows])
    check(found.panels[0], np.array([row[0] for row in rows]), epsilon)
    check(found.panels[1], epsilon, np.array([row[1] for row in rows]))
    assert all("1 run has no epsilon" in panel.fit.notes for panel in found.panels)
    assert "1 run has no epsilon." in drawn("figE3", flat)[1]


def test_stability_against_accuracy_needs_no_measurement(store):
    runs = [Run(it.arm, it.seed, it.accuracies, it.events) for it in mixed()]
    fill(store, runs)
    found = FIGURES["figE6"].numbers(store, "hand")
    (panel,) = found.panels
    check(panel, STABILITY, ACCURACY)
    figure, words = drawn("figE6", store)
    assert "with a stability of 100%" in words
    assert "Measured at" not in words
    assert (
        sum(len(trace.x) for trace in figure.data if trace.mode == "markers" and trace.x[0] is not None) == 7
    )


def test_a_run_to_be_pruned_that_lost_nothing_has_no_stability(store):
    idle = flat_runs("idle", NONE[:1], events=[(0, 0.5, 0.5, 0)])
    fill(store, [*mixed(), *idle])
    found = FIGURES["fig6"].numbers(store, "hand")
    assert [len(panel.points) for panel in found.panels] == [7, 8, 7, 8]
    assert "1 run has no measured pruning event, so no stability" in found.panels[0].fit.notes


def test_runs_without_measurements_are_counted_and_never_made_up(store):
    bare = [Run("cut", seed, [0.5, 0.75], events=[(0, 0.5, 0.25)]) for seed in (4, 5)]
    fill(store, [*mixed(), *bare, Run("cut", 6, [0.5], status="failed")])
    found = FIGURES["fig6"].numbers(store, "hand")
    assert [len(panel.points) for panel in found.panels] == [7] * 4
    assert [run.seed for run in found.panel(FlatRuns).unmeasured] == [4, 5]
    rows = [dict(zip(found.table().columns, row, strict=True)) for row in found.table().rows]
    assert [row["seed"] for row in rows if row["what"] == "run without flatness"] == [4, 5]
    _, words = drawn("fig6", store)
    assert "2 completed runs have no flatness measured at epoch 1, and no place here (cut 2)." in words
    assert "9 runs" in words
    assert "failed" in words


def test_the_figure_says_what_the_trace_is_and_shows_every_run(flat):
    figure, words = drawn("fig6", flat)
    assert (
        "Measured at the end of epoch 1, in eval mode, on 512 test images; the "
        "Hessian's 3 eigenvalues of largest magnitude, by Lanczos."
    ) in words.replace("<br>", " ")
    titles = [
        figure.layout[f"{axis}{number}"].title.text for axis in ("xaxis", "yaxis") for number in ("", 2)
    ]
    assert "Tr(H): sum of 3 leading eigenvalues" in titles
    assert words.count("Between 3 configurations <b>r = ") == 4
    assert words.count("all 7 runs r = ") == 4
    points = [trace for trace in figure.data if trace.mode == "markers"]
    assert sum(len(trace.x) for trace in points) == 28
    assert [it.name for it in figure.data if it.showlegend] == ["none", "cut", "scratch"]


def test_the_table_has_every_measurement(flat):
    table = FIGURES["fig6"].numbers(flat, "hand").table()
    rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    measured = [row for row in rows if row["what"] == "flatness"]
    assert [row["hessian_trace"] for row in measured] == TRACE.tolist()
    assert {row["measured_at"] for row in measured} == {1}
    assert [row["what"] for row in rows].count("pearson") == 4


def test_the_final_accuracy(store):
    fill(store, [Run("a", seed, [0.5, 0.75, last], measured=flat_runs("a", NONE)[seed].measured)
                 for seed, last in enumerate((0.625, 0.5))])  # fmt: skip
    for accuracy, expected in (("final", [0.625, 0.5]), ("best", [0.75, 0.75])):
        panel = FIGURES["fig6"].numbers(store, "hand", accuracy=accuracy).panels[1]
        assert [dot.y for dot in panel.points] == expected


@pytest.mark.parametrize("name", ["fig6", "figE1", "figE2", "figE3", "figE4", "figE5"])
def test_a_sweep_without_measurements_is_refused(store, name):
    fill(store, [Run("a", 0, [0.5])])
    with pytest.raises(InputError, match="the flatness of none of its 1 completed runs was measured"):
        FIGURES[name].numbers(store, "hand")


def test_no_such_sweep(store):
    with pytest.raises(UnknownNameError):
        FIGURES["fig6"].numbers(store, "hand")


def test_one_run_has_no_correlation(store):
    fill(store, flat_runs("none", NONE[:1]))
    _, words = drawn("fig6", store)
    assert words.count("<b>No correlation</b>, for the reason below") == 4
    assert words.count("No correlation: a correlation needs at least 3 pairs, found 1") == 1
