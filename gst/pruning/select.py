"""The units that an event takes: an exact number of those alive."""

from __future__ import annotations

import torch
from torch import Tensor

from gst.config import Target


def select(scores: Tensor, alive: Tensor, count: int, target: Target, generator: torch.Generator) -> Tensor:
    """The indices (int64, [count], rising) of `count` living units: smallest or largest score, or random.

    `scores` (float) and `alive` (bool) are [units]. Ties go to the lower index; the authors' code
    may, among tied scores at the cutoff, take a tied unit and leave a strictly smaller one. Random
    is uniform over the living units and does not look at the scores.
    """
    candidates = alive.nonzero().flatten()
    if count > candidates.numel():
        raise AssertionError(f"{count} units to select, {candidates.numel()} are alive")
    if target == "random":
        order = torch.randperm(candidates.numel(), generator=generator)
    else:
        ranked = scores.cpu()[candidates]
        order = torch.argsort(ranked, descending=target == "largest", stable=True)
    return candidates[order[:count]].sort().values
