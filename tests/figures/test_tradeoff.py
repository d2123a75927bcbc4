from __future__ import annotations

import math

import pytest
from stores import Run, fill, run_config, sweep_of
from tradeoffs import HAND, pruned, unpruned

from gst import stats
from gst.analysis.quantities import stability
from gst.errors import UnknownNameError
from gst.figures import FIGURES

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
    assert (none.name, none.pruned, none.accuracy.n, none.accuracy.mean, none.stability.mean) == (
        "none", False, 2, 0.375, 1.0,
    )  # fmt: skip
    assert (hard.accuracy.mean, hard.stability.mean, soft.accuracy.mean, soft.stability.mean) == (
        0.625, 0.375, 0.4375, 0.875,
    )  # fmt: skip
    # Two values: a quarter of the resamples has either alone, so that a 95% interval reaches both.
    assert none.accuracy.estimate == (0.375, 0.25, 0.5, 2, "95% percentile bootstrap, 10,000 resamples")
    assert none.stability.estimate[:4] == (1.0, 1.0, 1.0, 2)
    assert hard.accuracy.estimate[:4] == (0.625, 0.5, 0.75, 2)
    assert soft.stability.estimate[:4] == (0.875, 0.75, 1.0, 2)


def test_correlations_are_of_the_pruned_runs(hand):
    found = numbers(hand, "hand")
    # Deviations from the means 5/8 and 17/32: x (-3, -1, 1, 3)/8, y (7, -1, 3, -9)/32.
    assert found.panels[0].fit.pearson.value == pytest.approx(-44 / math.sqrt(20 * 140))
    assert found.panels[0].fit.line.slope == pytest.approx(-44 / 20 / 4)
    assert found.panels[0].fit.line.intercept == pytest.approx(17 / 32 + 0.55 * 5 / 8)
    assert found.panels[0].fit.kendall.value == pytest.approx((1 - 5) / 6)
    assert (found.panels[0].fit.pearson.n, found.panels[0].fit.kendall.n) == (4, 4)
    x, y = (0.25, 0.5, 0.75, 1.0), (0.75, 0.5, 0.625, 0.25)
    generator = found.source.generator("kendall")
    assert found.panels[0].fit.kendall == stats.correlation("kendall", x, y, generator, method="percentile")
    assert found.panels[0].fit.notes == (
        "not computed: Pearson's by configuration, Kendall's by configuration: "
        "resampling whole clusters needs at least 3 of them, found 2",
    )
    assert found.panels[0].fit.pearson_clustered is found.panels[0].fit.kendall_clustered is None


def test_clusters_are_configurations(store):
    runs = [
        pruned(f"arm{arm}", seed, 1 - (arm + 1) / 16 - seed / 64, 0.5 + arm / 16 - (seed - 1) ** 2 / 32)
        for arm in range(4)
        for seed in range(3)
    ]
    fill(store, runs)
    found = numbers(store, "hand")
    points = found.runs.runs
    expected = stats.correlation(
        "pearson",
        [point.stability for point in points],
        [point.final_accuracy for point in points],
        found.source.generator("pearson_clustered"),
        clusters=[point.arm for point in points],
        method="percentile",
    )
    assert found.panels[0].fit.pearson_clustered == expected
    assert found.panels[0].fit.pearson_clustered.method.endswith("over 4 clusters")
    assert found.panels[0].fit.notes == ()


def test_the_same_runs_have_the_same_numbers(hand):
    assert numbers(hand, "hand") == numbers(hand, "hand")


def test_best_is_since_the_last_pruning_event(hand):
    final, best = numbers(hand, "hand"), numbers(hand, "hand", accuracy="best")
    assert best.panels[0].ys.tolist() == (final.panels[0].ys + 0.125).tolist()
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
        ["pearson", "kendall"]
        + ["mean final_test_accuracy", "mean stability"] * 3
        + ["run"] * 6
        + ["failed run", "pending run"]
    )
    assert (table[0]["value"], table[0]["p"], table[0]["n"]) == (
        found.panels[0].fit.pearson.value,
        found.panels[0].fit.pearson.p,
        4,
    )
    assert (table[2]["arm"], table[2]["low"], table[2]["high"]) == ("none", 0.25, 0.5)
    run = table[10]
    assert (run["key"], run["seed"], run["stability"], run["final_test_accuracy"]) == (
        found.runs.runs[2].key, 0, 0.25, 0.75,
    )  # fmt: skip
    assert table[-2]["key"] == found.source.missing[0].key
