from __future__ import annotations

import numpy as np
import pytest
import scipy.stats
from stores import Run, fill
from students import student

from gst.analysis.curves import at_levels, curve_values, curves, mean_curve
from gst.analysis.source import find_source
from gst.archive.shipped import chosen_archives
from gst.store import Store

RUNS = [
    Run("none", 0, [(0.5, 0.25), (0.75, 0.5)]),
    Run("none", 1, [(0.5, 0.5), (1.0, 0.75)]),
    Run("none", 2, [(0.5, 0.75), (1.0, 0.75)]),
    Run("cut", 0, [0.5, 0.75], events=[(0, 0.5, 0.25)]),
    Run("cut", 1, [0.5, 0.75], status="failed", events=[(0, 0.5, 0.25)]),
]


def test_values_are_runs_by_epochs_of_completed_runs(store: Store):
    fill(store, RUNS)
    source = find_source(store, "hand")
    assert curve_values(store, source, "none").tolist() == [[0.25, 0.5], [0.5, 0.75], [0.75, 0.75]]
    assert curve_values(store, source, "none", "train_accuracy").tolist() == [[0.5, 0.75], [0.5, 1], [0.5, 1]]
    assert curve_values(store, source, "cut").tolist() == [[0.5, 0.75]]


def test_a_curve_is_the_mean_with_its_interval_and_n(store: Store):
    fill(store, RUNS)
    none, cut = curves(store, find_source(store, "hand"))
    assert (none.arm, none.n, none.x.tolist()) == ("none", 3, [0, 1])
    assert none.mean.tolist() == [0.5, pytest.approx(2 / 3)]
    for epoch, values in enumerate(([0.25, 0.5, 0.75], [0.5, 0.75, 0.75])):
        assert (none.low[epoch], none.high[epoch]) == pytest.approx(student(values))
    assert (cut.n, cut.low, cut.high) == (1, None, None)
    assert cut.mean.tolist() == [0.5, 0.75]


def test_epochs_of_a_branch_are_counted_on_from_its_trunk(store: Store):
    store.merge(*chosen_archives(["late_pruning"]))
    source = find_source(store, "late_pruning")
    trunk, late = curves(store, source, ["No Pruning", "PruneL fraction=0.95"])
    assert (trunk.x.tolist(), late.x.tolist()) == (list(range(50)), list(range(25, 50)))
    asked = (
        "SELECT e.epoch, avg(e.test_accuracy) FROM epochs e JOIN sweep_runs m ON m.run_id = e.run_id "
        "WHERE m.arm = :arm GROUP BY e.epoch ORDER BY e.epoch"
    )
    for curve in (trunk, late):
        epochs, means = zip(*store.query(asked, arm=curve.arm).rows, strict=True)
        assert list(epochs) == curve.x.tolist()
        assert list(means) == pytest.approx(curve.mean.tolist())


def test_the_levels_of_a_branch_are_those_that_it_trained():
    whole = mean_curve("branch", np.arange(16.0).reshape(2, 8), np.arange(4, 12))
    assert at_levels(whole, {3: 0, 7: 1, 11: 2}).x.tolist() == [1, 2]
    assert at_levels(whole, {3: 0, 7: 1, 11: 2}).mean.tolist() == [whole.mean[3], whole.mean[7]]


def test_only_the_arms_that_were_asked_for_in_that_order(store: Store):
    fill(store, RUNS)
    source = find_source(store, "hand")
    assert [curve.arm for curve in curves(store, source, ["cut", "none"])] == ["cut", "none"]


def test_an_interval_follows_from_its_values_alone(store: Store):
    """In another sweep, under another name and with other runs beside them, and by bootstrap from 8 on."""
    values = [0.25 + seed**2 / 128 for seed in range(9)]
    fill(store, [Run("a", seed, [value]) for seed, value in enumerate(values)])
    others = [Run("b", seed, [value]) for seed, value in enumerate(values[::-1])]
    fill(store, [*RUNS, *others], name="other")
    (one,) = curves(store, find_source(store, "hand"))
    (two,) = curves(store, find_source(store, "other"), ["b"])
    assert (one.low, one.high) == (two.low, two.high)
    drawn = np.random.default_rng(1).choice(values, (100_000, 9)).mean(axis=1)
    # Expanded so that it is Student's for normal values (Hesterberg 2015, section 5).
    tail = scipy.stats.norm.cdf(np.sqrt(9 / 8) * scipy.stats.t.ppf(0.025, 8))
    ends = np.quantile(drawn, [tail, 1 - tail])
    assert [one.low[0], one.high[0]] == pytest.approx(ends, abs=0.02 * np.ptp(ends))


def test_an_epoch_whose_loss_is_not_finite_has_no_interval(store: Store):
    fill(store, RUNS)
    source = find_source(store, "hand")
    with_losses = curves(store, source, ["none"], "test_loss")[0]
    assert with_losses.mean.tolist() == [0.75, 0.75]
    assert with_losses.low is not None
    assert with_losses.low.tolist() == [0.75, 0.75]
