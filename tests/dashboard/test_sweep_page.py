"""The page of a sweep: what it says of a version, and that it draws what other pages draw."""

from __future__ import annotations

import json

import pytest
from plotly.utils import PlotlyJSONEncoder
from stores import run_config, sweep_of

from gst.dashboard.contrast_table import contrast_table
from gst.dashboard.points import paired_sweep
from gst.errors import UnknownNameError
from gst.figures import FIGURES
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
        assert "There is no sweep yet." in as_text(page("sweep").layout(context._replace(store=nothing)))
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
