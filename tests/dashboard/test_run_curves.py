from __future__ import annotations

import pytest

from gst.analysis.quantities import EPOCH_QUANTITIES
from gst.dashboard.run_curves import draw_runs, run_curve
from gst.store import Filter, run_page


@pytest.fixture
def keys(store):
    return [row["key"] for row in run_page(store, Filter("troubled")).rows]


def test_a_curve_is_the_run_s_epochs_and_events(store, keys):
    curve = run_curve(store.run(keys[3]))
    assert curve.epochs == (0, 1, 2)
    assert curve.values == (0.5, 0.625, 0.5)
    assert curve.events == ((1, 0.5, 0.25),)


@pytest.mark.parametrize("quantity", EPOCH_QUANTITIES)
def test_every_quantity_is_the_store_s(store, keys, quantity):
    curve = run_curve(store.run(keys[0]), quantity)
    sql = EPOCH_QUANTITIES[quantity].of
    rows = store.query(
        f"SELECT {sql} FROM epochs e JOIN runs r ON r.run_id = e.run_id WHERE r.key = :key ORDER BY e.epoch",
        key=keys[0],
    ).rows
    assert curve.values == tuple(value for (value,) in rows)


def test_the_picture_counts_epochs_from_zero_and_draws_each_drop(store, keys):
    curves = [run_curve(store.run(key)) for key in (keys[0], keys[3], keys[7])]
    figure = draw_runs(curves)
    assert [trace.name for trace in figure.data if trace.name] == [curve.label for curve in curves]
    assert tuple(figure.data[0].x) == (0, 1, 2)
    drops = figure.data[2]
    assert (tuple(drops.x), tuple(drops.y)) == ((1, 1, None), (0.5, 0.25, None))
    assert len(figure.data) == 4  # the pending run has an empty curve, so that it is in the legend
    assert len(draw_runs(curves, "train_loss").data) == 3
