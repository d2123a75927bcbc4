from __future__ import annotations

import pytest

from gst.dashboard.dynamics import MOST, QUANTITIES, draw_runs, run_curves
from gst.dashboard.runs import Filter, run_page


@pytest.fixture
def keys(store):
    return [row["key"] for row in run_page(store, Filter("troubled")).rows]


def test_a_curve_is_the_run_s_epochs_and_events(store, keys):
    (curve,) = run_curves(store, [keys[3]])
    assert curve.epochs == (0, 1, 2)
    assert curve.values == (0.5, 0.625, 0.5)
    assert curve.events == ((1, 0.5, 0.25),)


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_every_quantity_is_the_store_s(store, keys, quantity):
    (curve,) = run_curves(store, keys[:1], quantity)
    sql = "train_accuracy - test_accuracy" if quantity == "gap" else quantity
    rows = store.query(
        f"SELECT {sql} FROM epochs e JOIN runs r ON r.run_id = e.run_id WHERE r.key = :key ORDER BY e.epoch",
        key=keys[0],
    ).rows
    assert curve.values == tuple(value for (value,) in rows)


def test_curves_come_in_the_order_of_choice_and_not_more_than_can_be_told_apart(store, keys):
    every = [row["key"] for row in run_page(store, Filter()).rows]
    assert [curve.key for curve in run_curves(store, [keys[2], keys[0], keys[2]])] == [keys[2], keys[0]]
    assert len(run_curves(store, every)) == MOST < len(every)
    assert run_curves(store, []) == ()
    assert run_curves(store, ["nothing"]) == ()


def test_the_picture_counts_epochs_from_1_and_draws_each_drop(store, keys):
    curves = run_curves(store, [keys[0], keys[3], keys[7]])
    figure = draw_runs(curves)
    assert [trace.name for trace in figure.data if trace.name] == [curve.label for curve in curves]
    assert tuple(figure.data[0].x) == (1, 2, 3)
    drops = figure.data[2]
    assert (tuple(drops.x), tuple(drops.y)) == ((2, 2, None), (0.5, 0.25, None))
    assert len(figure.data) == 4  # the pending run has an empty curve, so that it is in the legend
    assert len(draw_runs(curves, "train_loss").data) == 3
