from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from stores import Run, fill, run_config
from students import student

from gst.figures import FIGURES
from gst.figures.methods import Method

FIGURE = FIGURES["v1_figA3"]
METHODS = {"none": None, "S": "smallest", "L": "largest"}
SIZES = (2, 4, 8)


def config(name, size, augment=False):
    target = METHODS[name]
    pruning = {"kind": "none"} if target is None else {
        "kind": "weights", "score": "magnitude", "target": target, "layers": ("fc1",), "start": 0, "end": 1,
        "every": 1, "fraction": 0.5,
    }  # fmt: skip
    return run_config(epochs=3, pruning=pruning, per_class=size, augment=augment)


def arm(name, size, augment):
    return f"{name} {size} {'augmented' if augment else 'plain'}"


CONFIGS = {
    arm(name, size, augment): config(name, size, augment)
    for augment in (True, False)
    for size in SIZES
    for name in METHODS
}


def run(label, seed, **changes):
    """Three epochs whose accuracies follow from the arm's place and the seed, by 1/64."""
    place = list(CONFIGS).index(label)
    test = 0.25 + place / 64 + seed / 32
    events = [] if label.startswith("none") else [(0, 0.5, 0.25), (1, 0.5, 0.375)]
    accuracies = [(test + 1 / 16, test / 2), (test + 1 / 8, test), (test + 3 / 16, test)]
    return Run(label, seed, accuracies, events, **changes)


RUNS = [run(label, seed) for label in CONFIGS for seed in (0, 1)]


def final(label):
    return [0.25 + list(CONFIGS).index(label) / 64 + seed / 32 for seed in (0, 1)]


def filled(store, runs):
    present = {it.arm for it in runs}
    fill(store, runs, configs={label: it for label, it in CONFIGS.items() if label in present})
    return FIGURE.numbers(store, "hand")


@pytest.fixture
def sizes(store):
    filled(store, RUNS)
    return store


class Sizes(NamedTuple):
    """The series and curves of a row of panels."""

    augment: bool
    accuracy: tuple
    gap: tuple
    courses: tuple
    largest: float | None


def rows_of(found):
    """The rows of panels: without augmentation, and with it."""
    for place in range(0, len(found.panels), 3):
        accuracy, gap, curves = found.panels[place : place + 3]
        about = curves.about
        yield Sizes(about["augment"], accuracy.series, gap.series, curves.curves, about["train_per_class"])


def words(figure):
    layout = figure.layout
    notes = [annotation.text for annotation in layout.annotations]
    return "\n".join([layout.title.text, layout.title.subtitle.text, *notes])


def test_accuracy_and_gap_by_size_without_and_with_augmentation(sizes):
    found = FIGURE.numbers(sizes, "hand")
    assert [it.augment for it in rows_of(found)] == [False, True]
    for it in rows_of(found):
        methods = [Method(None, None), Method("magnitude", "smallest"), Method("magnitude", "largest")]
        assert [series.method for series in it.accuracy] == [series.method for series in it.gap] == methods
        for name, accuracy, gap in zip(METHODS, it.accuracy, it.gap, strict=True):
            arms = [arm(name, size, it.augment) for size in SIZES]
            assert [mark.x for mark in accuracy.marks] == list(SIZES)
            assert [mark.group.n for mark in accuracy.marks] == [2, 2, 2]
            assert [mark.group.mean for mark in accuracy.marks] == [np.mean(final(label)) for label in arms]
            assert [mark.group.mean for mark in gap.marks] == [3 / 16] * 3
            bounds = [(mark.group.estimate.low, mark.group.estimate.high) for mark in accuracy.marks]
            assert bounds == [pytest.approx(student(final(label))) for label in arms]


def test_courses_are_of_the_largest_size(sizes):
    for it in rows_of(FIGURE.numbers(sizes, "hand")):
        assert it.largest == 8
        assert [course.test.arm for course in it.courses] == [arm(name, 8, it.augment) for name in METHODS]
        for course in it.courses:
            low, high = final(course.test.arm)
            mean = (low + high) / 2
            assert course.test.mean.tolist() == [mean / 2, mean, mean]
            assert course.train.mean.tolist() == [mean + 1 / 16, mean + 1 / 8, mean + 3 / 16]
            ends = [student([low + more, high + more]) for more in (1 / 16, 1 / 8, 3 / 16)]
            assert course.train.low.tolist() == pytest.approx([end[0] for end in ends])
            assert course.train.high.tolist() == pytest.approx([end[1] for end in ends])
            assert course.test.n == 2


def test_runs_on_all_images_stand_right_of_every_size(store):
    configs = {"few": config("L", 2), "all": config("L", 2)}
    data = configs["all"].data.model_copy(update={"name": "mnist", "per_class": None, "draw": None})
    configs["all"] = configs["all"].model_copy(update={"data": data})
    runs = [Run(label, 0, [0.5, 0.5, 0.75], [(0, 0.5, 0.25)]) for label in ("all", "few")]
    fill(store, runs, configs=configs)
    found = FIGURE.numbers(store, "hand")
    ((series,),) = (it.accuracy for it in rows_of(found))
    assert [mark.x for mark in series.marks] == [2, float("inf")]
    figure = FIGURE.draw(found)
    assert list(figure.layout.xaxis.ticktext) == ["2", "all"]
    assert "<b>all images</b>" in words(figure)
    rows = [dict(zip(found.table().columns, row, strict=True)) for row in found.table().rows]
    means = [row for row in rows if row["what"] == "mean final_test_accuracy"]
    assert [row["train_per_class"] for row in means] == [2, None]


def panels(figure, kind):
    shown = {}
    for trace in figure.data:
        if kind(trace):
            shown.setdefault(trace.xaxis or "x", {})[trace.name] = list(trace.y)
    return shown


def test_two_rows_of_three_panels(sizes):
    found = FIGURE.numbers(sizes, "hand")
    figure = FIGURE.draw(found)
    means = panels(figure, lambda it: it.mode == "lines+markers")
    names = ["No Pruning", "PruneS", "PruneL"]
    assert {axis: list(drawn) for axis, drawn in means.items()} == dict.fromkeys(
        ("x", "x2", "x4", "x5"), names
    )
    for axis, place, which in (
        ("x", 0, "accuracy"),
        ("x2", 0, "gap"),
        ("x4", 1, "accuracy"),
        ("x5", 1, "gap"),
    ):
        for name, series in zip(names, getattr(list(rows_of(found))[place], which), strict=True):
            assert means[axis][name] == [mark.group.mean for mark in series.marks]
    courses = panels(figure, lambda it: it.name.endswith((", train", ", test")))
    assert list(courses) == ["x3", "x6"]
    for axis, place in (("x3", 0), ("x6", 1)):
        for name, course in zip(names, list(rows_of(found))[place].courses, strict=True):
            assert courses[axis][f"{name}, train"] == course.train.mean.tolist()
            assert courses[axis][f"{name}, test"] == course.test.mean.tolist()
    (line,) = (it for it in figure.data if it.name == "PruneL, train" and it.xaxis == "x3")
    assert list(line.x) == [0, 1, 2]
    assert [it.name for it in figure.data if it.showlegend] == names
    text = words(figure)
    for part in (
        "final test accuracy",
        "n = 2 at every mark",
        "36 runs",
        "with augmentation",
        "without augmentation",
    ):
        assert part in text
    assert "<b>8 images of a class</b>" in text


def test_one_size_without_augmentation_is_one_row(store):
    """What the sweep v1_figA3_jpeg has."""
    found = filled(store, [it for it in RUNS if it.arm.endswith("8 plain")])
    figure = FIGURE.draw(found)
    assert {trace.xaxis for trace in figure.data} == {"x", "x2", "x3"}
    (places,) = {tuple(figure.layout.xaxis.tickvals)}
    assert places == (0,)
    xs = [trace.x[0] for trace in figure.data if trace.mode == "lines+markers" and trace.xaxis == "x"]
    assert len(set(xs)) == 3
    assert found.notes == ()


def test_partial_results_give_a_figure_with_notes(store):
    kept = [it for it in RUNS if it.seed == 0 and "none" not in it.arm and it.arm != "S 4 plain"]
    done = [it for it in kept if not it.arm.endswith("8 augmented")]
    lost = [run(it.arm, 0, status="failed") for it in kept if it.arm.endswith("8 augmented")]
    found = filled(store, [*done, *lost])
    figure = FIGURE.draw(found)
    marks = [mark for it in rows_of(found) for series in it.accuracy for mark in series.marks]
    assert all(mark.group.estimate is None for mark in marks)
    assert all(course.test.low is None for it in rows_of(found) for course in it.courses)
    assert [it.largest for it in rows_of(found)] == [8, 4]
    text = words(figure)
    assert "With augmentation no run of the largest size completed." in text
    assert "2 of 11 missing: 2 failed" in text
    assert "No mean has an interval" in text
    assert not [trace for trace in figure.data if trace.name.endswith(", interval")]


def test_hovering_tells_which_run(sizes):
    found = FIGURE.numbers(sizes, "hand")
    (dots,) = (it for it in FIGURE.draw(found).data if it.name == "PruneS, single runs" and it.xaxis == "x4")
    first = list(rows_of(found))[1].accuracy[1].marks[0].runs[0]
    assert dots.customdata[0][0] == first.key[:12]
    assert tuple(dots.customdata[0][1:4]) == (0, f"{100 * first.final_accuracy:.3f}%", "S 2 augmented")


def test_the_table_has_the_courses(sizes):
    table = FIGURE.numbers(sizes, "hand").table()
    rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    courses = [row for row in rows if row["what"] == "mean test_accuracy" and row["arm"] == "L 8 plain"]
    low, high = final("L 8 plain")
    assert [(row["epoch"], row["value"], row["n"]) for row in courses] == [
        (0, (low + high) / 4, 2), (1, (low + high) / 2, 2), (2, (low + high) / 2, 2),
    ]  # fmt: skip
    for row, values in zip(courses, ([low / 2, high / 2], [low, high], [low, high]), strict=True):
        assert (row["low"], row["high"]) == pytest.approx(student(values))
