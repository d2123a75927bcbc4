"""Pages found by their path, whole or broken, and the examples of dashboards/README.md."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import plotly.graph_objects as go
import pytest
from plotly.utils import PlotlyJSONEncoder

from gst.dashboard.app import content, create_app
from gst.dashboard.page import Selection, drawn, load_page, load_pages
from gst.errors import InputError
from gst.figures.style import TEMPLATE
from gst.paths import project_folder
from gst.store import Store

SHIPPED = ["overview", "sweep", "runs", "tradeoff", "levels", "figures", "compare", "sql"]
SIMPLE = """\
import plotly.graph_objects as go
from dataclasses import dataclass

TITLE = "Mine"

@dataclass
class Thing:  # needs its module to be known
    number: int = 1

def figures(store, selection):
    return go.Figure(go.Bar(y=[Thing().number], name=selection.sweep))
"""


def as_text(components) -> str:
    return json.dumps(components, cls=PlotlyJSONEncoder)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pages").mkdir()
    return tmp_path / "pages"


def test_the_shipped_pages_are_in_order():
    pages = load_pages([project_folder("dashboards")])
    assert [page.name for page in pages] == SHIPPED
    assert all(page.register is not None for page in pages)  # a broken one has none


@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.parametrize("filled_in", [True, False])
def test_every_shipped_page_has_a_layout_of_any_store(name, filled_in, context, tmp_path):
    page = load_page(project_folder("dashboards") / f"{name}.py")
    if filled_in:
        assert page.title in as_text(page.layout(context))
        return
    with Store.open(str(tmp_path / "empty.db"), create=True) as empty:
        assert page.title in as_text(page.layout(context._replace(store=empty)))


@pytest.mark.slow
def test_neither_the_dashboard_nor_its_pages_need_torch_or_ray():
    script = (
        "import sys, gst.dashboard.app\nfrom gst.dashboard.page import load_pages\n"
        "from gst.paths import project_folder\nload_pages([project_folder('dashboards')])\n"
        "print({'torch', 'ray', 'kaleido'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_a_page_of_one_s_own_needs_a_title_and_figures(folder, context):
    (folder / "mine.py").write_text(SIMPLE)
    (folder / "_helper.py").write_text("raise SystemExit")
    (page,) = load_pages([folder])
    assert (page.name, page.title) == ("mine", "Mine")
    text = as_text(page.layout(context._replace(query={"sweep": "hand"})))
    assert '"value": "hand"' in text
    assert '"value": "troubled"' in as_text(page.layout(context))  # the newest, where none is asked for
    app = create_app(context.store, [page])
    assert "mine-figures.children" in app.callback_map


def test_a_later_folder_replaces_a_page(folder):
    (folder / "runs.py").write_text(SIMPLE)
    pages = load_pages([project_folder("dashboards"), folder])
    assert [page.title for page in pages].count("Mine") == 1
    assert "Runs" not in [page.title for page in pages]


def test_a_missing_folder_is_the_user_s_mistake(tmp_path):
    with pytest.raises(InputError, match=r"nowhere: there is no such folder of pages"):
        load_pages([tmp_path / "nowhere"])


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("import nonexistent_module", "No module named 'nonexistent_module'"),
        ("TITLE = (", "SyntaxError"),
        ("def figures(store, selection): ...", "a page has a TITLE"),
        ("TITLE = 'x'", "a function figures(store, selection), or layout(context)"),
        ("TITLE = 'x'\ndef layout(context): return 1 / 0", "ZeroDivisionError"),
        ("TITLE = 'x'\ndef layout(context): return object()", "not JSON serializable"),
        (
            "TITLE = 'x'\ndef layout(context): ...\ndef register(app, context): return 1 / 0",
            "ZeroDivisionError",
        ),
    ],
)
def test_a_broken_page_says_why_and_breaks_no_other(folder, store, source, words):
    (folder / "bad.py").write_text(source)
    (folder / "good.py").write_text(SIMPLE)
    app = create_app(store, load_pages([folder]))
    show = app.callback_map["..page.children...navigation.children...page-problem.children...said.data.."]
    assert show  # the frame stands
    shown = visited(app, "/bad")
    assert words in shown
    assert "good" in shown  # in the navigation
    assert "Mine" in visited(app, "/good")


def visited(app, path: str) -> str:
    body = {
        "output": "..page.children...navigation.children...page-problem.children...said.data..",
        "outputs": [
            *({"id": name, "property": "children"} for name in ("page", "navigation", "page-problem")),
            {"id": "said", "property": "data"},
        ],
        "inputs": [
            {"id": "address", "property": "pathname", "value": path},
            {"id": "address", "property": "search", "value": ""},
        ],
        "state": [{"id": "said", "property": "data", "value": None}],
        "changedPropIds": ["address.pathname"],
    }
    response = app.server.test_client().post("/_dash-update-component", json=body)
    assert response.status_code == 200
    return json.dumps(response.get_json(), ensure_ascii=False)


def test_a_page_cannot_take_what_another_page_writes(folder, store):
    callback = """\
from dash import Input, Output
TITLE = {title!r}
def layout(context): return "the layout of {title}"
def register(app, context):
    @app.callback(Output("shared", "children"), Input("version", "data"))
    def f(version): return {title!r}
"""
    for title in ("first", "second"):
        (folder / f"{title}.py").write_text(callback.format(title=title))
    app = create_app(store, load_pages([folder]))
    assert "the layout of first" in visited(app, "/first")
    assert "another page has callbacks for shared.children already" in visited(app, "/second")


@pytest.mark.parametrize(
    ("found", "texts"),
    [
        (go.Figure(), ['"type": "Graph"']),
        ([go.Figure(), go.Figure()], ['"type": "Graph"']),
        ({"A heading": go.Figure()}, ["A heading", '"type": "Graph"']),
        ([], ["There is nothing to show."]),
        (None, ["There is nothing to show."]),
        ("text", ["figures() returns plotly figures, found str"]),
    ],
)
def test_what_a_simple_page_returns_is_shown(store, found, texts):
    shown = as_text(drawn(lambda store, selection: found, store, Selection("hand")))
    assert all(text in shown for text in texts)


def test_a_simple_page_s_mistakes_are_shown_in_words(store):
    def unknown(store, selection):
        return store.frame("fial")

    def wrong(store, selection):
        return 1 / 0

    assert "no query 'fial'" in as_text(drawn(unknown, store, Selection("hand")))
    shown = as_text(drawn(wrong, store, Selection("hand")))
    assert "cannot be drawn" in shown
    assert "ZeroDivisionError" in shown


def test_a_figure_without_a_template_gets_the_house_s(store):
    own = go.Figure(layout={"template": "plotly_dark"})
    plain = go.Figure()
    parts = drawn(lambda store, selection: [own, plain], store, Selection("hand"))
    one, other = (part.children[0] for part in parts)
    assert one.figure.layout.template == own.layout.template
    assert other.figure.layout.template.layout.colorway == TEMPLATE.layout.colorway
    assert plain.layout.template == go.Figure().layout.template  # the page's own figure is as it was


def examples() -> list[str]:
    text = (project_folder("dashboards") / "README.md").read_text(encoding="utf-8")
    return re.findall(r"```python\n(.*?)```", text, re.DOTALL)


@pytest.mark.parametrize("number", [0, 1])
def test_the_examples_in_the_readme_work(folder, context, number):
    (folder / "example.py").write_text(examples()[number])
    (page,) = load_pages([folder])
    assert page.register is not None
    shown = as_text(content([page], context, "/example", ""))
    assert page.title in shown or "status-which" in shown
    app = create_app(context.store, [page])
    assert len(app.callback_map) > len(create_app(context.store, []).callback_map)


def test_the_example_of_figures_draws_the_store_s_drops(folder, store):
    (folder / "drops.py").write_text(examples()[0])
    namespace: dict = {}
    exec(compile(examples()[0], "README.md", "exec"), namespace)
    ((heading, figure),) = namespace["figures"](store, Selection("hand")).items()
    assert heading == "Drop of test accuracy at pruning events"
    assert [trace.name for trace in figure.data] == ["hard", "soft"]
    assert list(figure.data[0].y) == [0.375, 0.25]
