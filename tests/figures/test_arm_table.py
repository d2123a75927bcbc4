from __future__ import annotations

from inspect import unwrap

import numpy as np
import pytest
from scipy import stats
from stores import Run, fill, run_config, sweep_of
from tradeoffs import pruned, unpruned

from gst.errors import InputError, UnknownNameError
from gst.figures import FIGURES
from gst.figures.frame import draw
from gst.figures.panels.arm_table import stars
from gst.figures.papers.gst2020 import tab_c1, tab_f1


def c1(store, sweep="hand", **parameters):
    (table,) = tab_c1(store, sweep, **parameters).panels
    return table


def f1(store, **parameters):
    (table,) = tab_f1(store, "hand", **parameters).panels
    return table


S46, S59, L46 = [0.5, 0.53125, 0.515625], [0.625, 0.65625], [0.5, 0.53125]


@pytest.fixture
def methods(store):
    """Two methods, one of them with two amounts of pruning; accuracies of the last epoch as above."""
    fill(
        store,
        [
            *(pruned("S 46%", seed, 0.75 + seed / 16, value) for seed, value in enumerate(S46)),
            *(pruned("S 59%", seed, 0.5, value) for seed, value in enumerate(S59)),
            *(pruned("L 46%", seed, 0.25, value) for seed, value in enumerate(L46)),
        ],
    )
    return store


def test_arms_have_mean_and_sample_deviation(methods):
    first, second, _ = c1(methods, accuracy="final").arms
    assert (first.arm, len(first.runs)) == ("S 46%", 3)
    assert first.accuracy == pytest.approx((np.mean(S46), np.std(S46, ddof=1)))
    stabilities = [0.75, 0.8125, 0.875]
    assert first.stability == pytest.approx((np.mean(stabilities), np.std(stabilities, ddof=1)))
    assert second.stability == (0.5, 0)


def test_the_papers_accuracy_is_best(methods):
    best, final = c1(methods), c1(methods, accuracy="final")
    assert best.arms[0].accuracy.mean == final.arms[0].accuracy.mean + 0.125
    with pytest.raises(UnknownNameError, match="no accuracy 'bset'"):
        tab_c1(methods, "hand", accuracy="bset")


def test_c1_compares_amounts_within_a_method(methods):
    (comparison,) = c1(methods, accuracy="final").differences
    assert (comparison.arm, comparison.other) == ("S 59%", "S 46%")
    assert comparison.difference == pytest.approx(np.mean(S59) - np.mean(S46))
    expected = stats.ttest_ind(S59, S46, equal_var=True)
    assert (comparison.test.t, comparison.test.p) == pytest.approx((expected.statistic, expected.pvalue))
    assert (comparison.test.n, comparison.test.degrees) == ((2, 3), 3)


def test_f1_compares_all_with_prune_l(store):
    values = {"No Pruning": [0.5, 0.5625], "PruneS": [0.53125, 0.5], "PruneL": [0.625, 0.6875]}
    fill(
        store,
        [
            *(unpruned("No Pruning", seed, value) for seed, value in enumerate(values["No Pruning"])),
            *(
                pruned(arm, seed, 0.5, v)
                for arm in ("PruneS", "PruneL")
                for seed, v in enumerate(values[arm])
            ),
        ],
    )
    found = f1(store, accuracy="final")
    assert [(it.arm, it.other) for it in found.differences] == [
        ("No Pruning", "PruneL"),
        ("PruneS", "PruneL"),
    ]
    for it in found.differences:
        expected = stats.ttest_ind(values[it.arm], values["PruneL"])
        assert (it.test.t, it.test.p) == pytest.approx((expected.statistic, expected.pvalue))
        assert it.mark == stars(expected.pvalue)
    other = f1(store, reference="No Pruning")
    assert [it.arm for it in other.differences] == ["PruneS", "PruneL"]
    with pytest.raises(UnknownNameError, match="no arm of sweep hand 'PruneX'; did you mean 'Prune"):
        tab_f1(store, "hand", reference="PruneX")


def test_f1_needs_a_run_of_what_all_are_compared_with(store):
    fill(store, [unpruned("none", 0, 0.5), pruned("PruneL", 0, 0.5, 0.5, status="failed")])
    with pytest.raises(InputError, match="no completed run of 'PruneL', which all are compared with"):
        tab_f1(store, "hand")


def test_single_runs_have_no_deviation_and_are_not_tested(store):
    fill(store, [pruned("S 46%", 0, 0.5, 0.5), pruned("S 59%", 0, 0.5, 0.625)])
    found = c1(store, accuracy="final")
    assert found.arms[0].accuracy == (0.5, None)
    (comparison,) = found.differences
    assert (comparison.difference, comparison.test, comparison.mark) == (0.125, None, "")
    assert found.notes == (
        "not tested: S 59% against S 46%: a comparison needs at least 2 values on each side, "
        "the first has 1; run more seeds",
    )


def test_scratch_runs_have_no_stability(store):
    fill(store, [Run("Scratch", 0, [0.5, 0.5], events=[(-1, 0.125, 0.0625)]), pruned("PruneL", 0, 0.5, 0.5)])
    found = tab_f1(store, "hand")
    assert found.panels[0].arms[0].stability is None
    assert "not measured" in [text for trace in draw(found).data for text in trace.text]


def test_an_event_at_an_accuracy_of_zero_leaves_no_stability(store):
    fill(store, [Run("zero", 0, [0.0, 0.5], events=[(0, 0.0, 0.0)])])
    assert c1(store).arms[0].stability is None


def test_stars():
    assert [stars(p) for p in (0.1, 0.0999, 0.05, 0.0499, 0.01, 0.0099)] == ["", "(*)", "(*)", "*", "*", "**"]


def test_the_table_as_rows(store):
    fill(
        store,
        [
            *(pruned("S 46%", seed, 0.5, value) for seed, value in enumerate(S46)),
            *(pruned("S 59%", seed, 0.5, value) for seed, value in enumerate(S59)),
            pruned("S 59%", 2, 0.5, 0.5, status="diverged"),
        ],
    )
    columns, rows = tab_c1(store, "hand", accuracy="final").table()
    table = [dict(zip(columns, row, strict=True)) for row in rows]
    assert [(row["what"], row["arm"], row["n"], row["n_other"]) for row in table] == [
        ("arm", "S 46%", 3, None),
        ("arm", "S 59%", 2, None),
        ("difference", "S 59%", 2, 3),
        ("diverged run", "S 59%", None, None),
    ]
    assert table[0]["final_test_accuracy"] == pytest.approx(np.mean(S46))
    assert table[1]["final_test_accuracy_std"] == pytest.approx(np.std(S59, ddof=1))
    assert (table[2]["other"], table[2]["method"]) == ("S 46%", "95% pooled t")
    assert table[2]["significance"] == stars(table[2]["p"]) != ""


def cells(figure):
    return [list(trace.text) for trace in figure.data]


def test_the_picture_is_a_table_with_three_rules(methods):
    figure = draw(tab_c1(methods, "hand", accuracy="final"))
    head, *rows = cells(figure)
    assert head == [
        "<b>Arm</b>",
        "<b>Runs</b>",
        "<b>Test accuracy, %</b>",
        "<b>Stability, %</b>",
        "<b>Difference from S 46%</b>",
    ]
    assert [row[0] for row in rows] == ["S 46%", "S 59%", "L 46%"]
    assert rows[0][1:4] == ["3", "51.56 ± 1.56", "81.250 ± 6.250"]
    assert rows[1][4].startswith("+12.50<sup>**</sup>, p = 0.00")
    assert (rows[0][4], rows[2][4]) == ("", "")
    assert [(shape.y0, shape.line.width) for shape in figure.layout.shapes] == [
        (-0.5, 2.5),
        (0.5, 1),
        (3.5, 2.5),
    ]
    assert {trace.mode for trace in figure.data} == {"text"}


def test_the_head_names_what_all_methods_are_compared_with(store):
    fill(store, [pruned(f"{arm} {amount}", 0, 0.5, 0.5) for arm in "SL" for amount in ("46%", "59%")])
    assert cells(draw(tab_c1(store, "hand")))[0][4] == "<b>Difference from 46%</b>"
    configs = [store.spec(key).config for key in tab_c1(store, "hand").source.keys]
    store.register(sweep_of(dict(zip(("S a", "S b", "L c", "L d"), configs, strict=True)), name="unlike"))
    assert cells(draw(tab_c1(store, "unlike")))[0][4] == "<b>Difference from the first of its kind</b>"
    store.register(sweep_of({"S": configs[0]}, name="one"))
    assert cells(draw(tab_c1(store, "one")))[0][4] == "<b>Difference</b>"


def test_hovering_over_a_row_tells_its_runs(methods):
    found = tab_c1(methods, "hand", accuracy="final")
    hover = draw(found).data[1].hovertext
    assert hover.splitlines() == [hover]
    keys = [run.key[:12] for run in found.panels[0].arms[0].runs]
    assert hover == (
        f"<b>S 46%</b>, n = 3<br>seed 0: 50.00%, run {keys[0]}<br>seed 1: 53.12%, run {keys[1]}"
        f"<br>seed 2: 51.56%, run {keys[2]}"
    )


def test_missing_and_scaled_runs_are_marked(store):
    small = run_config(epochs=2).model_copy(update={"scale": 0.25})
    fill(
        store,
        [
            unpruned("small", 0, 0.5),
            pruned("PruneL", 0, 0.5, 0.5),
            pruned("PruneL", 1, 0.5, 0.5, status="failed"),
        ],
        configs={"small": small},
    )
    figure = draw(tab_f1(store, "hand"))
    assert "2 of 4 missing: 1 failed, 1 pending" in figure.layout.title.subtitle.text
    assert "↓: scaled down to 0.25 of the sweep file's epochs" in figure.layout.title.subtitle.text
    assert [row[0] for row in cells(figure)] == ["<b>Arm</b>", "small ↓", "PruneL"]
    assert any("Not tested: small against PruneL" in it.text for it in figure.layout.annotations)


def test_the_tables_are_of_their_own_sweeps():
    assert (unwrap(FIGURES["tabC1"].numbers), FIGURES["tabC1"].sweep) == (tab_c1, "tabC1")
    assert (unwrap(FIGURES["tabF1"].numbers), FIGURES["tabF1"].sweep) == (tab_f1, "tabF1")
