from __future__ import annotations

import numpy as np
import pytest
from courses import COURSES
from stores import Run, fill, run_config
from students import student

from gst.errors import InputError, UnknownNameError
from gst.figures import FIGURES
from gst.figures.panels.curves import CurvesPanel
from gst.store import Store


def panel(store: Store, **parameters: object) -> CurvesPanel:
    return FIGURES["dynamics"].numbers(store, "hand", **parameters).panel(CurvesPanel)


@pytest.fixture
def short(store):
    fill(store, COURSES)
    return store


def test_curves_are_means_over_runs(short):
    found = panel(short)
    assert [it.arm for it in found.curves] == ["none", "S", "L", "noise"]
    none, stable, unstable, _ = found.curves
    assert none.curve.mean.tolist() == [0.375, 0.5, 0.625, 0.625]
    assert unstable.curve.mean.tolist() == [0.375, 0.25, 0.375, 0.875]
    for epoch, values in ((0, [0.25, 0.5]), (3, [0.75, 0.5])):
        assert (stable.curve.low[epoch], stable.curve.high[epoch]) == pytest.approx(student(values))
    # Equal values have no width.
    assert (stable.curve.low[1:3].tolist(), stable.curve.high[1:3].tolist()) == ([0.5, 0.75],) * 2
    assert [it.curve.n for it in found.curves] == [2, 2, 2, 2]
    assert found.method == "95% t"


def test_stabilities_are_means_over_runs_of_means_over_events(short):
    found = panel(short)
    means = {it.arm: it.stability.mean for it in found.curves if it.stability}
    of_s = np.mean([np.mean([1, 0.625 / 0.75])] * 2)
    of_l = np.mean([np.mean([0.5, 0.25 / 0.75]), np.mean([0.5, 0.5 / 0.75])])
    of_noise = np.mean([1, 0.5 / 0.75])
    assert means == pytest.approx({"S": of_s, "L": of_l, "noise": of_noise})
    assert found.least_stable == "L"


def test_events_are_means_over_the_runs_that_had_them(store):
    fill(store, [*COURSES, Run("L", 2, [0.25] * 4, events=[(2, 0.75, 0.75)])])
    events = panel(store).events
    assert [(event.arm, event.epoch, event.n) for event in events] == [
        ("S", 1, 2), ("S", 2, 2), ("L", 1, 2), ("L", 2, 3), ("noise", 1, 2), ("noise", 2, 2),
    ]  # fmt: skip
    assert (events[2].before, events[2].after, events[2].drop) == (0.5, 0.25, 0.25)
    assert (events[3].before, events[3].after) == (0.75, 0.5)


def test_the_last_event_of_the_least_stable_arm_is_marked_and_one_that_compares(short):
    # Last drops: S 0.125, L 0.375, noise 0.25, which is more than half of L's.
    found = panel(short)
    assert [(event.arm, event.epoch, event.drop) for event in found.marked] == [
        ("L", 2, 0.375), ("noise", 2, 0.25),
    ]  # fmt: skip
    assert [event.arm for event in panel(short, arms="none,S,L").marked] == ["L"]


def test_a_last_event_that_raised_the_accuracy_is_marked_of_the_least_stable_arm_alone(store):
    up = [(0, 0.5, 0.25), (1, 0.5, 0.75)]
    fill(
        store,
        [Run("a", 0, [0.5, 0.5], events=up), Run("b", 0, [0.5, 0.5], events=[(0, 0.5, 0.25), (1, 0.5, 0.5)])],
    )
    assert [(event.arm, event.drop) for event in panel(store).marked] == [("b", 0.0)]


def test_endings_are_of_the_probe_after_the_last_epoch(short):
    (ending,) = panel(short).endings
    assert (ending.name, ending.n, ending.mean) == ("noise", 2, 0.375)
    assert ending.estimate[:3] == pytest.approx((0.375, *student([0.5, 0.25])))


def test_runs_without_probes_have_no_endings(hand):
    assert panel(hand).endings == ()


def test_only_arms_that_are_asked_for_and_their_runs(short):
    found = FIGURES["dynamics"].numbers(short, "hand", arms="L, none")
    curves = found.panel(CurvesPanel).curves
    assert [it.arm for it in curves] == ["L", "none"]
    assert {member.arm for member in found.source.members} == {"L", "none"}
    assert len(found.source.keys) == 4
    assert curves[1].curve.mean.tolist() == [0.375, 0.5, 0.625, 0.625]
    assert FIGURES["dynamics"].numbers(short, "hand", arms=["L", "none"]).table() == found.table()


def test_missing_runs_are_those_of_the_arms_that_are_shown(store):
    fill(store, [*COURSES, Run("L", 2, status="failed"), Run("lost", 0, [0.5], status="failed")])
    assert len(FIGURES["dynamics"].numbers(store, "hand").source.missing) == 3 + 1 + 3
    found = FIGURES["dynamics"].numbers(store, "hand", arms="L,none")
    assert [(run.arm, run.seed, run.status) for run in found.source.missing] == [
        ("L", 2, "failed"), ("none", 2, "pending"),
    ]  # fmt: skip
    with pytest.raises(InputError, match=r"no completed run yet in lost \(1 failed, 2 pending\)"):
        FIGURES["dynamics"].numbers(store, "hand", arms="lost")


def test_unknown_names(short):
    with pytest.raises(UnknownNameError, match="no arm of sweep hand 'nose'; did you mean 'noise'"):
        FIGURES["dynamics"].numbers(short, "hand", arms="nose")
    with pytest.raises(UnknownNameError, match="no quantity 'test_acuracy'; did you mean 'test_accuracy'"):
        FIGURES["dynamics"].numbers(short, "hand", quantity="test_acuracy")
    with pytest.raises(UnknownNameError, match="no sweep 'hnad'"):
        FIGURES["dynamics"].numbers(short, "hnad")


def test_other_quantities_have_neither_events_nor_endings(short):
    found = panel(short, quantity="test_loss")
    assert found.curves[0].curve.mean.tolist() == [0.75] * 4
    assert (found.events, found.endings, found.marked) == ((), (), ())


def test_an_arm_of_one_run_has_no_band(store):
    fill(store, [Run("none", 0, [0.5, 0.75])])
    found = panel(store)
    (it,) = found.curves
    assert (it.curve.low, it.curve.high, it.stability) == (None, None, None)
    assert (found.method, found.least_stable) == (None, None)


def test_runs_pruned_before_training_have_no_stability(store):
    fill(store, [Run("scratch", 0, [0.5, 0.5], events=[(-1, 0.125, 0.0625)])])
    (it,) = panel(store).curves
    assert it.pruned
    assert it.stability is None


def test_an_event_at_an_accuracy_of_zero_leaves_no_stability_and_is_drawn(store):
    fill(
        store,
        [
            Run("zero", 0, [0.0, 0.5], events=[(0, 0.0, 0.0)]),
            Run("L", 0, [0.5, 0.5], events=[(0, 0.5, 0.25)]),
        ],
    )
    zero, _ = (found := panel(store)).curves
    assert (zero.stability, found.least_stable) == (None, "L")
    assert [event.drop for event in found.events] == [0.0, 0.25]


def test_scaled_runs_are_known(store):
    small = run_config(epochs=2).model_copy(update={"scale": 0.25})
    fill(store, [Run("none", 0, [0.5, 0.5]), Run("small", 0, [0.5, 0.5])], configs={"small": small})
    assert FIGURES["dynamics"].numbers(store, "hand").runs.scales == (0.25,)
    assert [it.scale for it in panel(store).curves] == [1.0, 0.25]


def test_the_table_has_it_all_with_epochs_from_zero(store):
    fill(store, [*COURSES, Run("S", 2, status="failed")])
    columns, rows = FIGURES["dynamics"].numbers(store, "hand").table()
    table = [dict(zip(columns, row, strict=True)) for row in rows]
    assert [row["what"] for row in table] == (
        ["mean stability"] * 3
        + ["mean test_accuracy, targeted filters removed"]
        + ["event"] * 6
        + ["test_accuracy"] * 16
        + ["run"] * 8
        + ["pending run", "failed run", "pending run", "pending run"]
    )
    event = table[7]
    assert [event[name] for name in ("arm", "epoch", "n", "before", "after", "drop")] == [
        "L", 2, 2, 0.75, 0.375, 0.375,
    ]  # fmt: skip
    point = table[10 + 8 + 2]
    assert [point[name] for name in ("arm", "epoch", "n", "value")] == ["L", 2, 2, 0.375]
    assert (point["low"], point["high"]) == pytest.approx(student([0.25, 0.5]))


def test_the_same_runs_have_the_same_numbers(short):
    assert (
        FIGURES["dynamics"].numbers(short, "hand").table()
        == FIGURES["dynamics"].numbers(short, "hand").table()
    )
