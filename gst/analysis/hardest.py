"""The change of loss on the images that are hardest to learn, against that on the rest (Jin et al. 2022)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean

HARDEST = 0.2
"""The share of the images, those with the highest EL2N scores, that Jin et al. find to change most."""


def hardest_and_rest(groups: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The groups with the highest fifth of scores, and the others, from 1 to the number of groups."""
    first = groups - math.ceil(HARDEST * groups)
    return tuple(range(first + 1, groups + 1)), tuple(range(1, first + 1))


def concentration(changes: Sequence[float]) -> float | None:
    """The mean |change| of the hardest fifth of the groups over that of the rest (Section 3, Figure 2a).

    The changes are those of one run, losses less the dense network's, by group of EL2N scores from the
    lowest up. Over seeds the ratio is averaged. None where the rest does not change, or is no group.
    """
    hardest, rest = (
        [abs(changes[group - 1]) for group in groups] for groups in hardest_and_rest(len(changes))
    )
    return fmean(hardest) / fmean(rest) if any(rest) else None
