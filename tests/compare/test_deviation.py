from __future__ import annotations

import pytest

from gst.compare.sweep_in_store import deviations
from gst.config import load_sweep
from gst.config.scale import scaled
from gst.paths import project_folder

(PUBLISHED,) = [
    it.config
    for it in load_sweep(project_folder("sweeps") / "fig2_vgg11.yaml").configs
    if it.arm == "PruneL 13%"
]


def changed(**changes):
    content = PUBLISHED.model_dump()
    for key, value in changes.items():
        part, name = key.split("__")
        content[part] |= {name: value}
    return type(PUBLISHED).model_validate(content)


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
    ("changes", "words"),
    [
        ({"training__epochs": 300}, ("training.epochs 300 instead of 325",)),
        ({"data__augment": True}, ("data.augment true instead of false",)),
        ({"data__per_class": 100}, ("data.per_class 100 instead of none",)),
        ({"training__lr_drops": (100,)}, ("training.lr_drops 100 instead of 150/300",)),
        ({"pruning__target": "smallest"}, ("pruning.target smallest instead of largest",)),
    ],
)
def test_what_differs_is_named(changes, words):
    assert deviations(changed(**changes), PUBLISHED) == words


def test_precision_is_left_open_by_the_papers():
    assert deviations(changed(training__precision="tf32"), PUBLISHED) == ()


def test_another_width_of_the_same_network_is_no_difference():
    """Stores from before such widths were trained once have runs of both."""
    one, other, narrower = (changed(model__name="resnet20", model__width=it) for it in (0.21, 0.168, 0.134))
    assert deviations(other, one) == ()
    assert deviations(narrower, one) == ("model.width 0.134 instead of 0.21",)


def test_another_kind_of_pruning_is_one_difference():
    none = type(PUBLISHED).model_validate(PUBLISHED.model_dump() | {"pruning": {"kind": "none"}})
    assert deviations(none, PUBLISHED) == ("pruning.kind none instead of filters",)


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


def test_a_scaled_run_may_deviate_further():
    small = scaled(changed(data__augment=True), 0.1)
    assert deviations(small, PUBLISHED) == ("at scale 0.1", "data.augment true instead of false")
