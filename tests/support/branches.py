"""Sweeps on handwritten digits whose runs begin from the state of others."""

from __future__ import annotations

from tiny_sweep import TINY

IMP = (
    "pruning: {kind: imp, levels: 1, rewind_epoch: 1, rewind: weights, fraction: 0.5, "
    "score: magnitude, target: smallest}"
)
LATE = (
    "pruning: {kind: filters, score: l2, target: largest, layers: [conv1], start: 1, end: 1, every: 1, "
    "fraction: 0.5}"
)

BRANCHES = (
    TINY.partition("arms:")[0]
    + f"""\
arms:
  Late: {{from: {{arm: Dense, epoch: 1}}, {LATE}}}
  Deep: {{from: {{arm: Other, epoch: 2}}, pruning: {{kind: none}}}}
  Other: {{from: {{arm: Dense, epoch: 1, order: 1}}, pruning: {{kind: none}}}}
  Dense: {{pruning: {{kind: none}}}}
  Ticket: {{from: {{arm: Dense, epoch: 1}}, {IMP}}}
  Level: {{from: {{arm: Ticket, level: 1, order: 1}}, {IMP}}}
"""
)
"""Trunks stand behind what needs them; a trunk may have one itself."""
