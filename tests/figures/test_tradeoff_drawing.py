from __future__ import annotations

import numpy as np
import pytest
from stores import Run, fill, run_config
from students import student
from tradeoffs import HAND, TWINS, pruned, unpruned

from gst.figures import FIGURES
from gst.figures.style import COLOURS


def drawn(store, **parameters):
    figure = FIGURES["tradeoff"]
    return figure.draw(figure.numbers(store, "hand", **parameters))


def traces(figure, axis, mode="markers"):
    return [trace for trace in figure.data if (trace.xaxis or "x") == axis and trace.mode == mode]


def words(figure):
    layout = figure.layout
    notes = [annotation.text for annotation in layout.annotations]
    return "\n".join([layout.title.text, layout.title.subtitle.text, *notes])


def test_left_are_the_pruned_runs_and_right_all_arms(hand):
    figure = drawn(hand)
    left, right = traces(figure, "x"), traces(figure, "x2")
    assert [(trace.name, len(trace.x)) for trace in left] == [("hard", 2), ("soft", 2)]
    assert left[0].x.tolist() == [0.25, 0.5]
    assert list(left[0].y) == [0.75, 0.5]
    assert [(trace.name, trace.y[0]) for trace in right] == [
        ("none", 0.375),
        ("hard", 0.625),
        ("soft", 0.4375),
    ]
    accuracies = [[run.accuracies[-1] for run in HAND if run.arm == trace.name] for trace in right]
    halves = [(high - low) / 2 for low, high in map(student, accuracies)]
    assert [trace.error_y.array[0] for trace in right] == pytest.approx(halves)
    assert [trace.error_y.arrayminus[0] for trace in right] == pytest.approx(halves)


def test_where_arms_can_be_paired_their_differences_are_right(store):
    fill(store, HAND, configs=TWINS)
    figure = drawn(store)
    right = traces(figure, "x2")
    assert [(trace.name, trace.x[0], trace.y[0]) for trace in right] == [
        ("hard less none", 25, 0), ("soft less none", 6.25, 1), ("hard less soft", 18.75, 2),
    ]  # fmt: skip
    assert "<b>Difference in final test accuracy</b><br>paired by seed, 95% interval" in words(figure)
    assert figure.layout.xaxis2.title.text == "Percentage points"
    assert "Differences: 95% t, paired by seed; p by Holm's rule" in words(figure)
    colours = {trace.name: trace.marker.color for trace in traces(figure, "x")}
    assert [trace.marker.color for trace in right] == [colours[arm] for arm in ("hard", "soft", "hard")]


def test_an_arm_looks_the_same_in_both_panels(hand):
    figure = drawn(hand)
    looks = {}
    for trace in figure.data:
        if trace.mode == "markers":
            looks.setdefault(trace.name, set()).add((trace.marker.color, trace.marker.symbol))
    assert all(len(look) == 1 for look in looks.values())
    assert len(set.union(*looks.values())) == 3
    assert {look.pop()[0] for arm, look in looks.items() if arm != "none"} == set(COLOURS[:2])


def test_the_line_is_that_of_the_numbers(hand):
    (line,) = traces(drawn(hand), "x", mode="lines")
    assert line.x.tolist() == [0.25, 1.0]
    assert line.y == pytest.approx([0.875 - 0.55 * x + 0.53125 + 0.34375 - 0.875 for x in (0.25, 1.0)])


def test_the_baseline_is_a_dashed_line_with_its_band(hand):
    shapes = drawn(hand).layout.shapes
    lines = [shape for shape in shapes if shape.type == "line"]
    bands = [shape for shape in shapes if shape.type == "rect"]
    assert {(shape.xref, shape.y0, shape.y1, shape.line.dash) for shape in lines} == {
        ("x domain", 0.375, 0.375, "dash"), ("x2 domain", 0.375, 0.375, "dash"),
    }  # fmt: skip
    assert {(shape.xref, shape.y0, shape.y1) for shape in bands} == {
        ("x domain", *student([0.25, 0.5])), ("x2 domain", *student([0.25, 0.5])),
    }  # fmt: skip


def test_it_says_what_it_shows(hand):
    figure = drawn(hand)
    text = words(figure)
    for part in (
        "By hand",
        "digits_cnn on digits · final test accuracy · 6 runs · 95% intervals",
        "All 4 runs r = −0.83, τ = −0.67",
        "<b>Mean of each arm</b> and its 95% interval",
        "Intervals of means: 95% t, over runs.",
        "mean of the unpruned runs, which are not in the correlation",
        "Not computed: between configurations: a correlation between configurations needs at least 3",
    ):
        assert part in text
    assert "missing" not in text
    assert [label.rpartition("<br>")[2] for label in figure.layout.xaxis2.ticktext] == ["n = 2"] * 3
    assert figure.layout.yaxis.title.text == "Final test accuracy"
    assert (
        "Best test accuracy since the last pruning event"
        in drawn(hand, accuracy="best").layout.yaxis.title.text
    )


def test_hovering_tells_which_run(hand):
    trace = traces(drawn(hand), "x")[0]
    key = FIGURES["tradeoff"].numbers(hand, "hand").runs.runs[2].key
    assert tuple(trace.customdata[0]) == (key[:12], 0, "25.000%", "75.00%")
    assert "<b>hard</b>, seed %{customdata[1]}" in trace.hovertemplate


def test_arms_of_one_run_have_no_interval_and_say_so(store):
    fill(store, [unpruned("none", 0, 0.5), *(pruned(arm, 0, 0.5, 0.25) for arm in "abc")])
    figure = drawn(store)
    assert all(trace.error_y.array is None for trace in traces(figure, "x2"))
    assert all(label.endswith("n = 1<br>no interval") for label in figure.layout.xaxis2.ticktext)
    assert [shape.type for shape in figure.layout.shapes] == ["line", "line"]
    assert "No arm has two runs" in words(figure)
    assert "its 95% interval" not in words(figure)


def test_missing_and_scaled_runs_are_marked(store):
    small = run_config(epochs=2, pruning={
        "kind": "weights", "score": "magnitude", "target": "smallest", "layers": ("fc1",),
        "start": 0, "end": 0, "every": 1, "fraction": 0.5,
    }).model_copy(update={"scale": 0.25})  # fmt: skip
    runs = [
        pruned("small", 0, 0.5, 0.25),
        pruned("full", 0, 0.25, 0.5),
        pruned("full", 1, 0.5, 0.5, status="failed"),
    ]
    fill(store, runs, configs={"small": small})
    figure = drawn(store)
    assert "2 of 4 missing: 1 failed, 1 pending" in words(figure)
    assert "open symbols: scaled down to 0.25 of the sweep file's epochs" in words(figure)
    hollow = {
        trace.name: trace.marker.symbol.endswith("-open") for trace in figure.data if trace.mode == "markers"
    }
    assert hollow == {"small": True, "full": False}


@pytest.mark.parametrize(
    "stabilities", [(1.5, 1.25, 1.0), (1.25, 0.0, 0.125), (0.5, 0.5, 0.5), (1.0, 1.0, 0.999)]
)
def test_every_stability_has_its_place(store, stabilities):
    fill(
        store, [Run("a", seed, [0.5, 0.5], events=[(0, 0.5, 0.5 * s)]) for seed, s in enumerate(stabilities)]
    )
    figure = drawn(store)
    (trace,) = traces(figure, "x")
    assert np.isfinite(trace.x).all()
    low, high = figure.layout.xaxis.range
    assert ((low < trace.x) & (trace.x < high)).all()
    assert (np.argsort(trace.x, kind="stable") == np.argsort(stabilities, kind="stable")).all()


def test_without_pruned_runs_both_panels_stand(store):
    fill(store, [unpruned("none", 0, 0.5), unpruned("none", 1, 0.25)])
    figure = drawn(store)
    assert "No correlation" in words(figure)
    assert {shape.xref for shape in figure.layout.shapes} == {"x domain", "x2 domain"}
    assert traces(figure, "x", mode="lines") == []


def test_names_are_not_taken_for_tags(store):
    fill(store, [pruned("<b>a & b</b>", 0, 0.5, 0.5)])
    figure = drawn(store)
    assert "&lt;b&gt;a" in figure.layout.xaxis2.ticktext[0]
    assert "<b>a" not in figure.layout.xaxis2.ticktext[0].replace('"><b>', "")


def test_many_arms_have_upright_labels(store):
    fill(store, [*HAND, *(unpruned(f"arm {number}", 0, 0.5) for number in range(7))])
    assert drawn(store).layout.xaxis2.tickangle == -90
