"""Groups of single examples, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from gst.analysis.single_examples import SingleExamples, improvement, members


def answers(losses, predictions, el2n=None):
    labels = np.array([0, 1, 2, 0, 1])
    right = np.array([0, 1, 2, 1, 1])
    scores = None if el2n is None else np.array(el2n)
    images = np.array([2, 3, 5, 7, 11])
    return SingleExamples(
        "a" * 64, 3, 0, images, labels, right, np.array(predictions), np.array(losses, np.float32), scores
    )


DENSE = answers([0.5, 1.0, 0.25, 2.0, 1.0], [0, 1, 2, 1, 1], [0.5, 1.0, 1.0, 0.25, 0.0])
SPARSE = answers([0.25, 0.75, 1.25, 3.0, 1.0], [0, 2, 0, 1, 1])


def test_improvement_is_the_dense_loss_less_the_sparse_one():
    assert improvement(DENSE, SPARSE).tolist() == [0.25, 0.25, -1.0, -1.0, 0.0]


@pytest.mark.parametrize(
    ("group", "positions"),
    [
        ("improved", [0, 1, 4, 2, 3]),  # of equals the lower index first, here and there
        ("worsened", [2, 3, 4, 0, 1]),
        ("misclassified", [3, 2, 1]),  # on the label trained on, by the sparse network's loss
        ("highest_el2n", [1, 2, 0, 3, 4]),
    ],
)
def test_a_group_has_those_first_that_belong_to_it_most(group, positions):
    assert members(group, DENSE, SPARSE).tolist() == positions


def test_without_scores_none_is_highest():
    assert members("highest_el2n", SPARSE, SPARSE).tolist() == []


def test_what_is_wrong_is_the_label_and_what_is_misclassified_is_so_by_it():
    assert DENSE.mislabelled.tolist() == [False, False, False, True, False]
    assert SPARSE.misclassified.tolist() == [False, True, True, True, False]
