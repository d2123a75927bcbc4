from __future__ import annotations

import numpy as np
import pytest
from scipy import stats as reference
from stores import SCRATCH, Run, fill, run_config
from tradeoffs import TWINS

from gst.figures import FIGURES
from gst.figures.frame import draw
from gst.figures.panels.contrasts import Contrasts

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
    fill(store, [*runs("none", NONE), *runs("soft", SOFT), *runs("hard", HARD)], configs=TWINS)
    return store


def contrasts(found, of="accuracy"):
    """The contrasts of the figure, which are a part of its table."""
    parts = (part for part in found.parts if isinstance(part, Contrasts))
    return next(part for part in parts if part.quantity.name.endswith(of)).found


def words(figure):
    layout = figure.layout
    notes = [annotation.text for annotation in layout.annotations]
    return "\n".join([layout.title.text, layout.title.subtitle.text, *notes])


def test_both_scatters_are_of_the_same_runs(pair):
    found = FIG4.numbers(pair, "hand", accuracy="final")
    table = np.array([*SOFT, *HARD])
    for scatter, y in ((found.panels[0], table[:, 2]), (found.panels[1], table[:, 1] - table[:, 2])):
        assert scatter.xs.tolist() == table[:, 0].tolist()
        assert [dot.y for dot in scatter.points] == y.tolist()
        x_inside, y_inside = ((it.reshape(2, 3).T - it.reshape(2, 3).mean(axis=1)).ravel()
                              for it in (table[:, 0], y))  # fmt: skip
        assert scatter.fit.within.value == pytest.approx(reference.pearsonr(x_inside, y_inside)[0])
        assert scatter.fit.pearson.value == pytest.approx(reference.pearsonr(table[:, 0], y)[0])
        assert scatter.fit.kendall.value == pytest.approx(reference.kendalltau(table[:, 0], y)[0])
        assert scatter.fit.pearson.n == 6
    none = np.array(NONE)
    assert found.panels[0].baselines[0].mean == none[:, 2].mean()
    assert found.panels[1].baselines[0].mean == (none[:, 1] - none[:, 2]).mean()


def test_the_gap_is_of_the_epoch_of_the_accuracy(pair):
    found = FIG4.numbers(pair, "hand")
    assert found.runs.accuracy == "best"
    accuracy, gap = ([dot.y for dot in panel.points] for panel in found.panels)
    assert accuracy == [test + 1 / 16 for _, _, test in (*SOFT, *HARD)]
    assert gap == [1 / 8] * 6
    # All gaps are the same, so nothing correlates with them.
    assert found.panels[1].fit.pearson is None
    assert any("a correlation needs variation" in note for note in found.panels[1].fit.notes)


def test_contrasts_are_paired_by_seed(pair):
    found = FIG4.numbers(pair, "hand", accuracy="final")
    tables = {"none": NONE, "soft": SOFT, "hard": HARD}
    for column, of_column in (
        (lambda values: values[:, 2], contrasts(found)),
        (lambda values: values[:, 1] - values[:, 2], contrasts(found, "gap")),
    ):
        assert [(it.first, it.other) for it in of_column] == [
            ("soft", "none"), ("hard", "none"), ("hard", "soft"),
        ]  # fmt: skip
        for it in of_column:
            sides = (column(np.array(tables[arm])) for arm in (it.first, it.other))
            expected = reference.ttest_rel(*sides)
            interval = expected.confidence_interval(0.95)
            assert (it.test.n, it.test.degrees) == ((3, 3), 2)
            assert (it.test.t, it.test.p) == pytest.approx((expected.statistic, expected.pvalue))
            assert (it.test.low, it.test.high) == pytest.approx((interval.low, interval.high))


def test_with_one_run_on_a_side_there_is_no_test_and_the_figure_says_so(store):
    fill(store, [*runs("none", NONE[:1]), *runs("soft", SOFT[:1])], configs=twins("none", "soft"))
    found = FIG4.numbers(store, "hand", accuracy="final")
    (it,) = contrasts(found)
    assert (it.name, it.test, it.adjusted) == ("soft less none", None, None)
    assert it.reason == "a comparison needs at least 2 values on each side, the first has 1; run more seeds"
    assert "Not tested, for want of seeds or variation: soft less none." in words(draw(found))
    assert "paired by seed" not in words(draw(found))


def twins(*arms):
    return {arm: TWINS[arm] for arm in arms}


def test_arms_without_a_twin_have_no_contrast_with_one(store):
    """The learning rates of `soft` and `none` differ, so that they differ in more than pruning."""
    fill(store, [*runs("soft", SOFT), *runs("none", NONE)])
    assert contrasts(FIG4.numbers(store, "hand")) == ()
    assert "less none" not in words(draw(FIG4.numbers(store, "hand")))


def test_without_a_completed_baseline_nothing_is_paired_with_it(store):
    unpruned = runs("none", NONE[:1], status="failed")
    fill(store, [*runs("soft", SOFT), *runs("hard", HARD[:1]), *unpruned], configs=TWINS)
    found = FIG4.numbers(store, "hand")
    assert [it.test for it in (*contrasts(found), *contrasts(found, "gap"))] == [None] * 6
    assert found.panels[0].baselines == ()
    figure = draw(found)
    assert "Not tested, for want of seeds or variation: soft less none, hard less none, hard less soft." in (
        words(figure).replace("<br>", " ")
    )
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
    pruning = TWINS["hard"].pruning.model_copy(update={"scratch": True})
    configs = {**twins("none", "soft"), "scratch": TWINS["hard"].model_copy(update={"pruning": pruning})}
    fill(store, [*runs("none", NONE), *runs("soft", SOFT), *scratch], configs=configs)
    found = FIG4.numbers(store, "hand", accuracy="final")
    assert [(it.name, it.test.n[0]) for it in contrasts(found)] == [
        ("soft less none", 3), ("scratch less none", 2),
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
        told("final test accuracy", lambda it: it[2]),
        told("generalization gap after the last epoch", lambda it: it[1] - it[2]),
        "Differences: 95% t, paired by seed; p by Holm's rule for all of them together.",
        "Within configurations r = ",
        "all 6 runs r = ",
    ):
        assert part in text.replace("<br>", " ")
    assert [trace.name for trace in figure.data if trace.showlegend] == ["soft", "hard"]
    key = FIGURES[name].numbers(pair, "hand").panels[0].points[0].run.key
    (first,) = (it for it in figure.data if it.xaxis == "x2" and it.name == "soft" and it.x[0] is not None)
    assert tuple(first.customdata[0][:2]) == (key[:12], 0)


def told(quantity, column):
    """The contrasts of a quantity in words, from scipy's paired test and Holm's rule written out."""
    pairs = (("soft", "none", SOFT, NONE), ("hard", "none", HARD, NONE), ("hard", "soft", HARD, SOFT))
    tests = [
        reference.ttest_rel([column(row) for row in first], [column(row) for row in other])
        for _, _, first, other in pairs
    ]
    order = np.argsort([it.pvalue for it in tests])
    adjusted = np.empty(3)
    adjusted[order] = np.minimum(
        1, np.maximum.accumulate([(3 - rank) * tests[place].pvalue for rank, place in enumerate(order)])
    )
    shown = []
    for (first, other, one, two), test, p in zip(pairs, tests, adjusted, strict=True):
        value = 100 * np.mean([column(a) - column(b) for a, b in zip(one, two, strict=True)])
        low, high = (100 * end for end in test.confidence_interval(0.95))
        shown.append(f"{first} less {other} {value:+.2f} [{low:+.2f}, {high:+.2f}], n = 3, p = {p:.2g}")
    return f"Difference in {quantity}, in percentage points: {'; '.join(shown)}."


def test_the_table_has_contrasts_and_runs(pair):
    table = FIG4.numbers(pair, "hand", accuracy="final").table()
    rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    assert [
        (row["what"], row["arm"], row["other"]) for row in rows if row["what"].startswith("contrast")
    ] == [
        (f"contrast of final_{what}", *arms)
        for what in ("accuracy", "gap")
        for arms in (("soft", "none"), ("hard", "none"), ("hard", "soft"))
    ]
    runs_shown = [row for row in rows if row["what"] == "run"]
    assert [row["final_gap"] for row in runs_shown[3:]] == [train - test for _, train, test in (*SOFT, *HARD)]
    assert [row["stability"] for row in runs_shown[:3]] == [1.0] * 3


def test_scaled_runs_are_said(store):
    config = run_config(epochs=2).model_copy(update={"scale": 0.5})
    fill(store, [*runs("none", NONE), *runs("soft", SOFT)], configs={"none": config})
    assert "Not the published experiment: at scale 0.5" in words(draw(FIG4.numbers(store, "hand")))


def test_an_accuracy_of_zero_before_every_event_leaves_a_run_without_a_place(store):
    lost = Run("lost", 0, [(1.0, 0.5), (1.0, 0.5)], events=[(0, 0.0, 0.0)])
    fill(store, [*runs("soft", SOFT), lost])
    found = FIG4.numbers(store, "hand")
    assert found.panels[0].arms == found.panels[1].arms == ("soft",)
    assert "1 pruned run had no pruning event" in words(draw(found))
