"""The newest result of each sweep: its words, its picture, and what making it may cost."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from dataclasses import replace
from urllib.parse import unquote

import pytest
from plotly.utils import PlotlyJSONEncoder
from stores import Run, claimed, fill, records_of, sweep_of
from tradeoffs import HAND, TWINS

from gst.analysis.contrasts import contrast
from gst.config import RunSpec
from gst.dashboard import headlines
from gst.dashboard.headlines import FAINT, Headlines, picture, told
from gst.store.reading import sweep_states


def as_text(found) -> str:
    return json.dumps(found, cls=PlotlyJSONEncoder, ensure_ascii=False)


@pytest.fixture
def twins(writable):
    """A sweep whose arms have a baseline."""
    fill(writable, [replace(it, seed=it.seed + 100) for it in HAND], configs=TWINS, name="twins")
    return writable.sweep_id("twins")


def test_it_says_what_gst_compare_says_of_two_arms(writable, twins):
    found = Headlines(writable).of(sweep_states(writable))[twins]
    alone = contrast(writable, "twins", "hard", "none").test
    assert found.first.test == alone
    value, low, high = (f"{100 * it:+.2f}" for it in (alone.value, alone.low, alone.high))
    shown = as_text(told(found))
    assert f"hard less none: {value} [{low}, {high}], n = 2, p = " in shown
    assert "the best of 2 arms; p by Holm's rule for all of them together" in shown
    assert "no two of its arms can be paired" in as_text(
        told(Headlines(writable).of(sweep_states(writable))[1])
    )


def test_the_picture_has_every_difference_in_its_place(writable, twins):
    found = Headlines(writable).of(sweep_states(writable))[twins]
    svg = ET.fromstring(unquote(picture(found.contrasts, found.first).removeprefix("data:image/svg+xml,")))
    name = "{http://www.w3.org/2000/svg}"
    zero = float(svg.find(f"{name}path").get("d").removeprefix("M0 ").partition("H")[0])
    groups = svg.findall(f"{name}g")
    assert len(groups) == len(found.contrasts) == 3
    for group, it in zip(groups, found.contrasts, strict=True):
        circle = group.find(f"{name}circle")
        assert (float(circle.get("cy")) < zero) == (it.test.value > 0)
        assert float(circle.get("r")) == (3.5 if it is found.first else 2)
        low, high = (float(end) for end in group.find(f"{name}path").get("d").partition(" ")[2].split("V"))
        assert high <= float(circle.get("cy")) <= low
        assert (group.get("stroke") == FAINT) == (it.test.low <= 0 <= it.test.high)


def test_it_is_made_anew_when_a_run_completes_and_not_before(writable, twins, monkeypatch):
    made = []
    real = headlines.headline
    monkeypatch.setattr(headlines, "headline", lambda store, of: made.append(of.label) or real(store, of))
    kept = Headlines(writable)
    first = kept.of(sweep_states(writable))
    assert kept.of(sweep_states(writable)) == first
    assert sorted(made) == ["hand", "troubled", "twins"]
    spec = RunSpec(TWINS["soft"], 102)
    sweep_id = writable.register(sweep_of(TWINS, (100, 101, 102), name="twins"))
    recorder = claimed(writable, spec, sweep_id, writable.take_over(sweep_id))
    for epoch in range(2):
        recorder.write(records_of(Run("soft", 2, [0.5, 0.5]), epoch))
    recorder.finish()
    kept.of(sweep_states(writable))
    assert made[3:] == ["twins"]


def test_what_would_take_too_long_waits_for_the_next_look(writable, twins):
    assert Headlines(writable, seconds=0).of(sweep_states(writable)) == {}


def test_a_look_asks_a_few_questions_about_each_sweep_whatever_it_has(writable, twins, monkeypatch):
    asked = []
    query = writable.query
    monkeypatch.setattr(writable, "query", lambda *a, **k: asked.append(a) or query(*a, **k))
    states = sweep_states(writable)
    kept = Headlines(writable, seconds=60)
    kept.of(states)
    assert len(asked) <= 3 * len(states)
    kept.of(states)
    assert len(asked) <= 3 * len(states)
