"""The contrast of a sweep that is told first, against that of all results."""

from __future__ import annotations

import pytest
from designs import designed, to_the_stop
from stores import Run, fill
from tradeoffs import HAND, TWINS, targeted, unpruned

from gst.analysis.contrasts import contrasts, headline, pairings
from gst.analysis.results import final_accuracies, run_results
from gst.analysis.source import Source, find_source, has_looked


def bare(store, name):
    """What is known of the version without reading its members."""
    found = store.version(name)
    about = (found.name, found.label, found.sweep_id, found.digest, found.title, ())
    return Source(*about, looked=has_looked(store, found))


def full(store, name):
    source = find_source(store, name)
    return contrasts(
        pairings(store, source),
        run_results(store, source),
        lambda run: run.final_accuracy,
        looked=source.looked,
    )


def test_it_is_the_best_arm_less_its_twin_and_as_full_results_have_it(store):
    fill(store, [*HAND, Run("soft", 2, [0.5], status="failed")], configs=TWINS)
    found = headline(store, bare(store, "hand"))
    assert found.contrasts == full(store, "hand")
    values = {it.name: it.test.value for it in found.contrasts}
    assert found.first.name == "hard less none"
    assert found.first.test.value == max(values["hard less none"], values["soft less none"])
    assert found.alike == "the best of 2 arms"
    accuracies = {(it.arm, it.seed): it.accuracy for it in final_accuracies(store, store.sweep_id("hand"))}
    assert accuracies == {(it.arm, it.seed): it.accuracies[-1] for it in HAND}


def test_without_a_baseline_it_is_the_largest_difference_of_targets(store):
    configs = {name: targeted(name) for name in ("largest", "random", "smallest")}
    ends = {"largest": 0.25, "random": 0.75, "smallest": 0.5}
    runs = [
        unpruned(arm, seed, end + seed * len(arm) / 512) for arm, end in ends.items() for seed in (0, 1, 2)
    ]
    fill(store, runs, configs=configs)
    found = headline(store, bare(store, "hand"))
    assert found.first.name == "largest less random"
    assert found.first.test.value == pytest.approx(-0.5 + 1 / 512)
    assert found.alike == "the largest of 3 differences of targets"


def test_without_pairs_or_seeds_there_is_none(store):
    fill(store, [Run("a", 0, [0.5]), Run("b", 0, [0.25])], name="apart")
    fill(store, [it for it in HAND if it.seed == 0], configs=TWINS, name="one")
    assert headline(store, bare(store, "apart")) == ((), None, "")
    alone = headline(store, bare(store, "one"))
    assert alone.first is None
    assert len(alone.contrasts) == 3


def test_after_looks_there_is_no_p(store):
    to_the_stop(store, designed(), lambda arm, seed: 0.5 + 0.25 * (arm == "B") + seed / 128)
    assert bare(store, "designed").looked
    assert full(store, "designed") == headline(store, bare(store, "designed")).contrasts
