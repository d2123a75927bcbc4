from __future__ import annotations

import pytest
from shipped import shipped, with_values

from gst.analysis.deviation import changes, deviations, published_config, shipped_sweep
from gst.config.scale import scaled

PUBLISHED = shipped("fig2_vgg11", "PruneL 13%")


def changed(**changes):
    return with_values(PUBLISHED, **changes)


def test_the_published_configuration_does_not_deviate():
    assert deviations(PUBLISHED, PUBLISHED) == ()


def test_scale_is_said_in_one_sentence():
    assert deviations(scaled(PUBLISHED, 0.1), PUBLISHED) == ("at scale 0.1",)
    small = scaled(PUBLISHED, 0.05, per_class=100)
    assert deviations(small, PUBLISHED) == ("at scale 0.05 with 100 images of a class",)
    few = changed(data__per_class=100)
    assert deviations(scaled(few, 0.1), few) == ("at scale 0.1",)
    assert deviations(small, None) == ("at scale 0.05 with 100 images of a class",)


@pytest.mark.parametrize(
    ("sweep", "arm", "measured"),
    [
        ("fig6", "PruneL 13%", ("flatness",)),
        ("fig5", "Gaussian 1105", ()),
        ("jin_fig3_resnet20", "IMP label_noise=0.15", ("groups",)),
        ("v1_figA3", "PruneL augment=True per_class=640 batch_size=16", ()),
    ],
)
def test_scale_is_the_one_difference_of_a_scaled_run(sweep, arm, measured):
    config = shipped(sweep, arm)
    (words,) = deviations(scaled(config, 0.1, per_class=50), config, measured)
    assert words.startswith("at scale 0.1")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"training__epochs": 300}, ("training.epochs 300 instead of 325",)),
        ({"data__augment": True}, ("data.augment true instead of false",)),
        ({"data__per_class": 100}, ("data.per_class 100 instead of none",)),
        ({"training__lr_drops": (100,)}, ("training.lr_drops 100 instead of 150/300",)),
        ({"training__precision": "bf16"}, ("training.precision bf16 instead of fp32",)),
        ({"pruning__target": "smallest"}, ("pruning.target smallest instead of largest",)),
    ],
)
def test_what_differs_is_named(changes, words):
    assert deviations(changed(**changes), PUBLISHED) == words


def test_what_changes_no_result_is_no_difference():
    same = changed(training__precision="tf32", training__test_batch_size=100)
    assert deviations(same, PUBLISHED) == ()


def test_assumed_keys_may_have_any_value():
    other = changed(training__epochs=300, data__augment=True)
    assert deviations(other, PUBLISHED, assumed=["training.epochs"]) == (
        "data.augment true instead of false",
    )


def test_another_width_of_the_same_network_is_no_difference():
    """Stores from before such widths were trained once have runs of both."""
    one, other, narrower = (changed(model__name="resnet20", model__width=it) for it in (0.21, 0.168, 0.134))
    assert deviations(other, one) == ()
    assert deviations(narrower, one) == ("model.width 0.134 instead of 0.21",)


def test_another_kind_of_pruning_is_one_difference():
    none = type(PUBLISHED).model_validate(PUBLISHED.model_dump() | {"pruning": {"kind": "none"}})
    assert deviations(none, PUBLISHED) == ("pruning.kind none instead of filters",)


def test_a_measurement_differs_where_the_result_rests_on_it():
    config = shipped("fig6", "PruneL 13%")
    other = with_values(config, measure__flatness__images=100)
    assert deviations(other, config) == ()
    assert deviations(other, config, ["flatness"]) == ("measure.flatness.images 100 instead of 512",)
    assert deviations(PUBLISHED, config, ["flatness"]) == ()  # it has none that a result could rest on


def test_many_differences_are_counted():
    many = changed(
        training__epochs=300,
        training__batch_size=64,
        data__augment=True,
        data__per_class=9,
        training__lr_factor=0.5,
    )
    words = deviations(many, PUBLISHED)
    assert len(words) == 4
    assert words[-1] == "and 2 more differences"
    assert len(list(changes(many, PUBLISHED))) == 5


def test_a_scaled_run_may_deviate_further():
    small = scaled(changed(data__augment=True, pruning__target="smallest"), 0.1)
    assert deviations(small, PUBLISHED) == (
        "at scale 0.1", "data.augment true instead of false", "pruning.target smallest instead of largest",
    )  # fmt: skip


def test_an_arm_is_looked_for_by_its_label_and_then_among_levels_by_what_it_is():
    spec = shipped_sweep("jin_fig3_lenet")
    config = shipped("jin_fig3_lenet", "IMP label_noise=0.05")
    assert published_config(spec, "IMP label_noise=0.05", config) == config
    assert published_config(spec, "of another name", config) == config
    assert published_config(spec, "noisier", with_values(config, data__label_noise=0.5)) is None
    assert published_config(shipped_sweep("fig2_vgg11"), "of another name", PUBLISHED) is None


def test_an_empty_list_is_none():
    found = shipped("fig2_vgg11", "No Pruning")
    without = with_values(found, training__lr_drops=())
    assert deviations(without, found) == ("training.lr_drops none instead of 150/300",)
