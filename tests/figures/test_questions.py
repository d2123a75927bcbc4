"""Figures `importance` and `parallel`, held against numbers by hand."""

from __future__ import annotations

import re

import numpy as np
import pytest
from stores import Run, fill, run_config

import gst
from gst.errors import InputError, UnknownNameError
from gst.figures import FIGURES
from gst.figures.files.export import titled
from gst.figures.panels.importance import ImportancePanel
from gst.figures.panels.parallel import Parallel, _colour

TARGETS, FRACTIONS, SEEDS = ("largest", "smallest"), (0.25, 0.5, 0.75), (0, 1, 2, 3)


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
NOISE = np.random.default_rng(3).normal(size=(len(CONFIGS), len(SEEDS)))


def accuracy(arm, seed):
    target, _, fraction = arm.partition(" fraction=")
    effect = (0.1 if target == "largest" else 0) + float(fraction or 0) / 4 + 0.02 * seed
    return 0.5 + effect + 0.01 * NOISE[[*CONFIGS].index(arm), seed]


@pytest.fixture
def filled(store):
    runs = [
        Run(arm, seed, [0.5, accuracy(arm, seed)], [] if arm == "none" else [(0, 0.5, 0.25)])
        for arm in CONFIGS
        for seed in SEEDS
    ]
    fill(store, runs, configs=CONFIGS)
    return store


def by_hand():
    """Epsilon squared from means over the balanced array [targets, fractions, seeds]."""
    y = np.array(
        [[[accuracy(f"{t} fraction={f}", s) for s in SEEDS] for f in FRACTIONS] for t in TARGETS], dtype=float
    )
    grand, cells = y.mean(), y.mean(axis=2)
    target, fraction, seed = y.mean(axis=(1, 2)), y.mean(axis=(0, 2)), y.mean(axis=(0, 1))
    between = 4 * ((cells - grand) ** 2).sum()
    squares = {
        "pruning.target": (12 * ((target - grand) ** 2).sum(), 1),
        "pruning.fraction": (8 * ((fraction - grand) ** 2).sum(), 2),
        "seed": (6 * ((seed - grand) ** 2).sum(), 3),
    }
    squares["interactions"] = (between - squares["pruning.target"][0] - squares["pruning.fraction"][0], 2)
    total = ((y - grand) ** 2).sum()
    rest = (total - between - squares["seed"][0]) / 15
    return {name: max(0, (square - degrees * rest) / total) for name, (square, degrees) in squares.items()}


def test_shares_are_those_of_the_balanced_sums_of_squares(filled):
    found = gst.importance(filled, "hand")
    for name, share in by_hand().items():
        assert found.shares[name].value == pytest.approx(share, abs=1e-9), name
    assert (found.runs, found.arms, found.left_out) == (24, 6, ("none",))
    assert {it.n for it in found.shares.values()} == {4}
    rows = list(found.rows())
    assert [row["knob"] for row in rows] == [*found.shares]
    assert all(row["low"] <= row["value"] <= row["high"] for row in rows)


def test_the_figure_has_the_shares_in_their_order(filled):
    sheet = FIGURES["importance"].numbers(filled, "hand")
    panel = sheet.panel(ImportancePanel)
    knobs = sorted(("pruning.fraction", "pruning.target"), key=lambda it: -by_hand()[it])
    assert [name for name, _ in panel.shares] == [*knobs, "interactions of these", "seed", "rest of a run"]
    figure = FIGURES["importance"].draw(sheet)
    dots = [trace for trace in figure.data if trace.mode == "markers"]
    assert [trace.x[0] for trace in dots] == [share.value for _, share in panel.shares]
    assert any("unpruned arms lack" in it.text and "none" in it.text for it in figure.layout.annotations)


def test_keys_that_vary_together_have_a_share_in_common_and_none_alone(store):
    # Three arms on a line of two keys with three values each: neither key is told apart from the other.
    rates = (0.1, 0.2, 0.4)
    configs = {
        f"{fraction}": run_config(epochs=2, lr=lr, pruning=config("largest", fraction).pruning.model_dump())
        for fraction, lr in zip(FRACTIONS, rates, strict=True)
    }
    configs["more"] = run_config(epochs=2, lr=0.1, pruning=config("smallest", 0.75).pruning.model_dump())
    runs = [
        Run(arm, seed, [0.5, 0.25 + at / 8 + seed**2 / 64 + NOISE[at, seed] / 50], [(0, 0.5, 0.25)])
        for at, arm in enumerate(configs)
        for seed in SEEDS
    ]
    fill(store, runs, configs=configs)
    sheet = FIGURES["importance"].numbers(store, "hand")
    panel = sheet.panel(ImportancePanel)
    found = dict(panel.shares)
    keys = ("training.optimizer.lr", "pruning.target", "pruning.fraction")
    assert {found[key].value for key in keys} == {None}
    assert found["keys that vary together"].degrees == 3
    assert sum(it.value or 0 for it in found.values()) == pytest.approx(1)
    figure = FIGURES["importance"].draw(sheet)
    assert [it.text for it in figure.layout.annotations].count("not told apart from other keys") == 3
    assert len([trace for trace in figure.data if trace.mode == "markers"]) == len(found) - 3
    (table,) = titled(sheet).for_papers
    assert [row[-2:] for row in table.rows if row[0] in keys] == [("—", "4 seeds")] * 3
    assert table.numeric[-2]


def test_another_quantity(filled):
    found = gst.importance(filled, "hand", of="best_accuracy")
    assert found.quantity.name == "best_accuracy"
    with pytest.raises(InputError, match="vary besides with configuration and seed"):
        gst.importance(filled, "hand", of="stability")  # 0.5 everywhere


def test_a_sweep_without_pruned_arms_has_the_shares_of_all(store):
    runs = [Run(arm, seed, [0.5, 0.5 + at / 4 + seed**2 / 64 + NOISE[at, seed] / 50])
            for at, arm in enumerate("ab") for seed in SEEDS]  # fmt: skip
    fill(store, runs, configs={arm: run_config(epochs=2, lr=0.1 * (at + 1)) for at, arm in enumerate("ab")})
    found = gst.importance(store, "hand")
    assert [*found.shares] == ["training.optimizer.lr", "seed", "rest"]
    assert found.shares["training.optimizer.lr"].value > 0.5


def test_a_line_goes_through_the_values_of_its_arm(filled):
    panel = FIGURES["parallel"].numbers(filled, "hand").panel(Parallel)
    axes = {axis.name: axis.values for axis in panel.axes}
    assert axes == {
        "pruning.kind": ("none", "filters"),
        "pruning.target": ("—", "smallest", "largest"),
        "pruning.fraction": ("—", "0.25", "0.5", "0.75"),
    }
    means = [line.group.mean for line in panel.lines]
    assert means == sorted(means)
    for line in panel.lines:
        found = {axis.name: axis.values[at] for axis, at in zip(panel.axes, line.values, strict=True)}
        expected = {"pruning.kind": "none", "pruning.target": "—", "pruning.fraction": "—"}
        if line.group.name != "none":
            target, fraction = line.group.name.split(" fraction=")
            expected = {"pruning.kind": "filters", "pruning.target": target, "pruning.fraction": fraction}
        assert found == expected
        assert line.group.mean == pytest.approx(np.mean([accuracy(line.group.name, seed) for seed in SEEDS]))


def test_lines_stand_at_their_values_apart_and_in_their_colours(filled):
    sheet = FIGURES["parallel"].numbers(filled, "hand")
    figure, panel = FIGURES["parallel"].draw(sheet), sheet.panel(Parallel)
    assert [trace.name for trace in figure.data] == [line.group.name for line in panel.lines]
    low, high = panel.bounds
    for trace, line in zip(figure.data, panel.lines, strict=True):
        for y, axis, at in zip(trace.y, panel.axes, line.values, strict=False):
            assert y == pytest.approx(at / (len(axis.values) - 1), abs=0.5 * 0.5 / (len(axis.values) - 1))
        assert trace.y[-1] == pytest.approx((line.group.mean - low) / (high - low))
    for number in range(len(panel.axes)):
        assert len({trace.y[number] for trace in figure.data}) == len(panel.lines)
    assert len({trace.line.color for trace in figure.data}) == len(panel.lines)
    assert {trace.type for trace in figure.data} == {"scatter"}  # pages draw no WebGL


def test_every_colour_of_a_line_is_seen_on_white_and_on_black():
    for share in np.linspace(0, 1, 11):
        parts = np.array([float(it) / 255 for it in re.findall(r"[\d.]+", _colour(share))])
        linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
        light = linear @ [0.2126, 0.7152, 0.0722]  # WCAG 2.1, relative luminance
        assert 1.05 / (light + 0.05) > 2.3
        assert (light + 0.05) / 0.05 > 2.3


def test_a_key_that_varies_is_told_beside_the_kind_of_pruning_that_it_goes_with(store):
    filters = {**CONFIGS["largest fraction=0.25"].pruning.model_dump(), "fraction": 0.5}
    weights = {**{key: filters[key] for key in ("target", "layers", "start", "end", "every")},
               "kind": "weights", "score": "magnitude", "fraction": 0.75}  # fmt: skip
    configs = {"none": CONFIGS["none"], "filters": run_config(epochs=2, pruning=filters),
               "weights": run_config(epochs=2, pruning=weights)}  # fmt: skip
    fill(store, [Run(arm, 0, [0.5, 0.5]) for arm in configs], configs=configs)
    axes = FIGURES["parallel"].numbers(store, "hand").panel(Parallel).axes
    (axis,) = [it for it in axes if "pruning.kind" in it.name]
    assert "pruning.fraction" in axis.name
    assert "pruning.layers" not in axis.name
    assert any("0.75" in value for value in axis.values)


@pytest.mark.parametrize(("name", "open_symbols"), [("importance", False), ("parallel", False), ("by", True)])
def test_open_symbols_are_told_of_where_there_are_some(store, name, open_symbols):
    configs = {arm: it.model_copy(update={"scale": 0.5}) for arm, it in CONFIGS.items()}
    runs = [Run(arm, seed, [0.5, accuracy(arm, seed)], [] if arm == "none" else [(0, 0.5, 0.25)])
            for arm in configs for seed in SEEDS]  # fmt: skip
    fill(store, runs, configs=configs)
    told = FIGURES[name].draw(FIGURES[name].numbers(store, "hand")).layout.title.subtitle.text
    assert "scaled down to 0.5 of the sweep file's epochs" in told
    assert ("open symbols" in told) is open_symbols


def test_the_labels_of_shares_near_an_end_of_the_axis_stand_away_from_it(filled):
    figure = FIGURES["importance"].draw(FIGURES["importance"].numbers(filled, "hand"))
    labels = [it for it in figure.layout.annotations if it.xref == "x" and it.text.endswith("%]")]
    low, high = min(it.x for it in labels), max(it.x for it in labels)
    assert {it.xanchor for it in labels if it.x == low} == {"left"}
    assert "left" not in {it.xanchor for it in labels if it.x == high}


@pytest.mark.parametrize("name", ["importance", "parallel"])
def test_mistakes(filled, store, name):
    with pytest.raises(UnknownNameError, match="no quantity 'acc'"):
        FIGURES[name].numbers(filled, "hand", y="acc")
    fill(store, [Run("none", 7, [0.5, 0.5])], configs={"none": CONFIGS["none"]}, name="one")
    with pytest.raises(InputError, match="sweep 'one': no key of its completed runs has two values"):
        FIGURES[name].numbers(store, "one")
