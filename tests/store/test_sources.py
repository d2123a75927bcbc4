"""Runs that need others, in the store: who can begin, who never will, and what stays with what."""

from __future__ import annotations

import pytest
from branches import BRANCHES
from sqlalchemy import select
from stores import Run, claimed, play
from tiny_sweep import spec_of

from gst.config import run_key
from gst.errors import InputError
from gst.store import Store
from gst.store.remove import Members
from gst.store.schema import runs, sources
from gst.store.sources import blocked

SWEEP = spec_of(BRANCHES.replace("seeds: 2", "seeds: 1"))
SPECS = dict(SWEEP.runs())
KEYS = {arm: run_key(spec) for arm, spec in SPECS.items()}
NAMES = {key: arm for arm, key in KEYS.items()}


def ready(store, sweep_id):
    return {NAMES[key] for key in store.remaining(sweep_id, ready=True)}


def ended(store, sweep_id, arm, status="completed"):
    """Have that run end so, without an epoch."""
    play(claimed(store, SPECS[arm], sweep_id, store.take_over(sweep_id)), Run(arm, 0, [], status=status))


def needed(store):
    source = runs.alias()
    query = select(runs.c.key, source.c.key, sources.c.epoch).select_from(sources)
    query = query.join(runs, runs.c.run_id == sources.c.run_id)
    rows = store.select(query.join(source, source.c.run_id == sources.c.source_id))
    return {(NAMES[run], NAMES[other], epoch) for run, other, epoch in rows}


NEEDED = {
    ("Late", "Dense", 0), ("Other", "Dense", 0), ("Ticket", "Dense", 0), ("Deep", "Other", 1),
    ("Level", "Ticket", 2),
}  # fmt: skip


def test_registering_notes_what_each_run_needs(store):
    sweep_id = store.register(SWEEP)
    assert needed(store) == NEEDED
    store.register(SWEEP)
    assert needed(store) == NEEDED
    assert len(store.remaining(sweep_id)) == 6
    assert store.states_needed(KEYS["Dense"]) == {0}
    assert store.states_needed(KEYS["Late"]) == frozenset()


def test_runs_are_ready_once_what_they_need_is_complete(store):
    sweep_id = store.register(SWEEP)
    assert ready(store, sweep_id) == {"Dense"}
    ended(store, sweep_id, "Dense")
    assert ready(store, sweep_id) == {"Late", "Other", "Ticket"}
    ended(store, sweep_id, "Other")
    assert ready(store, sweep_id) == {"Late", "Ticket", "Deep"}
    assert blocked(store, sweep_id) == ()


@pytest.mark.parametrize("status", ["failed", "diverged", "cancelled"])
def test_runs_that_wait_in_vain_are_told_with_what_they_wait_for(store, status):
    sweep_id = store.register(SWEEP)
    if status == "cancelled":
        store.cancel([KEYS["Dense"]])
    else:
        ended(store, sweep_id, "Dense", status)
    assert ready(store, sweep_id) == set()
    found = blocked(store, sweep_id)
    assert [it.arm for it in found] == ["Late", "Deep", "Other", "Ticket", "Level"]
    assert {(it.source, it.status) for it in found} == {(KEYS["Dense"], status)}
    assert found[1].words == (
        f"Deep, seed 0 (run {KEYS['Deep'][:12]}) is not trained: run {KEYS['Dense'][:12]}, which it needs, "
        f"is {status}"
    )
    store.retry(sweep_id=sweep_id, statuses=[status])
    assert blocked(store, sweep_id) == ()


def test_what_others_need_is_not_removed_without_them(store):
    store.register(SWEEP)
    with pytest.raises(InputError, match=f"run {KEYS['Dense'][:12]}: run .* begins from it or needs it"):
        store.remove(Members((KEYS["Dense"],)))
    store.remove(Members((KEYS["Deep"],)))
    assert needed(store) == NEEDED - {("Deep", "Other", 1)}
    store.remove(Members(tuple(KEYS.values())))
    assert needed(store) == set()


def test_an_archive_brings_what_runs_need(store, tmp_path):
    sweep_id = store.register(SWEEP)
    ended(store, sweep_id, "Dense", "failed")
    store.export(tmp_path / "all.zip", sweep_id=sweep_id)
    with Store.open(str(tmp_path / "other.db"), create=True) as other:
        other.merge(tmp_path / "all.zip")
        assert needed(other) == NEEDED
