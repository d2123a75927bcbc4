"""What is counted from shapes is what the networks have."""

from __future__ import annotations

import pytest
from torch import nn

from gst.models import sites, skeleton
from gst.networks.layers import layers
from gst.networks.named import MODELS, outline
from gst.networks.parts import ImageShape


def kinds():
    for name in MODELS:
        side = MODELS[name].smallest_side
        for image in (
            ImageShape(1, side, side),
            ImageShape(3, side + 3, 2 * side + 1),
            ImageShape(3, 64, 64),
        ):
            for width in (1.0, 0.29, 1e-9):
                yield name, {"classes": 7, "image": image, "width": width}


@pytest.mark.parametrize("name", MODELS)
def test_counts_are_those_of_the_real_network(name):
    for _, kind in (it for it in kinds() if it[0] == name):
        model, found = skeleton(name, **kind), layers(outline(name, **kind))
        assert sum(layer.parameters for layer in found) == sum(it.numel() for it in model.parameters())
        modules = {key: it for key, it in model.named_modules() if isinstance(it, nn.Conv2d | nn.Linear)}
        assert [layer.name for layer in found] == list(modules)
        for layer, module, site in zip(found, modules.values(), sites(model), strict=True):
            assert (layer.units, layer.weights) == (len(module.weight), module.weight.numel())
            assert layer.part.bias == (module.bias is not None)
            own = [*module.parameters(), *(site.norm.parameters() if site.norm else ())]
            assert layer.parameters == sum(parameter.numel() for parameter in own)
            assert site.module is module


@pytest.mark.parametrize("name", MODELS)
def test_what_belongs_to_a_layer_is_a_module_of_its_kind(name):
    model = skeleton(name, classes=10, image=ImageShape(3, 32, 32))
    for layer in layers(outline(name, classes=10, image=ImageShape(3, 32, 32))):
        if layer.norm is not None:
            assert isinstance(model.get_submodule(layer.norm), nn.BatchNorm2d)
        if layer.activation is not None:
            assert isinstance(model.get_submodule(layer.activation), nn.ReLU)
        if layer.shortcut is not None:
            assert hasattr(model.get_submodule(layer.shortcut), "shortcut_keep")
