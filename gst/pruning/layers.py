"""Layers that can lose units, filters or single weights, for good."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import torch
from torch import Tensor

from gst.config import FilterPruning, ScheduledConfig, WeightPruning
from gst.models import Site
from gst.networks.layers import chosen


class PrunableLayer(Protocol):
    """A layer of `alive.numel()` units, those that are not pruned.

    Law: a layer's output with dead units equals that of the smaller network without them.
    """

    site: Site
    alive: Tensor
    """Bool, [units], on the CPU: which units are left."""

    def prune(self, units: Tensor) -> None:
        """Remove the units of these indices (int64, [k])."""
        ...

    def enforce(self) -> None:
        """Put what is dead back to zero; to be called after each optimizer step."""
        ...

    def refresh(self) -> None:
        """Make everything that follows from `alive` agree with it, after it was loaded or changed."""
        ...

    def held(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Each parameter that has entries held at zero, and which: bool, in its shape and on its device."""
        ...

    @property
    def parameters_removed(self) -> int:
        """Number of parameters held at zero."""
        ...


def per_unit(layer: PrunableLayer, values: Tensor) -> Tensor:
    """The sum of the values, one for each weight, over each unit's weights: [units]."""
    return values.detach().reshape(layer.alive.numel(), -1).sum(dim=1)


@dataclass
class FilterLayer:
    """A layer whose units are filters (or the rows of a linear layer).

    A removed filter's weights are zero. With `mask_norm` so are the scale and shift of its batch norm
    and, for the second convolution of a residual block, the shortcut into its channel: then the
    channel is exactly 0 (GST 2020). Without it the channel becomes a constant (GST 2020, Fig 5).
    """

    site: Site
    mask_norm: bool = True
    alive: Tensor = field(init=False)
    _dead: Tensor = field(init=False)  # indices, on the weights' device

    def __post_init__(self) -> None:
        weight = self.site.module.weight
        self.alive = torch.ones(weight.shape[0], dtype=torch.bool)
        self._dead = torch.empty(0, dtype=torch.int64, device=weight.device)

    def prune(self, units: Tensor) -> None:
        """Remove the filters of these indices (int64, [k])."""
        self.alive[units] = False
        self.refresh()

    def refresh(self) -> None:
        """Make everything that follows from `alive` agree with it, after it was loaded or changed."""
        self._dead = (~self.alive).nonzero().flatten().to(self.site.module.weight.device)
        if self.mask_norm and self.site.shortcut is not None:
            keep = self.site.shortcut.get_buffer("shortcut_keep")
            keep.copy_(self.alive)
        self.enforce()

    @torch.no_grad()
    def enforce(self) -> None:
        """Zero what belongs to dead filters: a step's momentum may have moved it."""
        if not self._dead.numel():
            return
        for parameter in self.masked_parameters():
            parameter.index_fill_(0, self._dead, 0.0)

    def held(self) -> Iterator[tuple[Tensor, Tensor]]:
        """The parameters that dead filters take with them, and which of their entries those are."""
        for parameter in self.masked_parameters():
            mask = torch.zeros_like(parameter, dtype=torch.bool)
            mask[self._dead] = True
            yield parameter, mask

    def masked_parameters(self) -> list[Tensor]:
        """The parameters that a filter takes with it; all have filters as their first dimension."""
        module, norm = self.site.module, self.site.norm
        masked = [module.weight]
        if self.mask_norm and norm is not None:
            masked += [norm.weight, norm.bias]
        elif self.mask_norm and module.bias is not None:
            masked.append(module.bias)
        return masked

    @property
    def parameters_removed(self) -> int:
        """The dead filters' weights, and their batch norm and bias where those go with them.

        With a batch norm the convolution's bias has no effect any more, and counts as removed too.
        """
        per_filter = sum(parameter[0].numel() for parameter in self.masked_parameters())
        if self.mask_norm and self.site.norm is not None and self.site.module.bias is not None:
            per_filter += 1
        return int((~self.alive).sum()) * per_filter


@dataclass
class WeightLayer:
    """A layer whose units are the single weights of its weight tensor, in memory order. Biases stay."""

    site: Site
    alive: Tensor = field(init=False)
    _dead: Tensor = field(init=False)  # bool, in the weights' shape and on their device
    _keep: Tensor | None = field(
        init=False, default=None
    )  # 0 for dead and 1 for other weights, if any is dead

    def __post_init__(self) -> None:
        weight = self.site.module.weight
        self.alive = torch.ones(weight.numel(), dtype=torch.bool)
        self._dead = torch.zeros_like(weight, dtype=torch.bool)

    def prune(self, units: Tensor) -> None:
        """Remove the weights of these flat indices (int64, [k])."""
        self.alive[units] = False
        self.refresh()

    @torch.no_grad()
    def regrow(self, units: Tensor, values: Tensor | float) -> None:
        """Have the weights of these flat indices (int64, [k]) back, with these values ([k], or one)."""
        self.alive[units] = True
        self.refresh()
        # In memory order, as `alive` is: the weight itself may be laid out otherwise.
        flat = self.site.module.weight.detach().reshape(-1).clone()
        flat[units.to(flat.device)] = values
        self.site.module.weight.copy_(flat.view(self.site.module.weight.shape))

    def refresh(self) -> None:
        """Make everything that follows from `alive` agree with it, after it was loaded or changed."""
        weight = self.site.module.weight
        self._dead = (~self.alive).view(weight.shape).to(weight.device)
        self._keep = (~self._dead).to(weight.dtype) if not self.alive.all() else None
        self.enforce()

    @torch.no_grad()
    def enforce(self) -> None:
        """Zero the dead weights: a step's momentum may have moved them.

        On a CPU a product takes a tenth of the time that filling by a mask takes.
        """
        if self._keep is not None:
            self.site.module.weight.mul_(self._keep)

    def held(self) -> Iterator[tuple[Tensor, Tensor]]:
        """The weights, and which of them are dead."""
        yield self.site.module.weight, self._dead

    @property
    def parameters_removed(self) -> int:
        """The dead weights."""
        return int((~self.alive).sum())


def prunable_layers(config: ScheduledConfig, sites: Sequence[Site]) -> tuple[PrunableLayer, ...]:
    """The layers that the configuration names, with all their units alive. Raises as gst.networks.chosen."""
    found = chosen(config, sites)
    if isinstance(config, WeightPruning):
        return tuple(WeightLayer(site) for site in found)
    mask_norm = isinstance(config, FilterPruning) and config.mask_bn
    return tuple(FilterLayer(site, mask_norm) for site in found)
