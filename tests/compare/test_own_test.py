"""Claims that a paper judges by a pooled t-test: by scipy's, and by the numbers that GST 2020 prints."""

from __future__ import annotations

import numpy as np
import pytest
from comparisons import published, runs_of
from pydantic import ValidationError
from scipy import stats
from stores import Run, fill

from gst.store import Store

ORDER = {"quantity": "test_accuracy", "of": ["one", "two"], "strict": True, "test": "pooled_t"}
MATCH = {"quantity": "test_accuracy", "of": ["one", "two"], "test": "pooled_t", "runs": 7}
ONE = [0.75, 0.625, 0.8125, 0.6875]
TWO = [0.5, 0.6875, 0.5625]


def both(one: list[float], two: list[float]) -> list[Run]:
    return runs_of("one", one) + runs_of("two", two)


def test_p_is_scipys_and_the_interval_beside_it_is_ours(judged):
    found = judged(both(ONE, TWO), order=ORDER | {"alpha": 0.1})
    (part,) = found.parts
    p = stats.ttest_ind(ONE, TWO).pvalue
    welch = stats.ttest_ind(ONE, TWO, equal_var=False).confidence_interval(0.9)
    assert 0.05 < p < 0.1
    assert (part.p, part.direction_p, part.chance) == pytest.approx((p, p, 0.05))
    assert (part.low, part.high) == pytest.approx((100 * welch.low, 100 * welch.high))
    assert (found.verdict, part.test) == ("held", "pooled t-test at 10%")


@pytest.mark.parametrize(
    ("sides", "alpha", "verdict"),
    [
        (["one", "two"], 0.1, "held"),
        (["one", "two"], 0.05, "undecided"),
        (["two", "one"], 0.1, "not held"),
        (["two", "one"], 0.05, "undecided"),
    ],
)
def test_an_order_holds_at_the_papers_level(judged, sides, alpha, verdict):
    assert judged(both(ONE, TWO), order=ORDER | {"of": sides, "alpha": alpha}).verdict == verdict


@pytest.mark.parametrize(
    ("alpha", "runs", "verdict", "reason"),
    [
        (0.05, 7, "held", ""),
        (0.05, 8, "undecided", "7 runs, 8 published"),
        (0.1, 7, "not held", ""),
        (0.1, 8, "not held", ""),
    ],
)
def test_two_groups_match_where_the_test_finds_nothing(judged, alpha, runs, verdict, reason):
    found = judged(both(ONE, TWO), match=MATCH | {"alpha": alpha, "runs": runs})
    assert (found.verdict, found.parts[0].reason) == (verdict, reason)


@pytest.mark.parametrize(("of", "p"), [("S14", 0.078), ("L14", 0.013), ("S1", 0.43)])
def test_table_c1_from_its_rounded_numbers(judged, of, p):
    """GST 2020, Table C.1: 46% and 59% pruned, mean and deviation over 10 and 3 runs."""
    printed = {
        "S14": ((87.95, 0.18), (87.72, 0.18)), "L14": ((88.03, 0.26), (87.48, 0.37)),
        "S1": ((87.65, 0.26), (87.52, 0.11)),
    }  # fmt: skip
    first, second = printed[of]
    n, m = (3, 10) if of == "S14" else (10, 3)
    found = judged(both(made_of(*first, n), made_of(*second, m)), order=ORDER | {"alpha": 0.1})
    assert found.parts[0].p == pytest.approx(p, abs=0.005 if p > 0.1 else 0.0005)
    assert found.verdict == ("held" if p < 0.1 else "undecided")


def made_of(mean: float, deviation: float, n: int) -> list[float]:
    """n accuracies of exactly that mean and deviation, in percent."""
    pattern = np.linspace(-1, 1, n)
    return [(mean + deviation * it) / 100 for it in pattern / pattern.std(ddof=1)]


@pytest.mark.parametrize(
    ("relation", "complaint"),
    [
        ({"order": ORDER | {"of": ["one", 5]}}, "`test` compares a `quantity` of two groups"),
        (
            {"order": ORDER | {"significant": False}},
            "a `test` is of significance, so `significant` has no place",
        ),
        (
            {"order": ORDER | {"strict": False, "within": 1}},
            "a `test` knows no tie, so `within` has no place",
        ),
        ({"order": ORDER | {"test": "pooled"}}, "Input should be 'pooled_t'"),
        ({"match": {key: MATCH[key] for key in ("quantity", "of", "test")}}, "`test` and `runs`"),
        ({"match": MATCH | {"within": 1}}, "by a `test` or `within` a tolerance, and not by both"),
        (
            {"match": {"quantity": "test_accuracy", "of": ["one", "two"], "alpha": 0.1}},
            "`alpha` is the level",
        ),
    ],
)
def test_what_does_not_go_together(relation, complaint):
    with pytest.raises(ValidationError, match=complaint):
        published(claims=[{"claim": "It is so.", "place": "1", **relation}])


def test_runs_that_do_not_vary_have_no_test(judged, store: Store):
    fill(store, both([0.5, 0.5], [0.25, 0.25]))
    found = judged([], order=ORDER)
    assert (found.verdict, "neither sample has any" in found.reason) == ("not run", True)
