"""Axes of learning curves and of quantities by key: logarithmic, smoothed, by level, of flatness."""

from __future__ import annotations

import math

import numpy as np
import pytest
from level_stores import fill_levels
from level_sweeps import configs_of, runs_of
from stores import Run, fill, flatness_of, run_config

from gst.errors import InputError, UnknownNameError
from gst.figures import FIGURES
from gst.figures.panels.by_key import ByKey
from gst.figures.panels.curves import CurvesPanel

DYNAMICS, BY = FIGURES["dynamics"], FIGURES["by"]
ACCURACIES = ([0.25, 0.75, 0.5, 0.625], [0.5, 0.5, 0.75, 0.75])
NOISES = (0.0, 0.125, 0.25)


@pytest.fixture
def filled(store):
    runs = [Run("a", seed, values) for seed, values in enumerate(ACCURACIES)]
    fill(store, runs, configs={"a": run_config(epochs=4)})
    return store


def drawn(figure, *arguments, **parameters):
    return figure.draw(figure.numbers(*arguments, **parameters))


def notes(figure):
    return figure.layout.annotations[-1].text


def test_a_smoothed_curve_lies_over_the_faint_raw_one(filled):
    figure = drawn(DYNAMICS, filled, "hand", smooth=0.5)
    smooth, raw = [trace for trace in figure.data if trace.mode == "lines" and len(trace.x) == 4][-2:]
    mean = np.mean(ACCURACIES, axis=0)
    assert list(raw.y) == pytest.approx(mean)
    assert raw.opacity < 0.5
    weights = 0.5 ** np.arange(4)[::-1]
    assert smooth.y[-1] == pytest.approx((weights * mean).sum() / weights.sum())
    assert "exponential average of the mean, in which each epoch counts 0.5 times" in notes(figure)
    plain = drawn(DYNAMICS, filled, "hand")
    assert len(plain.data) == len(figure.data) - 1
    assert "exponential" not in notes(plain)


def test_logarithmic_axes_show_every_positive_mean(filled):
    figure = drawn(DYNAMICS, filled, "hand", quantity="test_loss", log="xy")
    assert (figure.layout.xaxis.type, figure.layout.yaxis.type) == ("log", "log")
    low, high = figure.layout.yaxis.range
    assert low < math.log10(0.75) < high
    assert "Epoch 0 has no place on a logarithmic axis" in notes(figure)
    assert figure.layout.xaxis.range[1] >= math.log10(3)


def test_a_band_below_0_ends_at_the_edge_of_a_logarithmic_axis(filled):
    figure = drawn(DYNAMICS, filled, "hand", log="y")
    edge = 10 ** figure.layout.yaxis.range[0]
    curve = DYNAMICS.numbers(filled, "hand").panel(CurvesPanel).curves[0].curve
    assert curve.low.min() < 0
    band = next(trace for trace in figure.data if trace.line.width == 0)
    assert list(band.y) == pytest.approx(np.maximum(curve.low, edge))
    assert edge <= curve.mean.min()
    assert "Bands that reach below the panel end at its edge" in notes(figure)
    assert "Bands that reach" not in notes(drawn(DYNAMICS, filled, "hand"))


def test_the_learning_rate_has_a_curve(filled):
    panel = DYNAMICS.numbers(filled, "hand", quantity="lr").panel(CurvesPanel)
    assert panel.curves[0].curve.mean.tolist() == [0.001] * 4


def test_levels_are_the_last_epochs_of_each(store):
    runs = runs_of("noisy")
    fill_levels(store, runs, {"noisy": configs_of("noisy")["noisy"]}, name="jin")
    by_level = DYNAMICS.numbers(store, "jin", x="level").panel(CurvesPanel).curves[0].curve
    by_epoch = DYNAMICS.numbers(store, "jin").panel(CurvesPanel)
    ends = [*by_epoch.level_ends, by_epoch.curves[0].curve.x[-1]]
    assert by_level.x.tolist() == list(range(len(ends)))
    assert by_level.mean.tolist() == by_epoch.curves[0].curve.mean[ends].tolist()
    assert by_level.low.tolist() == by_epoch.curves[0].curve.low[ends].tolist()
    figure = drawn(DYNAMICS, store, "jin", x="level")
    assert figure.layout.xaxis.title.text == "Level"
    columns, _ = DYNAMICS.numbers(store, "jin", x="level").table()
    assert "level" in columns
    assert "epoch" not in columns


def test_label_noise_and_flatness_are_axes(store):
    configs = {f"noise={it}": run_config(epochs=1, label_noise=it) for it in NOISES}
    values = {(arm, seed): 1.0 + at + 2 * seed for at, arm in enumerate(configs) for seed in (0, 1)}
    runs = [
        Run(arm, seed, [0.5], measured=[flatness_of(0, (value, 0.5))])
        for (arm, seed), value in values.items()
    ]
    fill(store, runs, configs=configs)
    panel = BY.numbers(store, "hand", x="label_noise", y="hessian_trace").panel(ByKey)
    assert (panel.key, panel.values) == ("data.label_noise", NOISES)
    means = [mark.group.mean for marks in panel.lines.values() for mark in marks]
    assert means == [2.5 + at for at in range(3)]
    assert "2 leading" in panel.heading
    assert drawn(BY, store, "hand", x="label_noise", y="hessian_trace", log="y").layout.yaxis.type == "log"
    assert drawn(BY, store, "hand").layout.xaxis.type == "linear"  # from a noise of 0 on
    with pytest.raises(
        InputError, match=r"log x: data\.label_noise has the value 0\.0, which is no positive"
    ):
        drawn(BY, store, "hand", log="x")


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"log": "z"}, UnknownNameError, "no logarithmic axis 'z'; there are: x, xy, y"),
        ({"x": "epochs"}, UnknownNameError, "no x 'epochs'; did you mean 'epoch'"),
        ({"x": "level"}, InputError, "sweep 'hand': its runs have no levels; x=epoch is there for any"),
        ({"smooth": 1}, InputError, "smooth 1: expected a number from 0 to below 1"),
    ],
)
def test_mistakes(filled, parameters, error, message):
    with pytest.raises(error, match=message):
        DYNAMICS.numbers(filled, "hand", **parameters)


def test_mistakes_of_by(filled):
    with pytest.raises(UnknownNameError, match="no logarithmic axis 'z'"):
        BY.numbers(filled, "hand", log="z")
    with pytest.raises(
        InputError, match="the flatness of none of its runs was measured, and epsilon is of it"
    ):
        BY.numbers(filled, "hand", y="epsilon")
    with pytest.raises(UnknownNameError, match="no quantity 'hessian_trac'; did you mean 'hessian_trace'"):
        BY.numbers(filled, "hand", y="hessian_trac")
