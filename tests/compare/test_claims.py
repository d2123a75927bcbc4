"""Verdicts that are known by construction, of each kind of claim."""

from __future__ import annotations

import numpy as np
import pytest
from comparisons import compared, runs_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import stats
from stores import Run, fill, run_config
from tradeoffs import pruned

from gst.store import Store

STEP = 1 / 64  # exact in binary, so that differences are too


def tradeoff(slope: float, arm: str = "cut", n: int = 12, first: int = 0) -> list[Run]:
    """Runs whose accuracy is a straight line of their stability."""
    return [pruned(arm, first + i, 1 - i * STEP, 0.5 - slope * i * STEP) for i in range(n)]


NEGATIVE = {"x": "stability", "y": "test_accuracy", "arms": ["cut"], "expect": "negative"}


class TestSign:
    @pytest.mark.parametrize(("slope", "verdict"), [(-1, "held"), (1, "not held")])
    def test_negative(self, judged, slope, verdict):
        found = judged(tradeoff(slope), sign=NEGATIVE)
        assert found.verdict == verdict
        (part,) = found.parts
        assert part.value == pytest.approx(slope)
        assert (part.n, part.unit) == ((12,), "correlation")

    @pytest.mark.parametrize(("slope", "verdict"), [(-1, "not held"), (1, "held")])
    def test_positive(self, judged, slope, verdict):
        assert judged(tradeoff(slope), sign=NEGATIVE | {"expect": "positive"}).verdict == verdict

    @pytest.mark.parametrize("expect", ["negative", "positive"])
    def test_undecided_where_the_interval_includes_0(self, judged, expect):
        heights = [0, 1, 1, 0, 0, 1, 1, 0]  # symmetric about the middle, so no correlation
        runs = [pruned("cut", i, 1 - i * STEP, 0.5 + h * STEP) for i, h in enumerate(heights)]
        found = judged(runs, sign=NEGATIVE | {"expect": expect})
        assert found.verdict == "undecided"
        assert found.parts[0].value == pytest.approx(0)

    def test_of_a_few_arms_only_seeds_are_left_out(self, judged):
        """Student's interval on the scale of artanh, from leaving out each of 6 seeds."""
        rng = np.random.default_rng(3)
        x = np.array([[0.9], [0.7]]) + 0.05 * rng.random((2, 6))
        y = 0.6 - 0.3 * x + 0.03 * rng.random((2, 6))
        runs = [pruned(f"cut {arm}", seed, x[arm, seed], y[arm, seed]) for arm, seed in np.ndindex(x.shape)]
        (part,) = judged(runs, sign=NEGATIVE | {"arms": ["cut *"]}).parts
        kept = [list(range(6)), *([seed for seed in range(6) if seed != left] for left in range(6))]
        middle, *left = (np.arctanh(np.corrcoef(x[:, it].ravel(), y[:, it].ravel())[0, 1]) for it in kept)
        low, high = np.tanh(stats.t.interval(0.95, 5, middle, np.sqrt(5 * np.var(left))))
        assert (part.value, part.low, part.high) == pytest.approx((np.tanh(middle), low, high))
        assert (part.verdict, part.n, part.p) == ("held", (12,), None)
        assert part.method == "95% jackknife over seeds, of these 2 configurations"

    def test_of_more_arms_they_are_drawn_too(self, judged):
        """Four arms that happen to fall in one line: within each there is no correlation to speak of."""
        heights = [0, 1, 1, 0]
        runs = [
            pruned(f"cut {arm}", seed, 1 - (4 * arm + seed) * STEP, 0.25 + (4 * arm + height) * STEP)
            for arm in range(4)
            for seed, height in enumerate(heights)
        ]
        found = judged(runs, sign=NEGATIVE | {"arms": ["cut *"]})
        assert found.verdict == "held"
        assert found.parts[0].method == (
            "95% crossed bootstrap, 10,000 resamples over 4 configurations and 4 seeds"
        )

    @pytest.mark.parametrize(
        ("arms", "reason"),
        [
            (3, "a correlation of these configurations needs at least 3 seeds, found 2; run more seeds"),
            (4, "no interval: 2 seeds are too few to draw from; run more seeds"),
        ],
    )
    def test_two_seeds_are_too_few(self, judged, arms, reason):
        runs = [run for arm in range(arms) for run in tradeoff(-1 - arm, f"cut {arm}", n=2)]
        found = judged(runs, sign=NEGATIVE | {"arms": ["cut *"]})
        assert (found.verdict, found.reason) == ("not run", reason)
        assert (found.chance, found.p) == (None, None)

    def test_the_p_of_a_correlation_is_that_of_its_interval(self, judged):
        """Of six runs Fisher's interval, and so Fisher's test."""
        heights = [0, 3, 1, 2, 5, 4]
        runs = [pruned("cut", i, 1 - i * STEP, 0.5 + h * STEP) for i, h in enumerate(heights)]
        found = judged(runs, sign=NEGATIVE)
        r = np.corrcoef(range(6), heights)[0, 1]
        assert (found.chance, found.p) == (
            pytest.approx(0.025), pytest.approx(2 * stats.norm.sf(np.arctanh(r) * np.sqrt(3))),
        )  # fmt: skip
        assert judged([], sign=NEGATIVE | {"expect": "positive"}).p == 1
        assert judged([], sign=NEGATIVE | {"expect": "none", "runs": 3}).p is None

    def test_each_run_counts_once_though_it_be_in_two_arms(self, judged, store: Store):
        config = run_config(epochs=2, pruning={
            "kind": "filters", "score": "l2", "target": "smallest", "layers": ("conv1",), "start": 0,
            "end": 0, "every": 1, "fraction": 0.5,
        })  # fmt: skip
        runs = tradeoff(-1)
        configs = {"cut": config, "again": config}
        relation = NEGATIVE | {"arms": ["cut", "again"]}
        fill(store, [*runs, Run("again", 0, status="pending")], configs=configs)
        assert judged([], sign=relation).parts[0].n == (12,)

    def test_six_clustered_points_of_two_seeds_are_too_few_however_well_they_correlate(self, judged):
        """Three arms far apart, each with the same two seeds: r = 0.99, over runs that are no sample."""
        runs = [
            pruned(f"cut {arm}", seed, 1 - (8 * arm + seed) * STEP, 0.75 - (8 * arm - seed) * STEP)
            for arm in range(3)
            for seed in range(2)
        ]
        found = judged(runs, sign=NEGATIVE | {"arms": ["cut *"]})
        x, y = np.array([(8 * arm + seed, 8 * arm - seed) for arm in range(3) for seed in range(2)]).T
        assert np.corrcoef(x, y)[0, 1] > 0.98
        assert (found.verdict, found.reason) == (
            "not run",
            "a correlation of these configurations needs at least 3 seeds, found 2; run more seeds",
        )  # fmt: skip

    @pytest.mark.parametrize(
        ("heights", "expect", "verdict"),
        [
            ([0, 3, 2, 1, 1, 2, 3, 1], "negative", "held"),  # next to no correlation, but of that sign
            ([0, 3, 2, 1, 1, 2, 3, 1], "positive", "undecided"),
            ([0, 1, 1, 0, 0, 1, 1, 0], "negative", "undecided"),  # none at all
            ([0, 1, 2, 3, 4, 5, 6, 7], "positive", "not held"),
        ],
    )
    def test_a_sign_without_significance(self, judged, heights, expect, verdict):
        runs = [pruned("cut", i, 1 - i * STEP, 0.5 + h * STEP) for i, h in enumerate(heights)]
        found = judged(runs, sign=NEGATIVE | {"expect": expect, "significant": False})
        assert (found.verdict, found.chance) == (verdict, 0.5)

    def test_kendall(self, judged):
        found = judged(tradeoff(-1), sign=NEGATIVE | {"statistic": "kendall"})
        assert found.verdict == "held"
        assert found.parts[0].name == "tau of stability and test accuracy"

    def test_nothing_found_by_as_many_runs_as_published(self, judged, store: Store):
        heights = [0, 1, 1, 0, 0, 1, 1, 0]
        fill(store, [pruned("cut", i, 1 - i * STEP, 0.5 + h * STEP) for i, h in enumerate(heights)])
        nothing = {"x": "stability", "y": "test_accuracy", "arms": ["cut"], "expect": "none"}
        assert judged([], sign=nothing | {"runs": 8}).verdict == "held"
        found = judged([], sign=nothing | {"runs": 9})
        assert found.verdict == "undecided"
        assert found.parts[0].reason == "8 runs, 9 published"

    def test_something_found_where_the_paper_found_nothing(self, judged):
        nothing = {"x": "stability", "y": "test_accuracy", "arms": ["cut"], "expect": "none", "runs": 30}
        assert judged(tradeoff(-1), sign=nothing).verdict == "not held"

    def test_too_few_pairs_are_not_run_and_the_reason_is_given(self, judged):
        found = judged(tradeoff(-1, n=2), sign=NEGATIVE)
        assert (found.verdict, found.counts) == ("not run", False)
        assert found.reason == "a correlation needs at least 3 pairs, found 2; run more seeds or arms"

    def test_runs_that_have_no_such_quantity_are_left_out(self, judged):
        """A pruned run that lost nothing has no stability."""
        runs = [*tradeoff(-1), Run("cut", 50, [0.5, 0.5], events=[(0, 0.5, 0.5, 0)])]
        assert judged(runs, sign=NEGATIVE).parts[0].n == (12,)

    def test_parts_by_each(self, judged):
        runs = tradeoff(-1, "one x") + tradeoff(1, "two x")
        relation = NEGATIVE | {"arms": ["{} x"], "each": ["one", "two"]}
        found = judged(runs, sign=relation)
        assert [(part.name, part.verdict) for part in found.parts] == [
            ("one: r of stability and test accuracy", "held"),
            ("two: r of stability and test accuracy", "not held"),
        ]
        assert found.verdict == "not held"


def rated(every: int, epochs: int = 12, score: str = "l2"):
    """A configuration whose fastest layer loses 0.9 / the number of events at each event."""
    return run_config(epochs=epochs, pruning={
        "kind": "filters", "score": score, "target": "smallest", "layers": ("conv1",), "start": 0, "end": 8,
        "every": every, "fraction": 0.9,
    })  # fmt: skip


RATES = {"slow": rated(1), "middle": rated(2), "fast": rated(8)}  # 9, 5 and 2 events


STEPS = {"x": "iterative_rate", "y": "stability", "arms": ["*"], "expect": "negative", "monotone": True}


class TestRates:
    def runs(self, stabilities: dict[str, float], n: int = 4) -> list[Run]:
        return [
            pruned(arm, seed, stability + seed * STEP, 0.5)
            for arm, stability in stabilities.items()
            for seed in range(n)
        ]

    def test_every_step_must_go_down(self, judged):
        found = judged(self.runs({"slow": 0.9, "middle": 0.75, "fast": 0.5}), RATES, sign=STEPS)
        assert found.verdict == "held"
        assert [part.value for part in found.parts] == pytest.approx([-15, -25])
        assert found.parts[0].name == "stability at iterative rate 18 less at 10"
        assert found.parts[0].unit == "points"

    def test_one_step_up_contradicts(self, judged):
        found = judged(self.runs({"slow": 0.75, "middle": 0.9, "fast": 0.5}), RATES, sign=STEPS)
        assert [part.verdict for part in found.parts] == ["not held", "held"]
        assert found.verdict == "not held"

    def test_upwards_the_other_way_round(self, judged):
        relation = STEPS | {"expect": "positive"}
        found = judged(self.runs({"slow": 0.5, "middle": 0.75, "fast": 0.9}), RATES, sign=relation)
        assert found.verdict == "held"

    def test_one_rate_makes_no_step(self, judged):
        found = judged(self.runs({"slow": 0.9}), {"slow": RATES["slow"]}, sign=STEPS)
        assert found.verdict == "not run"
        assert found.reason == "steps need at least 2 values of iterative rate, found 1"

    def per_rate(self, slopes: dict[str, float]) -> list[Run]:
        return [run for arm, slope in slopes.items() for run in tradeoff(slope, arm)]

    def test_a_part_for_each_rate(self, judged):
        relation = NEGATIVE | {"arms": ["*"], "per": ["iterative_rate"]}
        found = judged(self.per_rate({"fast": -1, "slow": -1, "middle": 1}), RATES, sign=relation)
        assert [(part.name[:9], part.verdict) for part in found.parts] == [
            ("rate 10%:", "held"), ("rate 18%:", "not held"), ("rate 45%:", "held"),
        ]  # fmt: skip

    def test_mostly(self, store: Store, judged):
        relation = NEGATIVE | {"arms": ["*"], "per": ["iterative_rate"], "significant": "most"}
        heights = [0, 3, 2, 1, 1, 2, 3, 1]  # next to no correlation, but of the right sign
        weak = [pruned("fast", i, 1 - i * STEP, 0.5 + h * STEP) for i, h in enumerate(heights)]
        fill(store, tradeoff(-1, "slow") + tradeoff(-1, "middle") + weak, configs=RATES)
        found = judged([], sign=relation)
        assert [part.verdict for part in found.parts] == ["held", "held", "undecided"]
        assert found.verdict == "held"
        assert found.chance == pytest.approx(3 * 0.025**2 * 0.975 + 0.025**3)
        assert found.p == pytest.approx(2 * sorted(part.direction_p for part in found.parts)[1])
        assert found.significant == 2
        assert judged([], sign=relation | {"significant": True}).verdict == "undecided"
        shown = judged([], sign=relation | {"significant": False})
        assert [(part.verdict, part.reason) for part in shown.parts] == [
            ("held", ""), ("held", ""), ("held", "not significant"),
        ]  # fmt: skip
        assert (shown.verdict, shown.significant, shown.chance) == ("held", 2, 0.5**3)
        assert shown.p == max(part.direction_p for part in shown.parts)

    def test_how_the_correlation_develops(self, judged):
        scattered = {"slow": (-1, 0.1), "middle": (-1, 4), "fast": (1, 1)}
        runs = []
        for arm, (slope, scatter) in scattered.items():
            for i in range(16):
                accuracy = 0.5 - (slope * i + scatter * (-1) ** i) * STEP / 2
                runs.append(pruned(arm, i, 1 - i * STEP, accuracy))
        relation = {
            "x": "iterative_rate", "correlation": {"x": "stability", "y": "test_accuracy"}, "arms": ["*"],
            "expect": "positive", "statistic": "kendall",
        }  # fmt: skip
        found = judged(runs, RATES, sign=relation)
        assert found.verdict == "held"
        assert found.parts[0].value == 1.0
        assert found.parts[0].n == (16, 16, 16)


ORDER = {"quantity": "test_accuracy", "of": ["high", "low"], "strict": True}
HIGH = [0.75, 0.625, 0.75, 0.6875, 0.75, 0.625, 0.6875, 0.75]
LOW = [it - 0.25 for it in HIGH]


class TestOrder:
    def test_held_and_swapped_not_held(self, store: Store, judged):
        fill(store, runs_of("high", HIGH) + runs_of("low", LOW))
        found = judged([], order=ORDER)
        assert found.verdict == "held"
        (part,) = found.parts
        assert part.name == "test accuracy, high less low"
        assert (part.value, part.unit, part.n) == (25.0, "points", (8,))
        swapped = judged([], order=ORDER | {"of": ["low", "high"]})
        assert (swapped.verdict, swapped.parts[0].value) == ("not held", -25.0)

    def test_undecided(self, judged):
        mixed = [it + (-1) ** seed / 8 for seed, it in enumerate(HIGH)]
        assert judged(runs_of("high", HIGH) + runs_of("low", mixed), order=ORDER).verdict == "undecided"

    def test_a_tie_holds_unless_the_order_is_strict(self, store: Store, judged):
        fill(store, runs_of("high", HIGH) + runs_of("low", HIGH))
        assert judged([], order=ORDER).verdict == "undecided"
        assert judged([], order=ORDER | {"strict": False}).verdict == "held"

    def test_a_tie_may_be_wider(self, store: Store, judged):
        fill(store, runs_of("high", LOW) + runs_of("low", HIGH))  # 25 points the wrong way, in every pair
        loose = ORDER | {"strict": False}
        assert judged([], order=loose).verdict == "not held"
        assert judged([], order=loose | {"within": 24.0}).verdict == "not held"
        assert judged([], order=loose | {"within": 26.0}).verdict == "held"

    def test_neighbours_are_compared_and_one_wrong_pair_contradicts(self, store: Store, judged):
        runs = runs_of("a", HIGH) + runs_of("b", LOW) + runs_of("c", [it - 0.125 for it in HIGH])
        fill(store, runs)
        found = judged([], order=ORDER | {"of": ["a", "b", "c"]})
        assert [part.verdict for part in found.parts] == ["held", "not held"]
        assert found.verdict == "not held"
        assert judged([], order=ORDER | {"of": ["a", "c", "b"]}).verdict == "held"

    def test_the_level_is_that_of_the_papers_test(self, store: Store, judged):
        """Differences of mean 1.8 and deviation 1.2 (in steps), 4 of them: between 90% and 95%."""
        steps = [0.3, 1.3, 2.4, 3.2]
        high = [0.5 + it / 100 for it in steps]
        fill(store, runs_of("high", high) + runs_of("low", [0.5] * 4))
        assert judged([], order=ORDER).verdict == "undecided"
        found = judged([], order=ORDER | {"alpha": 0.10})
        assert found.verdict == "held"
        assert found.parts[0].method == "90% t, paired by seed"

    def test_a_strict_order_has_a_chance_and_the_largest_p_of_its_parts(self, store: Store, judged):
        sides = {
            "a": [0.75, 0.875, 0.75, 0.9375],
            "b": [0.5, 0.625, 0.4375, 0.75],
            "c": [0.5, 0.5, 0.375, 0.5],
        }
        fill(store, [run for arm, values in sides.items() for run in runs_of(arm, values)])
        found = judged([], order=ORDER | {"of": ["a", "b", "c"], "alpha": 0.2})
        first, second = (stats.ttest_rel(sides[one], sides[other]).pvalue for one, other in ("ab", "bc"))
        assert [part.p for part in found.parts] == pytest.approx([first, second])
        assert (found.chance, found.p) == (pytest.approx(0.1**2), pytest.approx(max(first, second)))
        either = judged([], order=ORDER | {"of": ["a", "b", "c"], "at_least": 1})
        assert either.p == pytest.approx(2 * min(first, second))
        assert either.chance == pytest.approx(1 - 0.975**2)
        assert judged([], order=ORDER | {"of": ["b", "a", "c"]}).p == 1
        assert judged([], order=ORDER | {"of": ["a", "b"], "strict": False}).p is None

    @pytest.mark.parametrize(
        ("sides", "verdict"), [(["high", "low"], "held"), (["low", "high"], "undecided")]
    )
    def test_an_order_without_significance_is_that_of_the_means(self, judged, sides, verdict):
        mixed = [it - 0.01 + (-1) ** seed / 8 for seed, it in enumerate(HIGH)]
        relation = ORDER | {"of": sides, "significant": False}
        found = judged(runs_of("high", HIGH) + runs_of("low", mixed), order=relation)
        assert (found.verdict, found.significant, found.chance) == (verdict, 0, 0.5)

    def test_parts_that_share_a_side_hold_together_more_often_than_apart(self, store: Store, judged):
        fill(store, runs_of("high", HIGH) + runs_of("low", LOW) + runs_of("lower", [0.25] * 8))
        each = {"quantity": "test_accuracy", "each": ["low", "lower"], "strict": True}
        assert judged([], order=each | {"of": ["high", "{}"]}).chance == pytest.approx(0.025)
        assert judged([], order=each | {"of": ["{}", 10]}).chance == pytest.approx(0.025**2)

    def test_more_parts_than_there_are_cannot_hold(self, judged):
        found = judged(runs_of("high", HIGH) + runs_of("low", LOW), order=ORDER | {"at_least": 2})
        assert (found.verdict, found.chance, found.p) == ("not held", 0, 1)

    def test_against_a_number_on_either_side(self, store: Store, judged):
        fill(store, runs_of("high", HIGH))
        assert judged([], order=ORDER | {"of": ["high", 50]}).verdict == "held"
        assert judged([], order=ORDER | {"of": ["high", 80]}).verdict == "not held"
        found = judged([], order=ORDER | {"of": [80, "high"]})
        assert found.verdict == "held"
        assert found.p == pytest.approx(stats.ttest_1samp([100 * it for it in HIGH], 80).pvalue)
        assert found.parts[0].value == pytest.approx(80 - 100 * sum(HIGH) / 8)
        assert found.parts[0].low <= found.parts[0].value <= found.parts[0].high

    def test_several_arms_under_one_name_are_averaged_by_seed(self, judged):
        runs = runs_of("one", HIGH) + runs_of("two", LOW) + runs_of("low", [0.5] * 8)
        groups = {"both": {"arms": ["one", "two"]}}
        found = judged(runs, figure={"groups": groups}, order=ORDER | {"of": ["both", "low"]})
        mean = (sum(HIGH) + sum(LOW)) / 16
        assert found.parts[0].value == pytest.approx(100 * (mean - 0.5))
        assert found.parts[0].n == (8,)

    def test_one_run_is_too_few(self, judged):
        found = judged([*runs_of("high", [0.75]), *runs_of("low", [0.5])], order=ORDER)
        assert found.verdict == "not run"
        assert "at least 2" in found.reason

    def test_the_strength_of_correlations(self, store: Store, judged):
        noisy = [pruned("weak", i, 1 - i * STEP, 0.5 + (i + 9 * (-1) ** i) * STEP / 4) for i in range(16)]
        fill(store, tradeoff(-1, "strong") + noisy)
        relation = {"correlation": {"x": "stability", "y": "test_accuracy"}, "strict": True}
        found = judged([], order=relation | {"of": ["strong", "weak"]})
        assert found.verdict == "held"
        assert found.parts[0].n == (12, 16)
        assert judged([], order=relation | {"of": ["weak", "strong"]}).verdict == "not held"


MATCH = {"quantity": "test_accuracy", "of": ["one", "two"]}


class TestMatch:
    @pytest.mark.parametrize(
        ("less", "verdict"), [(0, "held"), (0.0025, "held"), (0.01, "not held"), (-0.01, "not held")]
    )
    def test_within_half_a_point_unless_the_claim_says_otherwise(self, judged, less, verdict):
        runs = runs_of("one", HIGH) + runs_of("two", [it - less for it in HIGH])
        assert judged(runs, match=MATCH).verdict == verdict

    def test_a_wider_tolerance(self, store: Store, judged):
        fill(store, runs_of("one", HIGH) + runs_of("two", LOW))
        assert judged([], match=MATCH | {"within": 24.0}).verdict == "not held"
        assert judged([], match=MATCH | {"within": 26.0}).verdict == "held"
        assert judged([], figure={"tolerance": 26.0}, match=MATCH).verdict == "held"

    def test_undecided_where_the_interval_reaches_outside(self, judged):
        mixed = [it + (-1) ** seed / 64 for seed, it in enumerate(HIGH)]
        assert judged(runs_of("one", HIGH) + runs_of("two", mixed), match=MATCH).verdict == "undecided"
        assert judged([], match=MATCH | {"significant": False}).verdict == "held"


SIZES = (10, 40)
BY_SIZE = {"quantity": "test_accuracy", "of": ["L *", "S *"], "strict": True}


class TestParts:
    """PruneL above PruneS at two data sizes, with and without augmentation."""

    def fill(self, store: Store, wrong: tuple[int, bool] | None = None) -> None:
        runs, configs = [], {}
        for size in SIZES:
            for augment in (False, True):
                values = (LOW, HIGH) if (size, augment) == wrong else (HIGH, LOW)
                for target, accuracies in zip("LS", values, strict=True):
                    arm = f"{target} {size} {augment}"
                    runs += runs_of(arm, accuracies[:4])
                    configs[arm] = run_config(
                        epochs=1, lr=0.1 + len(runs), name="mnist", draw=None, per_class=size, augment=augment
                    )
        fill(store, runs, configs=configs)

    def test_a_part_for_each_size_and_augmentation(self, store: Store, judged):
        self.fill(store)
        found = judged([], order=BY_SIZE | {"per": ["data_size", "augment"]})
        assert found.verdict == "held"
        assert [part.name for part in found.parts] == [
            f"{size} of a class, {words}: test accuracy, L * less S *"
            for size in SIZES
            for words in ("not augmented", "augmented")
        ]

    def test_one_wrong_part_contradicts(self, store: Store, judged):
        self.fill(store, wrong=(40, True))
        found = judged([], order=BY_SIZE | {"per": ["data_size", "augment"]})
        assert [part.verdict for part in found.parts] == ["held", "held", "held", "not held"]
        assert found.verdict == "not held"

    @pytest.mark.parametrize(
        ("only", "verdict"),
        [
            ({"data_size": "smallest"}, "held"),
            ({"data_size": "largest", "augment": False}, "held"),
            ({"data_size": "largest", "augment": True}, "not held"),
            ({"data_size": 40, "augment": True}, "not held"),
        ],
    )
    def test_only_some_of_the_runs(self, store: Store, judged, only, verdict):
        self.fill(store, wrong=(40, True))
        assert judged([], order=BY_SIZE | {"only": only}).verdict == verdict

    def test_no_run_is_meant(self, store: Store, judged):
        self.fill(store)
        found = judged([], order=BY_SIZE | {"only": {"data_size": 20}})
        assert found.verdict == "not run"
        assert found.reason == "sweep hand has no arm of 'L *' that is meant here"

    def test_a_side_that_lacks_a_part(self, store: Store, judged):
        configs = {
            arm: run_config(epochs=1, lr=lr, name="mnist", draw=None, per_class=size)
            for arm, lr, size in (("L 10", 0.1, 10), ("L 40", 0.2, 40), ("S 10", 0.3, 10))
        }
        fill(store, runs_of("L 10", HIGH) + runs_of("L 40", HIGH) + runs_of("S 10", LOW), configs=configs)
        found = judged([], order=BY_SIZE | {"per": ["data_size"]})
        assert [part.verdict for part in found.parts] == ["held", "not run"]
        assert (found.verdict, found.reason) == ("not run", "no runs of S * in this part")

    def test_excluded_arms(self, store: Store, judged):
        self.fill(store, wrong=(40, True))
        relation = BY_SIZE | {"exclude": ["* 40 True"], "per": ["data_size", "augment"]}
        found = judged([], order=relation)
        assert found.verdict == "held"
        assert len(found.parts) == 3


class TestNotRun:
    def test_a_sweep_that_is_not_there(self, judged):
        found = judged([], order=ORDER)
        assert (found.verdict, found.parts) == ("not run", ())
        assert found.reason == "sweep hand is not in the store; run it: gst sweep hand"

    def test_a_sweep_without_a_completed_run(self, judged):
        found = judged([Run("high", 0, status="pending")], order=ORDER)
        assert "no completed run yet, of 1 (1 pending)" in found.reason

    def test_an_arm_that_is_not_there(self, judged):
        found = judged(runs_of("high", HIGH), order=ORDER)
        assert found.reason == "sweep hand has no arm 'low'; there are: high"

    def test_an_arm_without_a_completed_run(self, judged):
        runs = [*runs_of("high", HIGH), *(Run("low", seed, [0.5], status="failed") for seed in range(8))]
        assert judged(runs, order=ORDER).reason == "no completed run of low in sweep hand"

    def test_one_of_several_arms_without_a_completed_run(self, judged):
        """A correlation over the others would be another correlation."""
        runs = [*tradeoff(-1), *tradeoff(-1, "cut more", n=1)]
        runs[-1] = Run("cut more", 0, [0.5], events=[(0, 0.5, 0.4)], status="failed")
        assert judged(runs, sign=NEGATIVE | {"arms": ["cut*"]}).verdict == "not run"

    def test_a_quantity_that_is_not_measured(self, judged):
        figure = {"unmeasured": {"flatness": "flatness is not measured yet"}}
        found = judged(runs_of("high", HIGH), figure=figure, order=ORDER | {"quantity": "flatness"})
        assert (found.verdict, found.measured, found.reason) == (
            "not run", False, "flatness is not measured yet",
        )  # fmt: skip

    def test_runs_that_have_no_such_quantity(self, judged):
        found = judged(
            runs_of("high", HIGH) + runs_of("low", LOW), order=ORDER | {"quantity": "final_removal_drop"}
        )
        assert found.verdict == "not run"
        assert found.reason == "runs of high have no drop when filters are removed at the end"


@pytest.mark.slow
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pairs=st.lists(st.tuples(st.integers(0, 255), st.integers(0, 255)), min_size=2, max_size=12),
    factor=st.sampled_from([0.5, 0.25]),
)
def test_scaling_all_accuracies_changes_no_verdict_of_an_order(empty, tmp_path_factory, pairs, factor):
    verdicts = []
    for scale in (1, factor):
        path = tmp_path_factory.mktemp("scaled") / "gst.db"
        path.write_bytes(empty.read_bytes())
        with Store.open(str(path)) as store:
            high, low = ([scale * pair[side] / 256 for pair in pairs] for side in (0, 1))
            fill(store, runs_of("high", high) + runs_of("low", low))
            claims = [
                {"claim": "So.", "place": "here", "order": ORDER},
                {"claim": "So.", "place": "here", "order": ORDER | {"of": ["low", "high"], "strict": False}},
            ]
            verdicts.append([claim.verdict for claim in compared(store, claims=claims).claims])
    assert verdicts[0] == verdicts[1]
