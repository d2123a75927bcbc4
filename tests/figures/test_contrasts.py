"""The panel of differences between arms: its rows, words and drawing."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import pytest
from drawn_figures import words
from scipy import stats
from stores import fill
from tradeoffs import TWINS, pruned, targeted, unpruned

from gst.analysis.contrasts import ArmContrast
from gst.analysis.quantities import RUN_QUANTITIES
from gst.figures.frame import compose
from gst.figures.panels.contrasts import ROW, Contrasts, contrasts_panel, label
from gst.figures.style import BASELINE, Look, looks
from gst.figures.sweep_runs import sweep_runs
from gst.stats.tests import TTest

ACCURACIES = {"none": [0.5, 0.625, 0.5625], "hard": [0.75, 0.6875, 0.71875], "soft": [0.5, 0.75, 0.625]}
LOOKS = looks(["hard", "soft"])


def panel(store, name="final_accuracy", **accuracies) -> Contrasts:
    """The contrasts of arms with those accuracies of each seed."""
    chosen = accuracies or ACCURACIES
    runs = [
        unpruned(arm, seed, it) if arm == "none" else pruned(arm, seed, 0.5, it)
        for arm, values in chosen.items()
        for seed, it in enumerate(values)
    ]
    fill(store, runs, configs={arm: TWINS[arm] for arm in chosen})
    quantity = RUN_QUANTITIES[name]
    return contrasts_panel(store, sweep_runs(store, "hand", "final"), quantity, quantity.of, LOOKS)


def drawn(found: Contrasts) -> go.Figure:
    return compose([found], "", "", found.reading())


def marks(figure: go.Figure) -> list[go.Scatter]:
    return [trace for trace in figure.data if trace.mode == "markers"]


def labels(figure: go.Figure) -> list[str]:
    return [it.text for it in figure.layout.annotations if it.yref == "y"]


def contrast(first: str, other: str, arms: int = 1, low: float = 0.25, high: float = 0.75) -> ArmContrast:
    test = TTest((low + high) / 2, low, high, (5, 5), 3.0, 4, 4.4e-6, "95% t, paired by seed")
    return ArmContrast(first, other, arms, test, test.p, 1.3e-5)


def made(*found: ArmContrast, name: str = "final_accuracy") -> Contrasts:
    return Contrasts(RUN_QUANTITIES[name], found, LOOKS)


def test_a_row_for_each_contrast_with_its_unit_of_1(store):
    rows = list(panel(store).rows())
    assert [(row["what"], row["arm"], row["other"], row["n"]) for row in rows] == [
        ("contrast of final_accuracy", *arms, 3)
        for arms in (("hard", "none"), ("soft", "none"), ("hard", "soft"))
    ]
    for row in rows:
        expected = stats.ttest_rel(ACCURACIES[row["arm"]], ACCURACIES[row["other"]])
        assert (row["low"], row["high"]) == pytest.approx(tuple(expected.confidence_interval(0.95)))
        assert row["p"] == pytest.approx(expected.pvalue)
        assert row["p_holm"] >= row["p"]


def test_contrasts_are_of_the_quantity(store):
    """Runs train to 100%, so that a gap is what is left to it."""
    found = panel(store, "final_gap")
    assert found.quantity.name == "final_gap"
    expected = np.mean(ACCURACIES["none"]) - np.mean(ACCURACIES["hard"])
    assert found.found[0].test.value == pytest.approx(expected)


def test_the_heading_names_the_quantity_in_lines_that_fit_beside_another_panel():
    assert made().heading == "<b>Difference in final test accuracy</b><br>paired by seed, 95% interval"
    assert made(name="best_accuracy").heading.split("<br>") == [
        "<b>Difference in best test accuracy",
        "since the last pruning event</b>",
        "paired by seed, 95% interval",
    ]


def test_a_mark_and_a_label_for_each_contrast_in_percentage_points(store):
    found = panel(store)
    figure = drawn(found)
    for place, (mark, it) in enumerate(zip(marks(figure), found.found, strict=True)):
        difference = np.subtract(ACCURACIES[it.first], ACCURACIES[it.other])
        low, high = (100 * end for end in stats.ttest_1samp(difference, 0).confidence_interval(0.95))
        value = 100 * difference.mean()
        assert (mark.x[0], mark.y[0]) == (pytest.approx(value), place)
        assert (mark.error_x.array[0], mark.error_x.arrayminus[0]) == pytest.approx(
            (high - value, value - low)
        )
        look = LOOKS[it.first]
        assert (mark.marker.color, mark.marker.symbol) == (look.colour, look.symbol)
        assert mark.hovertemplate.startswith(f"<b>{it.first} less {it.other}</b><br>")
        assert (
            f"{value:.2f} [{low:.2f}, {high:.2f}], n = 3 seeds, p = ".replace("-", "−") in mark.hovertemplate
        )
    assert labels(figure) == ["hard − none", "soft − none", "hard − soft"]
    places = [it.y for it in figure.layout.annotations if it.yref == "y"]
    assert all(place - 1 < above < place for place, above in enumerate(places))
    # The first stands on top, and all of them within the panel.
    low, high = figure.layout.yaxis.range
    assert low > 2 > 0 > high
    assert figure.layout.xaxis.title.text == "Percentage points"


def test_zero_is_always_in_the_panel_and_marked():
    axis = drawn(made(contrast("a", "b"))).layout.xaxis
    assert (axis.rangemode, axis.zeroline) == ("tozero", True)


def test_what_is_no_share_has_no_percentage_points():
    figure = drawn(made(contrast("a", "b"), name="retrain_period"))
    assert figure.layout.xaxis.title.text == "Difference"
    assert (marks(figure)[0].x[0], made(name="retrain_period").interval(contrast("a", "b").test)) == (
        0.5, "+0.50 [+0.25, +0.75]",
    )  # fmt: skip


def test_a_contrast_over_pairs_of_arms_has_a_look_of_its_own_and_says_how_many():
    figure = drawn(made(contrast("target largest", "random", arms=7)))
    assert labels(figure) == ["target largest − random, 7 pairs of arms"]
    assert marks(figure)[0].name == "target largest less random, over 7 pairs of arms"
    assert marks(figure)[0].marker.color == Look(BASELINE, "square").colour


@pytest.mark.parametrize(
    ("first", "other", "text"),
    [
        ("PruneL", "No Pruning", "PruneL − No Pruning"),
        ("PruneL every 6", "PruneS every 6", "PruneL − PruneS, every 6"),
        ("PruneS every 2", "PruneL every 6", "PruneS every 2 − PruneL every 6"),
        ("PruneL per_class=8", "No Pruning per_class=8", "PruneL − No Pruning, per_class=8"),
        ("L 13%", "13%", "L 13% − 13%"),
        ("13%", "L 13%", "13% − L 13%"),
        ("a b", "a b", "a − a, b"),
    ],
)
def test_words_that_both_names_end_in_are_written_once(first, other, text):
    assert label(contrast(first, other)) == text


def test_names_are_not_taken_for_tags():
    figure = drawn(made(contrast("<b>a", "c < d")))
    assert labels(figure) == ["&lt;b&gt;a − c &lt; d"]
    assert marks(figure)[0].name == "&lt;b&gt;a less c &lt; d"


def test_only_what_is_tested_is_drawn_and_the_rest_is_named(store):
    found = panel(store, none=[0.5, 0.75], hard=[0.625, 0.875], soft=[0.75, 0.5])
    assert [it.first for it in found.tested] == ["soft", "hard"]
    assert labels(drawn(found)) == ["soft − none", "hard − soft"]
    assert list(found.reading()) == [
        "Differences: 95% t, paired by seed; p by Holm's rule for all of them together.",
        "Not tested, for want of seeds or variation: hard less none.",
    ]
    (row,) = (row for row in found.rows() if "note" in row)
    assert row["note"] == "a paired t-test needs variation, and all 2 differences are 0.125"
    assert found.words(found.found[0]) == f"not tested: {row['note']}"


def test_one_seed_has_nothing_to_draw(store):
    one = panel(store, none=[0.5], hard=[0.625])
    assert (one.tested, one.method) == ((), "")
    assert list(one.sentences()) == ["Not tested, for want of seeds or variation: hard less none."]
    assert marks(drawn(one)) == []


def test_the_sentences_are_plain_text():
    """A note is escaped, so that a tag in it would be seen."""
    found = made(contrast("a", "b"), contrast("c", "d"))
    first, second = found.sentences()
    assert first == (
        "Difference in final test accuracy, in percentage points: a less b +50.00 [+25.00, +75.00], n = 5, "
        "p = 1×10⁻⁵; c less d +50.00 [+25.00, +75.00], n = 5, p = 1×10⁻⁵."
    )
    assert second.startswith("Differences: 95% t")
    assert "&lt;" not in words(drawn(found))


def test_many_contrasts_have_a_row_each():
    many = made(*(contrast(f"arm {number}", "none") for number in range(20)))
    assert many.height == 21 * ROW
    assert made().height == ROW


def test_without_contrasts_the_panel_stands():
    figure = drawn(made())
    assert figure.layout.yaxis.range == (0.6, -0.9)
    assert list(made().reading()) == []


def test_arms_without_a_twin_have_no_panel_of_contrasts(store):
    fill(store, [unpruned("none", 0, 0.5), pruned("hard", 0, 0.5, 0.5)],
         configs={"none": targeted(None, lr=0.5), "hard": targeted("largest")})  # fmt: skip
    quantity = RUN_QUANTITIES["final_accuracy"]
    found = contrasts_panel(store, sweep_runs(store, "hand", "final"), quantity, quantity.of)
    assert (found.found, list(found.rows()), list(found.sentences())) == ((), [], [])
