"""Figures E.1, E.2 and E.4 of GST 2020: eigenvalues, and the loss along their eigenvectors."""

from __future__ import annotations

import numpy as np
import pytest
from drawn_figures import in_legend, words
from flat_stores import CUT, NONE, flat_runs, measured, mixed
from stores import Run, fill, run_config
from students import student

from gst.errors import InputError
from gst.figures import FIGURES
from gst.figures.panels.spectra import height


@pytest.fixture
def flat(store):
    fill(store, mixed())
    return store


def by_magnitude(values):
    return sorted(values, key=abs, reverse=True)


def test_the_leading_eigenvalues_by_magnitude_with_their_signs(flat):
    (panel,) = FIGURES["figE1"].numbers(flat, "hand").panels
    spectra = panel.spectra
    assert [(it.curve.arm, it.curve.n) for it in spectra] == [("none", 2), ("cut", 4), ("scratch", 1)]
    for it, table in zip(spectra, (NONE, CUT), strict=False):
        values = np.array([by_magnitude(row[2]) for row in table])
        assert it.curve.mean.tolist() == pytest.approx(values.mean(axis=0).tolist())
        for place, column in enumerate(values.T):
            assert (it.curve.low[place], it.curve.high[place]) == pytest.approx(student(column))
        assert it.stability == np.mean([row[0] for row in table])
    assert spectra[2].curve.mean.tolist() == [9.5, -5.0, 2.0]
    assert spectra[2].curve.low is None
    assert [
        len(it.curve.mean) for it in FIGURES["figE1"].numbers(flat, "hand", leading=2).panels[0].spectra
    ] == [
        2,
        2,
        2,
    ]


def test_all_eigenvalues_by_value_and_by_magnitude(flat):
    signed, magnitudes = (panel.spectra for panel in FIGURES["figE2"].numbers(flat, "hand").panels)
    values = np.array([sorted(row[2], reverse=True) for row in CUT])
    assert signed[1].curve.mean.tolist() == pytest.approx(values.mean(axis=0).tolist())
    values = np.abs([by_magnitude(row[2]) for row in CUT])
    assert magnitudes[1].curve.mean.tolist() == pytest.approx(values.mean(axis=0).tolist())


def test_of_runs_with_more_eigenvalues_than_others_only_shared_ranks_count(store):
    runs = [
        Run("a", seed, [0.5, 0.5], measured=[measured(values, 1.0, 0.5)])
        for seed, values in enumerate([(8.0, 4.0, 2.0), (6.0, 2.0)])
    ]
    fill(store, runs)
    (it,) = FIGURES["figE1"].numbers(store, "hand").panels[0].spectra
    assert it.curve.mean.tolist() == [7.0, 3.0]


def test_the_table_has_means_and_intervals(flat):
    table = FIGURES["figE1"].numbers(flat, "hand").table()
    rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    means = [row for row in rows if row["what"] == "mean eigenvalue, dominant"]
    assert [(row["arm"], row["rank"], row["n"]) for row in means][:4] == [
        ("none", 1, 2), ("none", 2, 2), ("none", 3, 2), ("cut", 1, 4),
    ]  # fmt: skip
    assert means[0]["low"] < means[0]["value"] == 8.5 < means[0]["high"]
    assert means[-1]["low"] is None


def test_bars_and_lines_are_drawn(flat):
    figure = FIGURES["figE1"].draw(FIGURES["figE1"].numbers(flat, "hand"))
    assert [it.name for it in figure.data] == [
        "none (100.00% stable)", "cut (68.75% stable)", "scratch (100.00% stable)",
    ]  # fmt: skip
    assert figure.data[0].x == ("1", "2", "3")
    assert (figure.data[0].error_y.array > 0).all()
    assert figure.data[2].error_y.array is None
    assert "the Hessian's 3 eigenvalues of largest magnitude" in words(figure)
    assert "Intervals of means: 95% t. An arm's stability is the mean over its runs." in words(figure)
    figure = FIGURES["figE2"].draw(FIGURES["figE2"].numbers(flat, "hand"))
    lines = [it for it in figure.data if it.mode == "lines" and it.hoverinfo != "skip"]
    assert len(lines) == 6
    means = np.mean([sorted(row[2], reverse=True) for row in CUT], axis=0)
    assert lines[1].y.tolist() == pytest.approx(height(means).tolist())
    assert sum(it.fill == "tonexty" for it in figure.data) == 2


def test_the_axis_of_eigenvalues_is_linear_about_zero_and_logarithmic_beyond():
    assert height([0.0, 1.0, -1.0]).tolist() == pytest.approx([0, np.arcsinh(10), -np.arcsinh(10)])
    assert np.diff(height([1e3, 1e4, 1e5])) == pytest.approx(np.log(10), rel=1e-6)


def test_runs_that_were_scaled_down_are_outlined(store):
    config = run_config(epochs=2).model_copy(update={"scale": 0.5})
    fill(store, flat_runs("none", NONE), configs={"none": config})
    figure = FIGURES["figE1"].draw(FIGURES["figE1"].numbers(store, "hand"))
    assert figure.data[0].marker.color == "rgba(255,255,255,0)"
    assert "outlines and dotted lines: scaled down" in words(figure)
    figure = FIGURES["figE2"].draw(FIGURES["figE2"].numbers(store, "hand"))
    assert figure.data[0].line.dash == "dot"


def test_the_mean_rise_at_each_step_along_each_eigenvector(flat):
    found = FIGURES["figE4"].numbers(flat, "hand")
    assert [panel.rank for panel in found.panels] == [0, 1]
    for panel in found.panels:
        assert panel.counts() == [("none", 2), ("cut", 4), ("scratch", 1)]
    none, cut, scratch = found.panels[0].walks
    steps = np.array([-12, -4, 0, 4, 12])  # those at 0.16 are beyond the figure
    for it, table in ((cut, CUT), (none, NONE)):
        assert it.x.tolist() == pytest.approx((steps / 100).tolist())
        first = np.mean([row[2][0] for row in table])
        assert it.mean.tolist() == pytest.approx((first * steps**2 / 4096).tolist())
        rises = [[row[2][0] * step**2 / 4096 for row in table] for step in steps]
        ends = [student(rise) if step else (0, 0) for step, rise in zip(steps, rises, strict=True)]
        assert list(zip(it.low, it.high, strict=True)) == [pytest.approx(end) for end in ends]
    assert scratch.low is None
    assert len(FIGURES["figE4"].numbers(flat, "hand", limit=0.16).panels[0].walks[0].x) == 7
    assert len(FIGURES["figE4"].numbers(flat, "hand", ranks=1).panels) == 1


def test_a_step_counts_only_where_all_runs_of_the_arm_have_a_finite_loss(store):
    whole = measured((4.0, 1.0), 1.0, 0.5)
    broken = tuple(
        loss if loss.epsilon < 0.1 else type(loss)(loss.rank, loss.epsilon, float("nan"))
        for loss in whole.losses
    )
    fill(
        store,
        [
            Run("a", 0, [0.5, 0.5], measured=[whole]),
            Run("a", 1, [0.5, 0.5], measured=[measured((4.0, 1.0), 1.0, 0.5, losses=broken)]),
        ],
    )
    for it in (walk for panel in FIGURES["figE4"].numbers(store, "hand").panels for walk in panel.walks):
        assert it.x.tolist() == pytest.approx([-0.12, -0.04, 0, 0.04])


def test_without_walks_the_figure_is_refused(store):
    fill(store, [Run("a", 0, [0.5, 0.5], measured=[measured((4.0, 1.0), 1.0, None, losses=())])])
    with pytest.raises(InputError, match="no run of it has walked along an eigenvector"):
        FIGURES["figE4"].numbers(store, "hand")


def test_a_panel_for_each_eigenvector(flat):
    figure = FIGURES["figE4"].draw(FIGURES["figE4"].numbers(flat, "hand"))
    assert len(figure.data) == 6
    assert in_legend(figure) == ["none", "cut", "scratch"]
    assert {(it.xaxis, it.yaxis) for it in figure.data} == {("x", "y"), ("x2", "y2")}
    assert "<b>Eigenvector 0</b>" in words(figure)
    assert "<b>Eigenvector 1</b>" in words(figure)
    assert "Measured at the end of epoch 1" in words(figure)
