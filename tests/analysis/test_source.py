from __future__ import annotations

import pytest
from designs import designed, noisy, to_the_stop
from stores import Run, fill, run_config, sweep_of
from tradeoffs import HAND, pruned, unpruned

from gst.analysis.source import find_source
from gst.errors import InputError, UnknownNameError

OTHER = {"other": run_config(epochs=2, lr=0.5), "third": run_config(epochs=2, lr=0.25)}


def test_the_runs_of_a_sweep(hand):
    source = find_source(hand, "hand")
    assert (source.sweep, source.title, source.arms) == ("hand", "By hand", ("none", "hard", "soft"))
    assert [(run.arm, run.seed, run.status, run.kind, run.events) for run in source.members] == [
        (run.arm, run.seed, "completed", "none" if run.arm == "none" else "filters", len(run.events))
        for run in HAND
    ]
    assert source.keys == tuple(run.key for run in source.members)
    assert len(set(source.keys)) == 6
    assert source.missing == ()


def test_a_sweep_with_a_design_has_looked(store, hand):
    assert not find_source(hand, "hand").looked
    to_the_stop(store, designed(), noisy(0.05), looks=0)
    to_the_stop(store, designed(), noisy(0.05), looks=1)
    assert find_source(store, "designed").looked
    assert not find_source(store, "hand").looked


def test_other_seeds_after_a_look_are_no_way_around_it(store):
    """The same runs in a newer sweep of the same name that has a plain number of seeds."""
    to_the_stop(store, designed(), noisy(0.05))
    plain = designed()._replace(design=None)
    store.register(plain._replace(configs=tuple(it._replace(seeds=it.seeds[:3]) for it in plain.configs)))
    source = find_source(store, "designed")
    assert {member.seed for member in source.members} == {0, 1, 2}
    assert source.looked


def test_what_is_missing_is_named(store):
    statuses = ["completed", "failed", "diverged", "interrupted", "running", "pending", "failed"]
    fill(store, [Run("a", seed, [0.5], status=status) for seed, status in enumerate(statuses)])
    source = find_source(store, "hand")
    assert [(run.seed, run.status) for run in source.missing] == list(enumerate(statuses))[1:]
    assert source.statuses() == "1 diverged, 2 failed, 1 interrupted, 1 pending, 1 running"
    assert len(source.keys) == 1


def test_a_run_in_two_arms_is_one_run(store):
    fill(store, [unpruned("a", 0, 0.5)])
    config = store.spec(find_source(store, "hand").keys[0]).config
    store.register(sweep_of({"a": config, "b": config}, name="shared"))
    source = find_source(store, "shared")
    assert [run.arm for run in source.members] == ["a", "b"]
    assert len(source.keys) == 1


def test_the_newest_sweep_of_a_name(store):
    fill(store, [unpruned("old", 0, 0.5)])
    newest = fill(store, [pruned("new", 0, 0.5, 0.5)])
    fill(store, [unpruned("other", 0, 0.5), unpruned("third", 0, 0.5)], name="other", configs=OTHER)
    source = find_source(store, "hand")
    assert (source.sweep_id, source.arms) == (newest, ("new",))
    store.register(sweep_of({"old": store.spec(find_source(store, "other").keys[0]).config}))
    assert find_source(store, "hand").arms == ("old",)


def test_an_older_one_by_its_digest(store):
    fill(store, [unpruned("old", 0, 0.5)])
    old = find_source(store, "hand")
    fill(store, [pruned("new", 0, 0.5, 0.5)])
    assert find_source(store, "hand").arms == ("new",)
    for digest in (old.digest, old.digest[:8]):
        assert find_source(store, f"hand@{digest}") == old._replace(label=f"hand@{old.digest[:7]}")
    with pytest.raises(UnknownNameError, match="no sweep 'hand@nothing'"):
        find_source(store, "hand@nothing")


def test_refusals(store):
    with pytest.raises(UnknownNameError, match="no sweep 'hand'; there are: none"):
        find_source(store, "hand")
    fill(store, [unpruned("a", 0, 0.5, status="failed"), Run("a", 1, status="pending")])
    with pytest.raises(UnknownNameError, match="no sweep 'hnad'; did you mean 'hand'"):
        find_source(store, "hnad")
    with pytest.raises(InputError, match=r"no completed run yet, of 2 \(1 failed, 1 pending\); .*gst sweep"):
        find_source(store, "hand")


def test_a_sweep_that_has_ended_without_a_result_is_not_to_be_run_first(store):
    fill(store, [unpruned("a", 0, 0.5, status="failed"), Run("a", 1, status="diverged")])
    with pytest.raises(
        InputError, match=r"all 2 have ended without a result \(1 diverged, 1 failed\)"
    ) as error:
        find_source(store, "hand")
    assert "gst retry --sweep hand" in str(error.value)
    assert "run it first" not in str(error.value)
