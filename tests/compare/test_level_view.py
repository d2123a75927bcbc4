"""Numbers of a run at one of its levels, by hand."""

from __future__ import annotations

import pytest

from gst.analysis.levels import LevelResult, hardest_and_rest
from gst.compare.level_view import LevelView

SHARED = ("arm", "key", 0, 1, "digits_cnn", "digits", 0.0, 1.0, "imp", 1.0)
DENSE = LevelResult(*SHARED, 0, 3, 1000, 1.0, 0.5, None, 1.0, 0.75, 0.5, 1.75)
SPARSE = LevelResult(*SHARED, 2, 7, 1000, 0.25, 0.75, None, 1.0, 0.5, 0.25, 2.0)
LOSSES = (0.0, 0.25, 0.5, 1.0, 4.0)
DENSE_LOSSES = (0.25, 0.25, 0.25, 2.0, 2.0)


def at(losses=LOSSES, dense=DENSE_LOSSES, groups=None):
    return LevelView(SPARSE, DENSE, losses, dense, groups)


def test_losses_of_all_images_are_those_of_the_level():
    assert (at().train_loss, at().change) == (0.5, -0.25)
    assert (at().noisy_gap, at().noisy_change) == (1.75, 0.25)


def test_losses_of_some_groups():
    assert (at(groups=(5,)).train_loss, at(groups=(5,)).change) == (4.0, 2.0)
    some = at().of((1, 4))
    assert (some.train_loss, some.change, some.absolute_change) == (0.5, -0.625, 0.625)
    assert at().absolute_change == pytest.approx((0.25 + 0 + 0.25 + 1 + 2) / 5)


def test_how_much_more_the_hardest_fifth_changes():
    """The size of the change counts, and not its sign."""
    assert at().concentration == 2.0 / 0.375
    assert LevelView(DENSE, DENSE, LOSSES, LOSSES).concentration is None  # nothing changes
    assert at((), ()).concentration is None


def test_whether_the_change_grows_with_the_scores():
    # Changes: -0.25, 0, 0.25, -1, 2; of ten pairs seven rise and three fall.
    assert at().change_by_group == pytest.approx(0.4)
    assert at((1.0, 2.0), (0.5, 1.0)).change_by_group == 1
    assert LevelView(DENSE, DENSE, LOSSES, LOSSES).change_by_group == 0
    assert at((), ()).change_by_group is None


def test_a_loss_that_is_not_known_makes_no_number():
    lacking = at((0.0, None, 0.5, 1.0, 4.0))
    assert lacking.changes is None
    assert lacking.of((2,)).train_loss is None
    assert lacking.of((2,)).change is None
    assert (lacking.of((1, 3)).train_loss, lacking.absolute_change) == (0.25, None)
    assert LevelView(DENSE._replace(noisy_loss=None), DENSE, (), ()).noisy_gap is None


@pytest.mark.parametrize(
    ("groups", "hardest", "rest"),
    [(20, (17, 18, 19, 20), tuple(range(1, 17))), (5, (5,), (1, 2, 3, 4)), (4, (4,), (1, 2, 3)), (0, (), ())],
)
def test_the_hardest_fifth(groups, hardest, rest):
    assert hardest_and_rest(groups) == (hardest, rest)
