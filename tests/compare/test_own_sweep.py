"""Sweeps that no published figure is about: their paired differences, and what can be asked of them."""

from __future__ import annotations

import json

import numpy as np
import pytest
from comparisons import published
from scipy import stats
from stores import Run, fill
from tradeoffs import TWINS, pruned, targeted, unpruned

from gst.compare.loading import figures_and_sweeps, load_published, shipped_file
from gst.compare.papers import compare
from gst.compare.results import to_dict
from gst.compare.telling import Claims, Differences, Heading, Sentence, Summary, tell
from gst.errors import InputError, UnknownNameError

BARE = {0: 0.25, 1: 0.5, 2: 0.375, 3: 0.5}
HARD = {0: (0.25, 0.75), 1: (0.5, 0.625), 2: (0.375, 0.75), 3: (0.25, 0.875)}
SOFT = {0: (0.75, 0.5), 1: (1.0, 0.625), 2: (0.875, 0.25), 3: (1.0, 0.5)}
RUNS = [
    *(unpruned("none", seed, accuracy) for seed, accuracy in BARE.items()),
    *(pruned("hard", seed, *it) for seed, it in HARD.items()),
    *(pruned("soft", seed, *it) for seed, it in SOFT.items()),
]


def own(store, runs=RUNS, configs=TWINS):
    fill(store, runs, configs=configs)
    return compare(store, published(), [], others=["hand"])


def points(first, second, place):
    """The mean difference by seed and its t interval, in points; a dense side has accuracy alone."""
    one, other = (
        [100 * (it[place] if isinstance(it, tuple) else it) for it in side.values()]
        for side in (first, second)
    )
    test = stats.ttest_rel(one, other)
    return np.mean(np.subtract(one, other)), *test.confidence_interval(), test.pvalue


def test_differences_are_paired_by_seed_and_adjusted_together(store):
    (figure,) = own(store).figures
    sides = {
        "hard less none": (HARD, BARE),
        "soft less none": (SOFT, BARE),
        "hard less soft": (HARD, SOFT),
    }
    expected = {name: points(*its, 1) for name, its in sides.items()}
    assert [it.name for it in figure.differences] == list(expected)
    for it in figure.differences:
        assert (it.value, it.low, it.high) == pytest.approx(expected[it.name][:3])
        assert it.n == 4
    ps = [it[3] for it in expected.values()]
    smallest = int(np.argmin(ps))
    assert figure.differences[smallest].p == pytest.approx(3 * ps[smallest])


def test_claims_are_asked_of_the_arms_that_there_are(store):
    found = own(store)
    claims = {it.claim: it for it in found.claims}
    stable = claims["Pruning the largest is less stable than pruning the smallest."]
    (part,) = stable.parts
    assert (part.value, part.low, part.high, part.p) == pytest.approx(points(HARD, SOFT, 0))
    assert (stable.verdict, stable.place) == ("held", "GST 2020, Section 3.1")
    better = claims["Pruning the largest is better than not pruning."]
    assert better.parts[0].value == pytest.approx(points(HARD, BARE, 1)[0])
    assert better.verdict == "held"
    assert len(claims) == 5


def test_two_configurations_have_no_correlation_between_them(store):
    between, within, *_ = own(store).claims
    assert between.verdict == "not run"
    assert "at least 3 of them, found 2" in between.reason
    apart = [
        np.subtract([it[place] for it in side.values()], np.mean([it[place] for it in side.values()]))
        for place in (0, 1)
        for side in (HARD, SOFT)
    ]
    r = np.corrcoef(np.concatenate(apart[:2]), np.concatenate(apart[2:]))[0, 1]
    assert within.parts[0].value == pytest.approx(r)


def test_less_stable_configurations_that_are_better_hold_the_claim(store):
    configs = {f"at {it}": targeted("largest", lr=0.001 * it) for it in range(1, 7)}
    stability = {"at 1": 0.25, "at 2": 0.375, "at 3": 0.5, "at 4": 0.625, "at 5": 0.75, "at 6": 1.0}

    def runs(sign):
        return [
            pruned(arm, seed, it, 0.5 + sign * (0.25 * it + seed / 1024))
            for arm, it in stability.items()
            for seed in (0, 1, 2)
        ]

    between, *_ = own(store, runs(-1), configs).claims
    assert between.verdict == "held"
    assert between.parts[0].value == pytest.approx(-1, abs=1e-3)


def test_no_verdict_counts_for_or_against_a_paper(store):
    found = own(store)
    assert {claim.deviations for claim in found.claims} == {
        ("asked of your sweep, not of the paper's experiment",)
    }
    assert [found.count(it) for it in ("held", "not held", "undecided")] == [0, 0, 0]
    assert found.elsewhere == sum(claim.verdict != "not run" for claim in found.claims) > 2
    assert found.chances == ()
    assert (found.contradicted, found.incomplete) == (False, False)


def test_a_claim_that_does_not_hold_is_said_and_contradicts_nothing(store):
    worse = [*RUNS[4:], *(unpruned("none", seed, 0.9375 + seed / 64) for seed in range(4))]
    found = own(store, worse)
    assert "not held" in {claim.verdict for claim in found.claims}
    assert not found.contradicted


def test_arms_that_nothing_can_be_asked_of(store):
    found = own(store, [Run("A", seed, [0.5]) for seed in (0, 1)], {})
    assert found.claims == ()
    assert found.figures[0].differences == ()
    said = [it for it in tell(found) if isinstance(it, Sentence)]
    assert Sentence("no claim of the papers can be asked of its arms", "asked of it") in said
    assert not [it for it in tell(found) if isinstance(it, Differences | Claims)]


def test_it_is_told_after_its_heading(store):
    summary, heading, _, differences, asked, claims, _ = tell(own(store))
    assert isinstance(summary, Summary)
    assert heading == Heading("hand", "Your sweep", "By hand", "no published figure is about it")
    value, *_ = points(HARD, BARE, 1)
    name, words = differences.rows[0]
    assert name == "hard less none"
    assert words.startswith(f"{value:+.1f} points")
    assert "p by Holm's rule" in differences.method
    assert asked.label == "asked of it"
    assert len(claims.rows) == 5


def test_programs_have_it_too(store):
    (figure,) = json.loads(json.dumps(to_dict(own(store))))["figures"]
    assert figure["differences"][0]["name"] == "hard less none"
    assert {claim["counts"] for claim in figure["claims"]} == {False}


def test_names_of_figures_and_of_other_sweeps_are_told_apart():
    known = load_published(shipped_file())
    store = ["mine", "jin_fig3_lenet", "fig3", "fig2_vgg11"]
    figures, others = figures_and_sweeps(known, ["fig2_vgg11", "mine", "mine@ab"], store)
    assert (figures, others) == (("fig2_vgg11",), ("mine", "mine@ab"))
    assert figures_and_sweeps(known, ["fig3"], store)[1] == ()  # a family of figures
    with pytest.raises(InputError, match="gst compare jin_fig3 --sweep jin_fig3_lenet"):
        figures_and_sweeps(known, ["jin_fig3_lenet"], store)
    with pytest.raises(UnknownNameError, match="mien"):
        figures_and_sweeps(known, ["mien"], store)
