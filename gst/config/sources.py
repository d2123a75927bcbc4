"""The runs that must have completed before another one can be trained, and their states that it needs."""

from __future__ import annotations

from typing import NamedTuple

from gst.config.run import RunConfig, RunSpec


class Source(NamedTuple):
    """A run that another needs; `epoch` is the one at whose end its state is needed, None where none is."""

    spec: RunSpec
    epoch: int | None


def sources(spec: RunSpec) -> tuple[Source, ...]:
    """The runs, of the same seed, that must have completed before this one begins.

    A run that branches off at epoch 0 begins from initial weights that follow from its seed: it needs none.
    """
    trunk, first = spec.config.trunk, spec.config.first_epoch
    found: dict[RunConfig, int | None] = {} if spec.config.chooser is None else {spec.config.chooser: None}
    if trunk is not None and first:
        found[trunk] = first - 1
    return tuple(Source(RunSpec(config, spec.seed), epoch) for config, epoch in found.items())
