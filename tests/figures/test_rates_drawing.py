from __future__ import annotations

import numpy as np
import pytest
from paced import CONFIGS, RATES, RUNS, TABLE, fill_paced, pruning, run

from gst.figures import FIGURES
from gst.figures.axes import asides, rate_axis
from gst.figures.style import counted


@pytest.fixture
def paced(store):
    fill_paced(store, RUNS, CONFIGS)
    return store


def drawn(store, name="fig3", **parameters):
    figure = FIGURES[name]
    return figure.draw(figure.numbers(store, "hand", **parameters))


def of(figure, axis, *names):
    return [trace for trace in figure.data if (trace.xaxis or "x") == axis and trace.name in names]


def words(figure):
    layout = figure.layout
    notes = [annotation.text for annotation in layout.annotations]
    return "\n".join([layout.title.text, layout.title.subtitle.text, *notes])


def test_three_panels_with_the_means_of_each_target(paced):
    figure = drawn(paced, accuracy="final")
    for axis, place in (("x", 0), ("x2", 1)):
        for letter in "SRL":
            (trace,) = of(figure, axis, f"Prune{letter}")
            means = [np.mean([pair[place] for pair in TABLE[f"{letter} {every}"]]) for every in RATES]
            assert list(trace.y) == means
            assert len(trace.error_y.array) == len(trace.error_y.arrayminus) == 2
            (dots,) = of(figure, axis, f"Prune{letter}, single runs")
            assert list(dots.y) == [pair[place] for every in RATES for pair in TABLE[f"{letter} {every}"]]
    (line,) = of(figure, "x3", "Pearson's r")
    expected = FIGURES["fig3"].numbers(paced, "hand", accuracy="final").panels[2]
    assert list(line.y) == [it.value for it in expected.rates]
    for name, interval in (("fisher", "fisher"), ("seeds drawn", "seeds")):
        (trace,) = of(figure, "x3", f"Pearson's r, {name}")
        bounds = [getattr(it, interval) for it in expected.rates]
        assert [y + up for y, up in zip(trace.y, trace.error_y.array, strict=True)] == pytest.approx(
            [it.high for it in bounds]
        )
        assert [y - down for y, down in zip(trace.y, trace.error_y.arrayminus, strict=True)] == pytest.approx(
            [it.low for it in bounds]
        )


def test_targets_stand_aside_of_their_rate_and_of_each_other(paced):
    figure = drawn(paced)
    places = [np.array(of(figure, "x", f"Prune{letter}")[0].x) for letter in "SRL"]
    assert places[1].tolist() == [0.25, 0.75]
    assert (places[1] - places[0]).tolist() == pytest.approx([0.007, 0.007])
    assert list(figure.layout.xaxis.tickvals) == [0.25, 0.75]
    assert list(figure.layout.xaxis.ticktext) == ["25", "75"]


def test_it_says_what_it_shows(paced):
    text = words(drawn(paced))
    for part in (
        "By hand",
        "digits_cnn on digits",
        "best test accuracy since the last pruning event",
        "n = 3 at every mark",
        "21 runs",
        "Intervals of means: 95% t.",
        "Fisher's z (the paper's)",
        "■</span> seeds drawn",
        "The other interval leaves out each seed with all its runs",
    ):
        assert part in text.replace("<br>", " ")
    assert "missing" not in text
    assert "final test accuracy" in words(drawn(paced, accuracy="final"))


def test_the_baseline_is_in_the_middle_and_in_the_legend(paced):
    figure = drawn(paced, accuracy="final")
    lines = [it for it in figure.layout.shapes if it.type == "line" and it.line.dash == "dash"]
    assert [(it.xref, it.y0, it.y1) for it in lines] == [("x2 domain", 0.625, 0.625)]
    legend = [trace.name for trace in figure.data if trace.showlegend]
    assert legend == ["PruneS", "PruneR", "PruneL", "none, n = 3"]


def test_hovering_tells_which_run(paced):
    figure = drawn(paced)
    (dots,) = of(figure, "x", "PruneR, single runs")
    key = FIGURES["fig3"].numbers(paced, "hand").panels[0].series[1].marks[0].runs[0].key
    assert tuple(dots.customdata[0]) == (key[:12], 0, "93.750%", "R 1", "25% an event, every 1 epoch")
    assert "seed %{customdata[1]}" in dots.hovertemplate
    (marks,) = of(figure, "x", "PruneR")
    assert marks.customdata[0][1].endswith("n = 3")


def wide(store, stabilities):
    """Three rates, of which the fastest has the last of these stabilities."""
    configs = {f"S {every}": pruning("S", every) for every in (1, 2, 3)}
    runs = [
        run(f"S {every}", seed, every, stability - seed / 1024, 0.5 + seed / 64)
        for every, stability in zip((1, 2, 3), stabilities, strict=True)
        for seed in (0, 1)
    ]
    fill_paced(store, runs, configs)
    return drawn(store)


def test_slower_rates_have_an_inset_where_the_fastest_would_flatten_them(store):
    figure = wide(store, (0.984375, 0.96875, 0.25))
    (inset,) = of(figure, "x4", "PruneS")
    assert list(inset.y) == pytest.approx([0.984375 - 1 / 2048, 0.96875 - 1 / 2048])
    assert list(figure.layout.xaxis4.ticktext) == ["25", "37.5"]
    assert len(of(figure, "x", "PruneS")[0].x) == 3


def test_there_is_no_inset_where_none_is_needed(store):
    figure = wide(store, (0.984375, 0.75, 0.5))
    assert of(figure, "x4", "PruneS") == []
    assert "xaxis4" not in figure.layout


def test_marks_without_an_interval_have_no_error_bar(store):
    fill_paced(store, [it for it in RUNS if it.seed == 0 or it.arm == "S 1"], CONFIGS)
    figure = drawn(store)
    (trace,) = of(figure, "x", "PruneS")
    assert [bar is None for bar in trace.error_y.array] == [False, True]
    assert of(figure, "x", "PruneL")[0].error_y.array is None
    text = words(figure)
    assert "n = 1 at every mark but PruneS at 25% (3)" in text
    assert "missing" in text
    assert "No Fisher interval at 75%" in text


def test_with_no_pruned_run_the_panels_stand(store):
    fill_paced(store, [it for it in RUNS if it.arm == "none"], {})
    for name in ("fig3", "figC1", "figC2"):
        assert "No run that was pruned as it trained completed" in words(drawn(store, name))


def test_scaled_runs_are_hollow(store):
    configs = {"S 1": CONFIGS["S 1"].model_copy(update={"scale": 0.25}), "L 1": CONFIGS["L 1"]}
    fill_paced(store, [it for it in RUNS if it.arm in configs], configs)
    figure = drawn(store)
    assert of(figure, "x", "PruneS")[0].marker.symbol == "circle-open"
    assert of(figure, "x", "PruneL")[0].marker.symbol == "square"
    assert "open symbols: scaled down" in words(figure)
    assert "Not the published experiment: at scale 0.25" in words(figure)


def test_figure_c1_has_a_panel_for_each_rate_with_its_correlations(paced):
    figure = drawn(paced, "figC1", accuracy="final")
    for axis, every in (("x", 1), ("x2", 3)):
        dots = [trace for trace in figure.data if trace.xaxis == axis and trace.mode == "markers"]
        shown = {trace.name: (list(trace.x), list(trace.y)) for trace in dots if trace.x[0] is not None}
        assert shown == {
            f"Prune{letter}": tuple(map(list, zip(*TABLE[f"{letter} {every}"], strict=True)))
            for letter in "SRL"
        }
    text = words(figure)
    found = FIGURES["figC1"].numbers(paced, "hand", accuracy="final")
    for panel, rate in zip(found.panels, ("25% every 1 epoch", "75% every 3 epochs"), strict=True):
        assert f"<b>{rate}</b>, n = 9" in panel.heading
        assert panel.heading in text
    assert "n = 9 at every rate" in text
    colours = {trace.name: trace.marker.color for trace in figure.data if trace.mode == "markers"}
    assert len(set(colours.values())) == 3
    assert [trace.name for trace in figure.data if trace.showlegend] == ["PruneS", "PruneR", "PruneL"]


def test_figure_c2_has_a_mark_for_each_rate_and_interval(paced):
    figure = drawn(paced, "figC2")
    assert [(trace.name, len(trace.x)) for trace in figure.data] == [
        ("Kendall's τ", 2), ("Kendall's τ, fisher", 2), ("Kendall's τ, seeds drawn", 2),
    ]  # fmt: skip
    low, high = figure.layout.yaxis.range
    for trace in figure.data[1:]:
        for y, up, down in zip(trace.y, trace.error_y.array, trace.error_y.arrayminus, strict=True):
            assert low < y - down <= y <= y + up < high
    assert "n = 9 at every rate" in words(figure)
    assert "too wide for τ" in words(figure)


def test_rates_over_decades_stand_on_a_logarithmic_axis():
    axis = rate_axis([0.9, 0.0132, 0.1286, 0.18])
    assert axis.place(0.5) == -1
    assert axis.layout(330)["ticktext"] == ["1.3", "13", "18", "90"]
    assert axis.layout(180)["ticktext"] == ["1.3", "13", "90"]
    assert rate_axis([0.02, 0.3]).place(0.3) == 0.3
    assert rate_axis([]).layout(330)["tickvals"] == []
    alone = rate_axis([0.5]).layout(330)
    assert alone["range"][0] < 0.5 < alone["range"][1]


def test_series_stand_aside_as_far_however_many_they_are():
    assert asides(1) == (0,)
    assert asides(3) == (-1, 0, 1)
    assert asides(5) == (-1, -0.5, 0, 0.5, 1)


def test_counts_name_exceptions_while_they_are_few():
    assert counted([("a", 3), ("b", 3)], "mark") == "n = 3 at every mark"
    assert counted([("a", 3), ("b", 3), ("c", 2)], "mark") == "n = 3 at every mark but c (2)"
    many = [(f"a long name {number}", number) for number in (1, 2, 3, 3, 3)]
    assert counted([*many, ("a long name", 4)], "mark") == "n = 1 to 4 at a mark"
    assert counted([], "mark") == "no mark"
