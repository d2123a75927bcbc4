"""Figure `by`: a quantity by a key of the configurations, held against means by hand."""

from __future__ import annotations

import math

import pytest
from stores import Run, fill, run_config
from students import student

from gst.errors import InputError, UnknownNameError
from gst.figures import FIGURES
from gst.figures.panels.by_key import ByKey

FIGURE = FIGURES["by"]
TARGETS, FRACTIONS = ("largest", "smallest"), (0.25, 0.5, 0.75)


def config(target, fraction):
    pruning = {
        "kind": "filters", "score": "l2", "target": target, "layers": ("conv1",), "start": 0, "end": 0,
        "every": 1, "fraction": fraction,
    }  # fmt: skip
    return run_config(epochs=2, pruning=pruning)


CONFIGS = {
    f"{target} fraction={fraction}": config(target, fraction) for target in TARGETS for fraction in FRACTIONS
}
CONFIGS["none"] = run_config(epochs=2)


def accuracy(arm, seed):
    return 0.25 + list(CONFIGS).index(arm) / 32 + seed / 8


@pytest.fixture
def filled(store):
    runs = [
        Run(arm, seed, [0.5, accuracy(arm, seed)], [] if arm == "none" else [(0, 0.5, 0.25)])
        for arm in CONFIGS
        for seed in (0, 1)
    ]
    fill(store, [*runs, Run("none", 2, [0.5], status="running")], configs=CONFIGS)
    return store


def test_a_line_joins_arms_that_differ_in_the_key_alone(filled):
    panel = FIGURE.numbers(filled, "hand", x="pruning.fraction").panel(ByKey)
    assert list(panel.lines) == list(TARGETS)
    assert panel.values == FRACTIONS
    for target, marks in panel.lines.items():
        for fraction, mark in zip(FRACTIONS, marks, strict=True):
            values = [accuracy(f"{target} fraction={fraction}", seed) for seed in (0, 1)]
            assert (mark.group.mean, mark.group.n) == (pytest.approx(sum(values) / 2), 2)
            found = mark.group.estimate
            assert (found.low, found.high) == pytest.approx(student(values))
    (without,) = panel.without
    assert (without.name, without.n) == ("none", 2)  # the one in training does not count


def test_the_key_with_the_most_values_is_taken_where_none_is_named(filled):
    assert FIGURE.numbers(filled, "hand").panel(ByKey).key == "pruning.fraction"


def test_lines_whose_arms_have_no_name_in_common_are_told_apart_by_other_keys(filled):
    panel = FIGURE.numbers(filled, "hand", x="pruning.target").panel(ByKey)
    assert list(panel.lines) == [f"fraction={it}" for it in FRACTIONS]
    assert panel.values == TARGETS


@pytest.mark.parametrize("log", ["", "y"])
def test_the_name_of_a_dashed_line_stands_at_its_mean(filled, log):
    figure = FIGURE.draw(FIGURE.numbers(filled, "hand", x="pruning.fraction", log=log))
    mean = sum(accuracy("none", seed) for seed in (0, 1)) / 2
    (name,) = [it for it in figure.layout.annotations if it.text == "none"]
    assert name.y == pytest.approx(math.log10(mean) if log else mean)
    (line,) = [it for it in figure.layout.shapes if it.type == "line"]
    assert line.y0 == pytest.approx(mean)


def test_a_line_of_one_arm_has_its_name_and_no_line_is_a_list_of_all_fields(store):
    noise = {
        "kind": "gaussian", "score": "l2", "target": "largest", "layers": ("conv1",), "start": 0, "end": 0,
        "every": 1, "fraction": 0.5, "train_batches": 3, "which": "latest",
    }  # fmt: skip
    configs = {
        "weak": config("largest", 0.25),
        "strong": config("largest", 0.5),
        "c small": config("smallest", 0.5),
        "N fraction=0.5": run_config(epochs=2, pruning=noise),
    }
    fill(store, [Run(arm, 0, [0.5, 0.5], [(0, 0.5, 0.25)]) for arm in configs], configs=configs)
    panel = FIGURE.numbers(store, "hand", x="pruning.fraction").panel(ByKey)
    # Only kind and target together tell the first line from the others.
    assert list(panel.lines) == ["kind=filters, target=largest", "c small", "N fraction=0.5"]


def test_lines_with_one_name_in_common_are_told_apart(store):
    configs = {
        f"P{end} fraction={fraction}": run_config(
            epochs=2, lr=lr, pruning=config("largest", fraction).pruning.model_dump()
        )
        for end, lr in (("", 0.1), (" ", 0.2))
        for fraction in FRACTIONS
    }
    fill(store, [Run(arm, 0, [0.5, 0.5], [(0, 0.5, 0.25)]) for arm in configs], configs=configs)
    panel = FIGURE.numbers(store, "hand", x="pruning.fraction").panel(ByKey)
    assert list(panel.lines) == ["lr=0.1", "lr=0.2"]


def test_runs_without_events_have_no_stability(filled):
    panel = FIGURE.numbers(filled, "hand", x="pruning.fraction", y="stability").panel(ByKey)
    assert panel.without == ()
    assert {mark.group.mean for marks in panel.lines.values() for mark in marks} == {0.5}


def test_the_table_has_each_mean_with_its_line_and_key(filled):
    columns, rows = FIGURE.numbers(filled, "hand", x="pruning.fraction").table()
    found = [dict(zip(columns, row, strict=True)) for row in rows]
    means = [row for row in found if row["what"] == "mean final_accuracy"]
    assert [(row["line"], row["pruning.fraction"]) for row in means[:-1]] == [
        (target, fraction) for target in TARGETS for fraction in FRACTIONS
    ]
    assert means[-1]["arm"] == "none"


@pytest.mark.parametrize(("x", "places"), [("pruning.fraction", list(FRACTIONS)), ("pruning.target", [0, 1])])
def test_marks_stand_at_their_values_a_little_apart(filled, x, places):
    figure = FIGURE.draw(FIGURE.numbers(filled, "hand", x=x))
    lines = [trace for trace in figure.data if trace.mode == "lines+markers" and len(trace.x) == len(places)]
    apart = {tuple(trace.x) for trace in lines}
    assert len(apart) == len(lines)
    for trace in lines:
        assert list(trace.x) == pytest.approx(places, abs=0.1)
    assert figure.layout.xaxis.title.text == x


def test_mistakes(filled, store):
    with pytest.raises(UnknownNameError, match=r"did you mean 'pruning\.fraction'\? There are: pruning"):
        FIGURE.numbers(filled, "hand", x="pruning.fractio")
    with pytest.raises(UnknownNameError, match="no quantity 'acc'"):
        FIGURE.numbers(filled, "hand", y="acc")
    fill(store, [Run("none", 7, [0.5, 0.5])], configs={"none": CONFIGS["none"]}, name="one")
    with pytest.raises(InputError, match="no key of its completed runs has two values"):
        FIGURE.numbers(store, "one")


def test_an_axis_of_what_is_no_positive_number_is_not_logarithmic(filled):
    with pytest.raises(InputError, match=r"log x: pruning\.target has the value 'largest', which is no"):
        FIGURE.numbers(filled, "hand", x="pruning.target", log="x")
    assert FIGURE.numbers(filled, "hand", x="pruning.fraction", log="xy").panel(ByKey).log == "xy"
    arms = list(CONFIGS)[:2]
    runs = [Run(arm, 2, [0.5, 0.5], [(0, 0.5, 0.5)]) for arm in arms]
    fill(filled, runs, name="even", configs={arm: CONFIGS[arm] for arm in arms})
    with pytest.raises(InputError, match=r"log y: mean_drop has the value 0\.0, which is no positive number"):
        FIGURE.numbers(filled, "even", y="mean_drop", log="y")
