from __future__ import annotations

import pickle
import warnings
from collections import OrderedDict
from typing import NamedTuple

import pytest
import torch
from torch import nn
from torchvision import models

from gst.errors import DataError
from gst.models import build, load_body
from gst.networks.parts import ImageShape

CIFAR = ImageShape(3, 32, 32)


def network(name="vgg11", seed=0, classes=10):
    return build(name, classes=classes, image=CIFAR, generator=torch.Generator().manual_seed(seed))


class Theirs(NamedTuple):
    """torchvision's vgg11_bn: its convolutions with random weights, and a state dict of all its names."""

    features: nn.Sequential
    state: dict[str, torch.Tensor]


@pytest.fixture(scope="module")
def theirs() -> Theirs:
    """Its classifier would take half a gigabyte: single numbers stand for it."""
    with torch.device("meta"):
        names = list(models.vgg11_bn().state_dict())
    with torch.random.fork_rng():
        torch.manual_seed(7)
        features = models.vgg.make_layers(models.vgg.cfgs["A"], batch_norm=True).eval()
        for module in features:
            if isinstance(module, nn.BatchNorm2d):
                for tensor in (module.weight.data, module.bias.data, module.running_mean, module.running_var):
                    tensor.uniform_(0.5, 1.5)
    found = {f"features.{name}": value for name, value in features.state_dict().items()}
    return Theirs(features, {name: found.get(name, torch.zeros(1)) for name in names})


@pytest.fixture
def file(tmp_path):
    """Save that content with torch.save; the file."""

    def save(content):
        path = tmp_path / "weights.pt"
        torch.save(content, path)
        return path

    return save


def own(model) -> OrderedDict:
    return OrderedDict((name, value.clone()) for name, value in model.state_dict().items())


def test_torchvisions_weights_give_torchvisions_activations(theirs, file):
    ours = network()
    left_out = load_body(ours, file(theirs.state))
    assert sorted(left_out) == sorted(name for name in theirs.state if name.startswith("classifier"))
    images = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    ours.eval()
    with torch.no_grad():
        torch.testing.assert_close(ours[:-2](images), theirs.features(images), rtol=0, atol=0)


def test_a_file_of_gst_is_read_by_its_own_names_without_its_linear_layer(file):
    ours, other = network(seed=0), network(seed=1, classes=100)
    kept = ours.fc.weight.clone()
    assert load_body(ours, file(other.state_dict())) == ("fc.weight", "fc.bias")
    assert torch.equal(ours.conv8.weight, other.conv8.weight)
    assert torch.equal(ours.fc.weight, kept)


@pytest.mark.parametrize("name", ["state_dict", "model_state_dict", "model", "net"])
def test_checkpoints_that_hold_more_and_names_of_parallel_training(name, file):
    ours, other = network("resnet20", seed=0), network("resnet20", seed=1)
    parallel = {f"module.{key}": value for key, value in other.state_dict().items()}
    load_body(ours, file({"epoch": 3, name: parallel, "optimizer": {"lr": 0.1}}))
    for key, value in other.state_dict().items():
        assert torch.equal(ours.state_dict()[key], value) or key.startswith("linear")


def test_old_files_that_do_not_count_batches_and_halves(file):
    ours, other = network("resnet20", seed=0), network("resnet20", seed=1)
    state = {k: v.half() for k, v in other.state_dict().items() if not k.endswith("num_batches_tracked")}
    load_body(ours, file(state))
    assert torch.equal(ours.conv1.weight, other.conv1.weight.half().float())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"bn3.weight": None}, "lacks bn3.weight; is it of another network?"),
        ({"conv9.weight": torch.ones(1)}, "has conv9.weight, which the network has not; did you mean 'conv"),
        ({"conv1.weight": torch.ones(64, 1, 3, 3)}, "expected 64x3x3x3 for conv1.weight, found 64x1x3x3"),
        ({"bn1.bias": torch.full((64,), torch.nan)}, "bn1.bias: has values that are not finite numbers"),
        ({"bn1.bias": torch.ones(64).long()}, "bn1.bias: expected floating-point numbers, found torch.int64"),
        ({"bn1.running_var": -torch.ones(64)}, "bn1.running_var: has a negative variance"),
        ({"conv1.weight": [1.0]}, "names and their tensors, found list under 'conv1.weight'"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named_and_nothing_is_changed(change, message, file):
    ours = network()
    before = own(ours)
    state = own(network(seed=1)) | change
    with pytest.raises(DataError, match=r"weights\.pt") as refused:
        load_body(ours, file({name: value for name, value in state.items() if value is not None}))
    assert message in str(refused.value)
    assert all(torch.equal(value, before[name]) for name, value in ours.state_dict().items())


def test_weights_of_a_deeper_or_shallower_network(theirs, file):
    with pytest.raises(DataError, match=r"lacks conv9.weight, .* and \d+ more; is it of another network\?"):
        load_body(network("vgg19"), file(network().state_dict()))
    with pytest.raises(DataError, match=r"has features.0.weight, .*which the network has not"):
        load_body(network("resnet18"), file(theirs.state))


@pytest.mark.parametrize("content", [[1, 2], {}, torch.ones(3), {"epoch": 3}], ids=str)
def test_what_is_no_state_dict(content, file):
    with pytest.raises(DataError, match="expected a state dict, names and their tensors, found"):
        load_body(network(), file(content))


class Bomb:
    """Whoever unpickles it runs what it says."""

    def __reduce__(self):
        return (exec, ("raise AssertionError('code of the file was run')",))


@pytest.mark.parametrize(
    "content", [Bomb(), {"state_dict": Bomb()}, nn.Linear(2, 2)], ids=["bomb", "in", "model"]
)
def test_no_code_of_a_file_is_run(content, file):
    with pytest.raises(DataError, match="gst runs no code of a file"):
        load_body(network(), file(content))


def test_files_that_are_not_there_or_not_torchs(tmp_path):
    with pytest.raises(DataError, match=r"none.pt: cannot be read: No such file"):
        load_body(network(), tmp_path / "none.pt")
    with pytest.raises(DataError, match="cannot be read: it is a folder, expected a file"):
        load_body(network(), tmp_path)
    for name, content in {
        "text": b"hello",
        "empty": b"",
        "pickle": pickle.dumps(Bomb()),
        "zip": b"PK\3\4 cut",
    }.items():
        path = tmp_path / name
        path.write_bytes(content)
        with warnings.catch_warnings(), pytest.raises(DataError, match=name):
            load_body(network(), path)
