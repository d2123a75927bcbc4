"""What a sweep says in the end: contrasts, arms and correlations, against scipy's and statsmodels'."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests
from stores import fill, run_config, sweep_of
from tradeoffs import pruned, unpruned

from gst.cli.summary import images_tested_on, summary
from gst.figures import FIGURES
from gst.store import Store

SEEDS = 5
PRUNED = [(target, fraction) for target in ("smallest", "largest") for fraction in (0.25, 0.5)]


def pruning(target, fraction):
    return {
        "kind": "filters", "score": "l2", "target": target, "layers": ("conv1",), "start": 0, "end": 0,
        "every": 1, "fraction": fraction,
    }  # fmt: skip


CONFIGS = {
    f"{target} {fraction}": run_config(epochs=2, pruning=pruning(target, fraction))
    for target, fraction in PRUNED
}
CONFIGS["none"] = run_config(epochs=2)
PAIRS = [*((arm, "none") for arm in CONFIGS if arm != "none")]


@pytest.fixture
def store(empty, tmp_path):
    path = tmp_path / "gst.db"
    path.write_bytes(empty.read_bytes())
    with Store.open(str(path)) as opened:
        yield opened


@pytest.fixture
def values():
    """Stability and accuracy of each arm, [seeds]; both depend on the arm and the seed."""
    rng = np.random.default_rng(4)
    of_seed = rng.normal(0, 0.02, SEEDS)
    return {
        arm: (
            0.9 - 0.1 * place + rng.normal(0, 0.02, SEEDS),
            0.6 + 0.02 * place + of_seed + rng.normal(0, 0.01, SEEDS),
        )
        for place, arm in enumerate(arm for arm in CONFIGS if arm != "none")
    } | {"none": (np.ones(SEEDS), 0.6 + of_seed)}


def told(store, values, *, seeds=SEEDS, arms=tuple(CONFIGS)):
    runs = [
        unpruned(arm, seed, values[arm][1][seed])
        if arm == "none"
        else pruned(arm, seed, values[arm][0][seed], values[arm][1][seed])
        for arm in arms
        for seed in range(seeds)
    ]
    configs = {arm: CONFIGS[arm] for arm in arms}
    fill(store, runs, configs=configs)
    return summary(FIGURES["tradeoff"].numbers(store, "hand"), sweep_of(configs)).splitlines()


def row(lines, start):
    """The cells of the line that begins so."""
    (line,) = [it.strip() for it in lines if it.strip().startswith(start)]
    return [it.strip() for it in line.removeprefix(start).split("  ") if it.strip()]


def p_value(p):
    return "< 0.0001" if p < 0.0001 else f"{p:.2g}"


def test_differences_are_paired_by_seed_and_adjusted_together(store, values):
    lines = told(store, values)
    sides = {f"{arm} less none": (values[arm][1], values["none"][1]) for arm in values if arm != "none"}
    sides["target largest less smallest, over 2 pairs of arms"] = tuple(
        np.mean([values[f"{target} {fraction}"][1] for fraction in (0.25, 0.5)], axis=0)
        for target in ("largest", "smallest")
    )
    tests = {name: stats.ttest_rel(*of) for name, of in sides.items()}
    adjusted = multipletests([it.pvalue for it in tests.values()], method="holm")[1]
    for (name, test), p in zip(tests.items(), adjusted, strict=True):
        value = 100 * np.mean(sides[name][0] - sides[name][1])
        low, high = (100 * it for it in test.confidence_interval())
        assert row(lines, name) == [f"{value:+.2f} [{low:+.2f}, {high:+.2f}]", str(SEEDS), p_value(p)]
    assert lines[1].startswith("paired by seed, in points")
    assert lines.index(next(it for it in lines if it.startswith("arm "))) == len(tests) + 4


def test_correlations_say_of_what_they_are(store, values):
    lines = told(store, values)
    x, y = (np.array([values[arm][which] for arm in values if arm != "none"]) for which in (0, 1))
    means = stats.pearsonr(100 * x.mean(axis=1), 100 * y.mean(axis=1))
    low, high = means.confidence_interval()
    assert "Stability and accuracy over 20 pruned runs:" in lines
    assert row(lines, "between configurations") == [
        f"{means.statistic:+.2f} [{low:+.2f}, {high:+.2f}]", "4 configurations", p_value(means.pvalue),
    ]  # fmt: skip
    within, n, _ = row(lines, "within configurations")
    less = [(it - it.mean(axis=1, keepdims=True)).ravel() for it in (x, y)]
    assert within.startswith(f"{np.corrcoef(*less)[0, 1]:+.2f} [")
    assert n == "5 seeds"
    for name, value in (("Pearson's", np.corrcoef(x.ravel(), y.ravel())[0, 1]),
                        ("Kendall's", stats.kendalltau(x.ravel(), y.ravel()).statistic)):  # fmt: skip
        pooled, *others = row(lines, f"{name} of all runs")
        assert pooled.startswith(f"{value:+.2f} [")
        assert others == ["20 runs"]  # and no p


def test_what_too_few_seeds_leave_out(store, values):
    """One seed: no difference can be tested, and the only interval is the one between configurations."""
    lines = told(store, values, seeds=1)
    assert not [line for line in lines if line.startswith(("paired", "Differences"))]
    assert lines[1] == "No difference of arms is tested, for want of seeds or variation."
    assert row(lines, "Pearson's of all runs")[0].endswith("(no interval)")
    assert "No interval: 1 seed is too few to draw from." in lines
    assert row(lines, "between configurations")[1] == "4 configurations"
    assert not [line for line in lines if line.strip().startswith("within")]


def test_arms_without_a_twin_have_no_differences(store, values):
    lines = told(store, values, arms=("smallest 0.25", "smallest 0.5"))
    assert lines[1].startswith("arm ")
    assert not [line for line in lines if " less " in line]


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ((None, None), "the whole test set"),
        ((100, 100), "100 test images of each class"),
        ((100, None), "100 test images of each class or the whole test set"),
    ],
)
def test_the_summary_says_which_images_accuracies_are_of(counts, words):
    configs = {
        str(place): run_config(lr=place + 1, name="cifar10", test_per_class=count)
        for place, count in enumerate(counts)
    }
    assert images_tested_on(sweep_of(configs)) == words
    assert images_tested_on(sweep_of({"digits": run_config()})) == "all images that a run is not trained on"


def test_a_difference_that_is_not_tested_has_its_reason_below_the_table(store, values):
    fill_values = {arm: (x, y.copy()) for arm, (x, y) in values.items()}
    fill_values["largest 0.5"] = (values["largest 0.5"][0], values["none"][1] + 0.01)
    lines = told(store, fill_values)
    assert row(lines, "largest 0.5 less none") == ["not tested"]
    assert sum(it.startswith("Not tested: ") for it in lines) == 1
