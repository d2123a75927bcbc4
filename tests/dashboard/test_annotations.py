"""Tags and notes on pages: shown to all, written with --edit alone, and only by the dashboard's own pages."""

from __future__ import annotations

import json

import pytest
from plotly.utils import PlotlyJSONEncoder

from gst.dashboard.annotations import said_of, written
from gst.dashboard.app import create_app
from gst.dashboard.page import Context, load_pages
from gst.errors import InputError
from gst.paths import project_folder
from gst.store import Filter, run_page

OWN = {"Origin": "http://localhost"}
WRITE = "..runs-one-done.data...runs-one-problem.children...runs-one-note.value.."


def as_text(found) -> str:
    return json.dumps(found, cls=PlotlyJSONEncoder, ensure_ascii=False)


@pytest.fixture
def key(store) -> str:
    return run_page(store, Filter("troubled")).rows[0]["key"]


@pytest.fixture
def send(store, writable, key):
    """Click on one of the buttons of a run's page, as a browser does, with such headers; the answer."""
    app = create_app(store, load_pages([project_folder("dashboards")]), editor=writable)

    def clicked(verb: str, tag: str | None = None, note: str | None = None, keys=(key,), **headers: str):
        verbs = ("add", "remove", "say")
        states = {"runs-one-tag.value": tag, "runs-one-note.value": note, "runs-key.data": keys}
        body = {
            "output": WRITE,
            "outputs": [_parted(name) for name in WRITE.strip(".").split("...")],
            "inputs": [_parted(f"runs-one-{it}.n_clicks") | {"value": int(it == verb)} for it in verbs],
            "state": [_parted(name) | {"value": value} for name, value in states.items()],
            "changedPropIds": [f"runs-one-{verb}.n_clicks"],
        }
        answer = app.server.test_client().post("/_dash-update-component", json=body, headers=headers)
        assert answer.status_code == 200
        return answer.get_json()

    return clicked


def _parted(name: str) -> dict[str, str]:
    component, _, prop = name.rpartition(".")
    return {"id": component, "property": prop}


def test_tags_and_notes_are_shown(writable, key, page, context):
    writable.tag([key], add=["paper"])
    writable.note("looks <b>odd</b>", keys=[key])
    writable.note("before the fix", sweep_id=writable.sweep_id("troubled"))
    shown = as_text(said_of(writable.run(key)))
    assert all(words in shown for words in ("paper", "looks <b>odd</b>", "before the fix", "sweep troubled"))
    assert shown in as_text(page("runs").layout(context._replace(rest=key)))


def test_only_a_dashboard_that_edits_has_controls_and_callbacks(app, page, store, writable, key):
    for rest, name in (("", "runs-many-add"), (key, "runs-one-add")):
        assert name not in as_text(page("runs").layout(Context(store, rest)))
        assert name in as_text(page("runs").layout(Context(store, rest, editor=writable)))
    assert not any("runs-one-problem" in output for output in app.callback_map)


def test_its_own_page_writes(send, writable, key):
    assert "runs-one-done" in send("add", "paper", **OWN)["response"]
    assert writable.tags([key])[key] == ("paper",)
    send("say", note="looks odd", **OWN)
    assert [note.text for note in writable.run(key).notes] == ["looks odd"]
    assert "is one word" in as_text(send("add", "two words", **OWN))
    assert "no tag of these runs 'absent'" in as_text(send("remove", "absent", **OWN))
    send("remove", "paper", **OWN)
    assert writable.tags([key])[key] == ()


def test_whoever_is_no_page_of_it_writes_nothing(send, writable, key):
    answer = send("add", "paper")
    assert "only the dashboard's own pages write" in as_text(answer)
    assert writable.tags([key])[key] == ()


def test_runs_are_tagged_together(writable):
    keys = [row["key"] for row in run_page(writable, Filter("troubled")).rows]
    written(writable, "add", keys, " paper ", "")
    assert set(writable.tags(keys).values()) == {("paper",)}
    with pytest.raises(InputError, match="a note needs words"):
        written(writable, "say", keys[:1], "", " ")
    with pytest.raises(InputError, match="no run 'absent'"):
        written(writable, "say", [*keys, "absent"], "", "odd")
    assert not any(writable.run(key).notes for key in keys)
    written(writable, "say", keys, "", "odd")
    assert [note.text for key in keys for note in writable.run(key).notes] == ["odd"] * len(keys)


def test_a_note_stays_where_no_run_is_chosen(send):
    answer = send("say", note="looks odd", keys=[], **OWN)
    assert "no run is chosen" in as_text(answer)
    assert "runs-one-note" not in answer["response"]
