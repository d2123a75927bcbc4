"""The parameters of a network that are free to move, as one flat vector."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class FreeParameters:
    """The entries of a model's trainable parameters that pruning does not hold at zero.

    Flat vectors follow the order of `parameters`; `positions` (int64, [k]) has the places of the free
    entries among all `total`. A held entry has no part in any derivative, norm or direction: in the
    papers it is multiplied by a mask, so that its row of the Hessian is zero (GST 2020, appendix E).
    """

    parameters: tuple[nn.Parameter, ...]
    positions: Tensor
    total: int

    @property
    def size(self) -> int:
        """Number of free entries."""
        return self.positions.numel()

    def restrict(self, values: Iterable[Tensor]) -> Tensor:
        """The free entries, [k], of tensors that are shaped like the parameters."""
        return torch.cat([value.reshape(-1) for value in values])[self.positions]

    def expand(self, vector: Tensor) -> list[Tensor]:
        """Tensors shaped like the parameters, from free entries [k]; zero where held."""
        flat = vector.new_zeros(self.total)
        flat[self.positions] = vector
        sizes = [parameter.numel() for parameter in self.parameters]
        return [
            part.view_as(parameter)
            for part, parameter in zip(torch.split(flat, sizes), self.parameters, strict=True)
        ]

    def keep(self, values: Iterable[Tensor]) -> list[Tensor]:
        """Tensors shaped like the parameters, with their held entries zeroed."""
        return self.expand(self.restrict(values))


def free_parameters(model: nn.Module, held: Iterable[tuple[Tensor, Tensor]] = ()) -> FreeParameters:
    """The free parameters of the model; `held` pairs parameters with a bool mask of what pruning holds."""
    parameters = tuple(parameter for parameter in model.parameters() if parameter.requires_grad)
    fixed = {id(parameter): torch.zeros_like(parameter, dtype=torch.bool) for parameter in parameters}
    for parameter, mask in held:
        fixed[id(parameter)] |= mask
    flat = torch.cat([fixed[id(parameter)].reshape(-1) for parameter in parameters])
    return FreeParameters(parameters, (~flat).nonzero().flatten(), flat.numel())
