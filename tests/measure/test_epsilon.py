from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from gst.measure.epsilon import epsilon_search, moved
from gst.measure.free import free_parameters


class Bowl(nn.Module):
    """A quadratic bowl: the loss is half the sum of curvature * weight squared, from weights of zero."""

    def __init__(self, *curvature: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(len(curvature), dtype=torch.float64))
        self.curvature = torch.tensor(curvature, dtype=torch.float64)

    def loss(self) -> float:
        return float((self.curvature * self.weight.detach() ** 2).sum() / 2)


def search(bowl: Bowl, **changes):
    directions = torch.eye(len(bowl.weight), dtype=torch.float64)
    return epsilon_search(bowl.loss, free_parameters(bowl), directions, base=0.0, **changes)


@pytest.mark.parametrize("curvature", [20.0, 8.0, 3.0])
def test_epsilon_in_a_quadratic_bowl(curvature):
    found = search(Bowl(curvature, 1.0))
    exact = math.sqrt(2 * 0.1 / curvature)  # curvature * epsilon ** 2 / 2 = 0.1
    assert found.grid == pytest.approx(math.ceil(exact * 100 - 1e-9) / 100)
    assert found.refined == pytest.approx(exact, abs=1e-5)


def test_the_steepest_direction_decides_and_a_hill_on_one_side_counts():
    class Slope(Bowl):
        def loss(self) -> float:
            return super().loss() - float(self.weight.detach()[1])  # rises by |epsilon| on one side

    found = search(Slope(1.0, 0.0))
    assert found.refined == pytest.approx(0.1, abs=1e-5)


def test_none_where_the_loss_does_not_rise_enough_up_to_the_limit():
    found = search(Bowl(1.0))  # 0.4 ** 2 / 2 = 0.08
    assert (found.grid, found.refined) == (None, None)
    assert [round(100 * it.epsilon) for it in found.losses] == list(range(-40, 41))


def test_a_loss_that_is_not_a_number_has_risen():
    class Broken(Bowl):
        def loss(self) -> float:
            return math.nan if abs(float(self.weight.detach()[0])) > 0.045 else 0.0

    assert search(Broken(1.0)).grid == pytest.approx(0.05)


def test_losses_are_seen_on_the_grid_as_far_as_the_curve_goes():
    found = search(Bowl(80.0, 1.0), curve=0.12)
    assert found.grid == pytest.approx(0.05)
    for it in found.losses:
        assert it.increase == pytest.approx((80.0, 1.0)[it.rank] * it.epsilon**2 / 2)
    assert [round(100 * it.epsilon) for it in found.losses if it.rank == 1] == list(range(-12, 13))


def test_the_network_is_where_it_was():
    bowl = Bowl(20.0, 3.0)
    with torch.no_grad():
        bowl.weight.copy_(torch.tensor([0.125, -0.5]))
    before = bowl.weight.detach().clone()
    search(bowl)
    assert torch.equal(bowl.weight, before)
    with moved(free_parameters(bowl), torch.ones(2).double(), 0.1):
        assert bowl.weight.tolist() == pytest.approx([0.225, -0.4])
    assert torch.equal(bowl.weight, before)


def test_held_weights_stay_at_zero_on_the_walk():
    bowl = Bowl(20.0, 3.0)
    free = free_parameters(bowl, [(bowl.weight, torch.tensor([True, False]))])
    with moved(free, torch.ones(1).double(), 0.25):
        assert bowl.weight.tolist() == [0, 0.25]
