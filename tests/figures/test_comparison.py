"""The page and the pictures of a comparison show what was compared, and need no network."""

from __future__ import annotations

import re

import pytest
from comparisons import compared, runs_of, whole
from stores import Run, fill, run_config

from gst.config.scale import scaled
from gst.figures.comparison_page import comparison_page, write_comparison
from gst.figures.comparison_picture import draw
from gst.store import Store

HIGH, LOW = [0.75, 0.625, 0.6875, 0.75], [0.5, 0.375, 0.4375, 0.5]
ORDER = {"quantity": "test_accuracy", "of": ["A", "B"], "strict": True}
CLAIM = {"claim": "A < 1 & better.", "place": "here", "order": ORDER}
VALUES = [
    {"quantity": "test_accuracy", "arms": ["A"], "value": 70.0, "unit": "percent", "place": "Table 1",
     "deviation": 2.5, "runs": 4},
    {"quantity": "stability", "arms": ["A"], "value": 100, "unit": "percent", "place": "Table 1"},
    {"quantity": "test_accuracy", "arms": ["B"], "value": 40.0, "unit": "percent", "place": "Table 1"},
    {"quantity": "epochs", "arms": ["A"], "value": 1, "unit": "epochs", "place": "Table 1"},
    {"quantity": "parameters", "arms": ["A"], "value": 9, "unit": "count", "place": "Table 1"},
    {"quantity": "iterative_rate", "arms": ["A"], "value": 13, "unit": "percent", "place": "Table 1"},
]  # fmt: skip


@pytest.fixture
def both(store: Store) -> Store:
    fill(store, runs_of("A", HIGH) + runs_of("B", LOW))
    return store


def test_published_values_and_ours_side_by_side(both: Store):
    found = compared(both, values=VALUES)
    published, ours = draw(found).data[:2]
    assert list(published.x) == [70.0, 40.0]
    assert list(published.error_x.array) == [2.5, None]  # no bar where the paper has no deviation
    estimates = [value.ours for value in found.values if value.what == "test accuracy"]
    assert list(ours.x) == [it.value for it in estimates]
    assert list(ours.error_x.array) == [it.high - it.value for it in estimates]
    assert list(ours.error_x.arrayminus) == [it.value - it.low for it in estimates]
    assert all(one < other for one, other in zip(published.y, ours.y, strict=True))
    assert published.marker.symbol != ours.marker.symbol[0]  # told apart without colours


def test_a_panel_for_each_quantity_that_was_measured(both: Store):
    figure = draw(compared(both, values=VALUES))
    titles = [axis.title.text for axis in figure.select_xaxes()]
    assert titles == ["test accuracy", "stability", "epochs (epochs)"]
    names = [trace.name for trace in figure.data if trace.showlegend is not False]
    assert len(names) == len(set(names)) == 2


def test_ranges_and_the_hollow_marks_of_scaled_runs(store: Store):
    configs = {"A": scaled(run_config(epochs=40), 0.1)}
    fill(store, runs_of("A", HIGH), configs=configs)
    value = VALUES[0] | {"deviation": None, "range": [60, 75]}
    published, ours = draw(compared(store, values=[value])).data
    assert (list(published.error_x.arrayminus), list(published.error_x.array)) == ([10.0], [5.0])
    assert list(ours.marker.symbol) == ["circle-open"]


def test_nothing_to_draw(both: Store):
    assert draw(compared(both, claims=[CLAIM])) is None
    assert draw(compared(both, values=[VALUES[4]])) is None


def test_one_run_has_a_mark_without_an_interval(store: Store):
    fill(store, runs_of("A", [0.5]))
    _, ours = draw(compared(store, values=[VALUES[0]])).data
    assert (list(ours.x), list(ours.error_x.array)) == ([50.0], [None])


def test_the_page_has_everything_in_it(both: Store):
    page = comparison_page(whole(both, claims=[CLAIM], values=VALUES))
    without_code = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    assert len(without_code) < 20_000 < 4_000_000 < len(page)
    assert not re.findall(r"src=|href=|@import|url\(", without_code)
    assert not re.findall(r"<script[^>]*src=", page[: page.index("plotly.js v")])
    assert page.count('class="plotly-graph-div"') == 1
    assert "A &lt; 1 &amp; better." in page
    assert '<td class="verdict held">✓ held</td>' in page
    assert "70.0% ± 2.5 (n = 4)" in page
    assert "not run: these runs have no iterative rate" in page
    assert '<meta name="gst:sweep_digest:hand" content="' in page
    assert "Somebody: A paper" in page


def test_each_verdict_has_its_word_symbol_and_colour(both: Store):
    claims = [
        CLAIM,
        CLAIM | {"order": ORDER | {"of": ["B", "A"]}},
        CLAIM | {"order": ORDER | {"of": ["A", "A"]}},
        CLAIM | {"order": ORDER | {"of": ["A", "C"]}},
    ]
    page = comparison_page(whole(both, claims=claims))
    cells = re.findall(r'<td class="verdict ([a-z-]+)">(.) ([a-z ]+)</td>', page)
    assert cells == [
        ("held", "✓", "held"), ("not-held", "✗", "not held"), ("undecided", "?", "undecided"),
        ("not-run", "–", "not run"),
    ]  # fmt: skip
    colours = dict(re.findall(r"\.([a-z-]+) \{ color: (#\w+); \}", page))
    assert len({colours[kind] for kind, _, _ in cells}) == 4
    assert "get_plotlyjs" not in page
    assert len(page) < 20_000  # nothing is drawn, so plotly's code is left out


def test_verdicts_of_another_experiment_have_no_colour(store: Store):
    configs = {arm: scaled(run_config(epochs=40, lr=lr), 0.1) for arm, lr in (("A", 0.1), ("B", 0.2))}
    fill(store, runs_of("A", HIGH) + runs_of("B", LOW), configs=configs)
    page = comparison_page(whole(store, claims=[CLAIM]))
    assert '<td class="verdict not-run">(✓) held</td>' in page
    assert "<b>at scale 0.1 with 6 images of a class</b>" in page


def test_parts_with_their_verdicts(store: Store):
    runs = runs_of("A", HIGH) + runs_of("B", LOW) + runs_of("C", HIGH)
    fill(store, runs)
    page = comparison_page(whole(store, claims=[CLAIM | {"order": ORDER | {"of": ["A", "B", "C"]}}]))
    parts = re.findall(r"<li>(.*?)</li>", page)
    assert [re.sub("<.*?>", "", part) for part in parts] == [
        "✓ test accuracy, A less B: +25 points, n = 4", "✗ test accuracy, B less C: -25 points, n = 4",
    ]  # fmt: skip


def test_figures_of_which_nothing_was_run_are_listed(store: Store):
    fill(store, [Run("A", 0, status="pending")])
    page = comparison_page(whole(store, claims=[CLAIM]))
    assert "<h2>Not run</h2>" in page
    assert "<td>fig</td><td>A paper, Figure</td>" in page


def test_the_page_is_a_file(both: Store, tmp_path):
    path = write_comparison(whole(both, claims=[CLAIM]), tmp_path / "page.html")
    assert path.read_text().endswith("</html>\n")
