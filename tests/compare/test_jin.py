"""The shipped numbers and claims of Jin et al. 2022, asked of made-up runs of a shipped sweep."""

from __future__ import annotations

from dataclasses import replace

import pytest
from level_stores import Level, Levels, fill_levels
from shipped import with_values

from gst.compare.loading import load_published, shipped_file
from gst.compare.papers import compare
from gst.compare.results import to_dict
from gst.config import load_sweep
from gst.paths import project_folder

PUBLISHED = load_published(shipped_file())
LENET = load_sweep(project_folder("sweeps") / "jin_fig3_lenet.yaml")
LEVELS = 2
# By label noise: what pruning gains, in 64ths, by seed.
GAINS = {0.0: (1, 1, 1), 0.05: (-1, 1, 1), 0.1: (2, 3, 4), 0.15: (8, 9, 10)}


def train(store, name="jin_fig3_lenet", labels=None, noises=tuple(GAINS), gains=GAINS, **changes):
    """Runs of the shipped configurations, cut short: a dense level, and the best by validation.

    `changes` are other values, by keys such as data__validation.
    """
    configs = {(labels or {}).get(it.arm, it.arm): it.config for it in LENET.configs}
    configs = {arm: config for arm, config in configs.items() if config.data.label_noise in noises}
    configs = {arm: with_values(config, **changes) for arm, config in configs.items()}
    runs = []
    for arm, config in configs.items():
        noise = config.data.label_noise
        for seed, gain in enumerate(gains[noise]):
            wrong = 1.0 if noise else None
            dense = Level(0.5, 0.5, original=0.5, noisy=wrong, groups=[0.5] * 20)
            losses = [0.5 + noise * it for it in range(20)]
            sparse = replace(dense, test=0.5 + gain / 64, validation=0.75, groups=losses)
            if noise:
                sparse = replace(sparse, noisy=2.0, original=0.75)
            runs.append(Levels(arm, seed, [dense, sparse]))
    fill_levels(store, runs, configs, name=name)


@pytest.fixture
def asked(store):
    """One figure, on LeNet alone."""

    def ask(figure, sweep="jin_fig3_lenet"):
        (found,) = compare(store, PUBLISHED, [figure], sweep=sweep).figures
        assert {it.benchmark for it in found.claims} <= {"LeNet on MNIST", ""}
        return found

    return ask


def test_what_the_runs_say_to_figure_3(store, asked):
    train(store)
    found = asked("jin_fig3")
    better, settings, more, dense = found.claims
    assert [it.verdict for it in found.claims] == ["held", "not run", "held", "held"]
    assert settings.reason.startswith("over 13 settings, of which 3 were run; ")
    assert not any(it.deviations for it in found.claims)
    assert [part.value for part in better.parts] == [pytest.approx(100 * it / 64) for it in (1 / 3, 3, 9)]
    at = "(level 1, 50% of the weights)"
    assert [part.name for part in more.parts] == [
        f"test error less than the dense network's at label noise {one} {at} less at {other} {at}"
        for other, one in ((5, 10), (10, 15))
    ]
    assert dense.parts[0].value == pytest.approx(-100 / 192)
    settings, above, match = found.values
    for value in (above, match):
        assert value.reason.startswith("over 13 settings, of which 3 were run; ")
    assert settings.reason.endswith("ResNet50 on ImageNet left out, and this takes all of them")
    assert found.settings[0].chosen_by == "validation error"


def test_each_verdict_names_what_is_assumed(store, asked):
    train(store)
    figure3, figure5 = asked("jin_fig3"), asked("jin_fig5")
    better, _, _, dense = figure3.claims
    assert better.assumed == ("data.validation", "pruning.levels", "data.label_noise")
    assert dense.assumed == ("data.validation", "pruning.levels")  # of clean labels alone
    el2n = ("measure.examples.el2n.epochs", "measure.examples.el2n.replicates")
    assert figure5.claims[1].assumed == ("data.validation", "pruning.levels", *el2n, "data.label_noise")
    assumed = {it.key: it.values for it in figure3.settings[0].assumed}
    assert assumed["data.label_noise"] == ("0.1", "0.15")
    assert assumed["data.validation"] == ("0.1",)


@pytest.mark.parametrize(
    "changes",
    [{"data__validation": 0.0}, {"pruning__levels": 18}, {"measure__examples__el2n__epochs": 5}],
)
def test_another_value_of_what_is_assumed_is_no_deviation(store, asked, changes):
    train(store, **changes)
    assert {it.deviations for it in (*asked("jin_fig3").claims, *asked("jin_fig5").claims)} == {()}
    assert [it.counts for it in asked("jin_fig3").claims] == [
        True,
        False,
        True,
        True,
    ]  # one takes all networks


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"data__validation": 0.5}, "data.validation 0.5 instead of 0.1"),
        ({"pruning__levels": 3}, "pruning.levels 3 instead of 24"),
    ],
)
def test_a_value_that_the_paper_rules_out_is_a_deviation(store, asked, changes, said):
    """ResNet20's claims are about level 8."""
    train(store, **changes)
    assert {it.deviations for it in asked("jin_fig3").claims if it.verdict != "not run"} == {(said,)}
    assert not any(it.counts for it in asked("jin_fig3").claims)


def test_noise_that_is_assumed_may_not_be_left_out(store, asked):
    train(store, noises=(0.0, 0.05))
    missing = "without IMP label_noise=0.1, IMP label_noise=0.15"
    assert asked("jin_fig3").claims[0].deviations == (missing,)


def test_another_noise_stands_for_one_that_is_assumed(store, asked):
    configs = {it.config.data.label_noise: it.config for it in LENET.configs}
    noisier = with_values(configs[0.15], data__label_noise=0.2)
    levels = [Level(0.5, 0.5), Level(0.75, 0.75)]
    arms = {"clean": configs[0.0], "noisy": configs[0.05], "noisier": noisier}
    runs = [Levels(arm, seed, levels) for arm in arms for seed in range(3)]
    fill_levels(store, runs, arms, name="mine")
    found = asked("jin_fig3", "mine")
    assert (found.claims[0].verdict, found.claims[0].deviations) == ("held", ())
    assert "data.label_noise" in found.claims[0].assumed


def test_what_the_paper_says_is_not_assumed(store, asked):
    train(store, pruning__fraction=0.3)
    words = "pruning.fraction 0.3 instead of 0.2"
    assert asked("jin_fig3").claims[0].deviations == (words,)


def test_levels_are_chosen_by_test_error_where_that_is_asked_for(store):
    train(store)
    for by, words in (("test", "test error"), ("validation", "validation error")):
        found = compare(store, PUBLISHED, ["jin_fig3"], sweep="jin_fig3_lenet", select_by=by)
        assert found.figures[0].settings[0].chosen_by == words
        assert to_dict(found)["select_by"] == by


def test_a_network_that_pruning_makes_worse_contradicts_figure_3(store, asked):
    train(store, gains=GAINS | {0.1: (-2, -3, -4)})
    assert [it.verdict for it in asked("jin_fig3").claims] == ["not held", "not run", "not held", "held"]


def test_what_the_runs_say_to_figures_4_and_5(store, asked):
    train(store)
    told, closes = asked("jin_fig4").claims
    assert (told.verdict, [part.value for part in told.parts]) == ("held", [0.75] * 3)
    assert (closes.verdict, [part.value for part in closes.parts]) == ("not held", [0] * 3)
    raised, hardest = asked("jin_fig5").claims
    assert (raised.verdict, hardest.verdict) == ("held", "held")
    noises = [part.name.partition(":")[0] for part in hardest.parts]
    assert noises == ["label noise 5%", "label noise 10%", "label noise 15%"]
    assert [part.value for part in hardest.parts] == [1.0, 1.0, 1.0]


def test_arms_may_have_other_labels(store, asked):
    """What they are says which published ones they stand for."""
    train(store, "mine", labels={it.arm: f"my {number}" for number, it in enumerate(LENET.configs)})
    found = asked("jin_fig3", "mine")
    assert [it.verdict for it in found.claims] == ["held", "not run", "held", "held"]
    assert not any(it.deviations for it in found.claims)


def test_a_sweep_without_a_published_arm_is_another_experiment(store, asked):
    train(store, noises=(0.05, 0.15))
    better, _, more, dense = asked("jin_fig3").claims
    (lacking,) = (it.arm for it in LENET.configs if it.config.data.label_noise == 0.1)
    assert better.deviations == more.deviations == (f"without {lacking}",)
    assert (dense.deviations, dense.counts) == ((), True)
