"""Clocks that were ahead or are set back: no sweep, run or attempt is believed to be of another time."""

from datetime import timedelta

import pytest
from stores import PROVENANCE, Run, claimed, play, run_config, sweep_of

from gst.config import RunSpec, run_key
from gst.store import Store, recorder, register
from gst.store.utc_time import now

CONFIG = run_config(epochs=2)
DAY = timedelta(days=1)


@pytest.fixture
def store(tmp_path):
    with Store.open(str(tmp_path / "gst.db"), create=True) as made:
        yield made


def test_the_sweep_that_was_registered_last_is_the_newest_whatever_the_clock_said(store, monkeypatch):
    with monkeypatch.context() as ahead:
        ahead.setattr(register, "now", lambda: now() + DAY)
        old = store.register(sweep_of({"arm": CONFIG}))
    new = store.register(sweep_of({"arm": CONFIG, "other": run_config(epochs=3)}))
    assert store.sweep_id("hand") == new
    assert [it.sweep_id for it in store.sweeps()] == [new, old]
    assert store.register(sweep_of({"arm": CONFIG})) == old
    assert store.sweep_id("hand") == old


def test_a_sign_of_life_from_the_future_keeps_no_run_busy(store, monkeypatch):
    sweep_id = store.register(sweep_of({"arm": CONFIG}))
    other = store.register(sweep_of({"shared": CONFIG}, name="other"))
    held = claimed(store, RunSpec(CONFIG, 0), sweep_id, store.take_over(sweep_id))
    driver = store.take_over(other)
    provenance = {"sweep_id": other, "driver_epoch": driver}
    key = run_key(RunSpec(CONFIG, 0))
    assert store.claim(key, provenance=PROVENANCE, **provenance) is None
    with monkeypatch.context() as ahead:
        ahead.setattr(recorder, "now", lambda: now() + DAY)
        held.beat()
    taken = store.claim(key, provenance=PROVENANCE, **provenance)
    assert taken is not None
    assert taken.attempt == 2


def test_no_attempt_takes_less_than_no_time(store, monkeypatch):
    sweep_id = store.register(sweep_of({"arm": CONFIG}))
    held = claimed(store, RunSpec(CONFIG, 0), sweep_id, store.take_over(sweep_id))
    monkeypatch.setattr(recorder, "now", lambda: now() - DAY)
    play(held, Run("arm", 0, [0.5, 0.5]))
    (attempt,) = store.run(held.key).attempts
    assert attempt["seconds"] == 0.0
