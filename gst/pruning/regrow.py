"""Weights that come back after an event (SET, Mocanu et al. 2018; RigL, Evci et al. 2020)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from gst.config.regrowth import Regrowth
from gst.data.loader import Batch
from gst.pruning.layers import PrunableLayer, WeightLayer
from gst.pruning.perturb import Streams
from gst.pruning.pruning_step import ScheduledLayer
from gst.pruning.select import select
from gst.pruning.sensitivity import Sensitivity

MOMENTUM = ("momentum_buffer", "exp_avg")
"""The optimizers' running means of gradients."""


class Regrower(NamedTuple):
    """Has weights back. `initial` are those of each layer before training, where they enter with these."""

    config: Regrowth
    streams: Streams
    gradients: Sensitivity | None
    initial: Mapping[str, Tensor]

    @classmethod
    def of(
        cls,
        config: Regrowth,
        model: nn.Module,
        layers: Sequence[PrunableLayer],
        streams: Streams,
        images: Callable[[str, int], Batch],
        image: tuple[int, ...],
    ) -> Regrower:
        """The one that the configuration describes; `images` draws a batch from the stream of that name."""
        gradients, wanted = None, config.images
        if wanted is not None:
            gradients = Sensitivity("gradient", model, layers, lambda name: images(name, wanted), image)
        initial = {layer.site.name: layer.site.module.weight.detach().clone() for layer in layers}
        return cls(config, streams, gradients, initial if config.entry == "initial" else {})

    def look(self, epoch: int) -> None:
        """Take the gradients of all weights as they stand before that epoch's event."""
        if self.gradients is not None:
            self.gradients.look(f"regrow/{epoch}")

    def regrow(
        self, due: Sequence[ScheduledLayer], epoch: int, optimizer: torch.optim.Optimizer
    ) -> dict[str, int]:
        """Have back as many weights of each layer as its event took beyond the schedule; how many, by layer.

        Weights that this event took are among those that may come back, as in Evci et al. 2020, algorithm 1.
        Their momentum is 0, as there.
        """
        back = {}
        for layer, kept in due:
            assert isinstance(layer, WeightLayer)
            count = kept[epoch] - int(layer.alive.sum())
            if not count:
                continue
            name, weight = layer.site.name, layer.site.module.weight
            random = self.gradients is None
            ranks = torch.zeros(weight.numel()) if self.gradients is None else self.gradients(layer)
            generator = self.streams(f"regrow/{name}/{epoch}")
            units = select(ranks, ~layer.alive, count, "random" if random else "largest", generator)
            first = self.initial.get(name)
            layer.regrow(units, 0.0 if first is None else first.reshape(-1)[units.to(first.device)])
            _forget(optimizer, weight, units)
            back[name] = count
        return back


@torch.no_grad()
def _forget(optimizer: torch.optim.Optimizer, weight: Tensor, units: Tensor) -> None:
    """Set the momentum of these weights (flat indices) to 0: it is that of gradients while they were gone."""
    gone = torch.zeros(weight.numel(), dtype=torch.bool)
    gone[units] = True
    mask = gone.view(weight.shape).to(weight.device)
    for name in MOMENTUM:
        if (running := optimizer.state[weight].get(name)) is not None:
            running.masked_fill_(mask, 0)
