"""Versions of a sweep in the dashboard: in its selectors, in addresses of pages, and in its notes."""

from __future__ import annotations

import json

import pytest
from plotly.utils import PlotlyJSONEncoder
from stores import Run, claimed, play, run_config, sweep_of

from gst.config import RunSpec
from gst.dashboard.page import Context
from gst.store.reading import sweep_states

CONFIG = run_config(epochs=1, lr=0.25)


def as_text(found) -> str:
    return json.dumps(found, cls=PlotlyJSONEncoder, ensure_ascii=False)


@pytest.fixture
def sketch(writable):
    """A second version of `hand`, run last and with other options."""
    sweep = sweep_of({"a": CONFIG}, name="hand")._replace(options="--scale 0.1")
    sweep_id = writable.register(sweep)
    play(claimed(writable, RunSpec(CONFIG, 0), sweep_id, writable.take_over(sweep_id)), Run("a", 0, [0.5]))
    (version,) = writable.sweeps(sweep_id=sweep_id)
    return version


@pytest.mark.parametrize("name", ["tradeoff", "runs", "figures"])
def test_selectors_have_versions_only_where_there_are_several(page, store, name, sketch):
    context = Context(store, "tradeoff" if name == "figures" else "")
    shown = as_text(page(name).layout(context))
    assert f"{sketch.address} (--scale 0.1)" in shown
    assert "hand (the file's own options)" in shown
    assert "troubled (" not in shown


def test_an_address_of_a_page_may_name_any_version(store, sketch):
    own = store.version("hand").address
    context = Context(store, "", {"sweep": f"{own},{sketch.address[:9]},nothing,hand@nothing"})
    assert context.sweeps == ["hand", sketch.address]


def test_numbers_of_a_name_stay_those_of_the_file_and_others_are_linked(page, store, sketch):
    overview = page("overview")
    snapshots = overview.Speeds(store).snapshots(0.0, [it.progress for it in sweep_states(store)])
    shown = {
        it.version.called: as_text(overview.sweep(overview.Card(it, snapshots[it.progress.sweep_id], None)))
        for it in sweep_states(store)
    }
    assert f'/sweep/hand@{sketch.digest[:7]}"' in shown[sketch.address]
    assert "--scale 0.1" in shown[sketch.address]
    assert '/sweep/hand"' in shown["hand"]
    paired = page("tradeoff").paired_sweep
    assert {it.run.arm for it in paired(store, "hand").points} == {"none", "hard", "soft"}
    assert {(it.run.arm, it.sweep) for it in paired(store, sketch.address).points} == {("a", sketch.address)}
