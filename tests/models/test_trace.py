"""Which filters and weights of a network that gst did not write can be pruned, and that it is so."""

import copy

import pytest
import torch
from torch import nn
from torch.nn import functional

from gst.config import FilterPruning, ModelConfig
from gst.errors import ConfigError
from gst.models import model_of, network_of, sites
from gst.models.trace import traced
from gst.networks.layers import chosen
from gst.networks.parts import ImageShape
from gst.networks.reduction import parameter_reduction
from gst.pruning.layers import prunable_layers

IMAGE = ImageShape(3, 32, 32)


class Everything(nn.Module):
    """Each way in which a convolution can be followed."""

    def __init__(self):
        super().__init__()
        for name in ("first", "normed", "plain", "late", "twice", "shared", "joined", "squashed", "last"):
            setattr(self, name, nn.Conv2d(3, 3, 3, padding=1))
        self.norm, self.late_norm, self.shared_norm = (nn.BatchNorm2d(3) for _ in range(3))
        self.unused = nn.Conv2d(3, 3, 3)
        self.inner, self.fc = nn.Linear(6, 5), nn.Linear(5, 10)
        self.inner_norm = nn.BatchNorm1d(5)

    def forward(self, x):
        x = functional.relu(self.first(x))
        x = functional.max_pool2d(functional.relu_(self.norm(self.normed(x))), 2)
        x = self.late_norm(functional.relu(self.late(self.plain(x).relu())))
        x = self.twice(self.twice(x))
        seen = self.shared(x)
        x = self.joined(self.shared_norm(seen) * seen)
        x = x + self.squashed(x).sigmoid()
        x = torch.cat((x, self.last(x)), 1).mean((2, 3))
        return self.fc(functional.gelu(self.inner_norm(self.inner(x))))


WANTED = {
    "first": (None, None),
    "normed": ("norm", None),
    "plain": (None, None),
    "late": (None, "its output reaches 'late_norm', a norm that fills"),
    "twice": (None, "it is used 2 times"),
    "shared": (None, "its batch norm 'shared_norm' is not all that reads its output"),
    "joined": (None, "something is added to its output"),
    "squashed": (None, "whether Sigmoid leaves a channel of zeros as it is"),
    "last": (None, None),
    "inner": ("inner_norm", None),
    "fc": (None, None),
}


def test_each_way_in_which_a_layer_is_followed():
    model = Everything().eval()
    found = traced(model, model(torch.randn(2, *IMAGE)))
    assert [it.name for it in found] == list(WANTED)  # in the order of their use; `unused` has none
    for layer in found:
        norm, refusal = WANTED[layer.name]
        assert layer.norm == norm, layer
        assert (layer.refusal is None) == (refusal is None)
        assert (layer.refusal or "").startswith(refusal or "")
        assert layer.parameters == sum(
            it.numel()
            for name in (layer.name, layer.norm)
            if name is not None
            for it in model.get_submodule(name).parameters()
        )
    roles = {it.name: it.role for it in found}
    assert [roles[name] for name in ("first", "normed", "inner", "fc")] == [
        "stem",
        "block",
        "hidden",
        "output",
    ]


@pytest.mark.parametrize(
    ("name", "able"),
    [
        ("resnet18", {*(f"layer{stage}.{block}.conv1" for stage in (1, 2, 3, 4) for block in (0, 1)), "fc"}),
        ("vgg11_bn", {
            *(f"features.{number}" for number in (0, 4, 8, 11, 15, 18, 22, 25)),
            *(f"classifier.{number}" for number in (0, 3, 6)),
        }),
    ],
)  # fmt: skip
def test_the_filters_of_torchvisions_networks(name, able):
    found = network_of(ModelConfig(name=f"torchvision/{name}"), classes=1000, image=IMAGE)
    assert {it.name for it in found.layers if it.refusal is None} == able
    from torchvision import models

    published = models.get_model_weights(name).DEFAULT.meta["num_params"]
    assert found.parameters == published


LAST = {
    "kind": "filters", "layers": "last-1", "start": 0, "end": 0, "every": 1, "fraction": 0.5, "score": "l1",
    "target": "smallest",
}  # fmt: skip


def of_resnet(**changes):
    return FilterPruning.model_validate(LAST | changes)


def test_a_network_without_the_filters_gives_the_same():
    """torchvision's ResNet18 with half of a convolution's filters removed for good, by hand."""
    model = model_of(
        ModelConfig(name="torchvision/resnet18"), classes=10, image=IMAGE, generator=torch.Generator()
    ).eval()
    (layer,) = prunable_layers(of_resnet(), sites(model))
    assert (layer.site.name, layer.site.norm) == ("layer4.1.conv1", model.layer4[1].bn1)
    nn.init.uniform_(layer.site.norm.bias)
    kept = torch.arange(0, 512, 2)
    small = copy.deepcopy(model)
    block = small.layer4[1]
    block.conv1.weight = nn.Parameter(block.conv1.weight[kept])
    for tensor in ("weight", "bias"):
        setattr(block.bn1, tensor, nn.Parameter(getattr(block.bn1, tensor)[kept]))
    block.bn1.running_mean, block.bn1.running_var = block.bn1.running_mean[kept], block.bn1.running_var[kept]
    block.conv2.weight = nn.Parameter(block.conv2.weight[:, kept])
    layer.prune(torch.arange(1, 512, 2))
    images = torch.randn(2, *IMAGE, generator=torch.Generator().manual_seed(1))
    assert torch.allclose(model(images), small(images), atol=1e-5)
    removed = 256 * (512 * 9 + 2)
    assert layer.parameters_removed == removed
    gone = sum(it.numel() for it in model.parameters()) - sum(it.numel() for it in small.parameters())
    assert gone == removed + 256 * 512 * 9


def test_what_is_chosen_and_what_is_refused():
    found = network_of(ModelConfig(name="torchvision/resnet18"), classes=10, image=IMAGE)
    assert [it.name for it in chosen(of_resnet(layers="blocks"), found.layers)][:2] == [
        "layer1.0.conv1",
        "layer1.1.conv1",
    ]
    refused = r"^pruning.layers: 'layer1.0.conv2' cannot lose filters: something .* can: layer1.0.conv1, "
    with pytest.raises(ConfigError, match=refused):
        chosen(of_resnet(layers=("layer1.0.conv2",)), found.layers)
    with pytest.raises(ConfigError, match=r"no layer 'layer1.0.conv3'; did you mean 'layer1.0.conv2'"):
        chosen(of_resnet(layers=("layer1.0.conv3",)), found.layers)
    with pytest.raises(ConfigError, match=r"pruning.score: layer 'layer1.0.conv1' has no activation"):
        chosen(of_resnet(layers=("layer1.0.conv1",), score="activation"), found.layers)
    none = [it._replace(refusal="of no reason") for it in found.layers]
    with pytest.raises(
        ConfigError, match=r"no convolution of the model can lose filters: 'layer1.0.conv1': of"
    ):
        chosen(of_resnet(), none)


def test_the_reduction_says_what_it_does_not_know():
    from gst.networks.events import PlannedEvent

    found = network_of(ModelConfig(name="torchvision/resnet18"), classes=10, image=IMAGE)
    event = PlannedEvent(0, "layer1.0.conv1", 64, 64, 32)
    reduction = parameter_reduction(of_resnet(layers=("layer1.0.conv1",)), (event,), found, IMAGE)
    assert reduction == (11_689_512 - 990 * 513, 32 * (64 * 9 + 2), None)
