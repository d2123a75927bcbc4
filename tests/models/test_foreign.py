"""Networks of torchvision and of users' files: made from the run's generator, or refused with the reason."""

import textwrap
from typing import get_args

import pytest
import torch

from gst.config import ModelConfig
from gst.config.torchvision_names import TorchvisionName
from gst.errors import ConfigError
from gst.models import model_of, network_of
from gst.networks.parts import ImageShape

IMAGE = ImageShape(1, 8, 8)
NET = """\
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self, classes, image):
        super().__init__()
        self.conv = nn.Conv2d(image.channels, 4, 3)
        self.fc = nn.Linear(4, classes)

    def forward(self, images):
        return self.fc(self.conv(images).mean((2, 3)))
"""


def of_source(source, name="Net"):
    return ModelConfig(name="module", module=f"my_model.py:{name}", source=textwrap.dedent(source))


def made(source, seed=0, image=IMAGE):
    generator = torch.Generator().manual_seed(seed)
    return model_of(of_source(source), classes=10, image=image, generator=generator)


def test_the_names_are_those_of_torchvision():
    from torchvision import models

    assert set(get_args(TorchvisionName)) == {f"torchvision/{it}" for it in models.list_models(module=models)}


def test_weights_come_from_the_generator_alone():
    before = torch.get_rng_state()
    torch.manual_seed(1)
    one, state = made(NET), torch.get_rng_state()
    torch.manual_seed(2)
    two, other = made(NET), made(NET, seed=1)
    assert torch.equal(torch.Generator().manual_seed(1).get_state(), state)  # as it was
    torch.set_rng_state(before)
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), two.parameters(), strict=True))
    assert not torch.equal(one.conv.weight, other.conv.weight)
    assert 0 < float(one.conv.weight.detach().abs().max()) <= 1 / 3  # torch's own: within 1 / sqrt(fan in)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("nn.Linear(4, classes)", "nn.Linear(4, 7)",
         "10: Net: expected floats (2, 10), a row for each image, found torch.float32 (2, 7)"),
        ("return self.fc", "return 1, self.fc",
         "10: Net: expected floats (2, 10), a row for each image, found a tuple"),
        ("return self.fc", "return torch.no_grad()(self.fc)",
         "10: Net: expected floats (2, 10), a row for each image, found torch.float32 (2, 10) without a "
         "gradient"),
        ("self.fc(self", "self.fcc(self",
         "11: Net on 1x8x8 images raises AttributeError: 'Net' object has no attribute 'fcc'"),
        ("image.channels, 4", "3, 4", "11: Net on 1x8x8 images raises RuntimeError: Given groups=1, weight"),
        ("super().__init__()", "super().__init__(); 1 / 0",
         "6: Net(10, (1, 8, 8)) raises ZeroDivisionError: division by zero"),
        ("(self, classes, image)", "(self)", "Net(10, (1, 8, 8)) raises TypeError: "),
        ("import torch\n", "import torhc\n",
         "1: Net(10, (1, 8, 8)) raises ModuleNotFoundError: No module named 'torhc'"),
        ("import torch\n", "raise SystemExit(3)\n", "1: Net(10, (1, 8, 8)) raises SystemExit: 3"),
        ("class Net(nn.Module):", "def Net(*a): return 3\nclass Other(nn.Module):",
         "4: Net gives a int, expected a torch.nn.Module"),
        ("class Net(nn.Module):", "def Net(*a): return nn.ReLU()\nclass Other(nn.Module):",
         "4: Net has no parameters to train"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_file_and_line(old, new, said):
    assert old in NET
    with pytest.raises(ConfigError) as caught:
        network_of(of_source(NET.replace(old, new)), classes=10, image=IMAGE)
    assert str(caught.value).startswith("model.module: my_model.py:")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_network_is_tried_as_it_trains_too():
    source = NET.replace("return self.fc", "return 1 if self.training else self.fc")
    with pytest.raises(ConfigError, match=r"my_model.py:10: Net: expected floats"):
        network_of(of_source(source), classes=10, image=IMAGE)


def test_torchvisions_networks_say_what_they_cannot_take():
    wanted = {
        (
            "vit_b_32",
            ImageShape(3, 32, 32),
        ): "cannot take images of 3x32x32: Wrong image height! Expected 224 but got 32!",
        ("squeezenet1_1", ImageShape(1, 32, 32)): "takes images in colour, and these have 1 channel",
    }
    for (name, image), said in wanted.items():
        with pytest.raises(ConfigError) as caught:
            network_of(ModelConfig(name=f"torchvision/{name}"), classes=10, image=image)
        assert str(caught.value) == f"model.name: torchvision/{name} {said}"


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["googlenet", "mobilenet_v3_small", "densenet121", "swin_t", "shufflenet_v2_x0_5"]
)
def test_families_of_torchvision(name):
    from torchvision import models

    found = network_of(ModelConfig(name=f"torchvision/{name}"), classes=1000, image=ImageShape(3, 64, 64))
    published = models.get_model_weights(name).DEFAULT.meta["num_params"]
    assert found.parameters == published
    assert found.layers[-1].role == "output"
