from __future__ import annotations

import hashlib

import pytest
import torch
from torch import nn

from gst.config import Noise
from gst.models import Site
from gst.pruning.layers import FilterLayer
from gst.pruning.perturb import Disturb

FILTERS = 8


def streams(name):
    seed = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "little")
    return torch.Generator().manual_seed(seed)


def noise(kind="zeroing", train_batches=50, **changes):
    return Noise(
        kind=kind, train_batches=train_batches, score="l2", target="largest", layers=("conv",),
        start=0, end=0, every=1, fraction=0.5, **changes,
    )  # fmt: skip


def layer_and(config):
    conv, norm = nn.Conv2d(2, FILTERS, 3), nn.BatchNorm2d(FILTERS)
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        conv.weight.copy_(torch.randn(conv.weight.shape, generator=generator))
        norm.running_mean.copy_(torch.randn(FILTERS, generator=generator))
        norm.running_var.copy_(torch.rand(FILTERS, generator=generator) + 0.5)
        norm.bias.copy_(torch.randn(FILTERS, generator=generator))
    layer = FilterLayer(Site("conv", conv, norm, nn.ReLU(), None, "block"), mask_norm=False)
    return layer, Disturb(config, [layer], streams)


def move(layer):
    """What an optimizer step does: every weight, scale and shift moves."""
    with torch.no_grad():
        for tensor in (layer.site.module.weight, layer.site.norm.weight, layer.site.norm.bias):
            tensor.add_(1.0)


def disturbed_train_batches(disturb, layer, units, *, tests, epochs=8, train=391):
    """Disturbed training and test batches of the stream that follows an event (GST 2020, appendix D.1)."""
    counts = {True: 0, False: 0}

    def forward(training):
        before = layer.site.module.weight[units].detach().clone()
        disturb.before_forward(training=training)
        weight = layer.site.module.weight[units]
        counts[training] += bool((weight != before).any())
        move(layer)  # after tests too, so that zeroing what is zero already would show

    disturb.apply(layer, units, epoch=4)
    for _ in range(tests):
        forward(training=False)
    for _ in range(epochs):
        for _ in range(train):
            forward(training=True)
        for _ in range(2 * tests):
            forward(training=False)
    return counts[True], counts[False]


@pytest.mark.parametrize(
    ("kind", "train_batches", "tests", "expected_tests"),
    [
        ("zeroing", 50, 79, 79),
        ("gaussian", 50, 79, 79),
        ("zeroing", 1105, 79, 79 + 2 * 158),  # windows that span epochs disturb both tests of each
        ("gaussian", 1105, 79, 79 + 2 * 158),
        ("zeroing", 89, 40, 40),
        ("zeroing", 630, 40, 40 + 80),
        ("zeroing", 1220, 40, 40 + 3 * 80),
        ("zeroing", 2480, 40, 40 + 6 * 80),
    ],
)
def test_exactly_the_stated_training_batches_are_disturbed(kind, train_batches, tests, expected_tests):
    layer, disturb = layer_and(noise(kind, train_batches))
    counted = disturbed_train_batches(disturb, layer, torch.tensor([2, 5]), tests=tests)
    assert counted == (train_batches, expected_tests)


@pytest.mark.parametrize("kind", ["zeroing", "gaussian"])
def test_one_batch_is_a_single_disturbance_before_the_first_test_batch(kind):
    layer, disturb = layer_and(noise(kind, 1))
    assert disturbed_train_batches(disturb, layer, torch.tensor([2, 5]), tests=79, epochs=2) == (0, 1)


def test_zeroing_acts_on_the_targets_alone_and_lets_them_train_on():
    layer, disturb = layer_and(noise("zeroing", 2))
    before = layer.site.module.weight.detach().clone()
    disturb.apply(layer, torch.tensor([1, 3]), epoch=0)
    disturb.before_forward(training=False)
    weight = layer.site.module.weight.detach()
    assert (weight[[1, 3]] == 0).all()
    others = [0, 2, 4, 5, 6, 7]
    assert torch.equal(weight[others], before[others])
    disturb.before_forward(training=True)
    move(layer)
    disturb.before_forward(training=True)
    assert (weight[[1, 3]] == 0).all()
    move(layer)
    disturb.before_forward(training=True)  # the window is over
    assert (weight[[1, 3]] == 1).all()
    assert layer.alive.tolist() == [True, False, True, False] + [True] * 4


def test_gaussian_noise_is_a_random_walk_of_the_reference_filters_size():
    """Sigma is the standard deviation of the first filter that was never targeted, read again each pass."""
    layer, disturb = layer_and(noise("gaussian", 400))
    targets = torch.tensor([0, 5])
    before = layer.site.module.weight.detach().clone()
    with torch.no_grad():
        layer.site.module.weight[1] *= 3.0
    sigma = layer.site.module.weight.detach()[1].std().item()
    disturb.apply(layer, targets, epoch=0)
    for _ in range(400):
        disturb.before_forward(training=True)
    walked = (layer.site.module.weight.detach() - before)[targets]
    assert walked.std().item() == pytest.approx(sigma * 20, rel=0.35)  # sqrt(400), 36 values
    untouched = [2, 3, 4, 6, 7]
    assert torch.equal(layer.site.module.weight.detach()[untouched], before[untouched])


def test_gaussian_noise_is_fresh_in_each_pass_and_the_same_in_each_run():
    def walk(passes):
        layer, disturb = layer_and(noise("gaussian", 5))
        disturb.apply(layer, torch.tensor([2]), epoch=7)
        steps = []
        for _ in range(passes):
            before = layer.site.module.weight.detach()[2].clone()
            disturb.before_forward(training=True)
            steps.append(layer.site.module.weight.detach()[2] - before)
        return steps

    first, second = walk(2), walk(2)
    assert torch.equal(first[0], second[0])
    assert not torch.allclose(first[0], first[1])


def test_restore_puts_back_weights_and_all_of_the_batch_norm():
    layer, disturb = layer_and(noise("zeroing", 2, restore=True))
    norm = layer.site.norm
    tensors = [layer.site.module.weight, norm.weight, norm.bias, norm.running_mean, norm.running_var]
    before = [tensor.detach().clone() for tensor in tensors]
    disturb.apply(layer, torch.tensor([1, 3]), epoch=0)
    for _ in range(2):
        disturb.before_forward(training=True)
        for tensor in tensors[:3]:
            assert (tensor[[1, 3]] == 0).all()
        move(layer)
        norm.running_mean.add_(1.0)
        norm.running_var.add_(1.0)
    disturb.before_forward(training=False)
    for tensor, old in zip(tensors, before, strict=True):
        assert torch.equal(tensor[[1, 3]], old[[1, 3]])
        torch.testing.assert_close(tensor[[0, 2]], old[[0, 2]] + 2)


@pytest.mark.parametrize(("which", "expected"), [("latest", [4, 6]), ("cumulative", [1, 3, 4, 6])])
def test_a_later_event_acts_on_the_latest_or_on_all_targets(which, expected):
    layer, disturb = layer_and(noise("zeroing", 1, which=which))
    disturb.apply(layer, torch.tensor([1, 3]), epoch=0)
    disturb.before_forward(training=False)
    move(layer)
    disturb.apply(layer, torch.tensor([4, 6]), epoch=5)
    disturb.before_forward(training=False)
    zero = (layer.site.module.weight.detach().flatten(1) == 0).all(dim=1)
    assert zero.nonzero().flatten().tolist() == expected


@pytest.mark.parametrize("restore", [False, True])
def test_a_resumed_window_goes_on_where_it_was(restore):
    straight, disturb = layer_and(noise("zeroing", 3, restore=restore))
    disturb.apply(straight, torch.tensor([1]), epoch=0)
    resumed, other = layer_and(noise("zeroing", 3, restore=restore))
    for _ in range(2):
        disturb.before_forward(training=True)
        move(straight)
    resumed.site.module.load_state_dict(straight.site.module.state_dict())
    resumed.site.norm.load_state_dict(straight.site.norm.state_dict())
    resumed.alive.copy_(straight.alive)
    other.load_state_dict(disturb.state_dict())
    for _ in range(3):
        for one, layer in ((disturb, straight), (other, resumed)):
            one.before_forward(training=True)
            move(layer)
    assert torch.equal(straight.site.module.weight, resumed.site.module.weight)
    assert torch.equal(straight.site.norm.weight, resumed.site.norm.weight)
