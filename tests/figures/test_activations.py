"""Figure B.1 of GST 2020 and A1 of GST 2019."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats as reference
from stores import SCRATCH, Run, fill, normality_of
from students import student

from gst.errors import InputError, UnknownNameError
from gst.figures import FIGURES
from gst.figures.activations import FileNormality, of_runs
from gst.figures.files.verify import verify
from gst.figures.panels.densities import DensityPanel, Layers, centres

LAYERS = ("bn2", "bn10")


def run(arm, seed, *, shift=0.0):
    """One histogram a state: the trained ones of other seeds differ, the running ones have their own."""
    layers = [
        normality_of(
            epoch,
            layer,
            statistics,
            ks=(0.125 if epoch < 0 else 0.25 + seed / 8) + shift,
            kurtosis=float(seed - number if statistics == "batch" else 100.0),
            density=tuple((centres(200) > seed).astype(float) * (1 + number)),
        )
        for epoch in (SCRATCH, 1)
        for number, layer in enumerate(LAYERS)
        for statistics in ("batch", "running")
    ]
    return Run(arm, seed, [0.5, 0.5], measured=layers)


@pytest.fixture
def pair(store):
    fill(store, [run("Trained", 0), run("Trained", 1)])
    return store


def layers_of(sheet):
    """All layers, and the names that stand beside the rows of panels."""
    distances = next(part for part in sheet.parts if isinstance(part, Layers))
    assert all(isinstance(panel, DensityPanel) for panel in sheet.panels)
    return distances.layers, tuple(dict.fromkeys(panel.layer for panel in sheet.panels))


def words(figure):
    notes = [it.text for it in figure.layout.annotations]
    return "\n".join([figure.layout.title.subtitle.text, *notes])


def test_layers_deepest_first_with_means_over_runs(pair):
    layers, names = layers_of(of_runs(pair, "hand"))
    assert names == ("bn10", "bn2")
    assert [(it.layer, it.trained, it.statistics, it.n) for it in layers] == [
        (layer, trained, statistics, 2)
        for layer in ("bn10", "bn2")
        for trained in (False, True)
        for statistics in ("batch", "running")
    ]
    untrained, _, trained, running = layers[:4]
    assert (untrained.ks.mean, trained.ks.mean) == (0.125, 0.3125)
    assert (trained.ks.estimate.low, trained.ks.estimate.high) == pytest.approx(student([0.25, 0.375]))
    assert (trained.kurtosis.mean, running.kurtosis.mean) == (-0.5, 100.0)
    expected = 2 * ((centres(200) > 0).astype(float) + (centres(200) > 1)) / 2
    assert trained.density.tolist() == expected.tolist()
    assert "pools 2,048 activations of a run" in of_runs(pair, "hand").reading[0]


def test_bins_stand_where_the_histogram_has_them():
    edges = np.linspace(-5, 5, 201)
    assert centres(200) == pytest.approx((edges[1:] + edges[:-1]) / 2)


def test_the_table_has_both_statistics(pair):
    table = of_runs(pair, "hand").table()
    rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    distances = [row for row in rows if row["what"] == "KS distance"]
    assert [(row["layer"], row["state"], row["statistics"]) for row in distances[:3]] == [
        ("bn10", "untrained", "batch"), ("bn10", "untrained", "running"), ("bn10", "trained", "batch"),
    ]  # fmt: skip
    assert distances[2]["value"] == 0.3125
    assert sum(row["what"] == "density" for row in rows) == 8 * 200


def test_the_figure_has_histograms_a_normal_density_and_distances(pair):
    figure = FIGURES["figB1"].draw(FIGURES["figB1"].numbers(pair, "hand"))
    normal = [it for it in figure.data if it.name == "normal density"]
    assert len(normal) == 4
    assert normal[0].y == pytest.approx(reference.norm.pdf(normal[0].x))
    histograms = [it for it in figure.data if it.name != "normal density"]
    assert {(it.xaxis, it.yaxis) for it in histograms} == {(f"x{n}", f"y{n}") for n in ("", 2, 3, 4)}
    assert [it.name for it in figure.data if it.showlegend] == [
        "the images' own statistics, as in the paper", "running statistics", "normal density",
    ]  # fmt: skip
    assert figure.layout.yaxis.title.text == "bn10"
    assert figure.layout.yaxis3.title.text == "bn2"
    low, high = student([0.25, 0.375])
    distance = f"KS 0.312 [{low:.3f}, {high:.3f}]".replace("-", "−")
    low, high = student([-1.0, 0.0])
    assert f"{distance}<br>kurtosis −0.50 [{low:.2f}, {high:.2f}]".replace("-", "−") in words(figure)
    assert "Intervals of means: 95% t." in words(figure)
    assert "<b>Untrained</b>" in words(figure)
    assert "Trained: n = 2" in words(figure)


def test_runs_without_measurements_and_other_arms_are_said(store):
    fill(store, [run("a", 0), Run("a", 1, [0.5, 0.5]), run("b", 0, shift=0.5), run("b", 1, shift=0.5)])
    found = of_runs(store, "hand")
    assert found.about == ("a: n = 1",)
    assert {it.n for it in layers_of(found)[0]} == {1}
    text = words(FIGURES["figB1"].draw(found))
    assert "1 completed run has no measured activations, and no place here." in text
    assert "Measured too, and not shown: b." in text
    assert "KS 0.250<br>kurtosis −1.00" in text
    assert "No mean has an interval: none is of two runs." in text
    assert layers_of(of_runs(store, "hand", arm="b"))[0][2].ks.mean == 0.8125


def test_what_was_not_measured_is_said(store):
    fill(store, [Run("a", 0, [0.5, 0.5], measured=[normality_of(1, "bn1"), normality_of(1, "bn2")])])
    text = words(FIGURES["v1_figA1"].draw(FIGURES["v1_figA1"].numbers(store, "hand")))
    assert text.count("not measured") == 2


def test_a_kurtosis_that_a_dead_channel_makes_huge_is_readable(store):
    fill(store, [Run("a", 0, [0.5, 0.5], measured=[normality_of(1, "bn1", kurtosis=5.2e6)])])
    assert "kurtosis 5.2e+06" in words(FIGURES["figB1"].draw(of_runs(store, "hand")))


def test_refusals(store):
    fill(store, [Run("a", 0, [0.5]), run("b", 0)])
    with pytest.raises(UnknownNameError, match="'c'"):
        of_runs(store, "hand", arm="c")
    with pytest.raises(InputError, match="the activations of arm 'a' were not measured"):
        of_runs(store, "hand", arm="a")
    fill(store, [Run("bare", 1, [0.5])], name="bare")
    with pytest.raises(InputError, match="the activations of its runs were not measured"):
        of_runs(store, "bare")


@pytest.mark.parametrize("suffix", ["json", "html", "csv", "md"])
def test_a_figure_of_a_file_cannot_be_held_against_a_store(store, tmp_path, suffix):
    layers = (normality_of(SCRATCH, "bn1"), normality_of(0, "bn1", ks=0.25))
    found = FileNormality(layers, {"weights": "own.pth", "images": 4}, "vgg11 on noise")
    path = found.export(tmp_path / f"figB1.{suffix}")
    with pytest.raises(InputError, match=rf"figB1\.{suffix}: is of the weights in own\.pth and of no run"):
        verify(store, path, FIGURES)
