"""Flatness and normality in comparisons: quantities, and the claims of the shipped file about them."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from flat_stores import CUT, NONE, flat_runs, measured, mixed
from scipy import stats as reference
from stores import SCRATCH, Run, fill, normality_of

from gst.analysis.source import find_source
from gst.compare.loading import load_published, shipped_file
from gst.compare.quantities import QUANTITIES, RESTS_ON, value_of
from gst.compare.sweep_in_store import SweepInStore
from gst.store import Store

NAMES = (
    "flatness_epoch", "flatness_samples", "hessian_eigenvalues", "hessian_trace", "hessian_eigenvalue",
    "gradient_covariance_trace", "tic", "epsilon", "loss_rise_by_rank", "normality_distance",
    "normality_distance_growth", "normality_distance_by_depth",
)  # fmt: skip


def values(store: Store, name: str) -> list[float | None]:
    return [value_of(it, name) for it in SweepInStore(store, "hand", find_source(store, "hand")).runs]


def layers(before, after):
    """A run whose layers have these distances; the running statistics' are others, and do not count."""
    return [
        normality_of(epoch, f"bn{number}", statistics, ks=ks if statistics == "batch" else 0.99)
        for epoch, distances in ((SCRATCH, before), (0, after))
        for number, ks in enumerate(distances, start=9)
        for statistics in ("batch", "running")
    ]


def test_flatness_of_a_run(store):
    fill(store, flat_runs("cut", CUT[:1]))
    found = {name: values(store, name)[0] for name in NAMES[:8]}
    assert found == {
        "flatness_epoch": 2, "flatness_samples": 512, "hessian_eigenvalues": 3, "hessian_trace": 2.5,
        "hessian_eigenvalue": pytest.approx(2.5 / 3), "gradient_covariance_trace": 8.0, "tic": 3.2,
        "epsilon": 0.25,
    }  # fmt: skip


def test_each_quantity_rests_on_the_measurement_without_which_it_is_not_there(store):
    (flat,) = flat_runs("cut", CUT[:1])
    normal = layers((0.25, 0.5), (0.5, 0.75))
    fill(store, [replace(flat, measured=[*flat.measured, *normal])])
    (run,) = SweepInStore(store, "hand", find_source(store, "hand")).runs
    known = {name for name in QUANTITIES if value_of(run, name) is not None}
    for measurement, bare in (
        ("flatness", run._replace(flatness=None, loss_rises=())),
        ("normality", run._replace(normality=())),
    ):
        lost = {name for name in known if value_of(bare, name) is None}
        assert lost == {name for name, of in RESTS_ON.items() if of == measurement}


def test_the_ten_eigenvalues_of_largest_magnitude(store):
    eigenvalues = [*range(20, 0, -1), -30.0]
    fill(store, [Run("a", 0, [0.5, 0.5], measured=[measured(eigenvalues, 1.0, 0.5)])])
    assert values(store, "hessian_eigenvalue") == [(-30 + sum(range(12, 21))) / 10]


def test_the_trace_without_small_eigenvalues(store):
    whole = (100.0, 0.61, 0.59, -0.7, -0.01)  # 0.6% of the largest is 0.6
    of_large = sum(it for it in whole if abs(it) > 0.6)
    fill(store, [Run("a", 0, [0.5, 0.5], measured=[measured(whole, 1.0, 0.5, significant_trace=of_large)])])
    assert values(store, "significant_trace") == [pytest.approx(99.91)]
    assert values(store, "hessian_trace") == [pytest.approx(100.49)]


def test_the_loss_rises_less_along_later_eigenvectors(store):
    fill(store, flat_runs("cut", CUT[:1]))  # 3 along the first, and -1 along the second
    assert values(store, "loss_rise_by_rank") == [-1]


def test_a_loss_that_is_not_finite_has_risen_most(store):
    whole = measured((1.0, 4.0), 1.0, 0.5).losses
    broken = tuple(
        type(it)(it.rank, it.epsilon, math.nan) if it.rank == 0 and it.epsilon > 0.1 else it for it in whole
    )
    for number, losses in enumerate((whole, broken)):
        fill(
            store,
            [Run(f"a{number}", number, [0.5, 0.5], measured=[measured((1.0, 4.0), 1.0, 0.5, losses=losses)])],
        )
        assert values(store, "loss_rise_by_rank") == [1 if number == 0 else -1]


def test_distances_from_the_normal_distribution(store):
    fill(store, [Run("a", 0, [0.5], measured=layers((0.125, 0.0625), (0.25, 0.5)))])
    assert values(store, "normality_distance") == [0.375]
    assert values(store, "normality_distance_growth") == [0.28125]
    assert values(store, "normality_distance_by_depth") == [1]


def test_runs_without_measurements_have_none_of_it(store):
    fill(store, [Run("a", 0, [0.5])])
    assert [values(store, name) for name in NAMES] == [[None]] * len(NAMES)


def test_a_sign_is_judged_over_unpruned_and_scratch_runs_too(store, judged):
    sign = {"x": "stability", "y": "hessian_trace", "arms": ["*"], "expect": "positive"}
    (part,) = judged(mixed(), sign=sign).parts
    table = [*NONE, *CUT]
    stability, trace = [row[0] for row in table] + [1.0], [sum(row[2]) for row in table] + [6.5]
    assert part.value == pytest.approx(reference.pearsonr(stability, trace)[0])
    assert part.n == (7,)


def test_where_nothing_was_measured_the_reason_says_what(judged):
    sign = {"x": "stability", "y": "hessian_trace", "arms": ["*"], "expect": "positive"}
    found = judged([Run("a", seed, [0.5]) for seed in range(3)], sign=sign)
    assert (found.verdict, found.measured) == ("not run", True)
    assert "these runs have no trace of the Hessian" in found.reason


def test_an_order_within_runs_is_judged_over_runs(judged):
    runs = [
        Run("Trained", seed, [0.5], measured=layers((0.125,) * 4, (0.25, 0.5, 0.75, last)))
        for seed, last in enumerate((0.875, 0.625, 1.0, 0.8125))
    ]
    order = {"quantity": "normality_distance_by_depth", "of": ["Trained", 0], "strict": True}
    found = judged(runs, order=order)
    assert found.verdict == "held"
    assert found.parts[0].value == pytest.approx((1 + 2 / 3 + 1 + 1) / 4)


@pytest.mark.parametrize(
    "name", ["fig6", "figE1", "figE2", "figE3", "figE4", "figE5", "figE6", "figB1", "v1_figA1"]
)
def test_every_claim_of_the_papers_about_flatness_can_be_judged(name):
    published = load_published(shipped_file())
    quantities = {it for claim in published.figures[name].claims for it in claim.relation.quantities}
    assert quantities
    assert quantities <= set(QUANTITIES)
