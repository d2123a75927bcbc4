from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn


class Problem(nn.Module):
    """A network small enough for its whole Hessian, of a convolution, a batch norm and linear layers."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 2, 3)
        self.norm = nn.BatchNorm2d(2)
        self.hidden = nn.Linear(8, 3)
        self.out = nn.Linear(3, 3)

    def forward(self, images: Tensor) -> Tensor:
        found = torch.tanh(self.norm(self.conv(images)))
        return self.out(torch.tanh(self.hidden(found.flatten(1))))


@pytest.fixture
def images() -> Tensor:
    return torch.randn(12, 1, 4, 4, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


@pytest.fixture
def labels() -> Tensor:
    return torch.arange(12) % 3


@pytest.fixture
def model(images: Tensor) -> nn.Module:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        made = Problem().double()
    made.train()
    made(images)  # running statistics that are not 0 and 1
    made.eval()
    return made
