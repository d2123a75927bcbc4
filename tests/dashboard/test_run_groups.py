"""Chosen runs in groups by what their configurations differ in, and configurations side by side."""

from __future__ import annotations

import json

import numpy as np
import pytest
from plotly.utils import PlotlyJSONEncoder
from stores import fill
from tradeoffs import TWINS, pruned, targeted, unpruned

from gst.analysis.side_by_side import compared, config_side
from gst.analysis.source import find_source
from gst.dashboard.run_curves import draw_runs, over_seeds, run_curve
from gst.dashboard.run_groups import ARM, beside, groups
from gst.stats.means import mean_intervals
from gst.store.run_pages import Filter, arms_of, run_page

CONFIGS = {
    f"{target} {every}": targeted(target, every=every)
    for target in ("largest", "smallest")
    for every in (1, 2)
}
SEEDS = (5, 6, 7)


def accuracy(arm: str, seed: int) -> float:
    """Of a run's last epoch: another one of each arm and seed."""
    return 0.25 + list(CONFIGS).index(arm) / 16 + (seed - 5) ** 2 / 128


@pytest.fixture
def keys(writable):
    """Four arms, of two targets and two periods, with three seeds each; the last arm lacks a seed."""
    runs = [
        pruned(arm, seed, 0.5, accuracy(arm, seed))
        for arm in CONFIGS
        for seed in SEEDS
        if (arm, seed) != ("smallest 2", 7)
    ]
    fill(writable, runs, configs=CONFIGS, name="four")
    return [row["key"] for row in run_page(writable, Filter("four", statuses=("completed",))).rows]


def as_text(found) -> str:
    return json.dumps(found, cls=PlotlyJSONEncoder, ensure_ascii=False)


def test_keys_that_vary_are_groups(writable, keys):
    found = groups(writable, keys)
    assert set(found.by) == {"pruning.target", "pruning.every"}
    arms = arms_of(writable, keys)
    for key in keys:
        target, every = arms[key].split()
        assert found.of(key, "pruning.target") == f"target {target}"
        assert found.of(key, "pruning.every") == f"every {every}"
        assert found.of(key, ARM) == ""
    assert groups(writable, keys[:3]).by == {}
    assert groups(writable, []).by == {}


def test_a_group_of_several_arms_has_the_mean_over_its_seeds(writable, keys):
    found = groups(writable, keys)
    curves = [
        it._replace(group=found.of(it.key, "pruning.target"))
        for it in (run_curve(writable.run(key)) for key in keys)
    ]
    figure = draw_runs(curves).figure
    named = {trace.name: trace for trace in figure.data if trace.name}
    of_seeds = np.array([[accuracy(f"largest {every}", seed) for every in (1, 2)] for seed in SEEDS]).mean(
        axis=1
    )
    mean = named["target largest: mean, n = 3 seeds of 6 runs"]
    assert mean.y[-1] == pytest.approx(of_seeds.mean())
    low, high = (it for it in figure.data if it.line.width == 0 and it.legendgroup == "target largest")
    interval = mean_intervals(of_seeds[None])
    assert (low.y[-1], high.y[-1]) == pytest.approx((interval.low[0], interval.high[0]))
    # Seed 7 is in one of its two arms alone.
    assert "target smallest: mean, n = 2 seeds of 5 runs" in named


def test_a_seed_that_an_arm_lacks_is_in_no_mean_over_seeds(writable, keys):
    curves = [run_curve(writable.run(key)) for key in keys]
    assert over_seeds(curves).shape == (2, 2)
    assert over_seeds(curves[:3]).shape == (3, 2)
    assert over_seeds([curves[0], curves[4]]).size == 0  # two arms without a seed in common


def test_configurations_stand_side_by_side_in_what_they_differ(writable, keys):
    found = groups(writable, keys)
    shown = as_text(beside(writable, found, arms_of(writable, keys)))
    assert "largest 1 (3 runs)" in shown
    assert "smallest 2 (2 runs)" in shown
    assert "pruning.target" in shown
    assert "pruning.score" not in shown
    mean = np.mean([accuracy("smallest 1", seed) for seed in SEEDS])
    assert f"{100 * mean:.2f}%" in shown
    assert beside(writable, groups(writable, keys[:2]), {}) == []


def test_a_run_without_events_has_no_stability_beside_others(writable):
    fill(writable, [unpruned("none", 8, 0.5), pruned("hard", 8, 0.25, 0.5)], configs=TWINS, name="two")
    keys = find_source(writable, "two").keys
    rows = {it.name: it.values for it in compared([config_side(writable, [key]) for key in keys])}
    assert (rows["mean_stability"], rows["events"]) == ((None, 0.25), (0, 1))


def test_the_page_keeps_the_grouping_and_offers_what_varies(page, context, writable, keys):
    query = {"run": ",".join(keys), "by": "pruning.every"}
    shown = as_text(page("runs").layout(context._replace(query=query)))
    assert '"value": "pruning.every"' in shown
    drawn = as_text(page("runs").curves(writable, keys, "test_accuracy", "four", "pruning.every"))
    assert "every 2: mean, n = 2 seeds of 5 runs" in drawn
    assert "over the seeds of a group, by pruning.every" in drawn
