from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from paced import CONFIGS, EVERY, RATES, RUNS, TABLE, UNPRUNED, fill_paced, pruning, run
from scipy import stats as reference
from stores import SCRATCH, Run, fill, run_config
from students import student

from gst.errors import UnknownNameError
from gst.figures import FIGURES
from gst.figures.methods import Method
from gst.figures.pruning_rate import PruningRate


@pytest.fixture
def paced(store):
    """A store with three targets at two rates, three seeds each, and three unpruned runs."""
    fill_paced(store, RUNS, CONFIGS)
    return store


FIG3, FIG_C1, FIG_C2 = FIGURES["fig3"], FIGURES["figC1"], FIGURES["figC2"]


def values(arm: str, place: int) -> list[float]:
    return [pair[place] for pair in TABLE[arm]]


def test_a_series_for_each_target_and_a_mark_for_each_rate(paced):
    found = FIG3.numbers(paced, "hand")
    assert [it.method for it in found.panels[0].series] == [
        Method("l2", "smallest"), Method("l2", "random"), Method("l2", "largest"),
    ]  # fmt: skip
    for letter, stability, accuracy in zip(
        "SRL", found.panels[0].series, found.panels[1].series, strict=True
    ):
        arms = [f"{letter} {every}" for every in RATES]
        assert [(mark.x, mark.about) for mark in stability.marks] == [(0.25, 1), (0.75, 3)]
        assert [mark.group.n for mark in stability.marks] == [3, 3]
        assert [mark.group.mean for mark in stability.marks] == [np.mean(values(arm, 0)) for arm in arms]
        # The best since the last event is 1/64 above the final one, in every run.
        best = [np.mean(values(arm, 1)) + 1 / 64 for arm in arms]
        assert [mark.group.mean for mark in accuracy.marks] == best
        assert [[it.key for it in mark.runs] for mark in stability.marks] == [
            [member.key for member in found.source.members if member.arm == arm] for arm in arms
        ]


def test_intervals_are_over_the_runs_of_one_configuration(paced):
    found = FIG3.numbers(paced, "hand")
    for letter, series in zip("SRL", found.panels[0].series, strict=True):
        for every, mark in zip(RATES, series.marks, strict=True):
            assert mark.group.estimate[1:3] == pytest.approx(student(values(f"{letter} {every}", 0)))
            assert mark.group.estimate[3:] == (3, "95% t")


def test_accuracy_is_the_best_unless_asked_otherwise(paced):
    final = FIG3.numbers(paced, "hand", accuracy="final")
    assert final.runs.accuracy == "final"
    assert final.panels[1].series[0].marks[0].group.mean == np.mean(values("S 1", 1))
    assert FIG3.numbers(paced, "hand").runs.accuracy == "best"
    with pytest.raises(UnknownNameError, match=r"no accuracy 'bset'; did you mean 'best'\?"):
        FIG3.numbers(paced, "hand", accuracy="bset")


def test_the_baseline_is_the_mean_of_unpruned_runs(paced):
    (baseline,) = FIG3.numbers(paced, "hand", accuracy="final").panels[1].baselines
    assert (baseline.name, baseline.n, baseline.mean) == ("none", 3, 0.625)
    assert (baseline.estimate.low, baseline.estimate.high) == pytest.approx(student([0.5, 0.625, 0.75]))


def pairs(every: int) -> tuple[list[float], list[float]]:
    arms = [arm for arm in TABLE if EVERY[arm] == every]
    return [s for arm in arms for s, _ in TABLE[arm]], [a for arm in arms for _, a in TABLE[arm]]


def without_each_seed(function: Callable[..., Any], every: int) -> tuple[float, float, float]:
    """Student's interval and p, symmetric in artanh, from the correlation without each of three seeds."""
    x, y = (np.array(side) for side in pairs(every))
    seeds = np.tile([0, 1, 2], 3)
    place = math.atanh(function(x, y)[0])
    left = np.arctanh([function(x[seeds != seed], y[seeds != seed])[0] for seed in range(3)])
    error = math.sqrt(2 / 3 * np.sum((left - left.mean()) ** 2))
    half = reference.t.ppf(0.975, 2) * error
    return (
        math.tanh(place - half), math.tanh(place + half), 2 * reference.t.sf(abs(place) / error, 2),
    )  # fmt: skip


def test_correlations_are_over_all_targets_of_a_rate(paced):
    found = FIG3.numbers(paced, "hand")
    assert [(it.rate, it.n) for it in found.panels[-1].rates] == [
        (PruningRate(0.25, 1), 9),
        (PruningRate(0.75, 3), 9),
    ]
    for it in found.panels[-1].rates:
        r = reference.pearsonr(*pairs(it.rate.period)).statistic
        half = reference.norm.ppf(0.975) / math.sqrt(9 - 3)
        assert it.value == pytest.approx(r)
        # Runs of one seed are no independent pairs, so that Fisher's p would be none.
        assert (it.fisher.n, it.fisher.unit, it.fisher.p) == (9, "runs", None)
        assert it.fisher.low == pytest.approx(math.tanh(math.atanh(r) - half))
        assert it.fisher.high == pytest.approx(math.tanh(math.atanh(r) + half))
        assert it.seeds.value == pytest.approx(r)
        assert (it.seeds.n, it.seeds.unit) == (3, "seeds")
        assert (it.seeds.low, it.seeds.high, it.seeds.p) == pytest.approx(
            without_each_seed(reference.pearsonr, it.rate.period)
        )
    assert found.notes == ()


def test_figure_c2_is_kendalls_tau_of_the_same_pairs(paced):
    found = FIG_C2.numbers(paced, "hand")
    assert found.panels[0].kind == "kendall"
    for it in found.panels[-1].rates:
        tau = reference.kendalltau(*pairs(it.rate.period)).statistic
        half = reference.norm.ppf(0.975) / math.sqrt(9 - 3)
        assert (it.fisher.value, it.seeds.value) == pytest.approx((tau, tau))
        assert it.fisher.p is None
        assert it.fisher.low == pytest.approx(math.tanh(math.atanh(tau) - half))
        assert (it.seeds.low, it.seeds.high, it.seeds.p) == pytest.approx(
            without_each_seed(reference.kendalltau, it.rate.period)
        )


def test_figure_c1_has_a_panel_for_each_rate(paced):
    found = FIG_C1.numbers(paced, "hand", accuracy="final")
    assert [panel.about["retrain_period"] for panel in found.panels] == [1, 3]
    for panel in found.panels:
        stability, accuracy = pairs(panel.about["retrain_period"])
        assert panel.xs.tolist() == stability
        assert [dot.y for dot in panel.points] == accuracy
        assert panel.fit.pearson.value == pytest.approx(reference.pearsonr(stability, accuracy)[0])
        assert panel.fit.kendall.value == pytest.approx(reference.kendalltau(stability, accuracy)[0])
        assert panel.baselines == ()
    assert found.panels[1].names["L 3"] == "PruneL"
    assert found.notes == ()


def test_configurations_at_one_rate_are_not_pooled(store):
    configs = CONFIGS | {"late": pruning("S", 1, augment=True)}
    runs = [run("S 1", 0, 1, 0.5, 0.5), run("late", 0, 1, 0.75, 0.5), run("late", 1, 1, 0.25, 0.5)]
    fill_paced(store, runs, configs)
    (found,) = FIG3.numbers(store, "hand").panels[0].series
    assert [(mark.x, mark.group.name, mark.group.n, mark.group.mean) for mark in found.marks] == [
        (0.25, "S 1", 1, 0.5), (0.25, "late", 2, 0.5),
    ]  # fmt: skip


def test_one_seed_has_marks_and_no_intervals(store):
    fill_paced(store, [it for it in RUNS if it.seed == 0], CONFIGS)
    found = FIG3.numbers(store, "hand")
    marks = [mark for it in (*found.panels[0].series, *found.panels[1].series) for mark in it.marks]
    assert len(marks) == 12
    assert all(mark.group.estimate is None and mark.group.n == 1 for mark in marks)
    assert [(it.fisher, it.seeds, it.n) for it in found.panels[2].rates] == [(None, None, 3)] * 2
    assert found.notes[0] == (
        "no Fisher interval at any rate: "
        "Fisher's interval needs at least 4 pairs, found 3; run more seeds or arms"
    )
    assert found.notes[1:] == (
        "no seed interval at any rate: "
        "a correlation of these configurations needs at least 3 seeds, found 1; run more seeds",
    )
    panels = FIG_C1.numbers(store, "hand")
    for panel in panels.panels:
        stability, accuracy = zip(*(TABLE[f"{letter} {panel.about['retrain_period']}"][0]
                                    for letter in "SRL"), strict=True)  # fmt: skip
        best = [it + 1 / 64 for it in accuracy]
        assert panel.fit.pearson.value == pytest.approx(reference.pearsonr(stability, best).statistic)
        assert (panel.fit.pearson.low, panel.fit.pearson.p, panel.fit.within) == (None, None, None)
    assert panels.notes == ()


def test_missing_rates_and_no_baseline(store):
    kept = [it for it in RUNS if it.arm in ("S 1", "S 3", "L 3")]
    lost = [run("L 1", seed, 1, 0.5, 0.5, status="failed") for seed in range(3)]
    fill_paced(store, [*kept, *lost], CONFIGS)
    found = FIG3.numbers(store, "hand")
    assert [[mark.x for mark in it.marks] for it in found.panels[0].series] == [[0.25, 0.75], [0.75]]
    assert found.panels[1].baselines == ()
    assert [it.n for it in found.panels[2].rates] == [3, 6]
    assert found.notes[0].startswith("no Fisher interval at 25%: Fisher's interval needs at least 4 pairs")
    assert len(found.source.missing) == 3
    rows = [dict(zip(found.table().columns, row, strict=True)) for row in found.table().rows]
    assert sum(row["what"] == "failed run" for row in rows) == 3


def test_runs_without_an_event_have_no_rate_and_a_note(store):
    scratch = [Run("scratch", seed, [0.5, 0.5], events=[(SCRATCH, 0.5, 0.25)]) for seed in (0, 1)]
    fill(store, [*UNPRUNED, *scratch])
    for numbers in (FIG3.numbers, FIG_C2.numbers, FIG_C1.numbers):
        found = numbers(store, "hand")
        assert "completed, so there is no" in found.notes[0]
        assert found.notes[1].startswith("2 pruned runs have no measured pruning event")
    assert FIG3.numbers(store, "hand").panels[0].series == ()


def test_an_accuracy_of_zero_before_an_event_leaves_no_stability(store):
    config = run_config(epochs=2, pruning=pruning("S", 1).pruning.model_dump() | {"end": 0, "fraction": 0.5})
    fill(store, [Run("a", 0, [0.5, 0.5], events=[(0, 0.0, 0.0)])], configs={"a": config})
    found = FIG3.numbers(store, "hand")
    assert found.panels[0].series == ()
    assert found.notes[-1].startswith("1 pruned run has no measured pruning event")


def test_the_table_has_all_that_is_shown(paced):
    found = FIG3.numbers(paced, "hand")
    table = found.table()
    rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    means = [row for row in rows if row["what"] == "mean stability"]
    assert [(row["arm"], row["iterative_rate"], row["retrain_period"]) for row in means] == [
        ("S 1", 0.25, 1), ("S 3", 0.75, 3), ("R 1", 0.25, 1), ("R 3", 0.75, 3), ("L 1", 0.25, 1),
        ("L 3", 0.75, 3),
    ]  # fmt: skip
    assert [row["value"] for row in means] == [np.mean(values(row["arm"], 0)) for row in means]
    pearson = [row for row in rows if row["what"] == "pearson"]
    assert [(row["iterative_rate"], row["n"], row["unit"], row["method"]) for row in pearson] == [
        (rate, *how)
        for rate in (0.25, 0.75)
        for how in ((9, "runs", "95% Fisher z"), (3, "seeds", "95% jackknife over seeds"))
    ]
    assert [row["key"] for row in rows if row["what"] == "run"] == list(found.source.keys)


def test_the_same_runs_have_the_same_numbers(paced):
    for numbers in (FIG3.numbers, FIG_C2.numbers, FIG_C1.numbers):
        assert numbers(paced, "hand").table() == numbers(paced, "hand").table()
