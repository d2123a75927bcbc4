"""Any sheet of panels is drawn by one function: here of panels made by hand."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from stores import fill
from tradeoffs import pruned

from gst.analysis.source import Member, Source
from gst.figures import FIGURES
from gst.figures.frame import LONG, Pane, compose, draw, draw_panel
from gst.figures.sheet import Grid, Sheet, missing_rows
from gst.figures.sweep_runs import SweepRuns


class Line(NamedTuple):
    """A panel of one line."""

    name: str
    values: tuple[float, ...]
    heading: str = ""

    def rows(self):
        yield from ({"what": self.name, "value": value} for value in self.values)

    def reading(self):
        yield "A line is a line."


@draw_panel.register
def _(panel: Line, pane: Pane) -> None:
    pane.add(y=panel.values, name=panel.name, legendgroup=panel.name, showlegend=True)
    pane.set_x(title_text="x")
    pane.set_y(title_text="y")


class Runs(NamedTuple):
    source: Source
    datasets: tuple[str, ...] = ("digits",)
    models: tuple[str, ...] = ("mlp",)
    scales: tuple[float, ...] = ()
    scaled_down = SweepRuns.scaled_down

    def rows(self):
        yield {"what": "run", "key": "k1"}
        yield from missing_rows(self.source)


DONE = Member("a", "k1", 0, "completed", "none", 0, 0)
LOST = Member("a", "k2", 1, "failed", "none", 0, 1)
RUNS = Runs(Source("hand", "hand", 1, "d1", "By hand", (DONE, LOST)))
ONE, TWO = Line("one", (1.0, 2.0), "<b>One</b>"), Line("two", (3.0,))


def below(figure):
    """The lines below the panels."""
    return figure.layout.annotations[-1].text.split("<br>")


def test_a_table_has_the_panels_in_order_and_then_the_runs():
    table = Sheet(RUNS, (ONE, TWO)).table()
    assert table.columns == ("what", "value", "key", "arm", "seed")
    assert [row[:3] for row in table.rows] == [
        ("one", 1.0, None), ("one", 2.0, None), ("two", 3.0, None), ("run", None, "k1"),
        ("failed run", None, "k2"),
    ]  # fmt: skip


def test_parts_and_columns_say_otherwise():
    table = Sheet(RUNS, (ONE, TWO), parts=(TWO, RUNS), columns=("key", "what")).table()
    assert table == (("key", "what"), ((None, "two"), ("k1", "run"), ("k2", "failed run")))


def test_the_subtitle_names_runs_parts_and_what_is_missing():
    sheet = Sheet(RUNS._replace(scales=(0.5,)), (ONE,), about=("n = 1 < 2",))
    assert sheet.subtitle() == (
        "mlp on digits · n = 1 &lt; 2 · 1 run · 95% intervals<br>"
        "<b>1 of 2 missing: 1 failed · open symbols: scaled down to 0.5 of the sweep file's epochs</b>"
    )


def test_each_panel_has_its_axes_its_heading_and_its_place():
    figure = draw(Sheet(RUNS, (ONE, TWO, ONE), grid=Grid(columns=2)))
    assert [(trace.xaxis, trace.yaxis) for trace in figure.data] == [("x", "y"), ("x2", "y2"), ("x3", "y3")]
    headings = [(it.xref, it.yref) for it in figure.layout.annotations if it.text == ONE.heading]
    assert headings == [("x domain", "y domain"), ("x3 domain", "y3 domain")]
    assert figure.layout.xaxis.domain == figure.layout.xaxis3.domain != figure.layout.xaxis2.domain
    assert figure.layout.yaxis.domain[0] > figure.layout.yaxis3.domain[1]


def test_a_group_of_traces_has_one_entry_in_the_legend():
    figure = draw(Sheet(RUNS, (ONE, TWO, ONE)))
    assert [trace.showlegend for trace in figure.data] == [True, True, False]
    assert figure.layout.showlegend
    assert not compose([], "title", "subtitle").layout.showlegend


def test_a_legend_of_long_names_leaves_the_panels_their_room(store):
    arms = [
        f"PruneL learning_rate_schedule=cosine pruning.fraction=0.{arm} retraining_every=6"
        for arm in range(9)
    ]
    fill(store, [pruned(arm, seed, 0.5, 0.5) for arm in arms for seed in (0, 1)])
    figure = FIGURES["dynamics"].draw(FIGURES["dynamics"].numbers(store, "hand"))
    entries = [trace.name for trace in figure.data if trace.showlegend]
    assert len(set(entries)) == len(entries) == 9
    assert max(map(len, entries)) <= LONG
    assert all(f"fraction=0.{arm} " in entry for arm, entry in enumerate(entries))


def test_sentences_are_written_once_and_notes_last():
    figure = draw(Sheet(RUNS, (ONE, TWO), reading=("First this.",), notes=("then what is missing",)))
    assert below(figure) == ["First this.", "A line is a line.", "Then what is missing."]
    more = draw(Sheet(RUNS, (ONE, TWO), notes=("missing",) * 5))
    assert more.layout.height == figure.layout.height + 3 * 16
    assert more.layout.margin.b == figure.layout.margin.b + 3 * 16


def test_shared_axes_have_titles_at_the_edge():
    figure = draw(Sheet(RUNS, (ONE, TWO, ONE), grid=Grid(columns=2, shared_x=True, shared_y=True)))
    layout = figure.layout
    titles = [layout[f"{axis}axis{number}"].title.text for axis in "xy" for number in ("", 2, 3)]
    assert titles == [None, "x", "x", "y", None, "y"]


def test_an_inset_lies_within_its_panel():
    figure = draw(Sheet(RUNS, (ONE, TWO)))
    inset = Pane(figure, "x2", "y2", 400).inset(0.25, 0.5, 0.5, 0.25)
    assert (inset.x, inset.y, inset.width) == ("x3", "y3", 200)
    outer, inner = figure.layout.xaxis2.domain, figure.layout.xaxis3.domain
    assert inner == pytest.approx(
        [outer[0] + 0.25 * (outer[1] - outer[0]), outer[0] + 0.75 * (outer[1] - outer[0])]
    )


def test_the_first_panel_of_a_kind():
    assert Sheet(RUNS, (ONE, TWO)).panel(Line) is ONE


def test_a_kind_of_panel_without_a_drawing_is_a_mistake():
    class Bare(Line):
        pass

    class Other(NamedTuple):
        heading: str = ""

    compose([Bare("bare", (1.0,))], "title", "subtitle")  # drawn as what it is a kind of
    with pytest.raises(TypeError, match="Other has no drawing"):
        compose([Other()], "title", "subtitle")
