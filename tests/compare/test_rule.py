"""Claims and counts by the rule of one standard deviation, against the interval's verdict."""

from __future__ import annotations

import math

import numpy as np
import pytest
from comparisons import compared, whole
from level_stores import Level, Levels, fill_levels, level_config
from scipy import stats

from gst.compare.contrast import Contrast
from gst.compare.published import Paper
from gst.compare.results import to_dict
from gst.compare.verdict import Expected, by_one_deviation
from gst.errors import InputError

PAPER = Paper(name="A", citation="B", rule="one_std", replicates=3)
DENSE, SPARSE = {"kind": "imp", "at": "dense"}, {"kind": "imp", "at": "each"}
GROUPS = {"dense": DENSE, "sparse": SPARSE}


def ruled(first, second):
    return Contrast(first, second).ruling()


def test_the_rule_is_of_differences_by_seed():
    first, second = {0: 1.0, 1: 2.0, 2: 3.0, 9: 99.0}, {0: 0.0, 1: 0.0, 2: 0.0, 8: -99.0}
    found = ruled(first, second)
    assert (found.outcome, found.value, found.n) == ("above", 2.0, 3)
    assert found.deviation == np.std([1, 2, 3], ddof=1)
    assert ruled(second, first).outcome == "below"


@pytest.mark.parametrize(
    ("differences", "outcome"),
    [((1, 1, -0.5), "match"), ((0, 2), "match"), ((0, 0, 0), "match"), ((1, 3), "above"), ((-1, -3), "below"),
     ((3, 5, 4), "above"), ((0.25, 0.25, 0.25), "above")],
)  # fmt: skip
def test_two_results_differ_from_one_deviation_on(differences, outcome):
    """(0, 2) has a mean of 1 and a deviation of 1.41; one that is exactly the deviation differs."""
    assert ruled(dict(enumerate(map(float, differences))), 0.0).outcome == outcome


def test_a_mean_of_exactly_one_deviation_differs():
    assert ruled({0: 0.0, 1: 1.0, 2: 2.0}, 0.0).outcome == "above"


def test_one_seed_in_common_is_no_comparison():
    with pytest.raises(InputError, match="needs at least 2 seeds on both sides, found 1; run more seeds"):
        ruled({0: 1.0, 1: 1.0}, {1: 1.0, 2: 0.0})


def test_a_number_may_come_first():
    contrast = Contrast(0.0, {0: 1.0, 1: 2.0, 2: 3.0})
    part = by_one_deviation(contrast, Expected(("above",)), PAPER)
    assert (part.verdict, part.value, part.deviation) == ("not held", -2.0, 1.0)
    assert (part.low < -2 < part.high, part.n) == (True, (3,))
    assert by_one_deviation(contrast, Expected(("below",)), PAPER).verdict == "held"


def by_rule(differences, *outcomes, replicates=2):
    paper = PAPER.model_copy(update={"replicates": replicates})
    contrast = Contrast(dict(enumerate(map(float, differences))), dict.fromkeys(range(len(differences)), 0.0))
    return by_one_deviation(contrast, Expected(outcomes), paper)


@pytest.mark.parametrize(
    ("n", "chance"),
    [(2, 0.5 - math.atan(math.sqrt(2)) / math.pi), (3, 0.5 - math.sqrt(3 / 5) / 2), (6, None), (12, None)],
)
def test_how_often_the_rule_finds_a_difference_where_there_is_none(n, chance):
    """Student's distribution in closed form with 1 and 2 degrees of freedom; and drawing it 20,000 times."""
    part = by_rule(range(1, n + 1), "above")
    assert part.chance == by_rule(range(-n, 0), "below").chance
    assert chance is None or part.chance == pytest.approx(chance)
    drawn = np.random.default_rng(n).normal(size=(20_000, n))
    held = drawn.mean(axis=1) >= drawn.std(axis=1, ddof=1)
    assert part.chance == pytest.approx(held.mean(), abs=4 * held.std() / math.sqrt(20_000))
    ours = [by_rule(it, "above").verdict == "held" for it in drawn[:200]]
    assert ours == held[:200].tolist()


def test_a_direction_by_the_rule_has_students_p():
    differences = (1, 2, 4)
    part = by_rule(differences, "above")
    assert part.direction_p == part.p == pytest.approx(stats.ttest_1samp(differences, 0).pvalue)
    assert by_rule(differences, "below").direction_p == 1


def test_too_few_seeds_are_held_by_no_chance():
    part = by_rule((1, 2, 4), "above", replicates=4)
    assert (part.verdict, part.chance) == ("undecided", 0)


@pytest.mark.parametrize("outcomes", [("above", "match"), ("match",)])
def test_a_claim_of_no_direction_has_no_chance(outcomes):
    part = by_rule((1, 2, 4), *outcomes)
    assert (part.chance, part.direction_p) == (None, None)


def runs(*errors, arm="IMP"):
    """Runs whose one level has these errors less than the dense network's, in sixteenths, by seed."""
    return [Levels(arm, seed, [Level(0.5), Level(0.5 + error / 16)]) for seed, error in enumerate(errors)]


@pytest.fixture
def judged(store):
    def judge(filled, replicates=3, **relation):
        if filled:
            fill_levels(store, filled, {"IMP": level_config(levels=1)})
        claim = {"claim": "It is so.", "place": "Section 1", **relation}
        return compared(store, claims=[claim], groups=GROUPS, replicates=replicates).claims[0]

    return judge


ORDER = {"quantity": "test_error", "of": ["dense", "sparse"]}


@pytest.mark.parametrize(
    ("errors", "strict", "loose", "match"),
    [((2, 3, 4), "held", "held", "not held"), ((-1, 1, 0.5), "not held", "held", "held"),
     ((-2, -3, -4), "not held", "not held", "not held"), ((2, 3), "undecided", "undecided", "undecided"),
     ((1, 2, 3, 4, 5), "held", "held", "not held")],
)  # fmt: skip
def test_a_strict_order_needs_a_difference_and_another_none_to_the_wrong_side(
    judged, errors, strict, loose, match
):
    filled = runs(*errors)
    assert judged(filled, order=ORDER | {"strict": True}).verdict == strict
    assert judged([], order=ORDER | {"strict": False}).verdict == loose
    assert judged([], match=ORDER).verdict == match


def test_the_interval_stands_beside_the_rule_and_decides_nothing(judged):
    """2 more on average with a deviation of 2: by the rule it differs, and the interval has 0 in it."""
    found = judged(runs(0, 2, 4), order=ORDER | {"strict": True})
    (part,) = found.parts
    assert (found.verdict, found.by_rule) == ("held", True)
    assert (part.value, part.deviation, part.unit) == (12.5, 12.5, "points")
    assert part.low < 0 < part.high
    assert part.method == "95% t, paired by seed"
    without = judged([], replicates=None, order=ORDER | {"strict": True})
    assert (without.verdict, without.by_rule, without.parts[0].deviation) == ("undecided", False, None)


def test_fewer_seeds_than_the_paper_s_decide_nothing(judged):
    found = judged(runs(2, 3), order=ORDER | {"strict": True})
    assert (found.verdict, found.parts[0].reason) == ("undecided", "2 seeds, 3 published")
    found = judged([], replicates=2, order=ORDER | {"strict": True})
    assert (found.verdict, found.parts[0].reason) == ("held", "")


def test_one_seed_is_not_enough_for_the_rule(judged):
    found = judged(runs(2), order=ORDER | {"strict": True})
    assert (found.verdict, found.compared) == ("not run", False)


def test_each_step_of_a_sign_is_more_than_a_match(store):
    """From 0 to 25% label noise it grows by 1, 2 and 3 sixteenths; from there on, it does not by the rule."""
    configs = {f"noise {noise}": level_config(levels=1, label_noise=noise) for noise in (0.0, 0.25, 0.5)}
    gains = [(1, 1, 1), (2, 3, 4), (1, 4, 5)]
    filled = [run for arm, of_arm in zip(configs, gains, strict=True) for run in runs(*of_arm, arm=arm)]
    fill_levels(store, filled, configs)
    sign = {"x": "label_noise", "y": "test_error_improvement", "arms": ["sparse"], "monotone": True}
    for expect, verdicts in (("positive", ["held", "not held"]), ("negative", ["not held", "not held"])):
        claim = {"claim": "It is so.", "place": "1", "sign": sign | {"expect": expect}}
        (found,) = compared(store, claims=[claim], groups=GROUPS, replicates=3).claims
        assert [part.verdict for part in found.parts] == verdicts
        assert (found.verdict, found.by_rule) == ("not held", True)
    assert [part.value for part in found.parts] == [12.5, pytest.approx(100 / 48)]
    assert [part.name.partition(" at ")[2] for part in found.parts] == [
        "label noise 25 less at 0", "label noise 50 less at 25",
    ]  # fmt: skip


def test_a_program_hears_of_the_deviation(store):
    fill_levels(store, runs(2, 3, 4), {"IMP": level_config(levels=1)})
    claim = {"claim": "So.", "place": "1", "order": ORDER | {"strict": True}}
    facts = to_dict(whole(store, claims=[claim], groups=GROUPS, replicates=3))
    (claim,) = facts["figures"][0]["claims"]
    assert (claim["by_rule"], claim["parts"][0]["deviation"]) == (True, 6.25)
    assert facts["figures"][0]["settings"][0]["chosen_by"] == "test error"
