from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import kendalltau, pearsonr
from stores import Run, fill, run_config, sweep_of
from students import student
from tradeoffs import HAND, PRUNED, TWINS, pruned, unpruned

from gst.analysis.quantities import stability
from gst.errors import UnknownNameError
from gst.figures import FIGURES
from gst.figures.panels.arm_means import ArmMeans
from gst.figures.panels.contrasts import Contrasts
from gst.figures.panels.fit import Knobs

numbers = FIGURES["tradeoff"].numbers


def test_points_are_the_runs(hand):
    found = numbers(hand, "hand")
    assert [(p.arm, p.seed, p.pruned, stability(p), p.final_accuracy, p.scale) for p in found.runs.runs] == [
        ("none", 0, False, 1.0, 0.25, 1.0),
        ("none", 1, False, 1.0, 0.5, 1.0),
        ("hard", 0, True, 0.25, 0.75, 1.0),
        ("hard", 1, True, 0.5, 0.5, 1.0),
        ("soft", 0, True, 0.75, 0.625, 1.0),
        ("soft", 1, True, 1.0, 0.25, 1.0),
    ]
    assert tuple(run.key for run in found.runs.runs) == found.source.keys
    assert (found.runs.datasets, found.runs.models, found.runs.scales) == (("digits",), ("digits_cnn",), ())


def test_arms_are_means_of_runs(hand):
    none, hard, soft = numbers(hand, "hand").panels[1].arms
    assert (none.name, none.pruned, none.accuracy.n, none.accuracy.mean, none.stability) == (
        "none", False, 2, 0.375, None,
    )  # fmt: skip
    assert (hard.accuracy.mean, hard.stability.mean, soft.accuracy.mean, soft.stability.mean) == (
        0.625, 0.375, 0.4375, 0.875,
    )  # fmt: skip
    assert none.accuracy.estimate[:3] == pytest.approx((0.375, *student([0.25, 0.5])))
    assert none.accuracy.estimate[3:] == (2, "95% t")
    assert hard.accuracy.estimate[:3] == pytest.approx((0.625, *student([0.5, 0.75])))
    assert soft.stability.estimate[:3] == pytest.approx((0.875, *student([0.75, 1.0])))


def test_where_arms_can_be_paired_the_right_panel_has_their_differences(store):
    fill(store, HAND, configs=TWINS)
    found = numbers(store, "hand")
    scatter, paired = found.panels
    assert isinstance(paired, Contrasts)
    assert paired.quantity.name == "final_accuracy"
    accuracies = {arm: [run.accuracies[-1] for run in HAND if run.arm == arm] for arm in TWINS}
    assert [(it.first, it.other) for it in paired.found] == [
        ("hard", "none"), ("soft", "none"), ("hard", "soft"),
    ]  # fmt: skip
    for it in paired.found:
        differences = np.subtract(accuracies[it.first], accuracies[it.other])
        assert it.test[:3] == pytest.approx((differences.mean(), *student(differences)))
    # An arm looks the same in both panels, and its mean stands in the table.
    assert paired.looks == found.panel(ArmMeans).looks
    assert {arm: paired.looks[arm] for arm in scatter.looks} == scatter.looks
    best = numbers(store, "hand", accuracy="best").panels[1]
    assert best.quantity.name == "best_accuracy"
    # Pruned runs are best after the first epoch, by 1/8.
    assert best.found[0].test.value == paired.found[0].test.value + 1 / 8


def test_where_none_can_be_tested_the_right_panel_has_means(store):
    fill(store, [run for run in HAND if run.seed == 0], configs=TWINS)
    found = numbers(store, "hand")
    assert isinstance(found.panels[1], ArmMeans)
    assert [it.test for it in found.panel(Contrasts).found] == [None] * 3


def test_each_knob_has_its_correlation(store):
    """As the target alone varies, with each seed, accuracy falls with stability."""
    fill(store, HAND, configs=TWINS)
    found = numbers(store, "hand")
    (row,) = found.panel(Knobs).rows()
    taus = [kendalltau(*zip(*(PRUNED[seed], PRUNED[seed + 2]), strict=True)).statistic for seed in (0, 1)]
    assert (row["what"], row["knob"], row["value"]) == ("kendall by knob", "pruning.target", np.mean(taus))
    assert (row["n"], row["unit"]) == (2, "seeds")


def test_correlations_are_of_the_pruned_runs(hand):
    found = numbers(hand, "hand")
    # Deviations from the means 5/8 and 17/32: x (-3, -1, 1, 3)/8, y (7, -1, 3, -9)/32.
    assert found.panels[0].fit.pearson.value == pytest.approx(-44 / math.sqrt(20 * 140))
    assert found.panels[0].fit.line.slope == pytest.approx(-44 / 20 / 4)
    assert found.panels[0].fit.line.intercept == pytest.approx(17 / 32 + 0.55 * 5 / 8)
    assert found.panels[0].fit.kendall.value == pytest.approx((1 - 5) / 6)
    assert (found.panels[0].fit.pearson.n, found.panels[0].fit.kendall.n) == (4, 4)
    assert found.panels[0].fit.notes == (
        "not computed: between configurations: "
        "a correlation between configurations needs at least 3 of them, found 2",
        "not computed: within configurations: "
        "a correlation within configurations needs at least 3 seeds, found 2; run more seeds",
    )


def test_configurations_and_seeds_are_what_the_correlations_are_over(store):
    """Every arm has the same seeds; the accuracies of a configuration differ with them in a curve."""
    accuracies = [
        0.5 + arm / 16 - (seed - 1) ** 2 / 32 + arm * seed / 128 for arm in range(4) for seed in range(3)
    ]
    stabilities = [1 - (arm + 1) ** 2 / 64 - seed / 64 for arm in range(4) for seed in range(3)]
    labels = [(f"arm{arm}", seed) for arm in range(4) for seed in range(3)]
    fill(store, [pruned(*it, x, y) for it, x, y in zip(labels, stabilities, accuracies, strict=True)])
    fit = numbers(store, "hand").panels[0].fit
    x, y = (np.reshape(side, (4, 3)) for side in (stabilities, accuracies))
    assert fit.between.value == pytest.approx(pearsonr(x.mean(axis=1), y.mean(axis=1)).statistic)
    assert fit.within.value == pytest.approx(
        pearsonr(*((it - it.mean(axis=1, keepdims=True)).ravel() for it in (x, y))).statistic
    )
    assert (fit.between.n, fit.within.n, fit.pearson.n) == (4, 3, 12)
    assert fit.pearson.method.endswith("over 4 configurations and 3 seeds")
    assert fit.notes == ()


def test_the_same_runs_have_the_same_numbers(hand):
    assert numbers(hand, "hand") == numbers(hand, "hand")


def test_best_is_since_the_last_pruning_event(hand):
    final, best = numbers(hand, "hand"), numbers(hand, "hand", accuracy="best")
    assert [dot.y for dot in best.panels[0].points] == [dot.y + 0.125 for dot in final.panels[0].points]
    assert best.runs.accuracy == "best"
    with pytest.raises(UnknownNameError, match=r"no accuracy 'bset'; did you mean 'best'\? .*: best, final"):
        numbers(hand, "hand", accuracy="bset")


def test_runs_pruned_before_training_are_shown_but_not_correlated(store):
    scratch = [Run("scratch", seed, [0.5, 0.5], events=[(-1, 0.125, 0.0625)]) for seed in (0, 1)]
    fill(store, [*HAND, *scratch])
    found = numbers(store, "hand")
    arm = found.panels[1].arms[-1]
    assert (arm.name, arm.pruned, arm.accuracy.n, arm.accuracy.mean) == ("scratch", True, 2, 0.5)
    assert arm.stability is None
    assert found.panels[0].fit.pearson.n == 4
    assert "2 pruned runs had no pruning event while they trained" in found.panels[0].fit.notes[-1]


def test_an_event_that_removed_nothing_is_none(store):
    idle = Run("idle", 0, [0.5, 0.5], events=[(0, 0.5, 0.25, 0)])
    fill(store, [*HAND, idle])
    assert [stability(p) for p in numbers(store, "hand").runs.runs if p.arm == "idle"] == [None]


def test_missing_runs_and_arms_of_one(store):
    fill(store, [*HAND, pruned("one", 0, 0.5, 0.5), unpruned("lost", 0, 0.5, status="failed")])
    found = numbers(store, "hand")
    one = found.panels[1].arms[-1]
    assert one.accuracy == ("one", 1, 0.5, None)
    assert one.stability.estimate is None
    assert "lost" not in [arm.name for arm in found.panels[1].arms]
    assert [(run.arm, run.seed, run.status) for run in found.source.missing] == [
        ("one", 1, "pending"), ("lost", 0, "failed"), ("lost", 1, "pending"),
    ]  # fmt: skip


def test_without_pruned_runs_there_is_no_correlation(store):
    fill(store, [unpruned("none", 0, 0.5), unpruned("none", 1, 0.25)])
    found = numbers(store, "hand")
    assert (found.panels[0].fit.pearson, found.panels[0].fit.kendall, found.panels[0].fit.line) == (
        None,
        None,
        None,
    )
    assert found.panels[0].fit.notes == ("no pruned run completed, so there is no correlation",)


def test_runs_that_do_not_differ_have_a_reason_instead(store):
    fill(store, [pruned("a", seed, 0.5, 0.25 * (seed + 1)) for seed in range(3)])
    found = numbers(store, "hand")
    assert found.panels[0].fit.pearson is None
    assert "a correlation needs variation, and all 3 values of x are 0.5" in found.panels[0].fit.notes[0]


def test_a_run_in_two_arms_counts_once(hand):
    hard, soft = (hand.spec(numbers(hand, "hand").runs.runs[index].key).config for index in (2, 4))
    hand.register(sweep_of({"hard": hard, "soft": soft, "again": hard}, (0, 1), name="twice"))
    found = numbers(hand, "twice")
    assert [(arm.name, arm.accuracy.n) for arm in found.panels[1].arms] == [
        ("hard", 2),
        ("soft", 2),
        ("again", 2),
    ]
    assert (found.panels[0].fit.pearson.n, found.panels[0].fit.pearson.value) == (
        4,
        numbers(hand, "hand").panels[0].fit.pearson.value,
    )


def test_scaled_runs_are_known(store):
    small = run_config(epochs=2).model_copy(update={"scale": 0.25})
    fill(store, [unpruned("none", 0, 0.5), unpruned("small", 0, 0.5)], configs={"small": small})
    found = numbers(store, "hand")
    assert found.runs.scales == (0.25,)
    assert [arm.scale for arm in found.panels[1].arms] == [1.0, 0.25]


def test_the_table_has_it_all(store):
    fill(store, [*HAND, unpruned("lost", 0, 0.5, status="failed")])
    found = numbers(store, "hand")
    columns, rows = found.table()
    table = [dict(zip(columns, row, strict=True)) for row in rows]
    assert [row["what"] for row in table] == (
        ["pearson", "kendall", "kendall by knob"]
        + ["mean final_test_accuracy", "mean stability"] * 3
        + ["run"] * 6
        + ["failed run", "pending run"]
    )
    x, y = zip(*PRUNED, strict=True)
    assert (table[0]["value"], table[0]["p"], table[0]["n"], table[0]["unit"]) == (
        pytest.approx(pearsonr(x, y).statistic), None, 4, "runs",
    )  # fmt: skip
    none = table[3]
    assert (none["arm"], none["low"], none["high"]) == ("none", *map(pytest.approx, student([0.25, 0.5])))
    run = table[11]
    assert (run["key"], run["seed"], run["stability"], run["final_test_accuracy"]) == (
        found.runs.runs[2].key, 0, 0.25, 0.75,
    )  # fmt: skip
    assert table[-2]["key"] == found.source.missing[0].key
