"""Sweeps that are archived: what no longer lists them, what still does, and what stays as it was."""

from __future__ import annotations

import pytest
from stores import Run, fill, run_config, sweep_of

from gst.errors import InputError
from gst.store import Filter, Store, run_page, sweep_names
from gst.store.archived import ARCHIVED, RESTORED
from gst.store.reading import failures, sweep_states


@pytest.fixture
def two(store):
    """Two sweeps; the first one has a failed run and shares its other run with the second."""
    a, b = run_config(epochs=1), run_config(epochs=1, lr=0.25)
    fill(store, [Run("a", 0, [0.5]), Run("b", 0, status="failed")], name="old", configs={"a": a, "b": b})
    store.register(sweep_of({"a": a}, name="new"))
    return store


def runs(store, **more):
    return run_page(store, Filter(hidden=store.archived(), **more)).total


def test_an_archived_sweep_is_not_listed_nor_are_runs_that_no_other_has(two):
    assert (runs(two), len(failures(two, 9))) == (2, 1)
    sweep_id = two.sweep_id("old")
    assert two.archive(sweep_id)
    assert two.archived() == {sweep_id}
    assert list(sweep_names(two)) == ["new"]
    assert (
        sweep_names(two, ["old"])
        == sweep_names(two, None)
        == {
            "new": "new",
            "old": "old (the file's own options, archived)",
        }
    )
    assert (runs(two), runs(two, sweep="old")) == (1, 2)
    assert (failures(two, 9), len(failures(two, 9, sweep_id))) == ((), 1)
    assert {it.version.name: it.version.archived for it in sweep_states(two)} == {"old": True, "new": False}
    assert two.version("old").sweep_id == sweep_id


def test_it_is_taken_out_again_and_notes_say_when(two):
    sweep_id = two.sweep_id("old")
    assert not two.archive(sweep_id, undo=True)
    for undo in (False, True, False, True):
        assert two.archive(sweep_id, undo=undo)
        assert not two.archive(sweep_id, undo=undo)
        assert two.version("old").archived != undo
    assert [it.text for it in two.notes(sweep_id)] == [ARCHIVED, RESTORED] * 2
    assert (runs(two), list(sweep_names(two))) == (2, ["new", "old"])


def test_another_version_of_its_name_stays(two):
    sweep_id = two.sweep_id("old")
    other = two.register(sweep_of({"c": run_config(epochs=1, lr=0.5)}, name="old")._replace(options="-s x=1"))
    two.archive(sweep_id)
    (sketch,) = two.sweeps(sweep_id=other)
    assert list(sweep_names(two)) == ["new", sketch.address]


def test_it_comes_with_an_archive_and_the_last_word_counts(two, tmp_path):
    two.archive(two.sweep_id("old"))
    two.export(tmp_path / "first")
    two.archive(two.sweep_id("old"), undo=True)
    two.export(tmp_path / "second")
    with Store.open(str(tmp_path / "other.db"), create=True) as other:
        other.merge(tmp_path / "first")
        assert other.version("old").archived
        for name in ("second", "first"):
            other.merge(tmp_path / name)
            assert not other.version("old").archived


def test_whoever_only_reads_archives_nothing(two, url):
    with Store.open(url, readonly=True) as store, pytest.raises(InputError, match="opened read-only"):
        store.archive(store.sweep_id("old"))
