from __future__ import annotations

import numpy as np
import pytest
from paced import EPOCHS, fill_paced, pruning
from stores import Run
from students import student

from gst.figures import FIGURES
from gst.figures.methods import Method

SCORES = {"L2": "l2", "EBN": "ebn_alt"}
# Accuracies of the epochs before the last one, which has 0.5; events are at 0, 1, 2 or at 0 and 2.
CONFIGS = {
    f"{name} {letter} {every}": pruning(letter, every, score)
    for name, score in SCORES.items()
    for letter in "SL"
    for every in (1, 2)
}


def run(arm, seed, drops, accuracy, **changes):
    """Events with those drops from 0.5 at every epoch, or every second; epochs have 0.75 before the end."""
    every = int(arm[-1])
    events = [(epoch, 0.5, 0.5 - drop) for epoch, drop in zip(range(0, 3, every), drops, strict=True)]
    return Run(arm, seed, [0.75] * (EPOCHS - 1) + [accuracy], events, **changes)


RUNS = [
    run("L2 S 1", 0, [1 / 8, 1 / 16, 1 / 4], 0.5),
    run("L2 S 1", 1, [1 / 4, 1 / 8, 1 / 8], 0.625),
    run("L2 S 2", 0, [1 / 8, 1 / 4], 0.625),
    run("L2 S 2", 1, [1 / 4, -1 / 8], 0.75),
    run("EBN S 1", 0, [0.0, 0.0, 1 / 16], 0.5),
    run("EBN S 1", 1, [1 / 8, 0.0, 1 / 8], 0.5),
    run("EBN L 1", 0, [3 / 8, 3 / 8, 3 / 8], 0.75),
    run("EBN L 1", 1, [1 / 4, 1 / 4, 1 / 4], 0.6875),
]


@pytest.fixture
def rates(store):
    fill_paced(store, RUNS, CONFIGS)
    return store


def words(figure):
    layout = figure.layout
    notes = [annotation.text for annotation in layout.annotations]
    return "\n".join([layout.title.text, layout.title.subtitle.text, *notes])


def marks(found):
    return {(it.method, mark.x): (mark.group.mean, mark.group.n) for it in found for mark in it.marks}


L2_S, EBN_S, EBN_L = Method("l2", "smallest"), Method("ebn_alt", "smallest"), Method("ebn_alt", "largest")


def test_figure_3_is_the_mean_over_a_runs_events(rates):
    found = FIGURES["v1_fig3"].numbers(rates, "hand")
    assert [it.method for it in found.panels[0].series] == [L2_S, EBN_S, EBN_L]
    assert marks(found.panels[0].series) == {
        (L2_S, 0.25): (pytest.approx((7 / 48 + 8 / 48) / 2), 2),
        (L2_S, 0.375): (pytest.approx((3 / 16 + 1 / 16) / 2), 2),
        (EBN_S, 0.25): (pytest.approx((1 / 48 + 4 / 48) / 2), 2),
        (EBN_L, 0.25): (pytest.approx(5 / 16), 2),
    }
    assert marks(found.panels[1].series)[EBN_L, 0.25] == (0.71875, 2)
    mark = found.panels[0].series[0].marks[1]
    assert mark.group.estimate[:3] == pytest.approx((1 / 8, *student([3 / 16, 1 / 16])))
    assert mark.group.estimate[3:] == (2, "95% t")


def test_figure_a2_is_the_fall_since_the_epoch_before_the_last_event(rates):
    found = FIGURES["v1_figA2"].numbers(rates, "hand")
    # 0.75 at the end of the epoch before, and not the 0.5 right before the event.
    assert marks(found.panels[0].series) == {
        (L2_S, 0.25): (np.mean([0.75 - 0.25, 0.75 - 0.375]), 2),
        (L2_S, 0.375): (np.mean([0.75 - 0.25, 0.75 - 0.625]), 2),
        (EBN_S, 0.25): (np.mean([0.75 - 0.4375, 0.75 - 0.375]), 2),
        (EBN_L, 0.25): (np.mean([0.75 - 0.125, 0.75 - 0.25]), 2),
    }
    assert marks(found.panels[1].series) == marks(FIGURES["v1_fig3"].numbers(rates, "hand").panels[1].series)
    assert found.notes == ()


def test_a_last_event_in_the_first_epoch_has_nothing_before_it(store):
    once = Run("EBN L 3", 0, [0.75] * EPOCHS, events=[(0, 0.5, 0.25)])
    fill_paced(store, [*RUNS, once], CONFIGS | {"EBN L 3": pruning("L", 3, "ebn_alt")})
    found = FIGURES["v1_figA2"].numbers(store, "hand")
    assert (EBN_L, 0.75) not in marks(found.panels[0].series)
    assert (EBN_L, 0.75) in marks(found.panels[1].series)
    assert found.notes == ("1 run has its last event in the first epoch, before which there is no accuracy",)
    assert "1 run has its last event in the first epoch" in words(FIGURES["v1_figA2"].draw(found))


def test_two_periods_of_one_rate_have_a_mark_each(store):
    # Events at 0 and 2, and at 0 and 1 only: the same number, so the same rate.
    configs = {"L2 S 2": pruning("S", 2), "L2 S other": pruning("S", 1)}
    other = configs["L2 S other"].pruning.model_copy(update={"end": 1})
    configs["L2 S other"] = configs["L2 S other"].model_copy(update={"pruning": other})
    runs = [
        Run("L2 S other", seed, [0.5] * EPOCHS, events=[(0, 0.5, 0.5), (1, 0.5, 0.25)]) for seed in range(2)
    ]
    fill_paced(store, [*(it for it in RUNS if it.arm == "L2 S 2"), *runs], configs)
    figure = FIGURES["v1_figA2"]
    found = figure.numbers(store, "hand")
    (series,) = found.panels[0].series
    assert [(mark.x, mark.about, mark.group.n) for mark in series.marks] == [(0.375, 1, 2), (0.375, 2, 2)]
    assert "Two retrain periods can have the same rate: each has its own mark" in words(figure.draw(found))


@pytest.mark.parametrize("name", ["v1_fig3", "v1_figA2"])
def test_two_panels_with_a_series_for_each_score_and_target(rates, name):
    figure = FIGURES[name].draw(FIGURES[name].numbers(rates, "hand"))
    found = FIGURES[name].numbers(rates, "hand")
    for axis, series in (("x", found.panels[0].series), ("x2", found.panels[1].series)):
        drawn = {it.name: list(it.y) for it in figure.data if it.xaxis == axis and it.mode == "lines+markers"}
        assert drawn == {
            label: [mark.group.mean for mark in it.marks]
            for label, it in zip(("ℓ2 S", "E[BN] S", "E[BN] L"), series, strict=True)
        }
    lines = {it.name: it.line for it in figure.data if it.mode == "lines+markers"}
    assert lines["ℓ2 S"].color == lines["E[BN] S"].color != lines["E[BN] L"].color
    assert lines["ℓ2 S"].dash != lines["E[BN] S"].dash == lines["E[BN] L"].dash
    text = words(figure)
    for part in ("final test accuracy", "n = 2 at every mark", "8 runs", "in percentage points"):
        assert part in text
    assert "Two retrain periods" not in text
    dots = [it for it in figure.data if it.name == "E[BN] L, single runs" and it.xaxis == "x"]
    assert [(row[1], row[3]) for row in dots[0].customdata] == [(0, "EBN L 1"), (1, "EBN L 1")]


@pytest.mark.parametrize("name", ["v1_fig3", "v1_figA2"])
def test_partial_results_give_a_figure_with_notes(store, name):
    lost = run("EBN S 1", 0, [0.0, 0.0, 1 / 16], 0.5, status="diverged")
    none = Run("none", 0, [0.5] * EPOCHS)
    kept = [it for it in RUNS if it.seed == 0 and it.arm != "EBN S 1"]
    fill_paced(store, [none, *kept, lost], CONFIGS)
    found = FIGURES[name].numbers(store, "hand")
    figure = FIGURES[name].draw(found)
    assert all(mark.group.estimate is None for it in found.panels[0].series for mark in it.marks)
    text = words(figure)
    assert "1 of 5 missing: 1 diverged" in text
    assert "No mean has an interval" in text
    assert [it.y0 for it in figure.layout.shapes] == [0.5]
    assert "none, n = 1" in [it.name for it in figure.data if it.showlegend]


def test_without_pruned_runs_both_panels_stand(store):
    fill_paced(store, [Run("none", seed, [0.5]) for seed in (0, 1)], {})
    found = FIGURES["v1_fig3"].numbers(store, "hand")
    assert found.panels[0].series == found.panels[1].series == ()
    assert "no mark" in words(FIGURES["v1_fig3"].draw(found))


def test_the_table_names_rate_and_method(rates):
    table = FIGURES["v1_figA2"].numbers(rates, "hand").table()
    rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    found = [row for row in rows if row["what"] == "drop at the last event since the epoch before"]
    assert [(row["score"], row["target"], row["iterative_rate"], row["n"]) for row in found] == [
        ("l2", "smallest", 0.25, 2), ("l2", "smallest", 0.375, 2), ("ebn_alt", "smallest", 0.25, 2),
        ("ebn_alt", "largest", 0.25, 2),
    ]  # fmt: skip
