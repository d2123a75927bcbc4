from __future__ import annotations

import numpy as np
import pytest
from stores import sweep_of

from gst.analysis.quantities import EPOCH_QUANTITIES
from gst.dashboard.run_curves import ARMS, draw_runs, run_curve
from gst.stats.means import mean_intervals
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
    figure, missing = draw_runs(curves)
    assert [trace.name for trace in figure.data if trace.name] == ["base, seed 0", "pruned, seed 0"]
    assert tuple(figure.data[0].x) == (0, 1, 2)
    drops = figure.data[2]
    assert (tuple(drops.x), tuple(drops.y)) == ((1, 1, None), (0.5, 0.25, None))
    assert missing == ("1 of 3 runs have nothing to draw: no epoch, or no such value.",)
    assert len(draw_runs(curves, "train_loss").figure.data) == 2


def test_an_arm_has_its_colour_and_the_mean_of_the_runs_that_are_furthest(store, keys):
    curves = [run_curve(store.run(key)) for key in keys[:6]]
    first, second, third = (curves[place]._replace(events=()) for place in (3, 4, 5))
    figure = draw_runs([curves[0], first, second, third]).figure
    colours = {trace.legendgroup: set() for trace in figure.data}
    for trace in figure.data:
        colours[trace.legendgroup].add(trace.line.color)
    assert all(len(found) == 1 for found in colours.values())
    assert len({*map(tuple, colours.values())}) == 2
    mean = next(trace for trace in figure.data if trace.name == "pruned: mean, n = 2 of 3")
    assert tuple(mean.y) == pytest.approx(np.mean([first.values, third.values], axis=0))
    low, high = (trace for trace in figure.data if trace.line.width == 0)
    assert tuple(mean.x) == first.epochs
    later = [it._replace(epochs=tuple(epoch + 4 for epoch in it.epochs)) for it in (first, third)]
    mean = next(it for it in draw_runs(later).figure.data if (it.name or "").endswith("mean, n = 2"))
    assert tuple(mean.x) == tuple(epoch + 4 for epoch in first.epochs)
    interval = mean_intervals(np.transpose([first.values, third.values]))
    assert tuple(low.y) == pytest.approx(interval.low)
    assert tuple(high.y) == pytest.approx(interval.high)
    assert sum(bool(trace.showlegend) for trace in figure.data) == 2
    low, high = figure.layout.yaxis.range  # of the runs: the band of two of them is far wider
    assert 0 < low < min(first.values + third.values)
    assert max(first.values + third.values) < high < 1


def test_arms_that_could_not_be_told_apart_are_not_drawn(store, keys):
    curve = run_curve(store.run(keys[0]))
    figure, missing = draw_runs([curve._replace(arm=str(arm), key=str(arm)) for arm in range(ARMS + 3)])
    assert len(figure.data) == ARMS
    assert missing == (f"Only the first {ARMS} of {ARMS + 3} arms are drawn.",)


def test_a_run_is_in_its_arm_of_the_sweep_that_is_looked_at(writable, keys):
    config = writable.spec(keys[0]).config
    writable.register(sweep_of({"renamed": config}, range(1), name="later"))
    run = writable.run(keys[0])
    assert run_curve(run).arm == "renamed"
    assert run_curve(run, sweep_id=writable.sweep_id("troubled")).arm == "base"


def test_arms_of_one_name_in_two_sweeps_are_not_one(store, keys):
    curve = run_curve(store.run(keys[0]))
    other = curve._replace(key="other", sweep="hand")
    assert [trace.name for trace in draw_runs([curve, other]).figure.data] == [
        "troubled: base, seed 0",
        "hand: base, seed 0",
    ]
