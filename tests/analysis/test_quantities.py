"""What a quantity is called, how it is read, and which runs have a stability."""

from __future__ import annotations

import pytest
from stores import SCRATCH, Run, fill

from gst.analysis.quantities import (
    EPOCH_QUANTITIES,
    FLATNESS_QUANTITIES,
    LEVEL_QUANTITIES,
    RUN_QUANTITIES,
    accuracy_quantity,
    mean_drop,
    stability,
)
from gst.analysis.results import RunResult, run_results
from gst.analysis.source import find_source

ALL = [RUN_QUANTITIES, FLATNESS_QUANTITIES, LEVEL_QUANTITIES, EPOCH_QUANTITIES]
RUNS = [
    Run("cut", 0, [0.5, 0.75], events=[(0, 0.5, 0.25)]),
    Run("cut", 1, [0.5, 0.75], events=[(0, 0.5, 0.5, 0)]),
    Run("none", 0, [0.5, 0.75]),
    Run("scratch", 0, [0.5, 0.75], events=[(SCRATCH, 0.5, 0.25)]),
]


@pytest.fixture
def runs(store) -> tuple[RunResult, ...]:
    """A run with an event, one from which nothing was removed, an unpruned and a scratch run."""
    fill(store, RUNS)
    return run_results(store, find_source(store, "hand"))


def test_which_runs_have_a_stability_and_a_drop(runs):
    assert [stability(run) for run in runs] == [0.5, None, 1, None]
    assert [mean_drop(run) for run in runs] == [0.25, None, 0, None]
    assert [stability(run, pruned_before_training=True) for run in runs] == [0.5, None, 1, 1]
    assert [mean_drop(run, pruned_before_training=True) for run in runs] == [0.25, None, 0, 0]


def test_a_quantity_of_events_is_none_without_a_stability_and_no_other_is(runs):
    for it in RUN_QUANTITIES.values():
        without = [it.of(run) is None for run in runs[1::2]]
        if it.name in ("stability", "mean_drop", "last_drop"):
            assert without == [True, True]
        elif it.name.endswith(("accuracy", "gap")):
            assert without == [False, False]


def test_each_is_the_field_of_that_name(runs):
    for name, it in RUN_QUANTITIES.items():
        assert it.of(runs[0]) == getattr(runs[0], name)
    assert accuracy_quantity("best").of(runs[0]) == runs[0].accuracy("best")


@pytest.mark.parametrize("quantities", ALL)
def test_names_for_every_place(quantities):
    for name, it in quantities.items():
        assert it.name == name
        assert it.words
        assert it.title[0].isupper() or name == "epsilon"  # which begins with a letter of its own
        assert it.short
        assert (it.tick_format == ".2~%") == it.is_share
        assert it.text(0.5)
    for names in ([it.title for it in quantities.values()], [it.words for it in quantities.values()]):
        assert len(set(names)) == len(names)


def test_a_value_as_people_read_it():
    assert RUN_QUANTITIES["stability"].text(0.98765) == "98.765%"
    assert RUN_QUANTITIES["stability"].in_unit(0.5) == 50
    assert FLATNESS_QUANTITIES["hessian_trace"].text(1234.5678) == "1234.6"
    assert FLATNESS_QUANTITIES["hessian_trace"].in_unit(2.5) == 2.5
