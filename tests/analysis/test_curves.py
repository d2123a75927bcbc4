from __future__ import annotations

import numpy as np
import pytest
from stores import Run, fill

from gst.analysis import curve_values, curves, find_source
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
    none, cut = curves(store, find_source(store, "hand"), resamples=50_000)
    assert (none.arm, none.n, none.epochs.tolist()) == ("none", 3, [0, 1])
    assert none.mean.tolist() == [0.5, pytest.approx(2 / 3)]
    # All 27 samples of three: one of them is three times the lowest, which is more than 2.5%.
    assert (none.low[0], none.high[0]) == (0.25, 0.75)
    assert (cut.n, cut.low, cut.high) == (1, None, None)
    assert cut.mean.tolist() == [0.5, 0.75]


def test_only_the_arms_that_were_asked_for_in_that_order(store: Store):
    fill(store, RUNS)
    source = find_source(store, "hand")
    assert [curve.arm for curve in curves(store, source, ["cut", "none"])] == ["cut", "none"]


def test_the_same_store_gives_the_same_intervals(store: Store):
    fill(store, RUNS)
    source = find_source(store, "hand")
    one, two = (curves(store, source)[0] for _ in range(2))
    np.testing.assert_array_equal(one.low, two.low)


def test_an_epoch_whose_loss_is_not_finite_has_no_interval(store: Store):
    fill(store, RUNS)
    source = find_source(store, "hand")
    with_losses = curves(store, source, ["none"], "test_loss")[0]
    assert with_losses.mean.tolist() == [0.75, 0.75]
    assert with_losses.low is not None
    assert with_losses.low.tolist() == [0.75, 0.75]
