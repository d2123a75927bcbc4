from __future__ import annotations

import numpy as np
import pytest
from scipy import stats as reference
from stores import SCRATCH, Run, fill, run_config

from gst.figures import FIGURES
from gst.figures.frame import draw

FIG4 = FIGURES["figC3"]

# Stability, final train and final test accuracy of each run; fractions of two.
SOFT = [(0.9375, 0.875, 0.625), (0.875, 0.9375, 0.6875), (0.96875, 0.90625, 0.59375)]
HARD = [(0.75, 0.8125, 0.6875), (0.5, 0.75, 0.71875), (0.625, 0.84375, 0.65625)]
NONE = [(1.0, 0.96875, 0.75), (1.0, 1.0, 0.6875), (1.0, 0.984375, 0.71875)]


def runs(arm, table, **changes):
    """Two epochs with one event after the first, whose accuracy is the best: 1/16 more, with a gap of 1/8."""
    return [
        Run(
            arm,
            seed,
            [(test + 3 / 16, test + 1 / 16), (train, test)],
            events=[(0, 0.5, 0.5 * stability)] if stability < 1 else (),
            **changes,
        )
        for seed, (stability, train, test) in enumerate(table)
    ]


@pytest.fixture
def pair(store):
    """Three unpruned runs and three in each of two pruned arms."""
    fill(store, [*runs("none", NONE), *runs("soft", SOFT), *runs("hard", HARD)])
    return store


def differences(found, of="accuracy"):
    """The differences of the figure, which are a part of its table."""
    return next(part.found for part in found.parts if getattr(part, "quantity", "") == of)


def words(figure):
    layout = figure.layout
    notes = [annotation.text for annotation in layout.annotations]
    return "\n".join([layout.title.text, layout.title.subtitle.text, *notes])


def test_both_scatters_are_of_the_same_runs(pair):
    found = FIG4.numbers(pair, "hand", accuracy="final")
    table = np.array([*SOFT, *HARD])
    for scatter, y in ((found.panels[0], table[:, 2]), (found.panels[1], table[:, 1] - table[:, 2])):
        assert scatter.xs.tolist() == table[:, 0].tolist()
        assert scatter.ys.tolist() == y.tolist()
        assert scatter.fit.pearson.value == pytest.approx(reference.pearsonr(table[:, 0], y)[0])
        assert scatter.fit.kendall.value == pytest.approx(reference.kendalltau(table[:, 0], y)[0])
        assert scatter.fit.pearson.n == 6
    none = np.array(NONE)
    assert found.panels[0].baselines[0].mean == none[:, 2].mean()
    assert found.panels[1].baselines[0].mean == (none[:, 1] - none[:, 2]).mean()


def test_the_gap_is_of_the_epoch_of_the_accuracy(pair):
    found = FIG4.numbers(pair, "hand")
    assert found.runs.accuracy == "best"
    assert found.panels[0].ys.tolist() == [test + 1 / 16 for _, _, test in (*SOFT, *HARD)]
    assert found.panels[1].ys.tolist() == [1 / 8] * 6
    # All gaps are the same, so nothing correlates with them.
    assert found.panels[1].fit.pearson is None
    assert any("a correlation needs variation" in note for note in found.panels[1].fit.notes)


def test_pruned_means_less_unpruned_ones(pair):
    found = FIG4.numbers(pair, "hand", accuracy="final")
    table = {"all pruned": [*SOFT, *HARD], "soft": SOFT, "hard": HARD}
    assert [it.name for it in differences(found)] == list(table)
    for column, found_differences in (
        (lambda values: values[:, 2], differences(found)),
        (lambda values: values[:, 1] - values[:, 2], differences(found, "gap")),
    ):
        unpruned = column(np.array(NONE))
        for it in found_differences:
            pruned = column(np.array(table[it.name]))
            expected = reference.ttest_ind(pruned, unpruned, equal_var=False)
            interval = expected.confidence_interval(0.95)
            assert (it.baseline, it.n) == ("none", (len(pruned), 3))
            assert it.value == pytest.approx(pruned.mean() - unpruned.mean())
            assert it.test.p == pytest.approx(expected.pvalue)
            assert (it.test.low, it.test.high) == pytest.approx((interval.low, interval.high))


def test_with_one_run_on_a_side_there_is_a_difference_and_no_test(store):
    fill(store, [*runs("none", NONE[:1]), *runs("soft", SOFT[:1])])
    found = FIG4.numbers(store, "hand", accuracy="final")
    (it,) = differences(found)
    assert (it.name, it.value, it.n, it.test) == ("soft", 0.625 - 0.75, (1, 1), None)
    assert "soft −12.50 (no interval, n = 1 and 1)" in words(draw(found))
    assert "Intervals of differences" not in words(draw(found))


def test_without_a_baseline_there_is_no_difference(store):
    fill(store, [*runs("soft", SOFT), *runs("hard", HARD[:1]), *runs("none", NONE[:1], status="failed")])
    found = FIG4.numbers(store, "hand")
    assert differences(found) == differences(found, "gap") == ()
    assert found.panels[0].baselines == ()
    figure = draw(found)
    assert "less that of" not in words(figure)
    assert "5 of 9 missing: 1 failed, 4 pending" in words(figure)
    assert "n = 3 at every arm but hard (1)" in words(figure)


def test_without_pruned_runs_both_panels_stand(store):
    fill(store, runs("none", NONE))
    figure = draw(FIG4.numbers(store, "hand"))
    assert words(figure).count("No correlation") == 2
    assert {shape.xref for shape in figure.layout.shapes} == {"x domain", "x2 domain"}


def test_scratch_runs_count_in_differences_and_have_no_place(store):
    scratch = [
        Run("scratch", seed, [(1.0, 0.5), (1.0, 0.5)], events=[(SCRATCH, 0.5, 0.5)]) for seed in (0, 1)
    ]
    fill(store, [*runs("none", NONE), *runs("soft", SOFT), *scratch])
    found = FIG4.numbers(store, "hand", accuracy="final")
    assert [(it.name, it.n[0]) for it in differences(found)] == [
        ("all pruned", 5), ("soft", 3), ("scratch", 2),
    ]  # fmt: skip
    assert found.panels[0].arms == ("soft",)


@pytest.mark.parametrize("name", ["fig4_resnet18", "fig4_resnet20", "fig4_resnet56", "figC3"])
def test_two_panels_by_arm_with_the_baseline(pair, name):
    assert FIGURES[name].sweep == name
    figure = FIGURES[name].draw(FIGURES[name].numbers(pair, "hand", accuracy="final"))
    for axis, column in (("x", lambda it: it[2]), ("x2", lambda it: it[1] - it[2])):
        dots = [trace for trace in figure.data if trace.xaxis == axis and trace.mode == "markers"]
        shown = {trace.name: (list(trace.x), list(trace.y)) for trace in dots if trace.x[0] is not None}
        assert shown == {
            arm: ([it[0] for it in table], [column(it) for it in table])
            for arm, table in (("soft", SOFT), ("hard", HARD))
        }
    dashed = {(it.xref, it.y0) for it in figure.layout.shapes if it.type == "line"}
    assert dashed == {("x domain", 0.71875), ("x2 domain", 0.265625)}
    text = words(figure)
    for part in (
        "final test accuracy",
        "n = 3 at every arm",
        "9 runs",
        "Mean accuracy less that of none, in percentage points: all pruned −5.73 [",
        "Mean gap less that of none, in percentage points: all pruned ",
        "Intervals of differences: 95% Welch t.",
    ):
        assert part in text
    assert [trace.name for trace in figure.data if trace.showlegend] == ["soft", "hard"]
    key = FIGURES[name].numbers(pair, "hand").panels[0].points[0].run.key
    (first,) = (it for it in figure.data if it.xaxis == "x2" and it.name == "soft" and it.x[0] is not None)
    assert tuple(first.customdata[0][:2]) == (key[:12], 0)


def test_the_table_has_differences_and_runs(pair):
    table = FIG4.numbers(pair, "hand", accuracy="final").table()
    rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    assert [row["what"] for row in rows if " less " in row["what"]] == [
        f"{what}: {name} less none" for what in ("accuracy", "gap") for name in ("all pruned", "soft", "hard")
    ]
    runs_shown = [row for row in rows if row["what"] == "run"]
    assert [row["final_gap"] for row in runs_shown[3:]] == [train - test for _, train, test in (*SOFT, *HARD)]
    assert [row["stability"] for row in runs_shown[:3]] == [1.0] * 3


def test_scaled_runs_are_said(store):
    config = run_config(epochs=2).model_copy(update={"scale": 0.5})
    fill(store, [*runs("none", NONE), *runs("soft", SOFT)], configs={"none": config})
    assert "scaled down to 0.5 of the published" in words(draw(FIG4.numbers(store, "hand")))


def test_an_accuracy_of_zero_before_every_event_leaves_a_run_without_a_place(store):
    lost = Run("lost", 0, [(1.0, 0.5), (1.0, 0.5)], events=[(0, 0.0, 0.0)])
    fill(store, [*runs("soft", SOFT), lost])
    found = FIG4.numbers(store, "hand")
    assert found.panels[0].arms == found.panels[1].arms == ("soft",)
    assert "1 pruned run had no pruning event" in words(draw(found))
