"""What the shipped pages make of a store, without a browser."""

from __future__ import annotations

import base64
import csv
import inspect
import io
import json
import re
from dataclasses import replace

import pytest
from plotly.utils import PlotlyJSONEncoder
from stores import Run, fill
from tradeoffs import HAND, TWINS

from gst.compare.loading import load_published, shipped_file
from gst.compare.papers import compare
from gst.dashboard.parameters import parameters
from gst.errors import InputError
from gst.figures import FIGURES
from gst.figures.panels.arm_means import ArmMeans
from gst.store import Filter, Limits, run_page
from gst.store.alive import Silent
from gst.store.reading import failures, sweep_states


def as_text(found) -> str:
    return json.dumps(found, cls=PlotlyJSONEncoder, ensure_ascii=False)


def test_a_sweep_is_told_in_facts(page, store):
    overview = page("overview")
    states = sweep_states(store)
    snapshots = overview.Speeds(store).snapshots(0.0, [state.progress for state in states])
    troubled, hand = states
    facts = list(overview.facts(troubled, snapshots[troubled.progress.sweep_id]))
    assert facts[:2] == ["9 runs", "16 of 25 epochs (64%)"]
    assert "measuring its speed" in facts
    assert not any("left" in fact for fact in facts)
    assert not any("speed" in fact for fact in overview.facts(hand, snapshots[hand.progress.sweep_id]))
    moving = snapshots[troubled.progress.sweep_id]._replace(epochs_per_second=0.5, seconds_left=18.0)
    assert {"0.5 epochs/s", "18 s left"} <= set(overview.facts(troubled, moving))


def test_a_silent_sweep_is_said_to_be_silent(page, store):
    troubled = sweep_states(store)[0]
    silent = Silent(troubled.progress.counts["running"], 3 * 3600.0)
    troubled = troubled._replace(progress=troubled.progress._replace(silent=silent))
    overview = page("overview")
    snapshot = overview.Speeds(store).snapshots(0.0, [troubled.progress])[troubled.progress.sweep_id]
    facts = list(overview.facts(troubled, snapshot))
    assert any("marked as running without a sign of life for 3 h 0 min: " in fact for fact in facts)
    assert not any("speed" in fact or "last written" in fact for fact in facts)


def test_a_speed_is_of_epochs_between_two_looks(page, store):
    speeds = page("overview").Speeds(store)
    progress = sweep_states(store)[0].progress
    assert speeds.snapshots(0.0, [progress])[progress.sweep_id].epochs_per_second is None
    later = progress._replace(epochs_done=progress.epochs_done + 6)
    found = speeds.snapshots(4.0, [later])[progress.sweep_id]
    assert found.epochs_per_second == 1.5
    assert found.seconds_left == pytest.approx((progress.epochs_total - later.epochs_done) / 1.5)


def test_failed_runs_open_on_their_traceback(page, store):
    diverged, failed = sorted(map(as_text, page("overview").failed_runs(failures(store, 5))), key=len)
    assert "diverged" in diverged
    shown = failed
    assert "RuntimeError: broken" in shown
    assert "last line" in shown
    assert "after epoch 0, 1 attempt, on host" in shown
    assert "None." in as_text(page("overview").failed_runs(()))


def test_a_change_of_sweep_leaves_only_its_arms(call):
    given = {"runs-sweep.value": "troubled"}, {"runs-arm.value": "pruned"}
    found = call("..runs-arm.options...runs-arm.value..", *given)["response"]["runs-arm"]
    assert found == {"options": ["base", "pruned", "last"], "value": "pruned"}
    other = call("..runs-arm.options...runs-arm.value..", {"runs-sweep.value": "hand"}, given[1])
    assert other["response"]["runs-arm"]["value"] is None


def test_what_is_not_drawn_is_said(page, store):
    runs = page("runs")
    keys = [row["key"] for row in run_page(store, Filter("troubled")).rows]
    *_, problem = runs.curves(store, keys[7:], "test_accuracy", None)
    assert problem.children == "2 of 2 runs have nothing to draw: no epoch, or no such value."
    whole = runs.curves(store, keys[:2] * runs.MOST, "test_accuracy", None)
    assert "400 chosen runs" in whole[0].children
    assert whole[1].children == "Only the first 200 chosen runs are drawn."
    assert whole[-1].children[0].id == "runs-graph"
    assert runs.curves(store, [], "test_accuracy", None).children == "No run is chosen."


def test_a_run_has_a_page_under_the_beginning_of_its_key(page, context, store):
    rows = {row["status"]: row["key"] for row in run_page(store, Filter("troubled")).rows}
    shown = as_text(page("runs").layout(context._replace(rest=rows["failed"][:6])))
    assert "troubled (base)" in shown
    assert "Traceback" in shown
    assert "digits_cnn" in shown
    assert "Pruning events" in as_text(page("runs").layout(context._replace(rest=rows["diverged"])))
    assert "no epoch yet" in as_text(page("runs").layout(context._replace(rest=rows["pending"])))
    with pytest.raises(InputError, match="no run 'zz'; there are 15 runs"):
        page("runs").layout(context._replace(rest="zz"))


def test_a_figure_is_drawn_kept_and_written(page, store):
    figures = page("figures")
    drawings, asked = figures.kept_drawings(store), figures.Asked("tradeoff", "hand")
    drawing = drawings.of(asked)
    assert drawings.of(asked) is drawing
    assert drawings.mark(asked) != drawings.mark(asked._replace(sweep="troubled"))
    best, _ = drawings.of(asked._replace(given=(("accuracy", "best"),)))
    assert best.panel(ArmMeans).accuracy == "best"
    file = figures.written(drawing, "tradeoff", "hand-tradeoff.csv")
    assert file["filename"] == "hand-tradeoff.csv"
    assert b'""sweep"": ""hand""' in base64.b64decode(file["content"])


def test_the_address_of_a_figure_has_its_parameters(page, context, store):
    figures = page("figures")
    query = {"sweep": "hand", "x": "pruning.target", "y": "stability", "log": "y"}
    shown = as_text(figures.layout(context._replace(rest="by", query=query)))
    for name, value in query.items():
        assert re.search(rf'"value": "{value}"[^}}]*"id": "figures-{name}"', shown) or (
            re.search(rf'"id": "figures-{name}"[^}}]*"value": "{value}"', shown)
        )
    assert '"hessian_trace"' not in shown  # flatness of no run was measured
    values = [query.get(name) for name in figures.PARAMETERS]
    found = figures.asked("by", "hand", values)
    assert dict(found.given) == {"x": "pruning.target", "y": "stability", "log": "y"}
    assert figures.asked("tradeoff", "hand", values).given == ()
    dynamics = figures.Asked("dynamics", "hand", (("smooth", "much"),))
    told = as_text(figures.shown(figures.kept_drawings(store), dynamics, "graph"))
    assert "smooth 'much': expected a number" in told


@pytest.mark.parametrize("name", FIGURES)
def test_every_parameter_of_a_figure_has_a_control(page, store, name):
    own = parameters(name)
    assert list(own) == list(inspect.signature(FIGURES[name].numbers).parameters)[2:]
    for parameter in own.values():
        known = parameter.choices(store, "hand")
        control = parameter.control("figures-it", store, "hand", None)
        options = getattr(control, "options", None)
        assert (
            options is None if known is None else {*options} == {*known, *filter(None, [parameter.default])}
        )
        assert (getattr(control, "value", None) or None) == ((known and parameter.default) or None)


def test_a_figure_without_runs_says_which_command_makes_them(page, store):
    figures = page("figures")
    asked = figures.Asked("fig2_vgg11", "fig2_vgg11")
    shown = as_text(figures.shown(figures.kept_drawings(store), asked, "graph"))
    assert "no sweep 'fig2_vgg11'" in shown
    assert "gst sweep fig2_vgg11" in shown
    index = as_text(figures.index(store))
    assert all(name in index for name in FIGURES)
    assert "gst sweep fig2_vgg11" in index


def test_a_question_is_answered_or_its_mistake_told(page, call):
    names = "sql-rows.columnDefs sql-shown.data sql-answer.hidden sql-about.children sql-problem.children"
    outputs = f"..{names.replace(' ', '...')}.."
    data = page("sql").question_data("SELECT count(*) AS n FROM runs WHERE seed = :seed", {"seed": "1"})
    found = call(outputs, {"sql-asked.data": data})["response"]
    assert [column["headerName"] for column in found["sql-rows"]["columnDefs"]] == ["n"]
    assert found["sql-about"]["children"].startswith("1 row, ")
    assert found["sql-answer"] == {"hidden": False}
    found = call(outputs, {"sql-asked.data": page("sql").question_data("SELECT absent", {})})["response"]
    assert (found["sql-answer"], found["sql-shown"]) == ({"hidden": True}, {"data": None})
    assert "no such column: absent" in as_text(found["sql-problem"])


def test_an_address_may_have_a_question(page, context):
    shown = as_text(page("sql").layout(context._replace(query={"sql": "SELECT :x AS x", ":x": "7"})))
    assert '"value": "SELECT :x AS x"' in shown
    assert '"value": "7"' in shown
    data = {"sql": "SELECT :x AS x", ":x": "7", page("sql").AT: 0}
    assert page("sql").question(data) == ("SELECT :x AS x", {"x": "7"})
    assert "FROM tradeoff" in as_text(page("sql").layout(context._replace(query={"query": "tradeoff"})))


def test_an_answer_is_a_file_unless_it_is_too_long(page, store, monkeypatch):
    sql = page("sql")
    file, problem = sql.downloaded(store, "SELECT 1 AS one", {})
    assert (base64.b64decode(file["content"]), problem) == (b"one\n1\n", None)
    monkeypatch.setattr(sql, "DOWNLOADED", sql.DOWNLOADED._replace(rows=2))
    _, problem = sql.downloaded(store, "SELECT epoch FROM epochs", {})
    assert "more than 2 rows" in as_text(problem)
    assert "no such table" in as_text(sql.downloaded(store, "SELECT 1 FROM absent", {})[1])


def test_points_without_a_number_are_counted(page, store):
    tradeoff = page("tradeoff")
    found = tradeoff.paired_sweep(store, "hand").points
    shown = tradeoff.placed(found, "iterative_rate", "stability")
    assert tradeoff.about(6, shown, None).startswith("4 runs; 2 more have no value on one of the axes.")
    small = [p._replace(point=p.point._replace(run=p.point.run._replace(scale=0.25))) for p in shown]
    assert "; hollow: scaled down to 0.25 of the sweep file's epochs." in tradeoff.about(6, small, None)
    assert tradeoff.about(0, (), None).startswith("There is no completed run to show")
    nothing = tradeoff.about(2, (), None, ("Mean stability", "Iterative rate"))
    assert nothing == "None of the 2 completed runs has Mean stability and Iterative rate: choose other axes."


def test_the_comparison_is_that_of_gst_compare(page, writable):
    fill(writable, [Run("No Pruning", seed, [0.5] * 4 + [seed / 16]) for seed in range(3)], name="fig2_vgg11")
    module = page("compare")
    comparison = module.kept_comparison(writable)
    found = comparison.of(None)
    published = load_published(shipped_file())
    others = [figure.figure for figure in found.figures if figure.paper == module.OWN]
    assert found == compare(writable, published, tuple(published.figures), others=others)
    assert comparison.of(None) is found
    shown = as_text(module.results(found))
    for figure in found.figures:
        assert figure.figure in shown
    assert f"Claims: {found.count('held')} held" in shown
    one = module.of_paper(found, found.figures[0].paper)
    assert {figure.paper for figure in one.figures} == {found.figures[0].paper}
    fill(writable, [Run("more", 0, [0.5] * 6)], name="more")
    assert comparison.of(None) is not found


def test_the_comparison_has_sweeps_that_no_figure_is_about(page, writable):
    later = [replace(it, seed=it.seed + 100) for it in HAND]
    fill(writable, later, configs=TWINS, name="mine")
    fill(writable, [Run("waiting", 200, [0.5], status="failed")], name="unfinished")
    module = page("compare")
    own = module.of_paper(module.kept_comparison(writable).of(None), module.OWN)
    assert "mine" in {figure.figure for figure in own.figures}
    assert "unfinished" not in {figure.figure for figure in own.figures}
    shown = as_text(module.results(own))
    assert "hard less none" in shown
    assert "asked of your sweep, not of the paper's experiment" in shown


@pytest.mark.parametrize(("text", "value"), [("3", 3), ("0.5", 0.5), ("1e-3", 0.001), ("hand", "hand")])
def test_what_is_typed_is_a_number_where_it_reads_as_one(page, text, value):
    assert page("sql").typed(text) == value
    assert type(page("sql").typed(text)) is type(value)


def test_a_query_is_answered_with_its_first_rows(page, store):
    answer = page("sql").answer
    found = answer(store, "SELECT epoch FROM epochs ORDER BY epoch, run_id", {}, Limits(60, 4, 1000))
    assert (len(found.rows), found.more) == (4, True)
    whole = answer(store, "SELECT count(*) AS n FROM runs WHERE seed = :seed", {"seed": "1", "other": "x"})
    assert whole.columns == ("n",)
    assert whole.rows == [(store.query("SELECT count(*) FROM runs WHERE seed = 1").rows[0][0],)]
    assert not whole.more


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("SELECT * FROM nothing", "nothing"),
        ("DELETE FROM runs", "starts with 'DELETE'"),
        ("WITH one AS (SELECT 1) DELETE FROM runs", "readonly|read-only|not authorized"),
        ("SELECT :seed", "the parameter seed is missing"),
        ("SELECT 1; SELECT 2", "one statement at a time"),
        ("", "no statement"),
    ],
)
def test_what_cannot_be_answered_is_said(page, store, sql, words):
    with pytest.raises(InputError, match=words):
        page("sql").answer(store, sql, {"seed": ""})


def test_csv_has_every_row_and_nothing_for_what_is_missing(page, store):
    found = page("sql").answer(store, "SELECT key, reason FROM runs ORDER BY run_id", {})
    rows = list(csv.reader(io.StringIO(page("sql").as_csv(found))))
    assert rows[0] == ["key", "reason"]
    assert rows[1:] == [[key, reason or ""] for key, reason in found.rows]
