"""Which arms are contrasted, and the paired tests, against scipy and statsmodels."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests
from stores import Run, by_arm, fill, run_config, sweep_of
from tradeoffs import TWINS, pruned, targeted, unpruned

from gst.analysis.contrasts import ArmContrast, Pairing, baselines, contrasts, pairings
from gst.analysis.results import run_results
from gst.analysis.source import Source, find_source
from gst.config import RunConfig, load_sweep
from gst.config.run import embedded
from gst.paths import project_folder
from gst.store import Store

NONE = [0.5, 0.625, 0.5625, 0.75]
HARD = [0.75, 0.6875, 0.71875, 0.8125]
SOFT = [0.5, 0.75, 0.625, 0.65625]


def accuracy(run: Any) -> float:
    return float(run.final_accuracy)


def made(store: Store, *runs: Run, configs: dict[str, RunConfig] = TWINS) -> tuple[ArmContrast, ...]:
    """The contrasts of a sweep of these runs."""
    fill(store, runs, configs={arm: configs[arm] for arm in by_arm(runs)})
    source = find_source(store, "hand")
    return contrasts(pairings(store, source), run_results(store, source), accuracy)


def arm(name: str, accuracies: list[float], seeds: range | tuple[int, ...] = range(4)) -> list[Run]:
    """A run with each of those accuracies; the unpruned arms' names begin with `none`."""
    if name.startswith("none"):
        return [unpruned(name, seed, it) for seed, it in zip(seeds, accuracies, strict=True)]
    return [pruned(name, seed, 0.5, it) for seed, it in zip(seeds, accuracies, strict=True)]


def paired(store: Store, configs: dict[str, RunConfig]) -> tuple[Pairing, ...]:
    """The pairings that these configurations suggest; one run completes."""
    first, *others = configs
    runs = [Run(first, 0, [0.5, 0.5]), *(Run(it, 0, [0.5], status="pending") for it in others)]
    fill(store, runs, configs=configs)
    return pairings(store, find_source(store, "hand"))


def test_an_arm_is_contrasted_with_its_unpruned_twin_and_target_with_target(store):
    assert paired(store, TWINS) == (
        Pairing("hard", "none", (("hard", "none"),)),
        Pairing("soft", "none", (("soft", "none"),)),
        Pairing("hard", "soft", (("hard", "soft"),)),
    )


def test_the_baseline_of_an_arm_is_its_twin_and_never_another_target(store):
    """`hard` is contrasted with `soft`, too, which is no baseline."""
    paired(store, {**TWINS, "alone": targeted("largest", lr=0.5)})
    assert baselines(store, find_source(store, "hand")) == {"hard": "none", "soft": "none"}


def test_targets_are_contrasted_from_the_largest_down(store):
    targets = ("smallest", "random", "largest")
    found = paired(store, {target: targeted(target) for target in targets})
    assert [(it.first, it.other) for it in found] == [
        ("largest", "random"), ("largest", "smallest"), ("random", "smallest"),
    ]  # fmt: skip


def test_a_twin_differs_in_pruning_measurements_and_the_size_of_test_batches_alone(store):
    hard = targeted("largest")
    measured = RunConfig.model_validate(hard.model_dump() | {"measure": {"flatness": {"epoch": 1}}})
    tested = hard.training.model_copy(update={"test_batch_size": 8})
    slow = targeted("largest", lr=0.5)
    more = targeted("largest", per_class=7)
    configs = {
        "none": targeted(None),
        "measured": measured,
        "tested": hard.model_copy(update={"training": tested}),
        "slow": slow,
        "more": more,
        "more none": targeted(None, per_class=7),
    }
    assert [(it.first, it.other) for it in paired(store, configs)] == [
        ("measured", "none"), ("tested", "none"), ("more", "more none"),
    ]  # fmt: skip


def test_of_two_twins_the_first_of_the_file_counts(store):
    unpruned_twice = targeted(None)
    tested = unpruned_twice.training.model_copy(update={"test_batch_size": 8})
    other = unpruned_twice.model_copy(update={"training": tested})
    found = paired(store, {"one": unpruned_twice, "two": other, "hard": targeted("largest")})
    assert [(it.first, it.other) for it in found] == [("hard", "one")]


def settings_of_targets() -> dict[str, RunConfig]:
    """Largest and smallest in two settings, random in one of them; the learning rate is the setting."""
    return {
        f"{target} {lr:g}": targeted(target, lr=lr)
        for lr, target in itertools.product((0.25, 0.5), ("largest", "smallest"))
    } | {"random 0.5": targeted("random", lr=0.5)}


def test_several_settings_are_one_contrast_over_those_that_have_both_targets(store):
    assert paired(store, settings_of_targets()) == (
        Pairing("largest 0.5", "random 0.5", (("largest 0.5", "random 0.5"),)),
        Pairing(
            "target largest",
            "smallest",
            (("largest 0.25", "smallest 0.25"), ("largest 0.5", "smallest 0.5")),
        ),
        Pairing("random 0.5", "smallest 0.5", (("random 0.5", "smallest 0.5"),)),
    )


def test_images_that_a_rule_leaves_out_are_contrasted_with_as_many_at_random_and_with_none(store):
    """The contrasts of Jin et al. 2022, Appendices D and E, as their sweep files have them."""
    found = {}
    for name in ("jin_appD_lenet_short", "jin_appE_lenet_short"):
        spec = load_sweep(project_folder("sweeps") / f"{name}.yaml")
        source = Source(name, name, store.register(spec), "", "", ())
        found[name] = [(it.first, it.other) for it in pairings(store, source)]
    assert found == {
        "jin_appD_lenet_short": [
            ("IMP", "Dense"), ("Without improved", "Without random"), ("Without improved", "Dense"),
        ],
        "jin_appE_lenet_short": [
            ("IMP", "Dense"),
            ("Without misclassified", "Without as many"),
            ("Without misclassified", "Dense"),
        ],
    }  # fmt: skip


def branched(trunk: RunConfig, *, pruning: dict[str, Any] | None = None, **branch: Any) -> RunConfig:
    """A run that goes on from the trunk's first epoch."""
    late = {
        "kind": "filters", "score": "l2", "target": "smallest", "layers": ("conv1",), "start": 1, "end": 1,
        "every": 1, "fraction": 0.5,
    }  # fmt: skip
    begun = {"arm": embedded(trunk), "epoch": 1, **branch}
    return RunConfig.model_validate(trunk.model_dump() | {"pruning": pruning or late, "from": begun})


def test_a_run_that_goes_on_from_a_trunk_has_it_as_its_twin(store):
    """What goes on with other batches would be another run without pruning; so would another training."""
    trunk, slower = run_config(), run_config(lr=0.002)
    goes_on = branched(trunk)
    faster = goes_on.training.model_copy(update={"optimizer": slower.training.optimizer})
    arms = {
        "trunk": trunk,
        "goes on": goes_on,
        "other order": branched(trunk, order=1),
        "unpruned": branched(trunk, pruning={"kind": "none"}, order=1),
        "other rate": goes_on.model_copy(update={"training": faster}),
    }
    source = Source("hand", "hand", store.register(sweep_of(arms)), "", "", ())
    assert baselines(store, source) == {"goes on": "trunk", "other order": "unpruned"}


def test_arms_that_differ_in_more_than_the_target_are_not_contrasted(store):
    assert paired(store, {"a": targeted("largest", lr=0.25), "b": targeted("smallest", lr=0.5)}) == ()


@pytest.mark.parametrize("name", ["fig3", "fig5", "quickstart", "v1_figA3", "tabF1"])
def test_every_pruned_arm_of_a_shipped_sweep_with_baselines_has_a_twin(store, name):
    """Arm and twin have the same settings, but for pruning and the images of a test batch."""
    spec = load_sweep(project_folder("sweeps") / f"{name}.yaml")
    configs = {it.arm: it.config for it in spec.configs}
    source = Source(name, name, store.register(spec), "", "", ())
    twins = {
        it.first: it.other for it in pairings(store, source) if configs[it.arms[0][1]].pruning.kind == "none"
    }
    assert set(twins) == {arm for arm, config in configs.items() if config.pruning.kind != "none"}
    for first, other in twins.items():
        one, two = (configs[it].settings() for it in (first, other))
        different = {key for key in one.keys() | two.keys() if one.get(key) != two.get(key)}
        assert all(key.startswith("pruning.") for key in different - {"training.test_batch_size"})


def test_a_contrast_is_the_paired_t_test(store):
    hard_none, soft_none, hard_soft = made(store, *arm("none", NONE), *arm("hard", HARD), *arm("soft", SOFT))
    for it, first, other in (
        (hard_none, HARD, NONE), (soft_none, SOFT, NONE), (hard_soft, HARD, SOFT),
    ):  # fmt: skip
        expected = stats.ttest_rel(first, other)
        interval = expected.confidence_interval(0.95)
        assert it.test.value == pytest.approx(np.mean(first) - np.mean(other))
        assert (it.test.t, it.test.p) == pytest.approx((expected.statistic, expected.pvalue))
        assert (it.test.low, it.test.high) == pytest.approx((interval.low, interval.high))
        assert (it.test.n, it.test.degrees, it.test.method) == ((4, 4), 3, "95% t, paired by seed")
        assert (it.arms, it.reason) == (1, "")


def test_p_is_adjusted_for_all_contrasts_of_the_sweep(store):
    found = made(store, *arm("none", NONE), *arm("hard", HARD), *arm("soft", SOFT))
    expected = multipletests([it.test.p for it in found], method="holm")[1]
    assert [it.adjusted for it in found] == pytest.approx(expected)
    smallest = min(found, key=lambda it: it.test.p)
    assert smallest.adjusted == pytest.approx(3 * smallest.test.p)


def test_seeds_are_paired_by_their_numbers_and_those_without_a_partner_are_left_out(store):
    runs = [
        *arm("none", NONE[::-1], (3, 2, 1, 0)),
        *arm("hard", [0.0, *HARD[1:]], (7, 1, 2, 3)),
        unpruned("none", 9, 0.25, status="failed"),
    ]
    (it,) = made(store, *runs)
    expected = stats.ttest_rel(HARD[1:], NONE[1:])
    assert it.test.n == (3, 3)
    assert (it.test.t, it.test.p, it.adjusted) == pytest.approx(
        (expected.statistic, expected.pvalue, expected.pvalue)
    )


def test_pairs_of_arms_are_averaged_seed_by_seed(store):
    """The third seed of one arm is missing, and so is that seed from all pairs."""
    configs = {arm: config for arm, config in settings_of_targets().items() if not arm.startswith("random")}
    values = np.random.default_rng(2).uniform(0.25, 0.75, (4, 4))
    runs = [
        pruned(name, seed, 0.5, float(values[place, seed]))
        for place, name in enumerate(configs)
        for seed in range(4)
        if (place, seed) != (3, 2)
    ]
    (it,) = made(store, *runs, configs=configs)
    assert list(configs) == ["largest 0.25", "smallest 0.25", "largest 0.5", "smallest 0.5"]
    kept = values[:, [0, 1, 3]]
    expected = stats.ttest_rel(kept[[0, 2]].mean(axis=0), kept[[1, 3]].mean(axis=0))
    interval = expected.confidence_interval(0.95)
    assert it.name == "target largest less smallest, over 2 pairs of arms"
    assert (it.arms, it.test.n) == (2, (3, 3))
    assert (it.test.low, it.test.high, it.test.p) == pytest.approx(
        (interval.low, interval.high, expected.pvalue)
    )


def test_what_cannot_be_tested_says_why_and_does_not_count_for_the_others(store):
    """`hard` is 1/8 above `none` with every seed, and `soft` has one seed."""
    even, hard_less_none = [0.5, 0.75], [0.625, 0.875]
    runs = [*arm("none", even, (0, 1)), *arm("hard", hard_less_none, (0, 1)), *arm("soft", [0.5], (0,))]
    first, second, third = made(store, *runs)
    assert (first.test, first.adjusted) == (None, None)
    assert first.reason == "a paired t-test needs variation, and all 2 differences are 0.125"
    one = "a comparison needs at least 2 values on each side, the first has 1; run more seeds"
    assert [(it.test, it.reason) for it in (second, third)] == [(None, one)] * 2
    others = [*arm("none", NONE), *arm("hard", HARD), *arm("soft", [0.25], (0,))]
    scaled = {name: config.model_copy(update={"scale": 0.5}) for name, config in TWINS.items()}
    fill(store, others, name="other", configs=scaled)
    source = find_source(store, "other")
    hard, *others = contrasts(pairings(store, source), run_results(store, source), accuracy)
    assert hard.adjusted == hard.test.p
    assert [it.adjusted for it in others] == [None, None]


def test_runs_without_the_quantity_are_left_out(store):
    fill(store, [*arm("none", NONE), *arm("hard", HARD)], configs={it: TWINS[it] for it in ("none", "hard")})
    source = find_source(store, "hand")
    (it,) = contrasts(
        pairings(store, source),
        run_results(store, source),
        lambda run: None if (run.arm, run.seed) == ("none", 0) else run.final_accuracy,
    )
    assert (it.test.n, it.test.p) == ((3, 3), pytest.approx(stats.ttest_rel(HARD[1:], NONE[1:]).pvalue))


def test_a_contrast_as_a_row(store):
    tested, *_ = made(store, *arm("none", NONE), *arm("hard", HARD), *arm("soft", SOFT))
    assert tested.name == "hard less none"
    assert tested.row("accuracy") == {
        "what": "contrast of accuracy", "arm": "hard", "other": "none", "value": tested.test.value,
        "low": tested.test.low, "high": tested.test.high, "n": 4, "p": tested.test.p,
        "p_holm": tested.adjusted, "method": "95% t, paired by seed",
    }  # fmt: skip
    untested = tested._replace(test=None, adjusted=None, reason="too few")
    assert untested.row("accuracy") == {
        "what": "contrast of accuracy", "arm": "hard", "other": "none", "note": "too few",
    }  # fmt: skip


def test_without_runs_or_pairs_there_is_nothing(store):
    assert contrasts((), (), accuracy) == ()
    fill(store, [Run("a", 0, [0.5])], configs={"a": run_config(epochs=1)})
    assert pairings(store, find_source(store, "hand")) == ()


def test_a_sweep_that_looked_at_its_data_has_no_p(store):
    fill(store, arm("none", NONE) + arm("hard", HARD), configs={it: TWINS[it] for it in ("none", "hard")})
    source = find_source(store, "hand")
    parts = pairings(store, source), run_results(store, source), accuracy
    (usual,), (looked,) = contrasts(*parts), contrasts(*parts, looked=True)
    assert usual.p == usual.adjusted == pytest.approx(stats.ttest_rel(HARD, NONE).pvalue)
    assert (looked.p, looked.adjusted) == (None, None)
    assert looked.test == usual.test
    assert looked.row("final_accuracy")["p"] is None
