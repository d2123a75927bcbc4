import re
from fractions import Fraction

import pytest

from gst.config import load_sweep
from gst.config.course import Course, weights_left
from gst.config.scale import scaled
from gst.errors import ConfigError

TEXT = """\
title: Levels
seeds: 1
base:
  data: {name: mnist, validation: 0.1}
  model: {name: lenet_300_100}
  training: {epochs: 20, batch_size: 8, optimizer: {name: sgd, lr: 0.1}, lr_drops: [10]}
  pruning: {kind: imp, score: magnitude, target: smallest, fraction: 0.2, levels: 3, rewind_epoch: 4}
  measure: {examples: {el2n: {epochs: 6}}}
arms: {IMP: {}}
"""

# Jin et al. 2022: percent of weights removed after each level, as the reference lists them.
SPARSITY = {
    1: 20, 2: 36, 3: 48.8, 4: 59.04, 5: 67.23, 6: 73.79, 7: 79.03, 8: 83.22, 9: 86.58, 10: 89.26, 11: 91.41,
    12: 93.13, 13: 94.50, 14: 95.60, 15: 96.48, 16: 97.19, 17: 97.75, 18: 98.20, 19: 98.56, 20: 98.85,
    21: 99.08, 22: 99.26, 23: 99.41, 24: 99.53, 25: 99.62, 26: 99.70, 27: 99.76, 28: 99.81, 29: 99.85,
    30: 99.88,
}  # fmt: skip


def config_of(tmp_path, text=TEXT):
    path = tmp_path / "levels.yaml"
    path.write_text(text, encoding="utf-8")
    return load_sweep(path).configs[0].config


def test_each_level_goes_back_to_its_epoch_and_trains_the_rest():
    course = Course(epochs=5, levels=2, rewind=3)
    assert course.total == 9
    assert [course.position(epoch) for epoch in range(9)] == [
        (0, 0, False), (0, 1, False), (0, 2, False), (0, 3, False), (0, 4, True),
        (1, 3, False), (1, 4, True), (2, 3, False), (2, 4, True),
    ]  # fmt: skip
    assert [course.last_epoch(level) for level in range(3)] == [4, 6, 8]


@pytest.mark.parametrize(
    ("course", "levels", "total"),
    [
        (Course(160, 8, 10), 8, 1360),
        (Course(160, 21, 10), 21, 3310),
        (Course(40, 24, 0), 24, 1000),
        (Course(90, 10, 10), 10, 890),
    ],
)
def test_the_published_lengths(course, levels, total):
    assert course.total == total
    assert course.last_epoch(levels) == total - 1


def test_a_run_without_levels_is_one_level():
    course = Course(7)
    assert [course.position(epoch) for epoch in range(7)] == [(0, e, e == 6) for e in range(7)]
    assert course.total == 7


def test_the_published_sparsities():
    left = weights_left(10**9, 10**9, Fraction(1, 5), 30)
    assert {level: 100 - 100 * left[level] / 10**9 for level in SPARSITY} == pytest.approx(
        SPARSITY, abs=0.005
    )


def test_a_removal_is_rounded_up_and_exact():
    """0.2 of 35 is 7 and not 8, though 0.2 * 35 is a little more than 7 in floating point."""
    assert weights_left(35, 35, Fraction(1, 5), 3) == (35, 28, 22, 17)


def test_what_is_never_pruned_counts_until_the_others_run_out():
    """LeNet-300-100: 266,200 weights, of which the output layer's 1,000 stay.

    OpenLTH takes a weight more at every level, and so cannot have level 25.
    """
    left = weights_left(266_200, 265_200, Fraction(1, 5), 25)
    assert left[:2] == (266_200, 212_960)
    assert left[24:] == (1_255, 1_004)
    with pytest.raises(ConfigError, match=r"pruning\.levels: level 26 would remove 201 .* at most 25 levels"):
        weights_left(266_200, 265_200, Fraction(1, 5), 26)


def test_resnet20_keeps_what_the_reference_says_once_exactly_as_many_go_as_are_asked_for():
    assert 100 * weights_left(270_896, 270_896, Fraction(1, 5), 21)[21] / 270_896 == pytest.approx(
        0.9223, abs=0.004
    )


def test_all_epochs_of_a_run(tmp_path):
    config = config_of(tmp_path)
    assert config.total_epochs == 20 + 3 * 16
    assert config.course == Course(20, 3, 4)


def test_shrinking_keeps_the_number_of_levels(tmp_path):
    small = scaled(config_of(tmp_path), 0.5)
    assert small.course == Course(10, 3, 2)
    assert small.training.lr_drops == (5,)
    assert small.measure.examples.el2n.epochs == 3
    tiny = scaled(config_of(tmp_path), 0.05)
    assert tiny.course == Course(1, 3, 0)
    assert tiny.measure.examples.el2n.epochs == 1


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "rewind_epoch: 4",
            "rewind_epoch: 20",
            "levels go back to epoch 20, but the last of 20 epochs is 19",
        ),
        (
            "el2n: {epochs: 6}",
            "el2n: {epochs: 21}",
            "EL2N scores are taken after 21 epochs, and training has 20",
        ),
        ("levels: 3", "levels: 0", "pruning.levels: expected greater than or equal to 1, found 0"),
        ("fraction: 0.2", "fraction: 1", "pruning.fraction: expected less than 1, found 1"),
        ("levels: 3", "levels: 3, exclude: [fc3, fc3]", "exclude names a layer twice"),
        ("levels: 3", "levels: 3, rewind: weight", "did you mean 'weights'?"),
        ("validation: 0.1", "validation: 1", "data.validation: expected less than 1, found 1"),
    ],
)
def test_mistakes(tmp_path, old, new, message):
    with pytest.raises(ConfigError, match=re.escape(message)):
        config_of(tmp_path, TEXT.replace(old, new))


def test_the_order_of_excluded_layers_is_no_other_experiment(tmp_path):
    one = config_of(tmp_path, TEXT.replace("levels: 3", "levels: 3, exclude: [fc3, fc1]"))
    other = config_of(tmp_path, TEXT.replace("levels: 3", "levels: 3, exclude: [fc1, fc3]"))
    assert one == other
