"""The training images of a run one by one, and groups of them (Jin et al. 2022, Appendices D and E)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

Group = Literal["improved", "worsened", "misclassified", "highest_el2n"]
GROUPS: Sequence[Group] = get_args(Group)
Integers: TypeAlias = NDArray[np.integer[Any]]


class SingleExamples(NamedTuple):
    """What the network of a run answers to each training image at the end of an epoch; arrays are [n].

    `images` are indices that count the data set's training split, and rise. `label` is the label trained on,
    `right_label` the right one, `prediction` the class that the image is taken for, `loss` the cross-entropy
    on the label trained on. `el2n` is the EL2N score where the run has scores, else None.
    """

    key: str
    epoch: int
    level: int
    images: Integers
    label: Integers
    right_label: Integers
    prediction: Integers
    loss: NDArray[np.float32]
    el2n: NDArray[np.float64] | None

    @property
    def mislabelled(self) -> NDArray[np.bool_]:
        """Which images have a wrong label ([n])."""
        return np.asarray(self.label != self.right_label)

    @property
    def misclassified(self) -> NDArray[np.bool_]:
        """Which images are not taken for the class of the label trained on ([n])."""
        return np.asarray(self.prediction != self.label)


def improvement(dense: SingleExamples, sparse: SingleExamples) -> NDArray[np.float64]:
    """The loss of each image at the first less that at the second ([n]); above 0 the second is better."""
    assert np.array_equal(dense.images, sparse.images), "two networks of one run have the same images"
    return dense.loss.astype(np.float64) - sparse.loss.astype(np.float64)


def members(group: Group, dense: SingleExamples, sparse: SingleExamples) -> Integers:
    """The positions ([k]) of the images of a group, those that belong to it most first, ties by index.

    `improved` are all images, by how much lower the sparse network's loss is than the dense one's, `worsened`
    by how much higher; `misclassified` are those that the sparse network misclassifies, by its loss;
    `highest_el2n` are all by their score, none without scores.
    """
    match group:
        case "improved":
            return _descending(improvement(dense, sparse))
        case "worsened":
            return _descending(-improvement(dense, sparse))
        case "misclassified":
            ordered = _descending(sparse.loss.astype(np.float64))
            return ordered[sparse.misclassified[ordered]]
        case "highest_el2n":
            return np.arange(0) if dense.el2n is None else _descending(dense.el2n)


def _descending(values: NDArray[np.float64]) -> Integers:
    """The positions by falling value; the lower one of equals comes first, and what is no number last."""
    return np.argsort(-values, kind="stable")
