"""The frame around the pages: addresses, news from the store, and what goes wrong."""

from __future__ import annotations

import json
import shutil

import pytest
from plotly.utils import PlotlyJSONEncoder

from gst.dashboard.app import content, create_app, looked, navigation, page_at
from gst.dashboard.page import Page
from gst.dashboard.pieces import table
from gst.errors import InputError
from gst.store.reading import store_version

PAGES = (
    Page("first", "First", 1, lambda context: f"first {context.rest} {dict(context.query)}", None),
    Page("second", "Second", 2, lambda context: 1 / 0, None),
)
SHOW = "..page.children...navigation.children...page-problem.children...said.data.."


def as_text(found) -> str:
    return json.dumps(found, cls=PlotlyJSONEncoder)


@pytest.mark.parametrize(
    ("path", "name", "rest"),
    [
        ("/", "first", ""), ("", "first", ""), ("/second", "second", ""), ("/first/", "first", ""),
        ("/first/a%20b/c", "first", "a b/c"), ("/third", None, ""),
    ],
)  # fmt: skip
def test_an_address_names_a_page_and_what_follows(path, name, rest):
    page, found = page_at(PAGES, path)
    assert (page.name if page else None, found) == (name, rest)


def test_a_page_is_given_what_the_address_says(context):
    assert content(PAGES, context, "/first/x", "?a=1&b=%2Bc") == "first x {'a': '1', 'b': '+c'}"


def test_an_unknown_address_says_which_there_are(context):
    shown = as_text(content(PAGES, context, "/third", ""))
    assert "There is no page at /third" in shown
    assert "/first" in shown
    assert page_at((), "/") == (None, "")


def test_a_mistake_of_a_page_is_its_own(context):
    assert "ZeroDivisionError" in as_text(content(PAGES, context, "/second", ""))


def test_a_deliberate_error_is_shown_without_a_trace(context):
    def refuse(context):
        raise InputError("no such thing")

    shown = as_text(content([Page("a", "A", 1, refuse, None)], context, "/a", ""))
    assert "no such thing" in shown
    assert "Traceback" not in shown


def test_the_present_page_is_marked():
    links = navigation(PAGES, "/second")
    assert [(link.children, link.className) for link in links] == [("First", ""), ("Second", "here")]


def test_news_is_what_is_not_known_yet(store):
    found, problem, at = looked(store, "")
    assert (found, problem) == (store_version(store), None)
    assert at.endswith(" UTC")
    again, _, _ = looked(store, found)
    assert again is not found
    assert type(again).__name__ == "NoUpdate"


def test_a_store_that_is_gone_is_said_and_found_again(store, path, tmp_path):
    shutil.move(path, tmp_path / "away.db")
    store.close()
    _, problem, _ = looked(store, "")
    assert "The store does not answer" in as_text(problem)
    shutil.move(tmp_path / "away.db", path)
    assert looked(store, "")[:2] == (store_version(store), None)


def test_the_frame_is_served_without_anything_from_elsewhere(app):
    client = app.server.test_client()
    page = client.get("/").text
    assert "/assets/gst.css" in page
    assert "/assets/gst.js" in page
    sources = [part.split('"')[1] for part in page.split("src=")[1:]]
    assert sources
    assert all(source.startswith("/") for source in sources)
    for source in sources:
        with client.get(source) as response:  # which is a file, to be closed
            assert response.status_code == 200


def test_a_visit_goes_through_the_server(call):
    there = {"address.pathname": "/sql", "address.search": "?a=b"}
    found = call(SHOW, there, {"said.data": None})["response"]
    assert found["said"] == {"data": {"at": "/sql?a=b"}}
    own = call(SHOW, there, {"said.data": {"at": "/sql?a=b"}})  # the page's own controls have written that
    assert own["response"] == {}
    assert "One statement, which can only read" in as_text(found["page"])
    assert '"className": "here", "href": "/sql"' in json.dumps(found["navigation"], sort_keys=True)


def test_an_error_in_a_callback_is_shown_above_the_page(call, capsys):
    found = call(
        "..runs-dynamics.children...runs-mark.data..",
        {
            "runs-run.data": None,
            "runs-quantity.value": None,
            "runs-by.value": None,
            "runs-sweep.value": None,
            "version.data": "",
        },
        {"runs-mark.data": None},
    )
    shown = json.dumps(found)
    assert "page-problem" in shown
    assert "TypeError" in shown
    assert "TypeError" in capsys.readouterr().err


def test_a_table_puts_numbers_to_the_right():
    head, body = table(("name", "n"), [["a", 1], ["b", None]]).children.children
    assert [cell.className for cell in head.children.children] == ["", "number"]
    assert [[cell.children for cell in row.children] for row in body.children] == [["a", "1"], ["b", ""]]


def test_an_application_stands_alone(store):
    # Two of them in one process share nothing, as the tests here do all the time.
    first, second = create_app(store, PAGES), create_app(store, PAGES)
    assert first.callback_map.keys() == second.callback_map.keys()
    assert first.callback_map is not second.callback_map
