"""The page of a sweep: what it says of a version, and that it draws what other pages draw."""

from __future__ import annotations

import json

import pytest
from plotly.utils import PlotlyJSONEncoder
from stores import run_config, sweep_of

from gst.dashboard.app import create_app
from gst.dashboard.contrast_table import contrast_table
from gst.dashboard.page import Context, load_pages
from gst.dashboard.points import paired_sweep
from gst.errors import UnknownNameError
from gst.figures import FIGURES
from gst.paths import project_folder
from gst.store import Store


def as_text(found) -> str:
    return json.dumps(found, cls=PlotlyJSONEncoder, ensure_ascii=False)


def graph(found, name: str):
    """The traces of the graph of that id among these components."""
    if isinstance(found, list):
        return next((it for part in found if (it := graph(part, name)) is not None), None)
    if not isinstance(found, dict):
        return None
    if found.get("id") == name:
        return found["figure"]["data"]
    return graph(list(found.values()), name)


@pytest.fixture
def shown(page, context):
    """The text of the page at that address."""
    return lambda rest: as_text(page("sweep").layout(context._replace(rest=rest)))


def test_it_has_the_words_of_its_version_and_links_to_other_pages(shown, store):
    found = shown("hand")
    version = store.version("hand")
    assert version.address in found
    for address in ("/runs?sweep=hand", "/tradeoff?sweep=hand", "/figures/by?sweep=hand", "/compare"):
        assert address in found
    assert "/levels" not in found


def test_without_a_name_it_is_the_newest_sweep(shown, store, page, context, empty):
    assert store.version("troubled").address in shown("")
    with Store.open(str(empty), readonly=True) as nothing:
        told = as_text(page("sweep").layout(context._replace(store=nothing)))
    assert "There is no sweep yet." in told
    assert "gst import --shipped NAME" in told
    with pytest.raises(UnknownNameError, match=r"no sweep 'hant'; did you mean 'hand'\?"):
        shown("hant")


def test_another_version_has_a_page_and_the_selector_leads_there(writable, shown, app, call):
    sweep_id = writable.register(
        sweep_of({"a": run_config(epochs=1, lr=0.25)}, name="hand")._replace(options="--scale 0.1")
    )
    (version,) = writable.sweeps(sweep_id=sweep_id)
    assert f"Sweep {version.address}, --scale 0.1" in shown(version.address)
    go = {"sweep-version.value": version.called}, {"address.pathname": "/sweep/hand"}
    (output,) = [it for it in app.callback_map if it.startswith("address.pathname@")]
    assert call(output, *go)["response"]["address"]["pathname"] == f"/sweep/{version.called}"
    assert call(output, {"sweep-version.value": "hand"}, go[1])["response"] == {}


def test_its_differences_and_pictures_are_those_of_other_pages(call, store):
    outputs = "..sweep-results.children...sweep-results-mark.data.."
    inputs = {"sweep-name.data": "hand", "version.data": "1"}
    answer = call(outputs, inputs, {"sweep-results-mark.data": None})["response"]
    found = as_text(answer["sweep-results"])
    for figure in ("tradeoff", "dynamics"):
        drawn = FIGURES[figure].draw(FIGURES[figure].numbers(store, "hand"))
        assert graph(answer["sweep-results"], f"sweep-{figure}") == json.loads(drawn.to_json())["data"]
    table = contrast_table(paired_sweep(store, "hand").contrasts("final_accuracy"))
    assert (table is None) == ("Differences of arms" not in found)
    again = {"sweep-results-mark.data": answer["sweep-results-mark"]["data"]}
    assert call(outputs, inputs, again)["response"].keys() == set()


def test_the_figures_that_its_file_names_come_first(call, writable):
    spec = sweep_of({"a": run_config(epochs=1, lr=0.25)}, name="own")._replace(figures=("barrier", "gone"))
    writable.register(spec)
    outputs = "..sweep-results.children...sweep-results-mark.data.."
    inputs = {"sweep-name.data": "own", "version.data": "1"}
    found = as_text(call(outputs, inputs, {"sweep-results-mark.data": None})["response"]["sweep-results"])
    headings = [found.index(f'"{it}"') for it in (FIGURES["barrier"].title, "Stability and accuracy")]
    assert headings == sorted(headings)
    assert "gone" not in found


def test_it_follows_how_far_each_arm_is_and_what_failed(call, store):
    progress = as_text(
        call("sweep-progress.children", {"tick.n_intervals": 1, "sweep-name.data": "troubled"})
    )
    assert "16 of 25 epochs (64%)" in progress
    marked = {"sweep-name.data": "troubled", "version.data": "1"}
    arms = as_text(
        call("..sweep-arms.children...sweep-arms-mark.data..", marked, {"sweep-arms-mark.data": None})
    )
    for arm in store.progress(store.sweep_id("troubled")).arms:
        assert f"/runs?sweep=troubled&arm={arm.arm}" in arms
    outputs = "..sweep-failures.children...sweep-failures-mark.data.."
    assert "RuntimeError: broken" in as_text(call(outputs, marked, {"sweep-failures-mark.data": None}))
    own = call(outputs, {**marked, "sweep-name.data": "hand"}, {"sweep-failures-mark.data": None})
    assert "None." in as_text(own)


def test_archived_sweeps_are_in_no_selector_but_have_a_page(writable, page, context, shown):
    writable.archive(writable.sweep_id("hand"))
    for name in ("runs", "tradeoff"):
        assert '"hand' not in as_text(page(name).layout(context))
        asked = page(name).layout(context._replace(query={"sweep": "hand"}))
        assert "hand (the file's own options, archived)" in as_text(asked)
    assert "hand (the file's own options, archived)" in shown("hand")
    assert "Claim" not in shown("troubled")


def test_the_overview_folds_them_away(call, writable):
    outputs = "..overview-now.children...overview-sweeps.children...overview-shown.data.."
    inputs, before = {"tick.n_intervals": 1}, {"overview-shown.data": None}
    first = as_text(call(outputs, inputs, before))
    assert "in 2 sweeps" in first
    assert "archived sweep" not in first
    writable.archive(writable.sweep_id("hand"))
    then = call(outputs, inputs, before)["response"]
    assert "in 1 sweep" in as_text(then["overview-now"])
    folded = then["overview-sweeps"]["children"][-1]
    assert folded["type"] == "Details"
    assert "1 archived sweep" in as_text(folded)
    assert "/sweep/hand" in as_text(folded)
    again = call(outputs, {"tick.n_intervals": 2}, {"overview-shown.data": then["overview-shown"]["data"]})
    assert "overview-sweeps" not in again["response"]


def test_only_a_dashboard_that_edits_archives_and_only_from_its_own_page(store, writable, app, page):
    assert "sweep-archived.children" not in app.callback_map
    assert "sweep-archive" not in as_text(page("sweep").layout(Context(store, "hand"))).replace(
        "-archived", ""
    )
    assert "Archive this sweep" in as_text(page("sweep").layout(Context(store, "hand", editor=writable)))
    editing = create_app(store, load_pages([project_folder("dashboards")]), editor=writable)
    body = {
        "output": "sweep-archived.children",
        "outputs": {"id": "sweep-archived", "property": "children"},
        "inputs": [{"id": "sweep-archive", "property": "n_clicks", "value": 1}],
        "state": [{"id": "sweep-name", "property": "data", "value": "hand"}],
        "changedPropIds": ["sweep-archive.n_clicks"],
    }
    client = editing.server.test_client()
    client.post("/_dash-update-component", json=body)
    assert not store.version("hand").archived
    for state, words in ((True, "Take out of the archive"), (False, "Archive this sweep")):
        answer = client.post("/_dash-update-component", json=body, headers={"Origin": "http://localhost"})
        assert words in answer.text
        assert store.version("hand").archived == state
