"""Weights as people have them: wrapped, compiled, pruned, or under the names of another library."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.nn.utils import prune
from torchvision import models

from gst.errors import DataError
from gst.models import build, load_body
from gst.networks.parts import ImageShape

PREFIXES = [
    "module.", "_orig_mod.", "module._orig_mod.", "_orig_mod.module.", "_orig_mod._orig_mod.",
    "model.", "net.", "model.module.", "model.net._orig_mod.", "a.b.c.",
]  # fmt: skip


def network(name="resnet20_conv", seed=0, image=(3, 32, 32), width=0.25):
    generator = torch.Generator().manual_seed(seed)
    return build(name, classes=10, image=ImageShape(*image), width=width, generator=generator)


def saved(state, folder: Path) -> Path:
    torch.save(state, folder / "weights.pt")
    return folder / "weights.pt"


def same_body(one: nn.Module, other: nn.Module) -> bool:
    theirs = other.state_dict()
    body = [name for name in theirs if not name.startswith(("linear", "fc"))]
    return all(torch.equal(one.state_dict()[name], theirs[name]) for name in body)


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("name", ["resnet20_conv", "vgg11"])
def test_prefixes_and_wrappers(tmp_path, prefix, name):
    ours, other = network(name), network(name, seed=1)
    left_out = load_body(ours, saved({prefix + k: v for k, v in other.state_dict().items()}, tmp_path))
    assert same_body(ours, other)
    head = "linear" if name == "resnet20_conv" else "fc"
    assert left_out == (f"{prefix}{head}.weight", f"{prefix}{head}.bias")


@pytest.mark.parametrize("wrapped", ["conv1", "bn1", "layer2.0", "layer2"])
@pytest.mark.parametrize("wrapper", ["module", "_orig_mod"])
def test_a_part_that_is_wrapped(tmp_path, wrapped, wrapper):
    ours, other = network(), network(seed=1)
    state = {
        name.replace(f"{wrapped}.", f"{wrapped}.{wrapper}.", 1)
        if name.startswith(f"{wrapped}.")
        else name: value
        for name, value in other.state_dict().items()
    }
    load_body(ours, saved(state, tmp_path))
    assert same_body(ours, other)


def test_what_the_wrappers_themselves_save(tmp_path):
    """And not what this file thinks they do."""
    ours, other = network(), network(seed=1)
    load_body(ours, saved(torch.compile(nn.DataParallel(torch.compile(other))).state_dict(), tmp_path))
    assert same_body(ours, other)


def test_torchvisions_features_in_parallel(tmp_path):
    ours = network("vgg11", width=1)
    with torch.device("meta"):
        theirs = models.vgg11_bn()
    theirs.classifier = nn.Sequential(nn.Linear(1, 1))
    theirs.to_empty(device="cpu")
    theirs.apply(lambda it: it.reset_parameters() if hasattr(it, "reset_parameters") else None)
    expected = [value.clone() for value in theirs.features.state_dict().values()]
    theirs.features = nn.DataParallel(theirs.features)
    assert next(iter(theirs.state_dict())) == "features.module.0.weight"
    load_body(ours, saved({"net": theirs.state_dict()}, tmp_path))
    assert all(map(torch.equal, list(ours.state_dict().values())[: len(expected)], expected))


def test_torchvisions_resnet50_gives_its_activations(tmp_path):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        theirs = models.resnet50()
        for module in theirs.modules():
            if isinstance(module, nn.BatchNorm2d):
                for tensor in (module.weight.data, module.bias.data, module.running_mean, module.running_var):
                    tensor.uniform_(0.5, 1.5)
    ours = network("resnet50", image=(3, 64, 64), width=1)
    assert load_body(ours, saved(theirs.state_dict(), tmp_path)) == ("fc.weight", "fc.bias")
    with torch.no_grad():
        ours.linear.weight.copy_(theirs.fc.weight[:10])
        ours.linear.bias.copy_(theirs.fc.bias[:10])
        images = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))
        torch.testing.assert_close(ours.eval()(images), theirs.eval()(images)[:, :10], rtol=1e-5, atol=1e-5)


def test_torchvisions_resnet18_is_another_network(tmp_path):
    with pytest.raises(DataError, match=r"conv1.weight: expected 64x3x3x3 for conv1.weight, found 64x3x7x7"):
        load_body(network("resnet18", width=1), saved(models.resnet18().state_dict(), tmp_path))


@pytest.mark.parametrize("prefix", ["", "module."])
def test_pruned_weights_are_masked(tmp_path, prefix):
    ours, other = network(), network(seed=1)
    for name in ("conv1", "layer2.0.conv2", "layer3.0.shortcut.0"):
        prune.l1_unstructured(other.get_submodule(name), "weight", amount=0.5)
    prune.random_unstructured(other.bn1, "bias", amount=1)
    state = {prefix + name: value for name, value in other.state_dict().items()}
    assert f"{prefix}conv1.weight_mask" in state
    load_body(ours, saved(state, tmp_path))
    for name in ("conv1", "layer2.0.conv2", "layer3.0.shortcut.0", "layer1.0.conv1"):
        assert torch.equal(ours.get_submodule(name).weight, other.get_submodule(name).weight), name
    assert (ours.conv1.weight == 0).float().mean() == 0.5
    assert torch.equal(ours.bn1.bias, other.bn1.bias)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"model.conv1.weight": torch.ones(1)}, "has model.conv1.weight, which the network has not"),
        ({"module.conv1.weight": torch.ones(1)}, "has both conv1.weight and module.conv1.weight"),
        ({"conv1.weight_orig": torch.ones(4, 3, 3, 3)}, "has conv1.weight_orig, which the network has not"),
        (
            {
                "conv1.weight": None,
                "conv1.weight_orig": torch.ones(4, 3, 3, 3),
                "conv1.weight_mask": torch.ones(2),
            },
            "conv1.weight_orig is 4x3x3x3, and its mask 2",
        ),
        ({"conv1.weight": None, "conv1.weight_mask": torch.ones(4, 3, 3, 3)}, "has conv1.weight_mask, which"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named_as_it_is_in_the_file(tmp_path, change, why):
    state = network(seed=1).state_dict() | change
    with pytest.raises(DataError) as refused:
        load_body(network(), saved({k: v for k, v in state.items() if v is not None}, tmp_path))
    assert f"weights.pt: {why}" in str(refused.value)


def test_names_of_nothing_we_know_are_told_as_they_are(tmp_path):
    with pytest.raises(DataError, match=r"has encoder.block.weight, encoder.bias, which the network has not"):
        load_body(
            network(), saved({"encoder.block.weight": torch.ones(1), "encoder.bias": torch.ones(1)}, tmp_path)
        )


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "weights.pt")
    with pytest.raises(DataError, match="cannot be read: it is a pipe or a device, expected a file"):
        load_body(network(), tmp_path / "weights.pt")


class TestSafetensors:
    def test_its_files_are_read_where_it_is_installed(self, tmp_path):
        library = pytest.importorskip("safetensors.torch")
        ours, other = network(), network(seed=1)
        library.save_file(
            {f"model.{k}": v for k, v in other.state_dict().items()}, tmp_path / "w.safetensors"
        )
        load_body(ours, tmp_path / "w.safetensors")
        assert same_body(ours, other)
        (tmp_path / "w.safetensors").write_bytes(b"\xff" * 100)
        with pytest.raises(DataError, match=r"w\.safetensors: is not of the format that its name says"):
            load_body(ours, tmp_path / "w.safetensors")

    def test_where_it_is_not_installed_that_is_said(self, tmp_path, monkeypatch):
        monkeypatch.setitem(sys.modules, "safetensors.torch", None)
        (tmp_path / "w.safetensors").write_bytes(b"\x08")
        with pytest.raises(DataError, match=r"w\.safetensors: .* pip install safetensors"):
            load_body(network(), tmp_path / "w.safetensors")
