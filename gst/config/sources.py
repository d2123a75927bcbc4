"""The runs that must have completed before another one can be trained, and their states that it needs."""

from __future__ import annotations

from typing import NamedTuple

from gst.config.run import RunSpec


class Source(NamedTuple):
    """A run that another needs; `epoch` is the one at whose end its state is needed, None where none is."""

    spec: RunSpec
    epoch: int | None


def sources(spec: RunSpec) -> tuple[Source, ...]:
    """The runs, of the same seed, that must have completed before this one begins.

    A run that branches off at epoch 0 begins from initial weights that follow from its seed: it needs none.
    """
    trunk, first = spec.config.trunk, spec.config.first_epoch
    return () if trunk is None or not first else (Source(RunSpec(trunk, spec.seed), first - 1),)


def depth(spec: RunSpec) -> int:
    """The number of runs in the longest chain of those that must complete before this one begins."""
    return max((1 + depth(it.spec) for it in sources(spec)), default=0)
