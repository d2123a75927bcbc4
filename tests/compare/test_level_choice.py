"""Which level of which runs a number is about."""

from __future__ import annotations

import numpy as np
import pytest
from comparisons import compared, published
from level_stores import Level, Levels, fill_levels, level_config
from stores import Run, fill

from gst.compare.papers import compare

# Accuracies in sixteenths, by seed and level. By validation level 2 is the best, by test level 1; level 3 is
# the last that beats the dense network by the rule.
TEST = [(8, 12, 10, 9, 7), (8, 12, 11, 10, 8), (8, 12, 12, 11, 6)]
VALIDATION = (8, 9, 12, 8, 12)


def imp(arm="IMP", test=TEST, validation=VALIDATION, losses=None, noisy=None, status="completed"):
    def level(number, accuracy, seed):
        held_out = None if validation is None else validation[number] / 16
        groups = () if losses is None else [it * (seed + 1) for it in losses[number]]
        wrong = None if noisy is None else noisy[number]
        return Level(accuracy / 16, held_out, original=0.25, noisy=wrong, groups=groups)

    return [
        Levels(arm, seed, [level(number, it, seed) for number, it in enumerate(row)], status)
        for seed, row in enumerate(test)
    ]


@pytest.fixture
def valued(store):
    def value(runs, configs, figure=None, **keys):
        if runs:
            fill_levels(store, runs, configs)
        given = {"value": 50.0, "unit": "percent", "place": "Table 1"} | keys
        return compared(store, values=[given], **(figure or {})).values

    return value


def groups(**group):
    return {"groups": {"those": {"kind": "imp"} | group}}


@pytest.mark.parametrize(
    ("at", "level"),
    [
        ("dense", 0), ("optimal", 2), ("optimal_sparse", 2), ("optimal_width", 0), ("sparsest_better", 3),
        ("last", 4),
    ],
)  # fmt: skip
def test_a_group_is_of_runs_at_a_level(valued, at, level):
    (found,) = valued(
        imp(), {"IMP": level_config(levels=4, validation=0.25)},
        groups(at=at), quantity="test_error", arms=["those"],
    )  # fmt: skip
    errors = [100 * (1 - row[level] / 16) for row in TEST]
    assert found.ours.value == pytest.approx(np.mean(errors))
    assert found.ours.n == (3,)
    (found,) = valued([], {}, groups(at=at), quantity="sparsity", arms=["those"])
    assert found.ours.value == pytest.approx(100 * (1 - 2.0**-level))


def test_without_held_out_images_the_optimal_level_is_that_of_lowest_test_error(valued):
    (found,) = valued(
        imp(validation=None), {"IMP": level_config(levels=4)}, groups(at="optimal"), quantity="weights_left",
        arms=["those"],
    )  # fmt: skip
    assert found.ours.value == 50


@pytest.mark.parametrize(("by", "level"), [("validation", 2), ("test", 1)])
def test_the_optimal_level_by_the_error_that_is_asked_for(store, by, level):
    fill_levels(store, imp(), {"IMP": level_config(levels=4, validation=0.25)})
    value = {"quantity": "sparsity", "arms": ["those"], "value": 1, "unit": "percent", "place": "1"}
    content = groups(at="optimal") | {"values": [value]}
    ((found,),) = (it.values for it in compare(store, published(**content), ["fig"], select_by=by).figures)
    assert found.ours.value == pytest.approx(100 * (1 - 2.0**-level))


def test_validation_error_chooses_only_where_images_are_held_out(store):
    fill_levels(store, imp(validation=None), {"IMP": level_config(levels=4)})
    value = {"quantity": "sparsity", "arms": ["those"], "value": 1, "unit": "percent", "place": "1"}
    content = groups(at="optimal") | {"values": [value]}
    found = compare(store, published(**content), ["fig"], select_by="validation")
    assert found.values[0].reason.startswith("runs of IMP hold out no images")


@pytest.mark.parametrize(("validation", "words"), [(VALIDATION, "validation error"), (None, "test error")])
def test_a_figure_says_how_levels_are_chosen(store, validation, words):
    share = 0.25 if validation else 0.0
    fill_levels(store, imp(validation=validation), {"IMP": level_config(levels=4, validation=share)})
    assert compared(store).settings[0].chosen_by == words


def test_runs_without_levels_choose_none(store):
    fill(store, [Run("a", 0, [0.5])])
    found = compared(
        store,
        values=[{"quantity": "test_error", "arms": ["a"], "value": 1, "unit": "percent", "place": "1"},
                {"quantity": "test_error", "arms": ["g"], "value": 1, "unit": "percent", "place": "1"}],
        groups={"g": {"at": "dense"}},
    )  # fmt: skip
    assert found.settings[0].chosen_by == ""
    assert [value.reason for value in found.values] == [
        "these runs have no test error", "runs of a have no levels",
    ]  # fmt: skip


NOISES = {
    "IMP": level_config(levels=4, validation=0.25),
    "noisy": level_config(levels=4, validation=0.25, label_noise=0.25),
}


def test_a_level_is_chosen_for_each_label_noise(valued):
    other = imp("noisy", [row[::-1] for row in TEST], (16, 0, 0, 0, 0))
    figure = groups(at="optimal")
    found = valued(
        [*imp(), *other], NOISES, figure, quantity="weights_left", arms=["those"], per=["label_noise"]
    )
    assert [(it.arms, it.ours.value) for it in found] == [
        ("no label noise: those (level 2, 25% of the weights)", 25),
        ("label noise 25%: those (level 0, dense)", 100),
    ]  # fmt: skip
    for noise, left in ((0, 25), ("some", 100), (0.25, 100), ([0.25, 0.5], 100)):
        (found,) = valued(
            [], {}, figure, quantity="weights_left", arms=["those"], only={"label_noise": noise}
        )
        assert found.ours.value == left
    (found,) = valued([], {}, figure, quantity="weights_left", arms=["those"], only={"label_noise": 0.5})
    assert found.reason == "sweep hand has no arm of 'those' that is meant here"


def test_arms_are_told_apart_by_what_they_are_and_not_by_their_labels(valued):
    configs = {
        "a": level_config(levels=4, validation=0.25),
        "b": level_config("extended", 4, validation=0.25),
        "c": level_config("none", width=0.5, validation=0.25),
        "d": level_config("none", width=0.25, validation=0.25),
    }
    runs = [
        *imp("a"),
        *imp("b", [(8, 8, 8, 8, 16)] * 3),
        *imp("c", [(4,)] * 3, (4,)),
        *imp("d", [(6,)] * 3, (3,)),
    ]
    fig = {"groups": {
        "extended": {"kind": "extended", "at": "optimal"}, "narrow": {"kind": "none", "at": "optimal"},
        "quarter": {"width": 0.25, "at": "dense"}, "any width": {"at": "optimal_width"},
    }}  # fmt: skip
    for name, error in (("extended", 50), ("narrow", 75), ("quarter", 62.5), ("any width", 50)):
        (found,) = valued(runs, configs, fig, quantity="test_error", arms=[name])
        runs = []
        assert found.ours.value == error, name


def test_no_level_that_beats_the_dense_network(valued):
    (found,) = valued(
        imp(test=[(8, 8, 4, 4, 4)] * 2), {"IMP": level_config(levels=4, validation=0.25)},
        groups(at="sparsest_better"), quantity="sparsity", arms=["those"],
    )  # fmt: skip
    assert found.reason == "those: no level of IMP is better than the dense network"


def test_one_seed_says_nothing_of_what_is_better(valued):
    (found,) = valued(
        imp(test=TEST[:1]), {"IMP": level_config(levels=4, validation=0.25)},
        groups(at="sparsest_better"), quantity="sparsity", arms=["those"],
    )  # fmt: skip
    assert found.reason == "those: whether a level is better takes 2 seeds at least; run more of IMP"


LOSSES = [(1.0, 1.0, 2.0, 2.0, 4.0), (0.5, 1.0, 2.0, 3.0, 8.0)]


@pytest.fixture
def judged(store):
    def judge(runs, configs, figure, **relation):
        if runs:
            fill_levels(store, runs, configs)
        claim = {"claim": "It is so.", "place": "Section 1", **relation}
        return compared(store, claims=[claim], replicates=3, **figure).claims[0]

    return judge


BOTH = {"groups": {"dense": {"kind": "imp", "at": "dense"}, "sparse": {"kind": "imp", "at": "each"}}}


def test_a_part_for_each_group_of_images(judged):
    """Of five groups the first gains, two do not change, and two lose; all seeds alike but in size."""
    runs = imp(test=[(8, 8)] * 3, validation=None, losses=LOSSES)
    order = {"quantity": "train_loss", "of": ["dense", "sparse"], "strict": False, "per": ["el2n_group"]}
    found = judged(runs, {"IMP": level_config(levels=1)}, BOTH, order=order)
    assert [part.name.partition(":")[0] for part in found.parts] == [f"EL2N group {it}" for it in range(1, 6)]
    assert [part.value for part in found.parts] == [1, 0, 0, -2, -8]
    assert [part.verdict for part in found.parts] == ["held"] * 3 + ["not held"] * 2
    assert found.verdict == "not held"
    for at_least, verdict in (("most", "held"), (3, "held"), (4, "not held")):
        assert judged([], {}, BOTH, order=order | {"at_least": at_least}).verdict == verdict


def test_losses_of_the_hardest_fifth_and_of_the_rest(judged):
    figure = {"groups": {
        name: {"kind": "imp", "at": "each", "images": name} for name in ("hardest_fifth", "the_rest")
    }}  # fmt: skip
    runs = imp(test=[(8, 8)] * 3, validation=None, losses=LOSSES)
    order = {"quantity": "absolute_loss_difference", "of": ["hardest_fifth", "the_rest"], "strict": True}
    (part,) = judged(runs, {"IMP": level_config(levels=1)}, figure, order=order).parts
    assert (part.value, part.verdict) == (2 * (4 - 1.5 / 4), "held")


def test_runs_without_groups_of_images(judged):
    order = {"quantity": "train_loss", "of": ["dense", "sparse"], "strict": False, "per": ["el2n_group"]}
    found = judged(imp(), {"IMP": level_config(levels=4, validation=0.25)}, BOTH, order=order)
    assert found.reason == "runs of IMP have no losses by group of images"


@pytest.mark.parametrize(
    ("only", "levels"),
    [({"weights_above": 12.5}, [1, 2]), ({"weights_above": 12}, [1, 2, 3]), ({"weights_below": 12.5}, [4])],
)
def test_levels_by_the_weights_that_pruned_runs_have_left(judged, only, levels):
    """Of unpruned runs the same levels."""
    configs = {
        "IMP": level_config(levels=4, validation=0.25),
        "long": level_config("extended", 4, validation=0.25),
    }
    figure = {"groups": {"imp": {"kind": "imp", "at": "each"}, "long": {"kind": "extended", "at": "each"}}}
    match = {"quantity": "test_error", "of": ["imp", "long"], "per": ["level"], "only": only}
    found = judged([*imp(), *imp("long")], configs, figure, match=match)
    assert [part.name.partition(":")[0] for part in found.parts] == [f"level {level}" for level in levels]
    assert (found.verdict, {part.value for part in found.parts}) == ("held", {0})


def test_no_level_with_so_few_weights(judged):
    match = {"quantity": "noisy_loss_difference", "of": ["sparse", 0], "only": {"weights_below": 1}}
    found = judged(imp(), {"IMP": level_config(levels=4, validation=0.25)}, BOTH, match=match)
    assert found.reason == "sweep hand has no level of 'sparse' with that share of its weights left"


NOISY = (1.0, 1.0, 0.5, 1.5, 2.0)


def test_the_level_of_the_widest_gap(valued):
    runs = imp("noisy", noisy=(1.0, 1.0, 2.5, 1.5, 2.0))
    keys = {"quantity": "loss_gap_of_noisy_images", "arms": ["those"], "unit": "loss"}
    (found,) = valued(runs, {"noisy": NOISES["noisy"]}, groups(at="widest_gap"), **keys)
    assert (found.ours.value, found.arms) == (2.25, "those (level 2, 25% of the weights)")
    (found,) = valued(imp(), {"IMP": NOISES["IMP"]}, groups(at="widest_gap"), **keys)
    assert found.reason == "those: runs of IMP have no losses of mislabelled images"


@pytest.mark.parametrize(("at", "told"), [("widest_gap", False), ("dense", True)])
def test_no_chance_is_told_of_a_level_that_was_chosen_by_what_is_compared(judged, at, told):
    """The widest gap is above the last by its choice alone; the dense network was not chosen."""
    runs = imp("noisy", noisy=(1.0, 1.0, 2.5, 1.5, 2.0))
    figure = {"groups": {it: {"kind": "imp", "at": it} for it in (at, "last")}}
    order = {"quantity": "loss_gap_of_noisy_images", "of": [at, "last"], "strict": True}
    found = judged(runs, {"noisy": NOISES["noisy"]}, figure, order=order)
    assert [it is not None for it in (found.chance, found.p)] == [told, told]


SPARSE = {
    "groups": {"dense": {"kind": "imp", "at": "dense"}, "sparse": {"kind": "imp", "at": "optimal_sparse"}}
}


def test_where_the_dense_network_is_best_a_claim_of_sparse_ones_leaves_it_out(judged):
    """Level 2 is the best with right labels, and level 0 with wrong ones."""
    runs = [*imp(), *imp("noisy", [row[::-1] for row in TEST], (16, 0, 0, 0, 0))]
    order = {"quantity": "test_error", "of": ["dense", "sparse"], "strict": True, "per": ["label_noise"]}
    found = judged(runs, NOISES, SPARSE, order=order)
    assert [part.verdict for part in found.parts] == ["held", "left out"]
    clean, noisy = found.parts
    assert clean.name == "no label noise: test error, dense less sparse (level 2, 25% of the weights)"
    assert (noisy.value, noisy.reason) == (
        None, "sparse: the dense network of noisy has the lowest validation error",
    )  # fmt: skip
    assert (found.verdict, found.p) == ("held", clean.direction_p)
    for at_least, verdict in (("most", "held"), (1, "held"), (2, "undecided")):
        assert judged([], {}, SPARSE, order=order | {"at_least": at_least}).verdict == verdict


def test_a_claim_of_nothing_but_what_is_left_out_is_not_run(judged):
    runs = imp(validation=(16, 0, 0, 0, 0))
    order = {"quantity": "test_error", "of": ["sparse", "dense"], "strict": False}
    found = judged(runs, {"IMP": NOISES["IMP"]}, SPARSE, order=order)
    reason = "sparse: the dense network of IMP has the lowest validation error"
    assert (found.verdict, found.compared, found.reason) == ("not run", False, reason)


def test_a_value_of_a_sparse_network_that_is_none(valued):
    figure = groups(at="optimal_sparse")
    (found,) = valued(
        imp(validation=(16, 0, 0, 0, 0)), {"IMP": NOISES["IMP"]}, figure, quantity="sparsity", arms=["those"]
    )
    assert (found.ours, found.reason) == (
        None, "those: the dense network of IMP has the lowest validation error",
    )  # fmt: skip


def test_the_first_level_from_which_on_it_is_above(valued):
    keys = {"quantity": "noisy_loss_difference", "arms": ["those"], "statistic": "first_above"}
    figure = groups(at="each") | {"replicates": 3}
    runs = imp("noisy", noisy=NOISY)
    (found,) = valued(runs, {"noisy": NOISES["noisy"]}, figure, **keys)
    assert (found.ours.value, found.ours.n, found.unit) == (12.5, (3,), "percent")
    assert found.ours.method == "the first level from which on it is above, by the paper's rule; level 3"


def test_a_level_above_does_not_count_where_a_later_one_is_not(valued):
    keys = {"quantity": "noisy_loss_difference", "arms": ["those"], "statistic": "first_above"}
    figure = groups(at="each") | {"replicates": 3}
    (found,) = valued(
        imp("noisy", noisy=(1.0, 2.0, 0.5, 0.5, 2.0)), {"noisy": NOISES["noisy"]}, figure, **keys
    )
    assert found.ours.value == 6.25


def test_nothing_is_above(valued):
    keys = {"quantity": "noisy_loss_difference", "arms": ["those"], "statistic": "first_above"}
    figure = groups(at="each") | {"replicates": 3}
    (found,) = valued(imp("noisy", noisy=(1.0,) * 5), {"noisy": NOISES["noisy"]}, figure, **keys)
    assert found.reason == "there is none: the first level from which on it is above"


def test_the_last_level_up_to_which_two_arms_match(valued):
    """They match at levels 1, 2 and 4, and not at level 3."""
    configs = {
        "IMP": level_config(levels=4, validation=0.25),
        "long": level_config("extended", 4, validation=0.25),
    }
    other = [(8, 12, 10, 4, 7), (8, 13, 11, 4, 8), (8, 11, 12, 4, 6)]
    figure = {"groups": {"imp": {"kind": "imp", "at": "each"}, "long": {"kind": "extended", "at": "each"}}}
    keys = {"quantity": "test_error", "arms": ["imp", "long"], "statistic": "last_match"}
    (found,) = valued([*imp(), *imp("long", other)], configs, figure | {"replicates": 3}, **keys)
    assert found.ours.value == 25
    assert found.ours.method == "the last level up to which they match, by the paper's rule; level 2"


def test_parameters_are_those_of_a_network_of_that_width(valued, store):
    """A narrow network is not the wide one's remains."""
    configs = {"wide": level_config("none"), "narrow": level_config("none", width=0.5)}
    fill_levels(store, [Levels(arm, 0, [Level(0.5)]) for arm in configs], configs)
    with store._writer.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE epochs SET parameters_left = 600 WHERE run_id IN"
            " (SELECT run_id FROM runs JOIN configs USING (config_id) WHERE width = 0.5)"
        )
    for arm, count in (("wide", 1000), ("narrow", 600)):
        (found,) = valued([], {}, quantity="parameters", unit="count", arms=[arm])
        assert found.ours.value == count
    (found,) = valued([], {}, quantity="parameter_reduction", arms=["narrow"])
    assert found.ours.value == 0


def test_what_is_said_of_configurations(valued):
    configs = {"noisy": NOISES["noisy"]}
    runs = imp("noisy", losses=[(0.5, 1.0)] * 5)
    for quantity, unit, number in (
        ("label_noise", "percent", 25), ("rewind_epoch", "epochs", 1), ("subgroups", "count", 2),
        ("iterative_rate", "percent", 50),
    ):  # fmt: skip
        (found,) = valued(runs, configs, quantity=quantity, unit=unit, arms=["noisy"])
        runs = []
        assert found.ours.value == number, quantity
