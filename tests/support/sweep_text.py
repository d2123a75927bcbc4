"""A small valid sweep file, for tests that spoil it or spell it in another way."""

from __future__ import annotations

SWEEP = """\
title: A sweep for tests
seeds: 2
base:
  data: {name: cifar10}
  model: {name: vgg11}
  training:
    epochs: 325
    batch_size: 128
    optimizer: {name: adam, lr: 1e-3}
    lr_drops: [150, 300]
  pruning:
    kind: filters
    score: l2
    target: smallest
    layers: last-4
    start: [3, 4, 5, 6]
    end: [150, 150, 150, 275]
    every: 40
    fraction: [0.3, 0.3, 0.3, 0.9]
arms:
  S: {}
"""


def changed(old: str, new: str) -> str:
    """The sweep above with one piece of text replaced."""
    assert SWEEP.count(old) == 1, old
    return SWEEP.replace(old, new)
