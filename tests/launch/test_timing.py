"""Times that are estimated where no run of the store tells them."""

from __future__ import annotations

import pytest
from stores import Run, fill, run_config
from tiny_sweep import TINY, spec_of

from gst.launch import timing
from gst.launch.networks import Networks
from gst.launch.plan import sweep_plan
from gst.launch.timing import Pace, Timing
from gst.records import DatasetFacts
from gst.store import Store

DIGITS = DatasetFacts("digits", 1797, 0, 10, "", "")


@pytest.fixture
def paced(monkeypatch):
    """Networks train on an image in 10 ms and are tested on one in 1 ms; what was timed."""
    asked = []

    def pace(config, task, resources):
        asked.append(config)
        return Pace(0.01, 0.001)

    monkeypatch.setattr(timing, "_pace", pace)
    return asked


def timed(spec, folder, store=None, facts=None):
    plan = sweep_plan(spec, store, data=folder)
    return Timing(Networks(folder), {}).timed(plan, facts or {})


def test_an_epoch_is_its_images_and_a_test_and_another_one_at_events(paced, tmp_path):
    """60 digits to train on, 1737 to test on; two of the three epochs prune, and are tested once more."""
    found = timed(spec_of(), tmp_path, facts={"digits": DIGITS})
    unpruned, pruned = found.arms
    assert unpruned.seconds_per_epoch == pytest.approx(0.6 + 1.737)
    assert pruned.seconds_per_epoch == pytest.approx(0.6 + (1 + 2 / 3) * 1.737)
    assert found.seconds_left == pytest.approx(6 * (0.6 + 1.737) + 6 * (0.6 + 5 / 3 * 1.737))
    assert found.estimated
    assert len(paced) == 1  # pruning changes no pace worth timing


def test_published_data_need_not_be_here(paced, tmp_path):
    text = TINY.replace("{name: digits, per_class: 6, draw: 0}", "{name: mnist, validation: 0.1}")
    some = TINY.replace(
        "{name: digits, per_class: 6, draw: 0}", "{name: mnist, per_class: 7, test_per_class: 3}"
    )
    assert timed(spec_of(text), tmp_path).arms[0].seconds_per_epoch == pytest.approx(540 + 10)
    assert timed(spec_of(some), tmp_path).arms[0].seconds_per_epoch == pytest.approx(0.7 + 0.03)


def test_what_runs_tell_is_not_estimated(paced, tmp_path):
    with Store.open(f"sqlite:///{tmp_path / 'gst.db'}", create=True) as store:
        fill(store, [Run("like", 0, [0.5] * 5)], configs={"like": run_config(epochs=5, lr=0.5)})
        found = timed(spec_of(), tmp_path, store)
    assert not found.estimated
    assert paced == []


def test_sweeps_of_one_network_are_timed_once(paced, tmp_path):
    plan, timing_of_all = sweep_plan(spec_of(), data=tmp_path), Timing(Networks(tmp_path), {})
    assert timing_of_all.timed(plan, {"digits": DIGITS}) == timing_of_all.timed(plan, {"digits": DIGITS})
    assert len(paced) == 1


def test_a_pace_is_measured(tmp_path, monkeypatch):
    monkeypatch.setattr(timing, "LEAST_SECONDS", 0.0)
    unpruned, pruned = timed(spec_of(), tmp_path, facts={"digits": DIGITS}).arms
    assert 0 < unpruned.seconds_per_epoch < pruned.seconds_per_epoch < 60
