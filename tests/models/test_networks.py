"""What every network does with images, and that these are the published networks."""

import pytest
import torch
import torchvision
from torch import nn

from gst.errors import ConfigError
from gst.models import build, sites, skeleton
from gst.models.block import PaddedShortcut, ResidualBlock
from gst.networks.named import MODELS
from gst.networks.parts import ImageShape, Padding
from gst.networks.residual import basic_block, bottleneck

pytestmark = pytest.mark.slow

CIFAR = ImageShape(3, 32, 32)


def built(name, image=CIFAR, classes=10):
    return build(name, classes=classes, image=image, generator=torch.Generator().manual_seed(0))


def images(n=4, image=CIFAR):
    return torch.randn(n, *image, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("name", MODELS)
class TestEveryNetwork:
    def test_gives_one_number_a_class(self, name):
        outputs = built(name, classes=7)(images())
        assert (outputs.shape, outputs.dtype) == ((4, 7), torch.float32)

    def test_sends_a_gradient_to_every_parameter(self, name):
        model = built(name)
        nn.functional.cross_entropy(model(images()), torch.arange(4)).backward()
        normed = {f"{site.name}.bias" for site in sites(model) if site.norm is not None}
        for key, parameter in model.named_parameters():
            assert parameter.grad is not None
            assert parameter.grad.isfinite().all()
            # batch norm takes a convolution's bias away again: its gradient is rounding error or 0
            assert parameter.grad.any() or key in normed

    def test_repeats_itself_in_eval_mode_and_leaves_no_trace(self, name):
        model = built(name).eval()
        before = {key: value.clone() for key, value in model.state_dict().items()}
        with torch.inference_mode():
            first, second = model(images()), model(images())
        assert torch.equal(first, second)
        assert all(torch.equal(before[key], value) for key, value in model.state_dict().items())

    def test_judges_each_image_alone_in_eval_mode(self, name):
        model = built(name).eval()
        with torch.inference_mode():
            together, alone = model(images()), model(images()[1:2])
        scale = float(together.abs().max())  # a fresh ResNet56 gives numbers in the thousands
        torch.testing.assert_close(together[1:2] / scale, alone / scale, atol=1e-5, rtol=0)

    def test_tells_images_apart(self, name):
        with torch.inference_mode():
            outputs = built(name).eval()(images(2))
        assert not torch.allclose(outputs[0], outputs[1])

    def test_saves_no_mask(self, name):
        assert not any("keep" in key for key in built(name).state_dict())

    @pytest.mark.parametrize("channels", [1, 3])
    def test_takes_its_smallest_images(self, name, channels):
        side = MODELS[name].smallest_side
        image = ImageShape(channels, side, side)
        assert built(name, image).eval()(images(2, image)).shape == (2, 10)

    def test_takes_oblong_images(self, name):
        side = MODELS[name].smallest_side
        image = ImageShape(3, side + 3, 2 * side + 1)
        assert built(name, image).eval()(images(2, image)).shape == (2, 10)


@pytest.mark.parametrize(("name", "side"), [("vgg11", 28), ("vgg19", 8), ("conv4", 8), ("digits_cnn", 3)])
def test_images_too_small_are_refused_with_what_would_work(name, side):
    message = (
        f"{name} needs images of at least .* and these are {side}x{side}; models that take them: .*resnet18"
    )
    with pytest.raises(ConfigError, match=message):
        skeleton(name, classes=10, image=ImageShape(1, side, side))


@pytest.mark.parametrize("name", [name for name in MODELS if MODELS[name].smallest_side > 1])
def test_images_one_pixel_too_small_are_refused(name):
    side = MODELS[name].smallest_side
    with pytest.raises(ConfigError, match=r"model\.name"):
        built(name, ImageShape(3, side, side - 1))


def renamed(state, *pairs):
    for old, new in pairs:
        state = {key.replace(old, new): value for key, value in state.items()}
    return state


@pytest.mark.parametrize(
    ("name", "theirs"), [("vgg11", torchvision.models.vgg11_bn), ("vgg19", torchvision.models.vgg19_bn)]
)
def test_vgg_convolutions_are_torchvisions(name, theirs):
    with torch.device("meta"):
        features = theirs().features
    features.to_empty(device="cpu")
    ours = built(name).eval()
    for mine, other in zip(ours[: len(features)], features, strict=True):
        assert type(mine) is type(other)
        other.load_state_dict(mine.state_dict())
    with torch.inference_mode():
        torch.testing.assert_close(ours(images()), ours.fc(features.eval()(images()).flatten(1)))


def test_resnet18_stages_are_torchvisions():
    ours = built("resnet18").eval()
    with torch.device("meta"):
        theirs = torchvision.models.resnet18()
    theirs.to_empty(device="cpu").eval()
    maps = torch.randn(2, 64, 16, 16, generator=torch.Generator().manual_seed(2))
    with torch.inference_mode():
        for stage in (1, 2, 3, 4):
            mine, other = (model.get_submodule(f"layer{stage}") for model in (ours, theirs))
            other.load_state_dict(renamed(mine.state_dict(), ("shortcut", "downsample")))
            result = other(maps)
            torch.testing.assert_close(mine(maps), result)
            maps = result


def test_padded_shortcut_takes_every_second_pixel_and_pads_on_both_sides():
    maps = torch.arange(2.0 * 3 * 3).view(1, 2, 3, 3)
    result = PaddedShortcut(Padding(2))(maps)
    assert result.tolist() == [
        [
            [[0, 0], [0, 0]],
            [[0, 2], [6, 8]],
            [[9, 11], [15, 17]],
            [[0, 0], [0, 0]],
        ]
    ]


@pytest.mark.parametrize("project", [False, True])
def test_block_adds_its_shortcut(project):
    """With convolutions that give 0, a block is the ReLU of its shortcut."""
    block = ResidualBlock(basic_block(2, 4, 2, project=project)).eval()
    nn.init.zeros_(block.conv1.weight)
    nn.init.zeros_(block.conv2.weight)
    maps = torch.randn(1, 2, 4, 4, generator=torch.Generator().manual_seed(3))
    assert torch.equal(block(maps), block.shortcut(maps).relu())


@pytest.mark.parametrize("name", ["resnet18", "resnet20", "resnet20_conv", "resnet50"])
def test_dropped_channel_of_a_block_is_exactly_zero(name):
    """Of a filter without scale and shift, with its shortcut dropped, nothing is left."""
    model = built(name).eval()
    for site in sites(model):
        if site.shortcut is None:
            continue
        site.shortcut.shortcut_keep[1] = 0
        for parameter in site.norm.parameters():
            nn.init.zeros_(parameter[1])
        site.shortcut.register_forward_hook(lambda _module, _inputs, output: outputs.append(output))
    outputs = []
    with torch.inference_mode():
        model(images())
    assert len(outputs) == sum(site.shortcut is not None for site in sites(model))
    assert all((output[:, 1] == 0).all() for output in outputs)
    assert all((output != 0).any() for output in outputs)


def test_padded_shortcut_of_an_odd_number_of_channels_pads_the_last_side_more():
    maps = torch.ones(1, 1, 1, 1)
    assert PaddedShortcut(Padding(3))(maps).flatten().tolist() == [0, 1, 0, 0]


def test_bottleneck_adds_its_shortcut():
    """With convolutions that give 0, a bottleneck is the ReLU of its shortcut."""
    for block in (ResidualBlock(bottleneck(*it)).eval() for it in ((4, 2, 2), (8, 2, 1))):
        for number in (1, 2, 3):
            nn.init.zeros_(getattr(block, f"conv{number}").weight)
        channels = block.conv1.in_channels
        maps = torch.randn(1, channels, 4, 4, generator=torch.Generator().manual_seed(3))
        assert torch.equal(block(maps), block.shortcut(maps).relu())


def test_resnet50_is_torchvisions():
    ours = built("resnet50", classes=1000).eval()
    with torch.device("meta"):
        theirs = torchvision.models.resnet50()
    theirs.to_empty(device="cpu").eval()
    theirs.load_state_dict(renamed(ours.state_dict(), ("shortcut", "downsample"), ("linear", "fc")))
    image = images(2, ImageShape(3, 64, 96))
    with torch.inference_mode():
        expected = theirs(image)
        torch.testing.assert_close(ours(image), expected)


def test_vgg16_is_torchvisions_but_for_its_last_pooling():
    with torch.device("meta"):
        features = torchvision.models.vgg16_bn().features
    features.to_empty(device="cpu")
    ours = built("vgg16").eval()
    parts = list(zip(ours[: len(features)], features, strict=True))
    for mine, other in parts:
        other.load_state_dict(mine.state_dict())
    assert [type(mine) for mine, _ in parts[:-1]] == [type(other) for _, other in parts[:-1]]
    assert (type(parts[-1][0]), parts[-1][0].kernel_size) == (nn.AvgPool2d, 2)
    with torch.inference_mode():
        maps = features.eval()[:-1](images())
        torch.testing.assert_close(ours(images()), ours.fc(maps.mean(dim=(2, 3))))


@pytest.mark.parametrize("name", ["resnet20_conv", "resnet50"])
def test_law_of_a_pruned_end_of_a_block(name):
    """A network whose dead filters are masked is the network without what reads those filters' channels."""
    model = built(name).eval()
    masked = images()
    site = [site for site in sites(model) if site.shortcut is not None][-1]
    dead = torch.tensor([0, 5])
    site.shortcut.shortcut_keep[dead] = 0
    with torch.no_grad():
        for parameter in (site.module.weight, site.norm.weight, site.norm.bias):
            parameter[dead] = 0
    with torch.inference_mode():
        expected = model(masked)
    with torch.no_grad():  # the last block's channels are read by the linear layer alone
        model.linear.weight[:, dead] = 0
    site.shortcut.shortcut_keep.fill_(1)
    with torch.inference_mode():
        assert torch.equal(model(masked), expected)


def test_low_precision_stays_low_along_the_shortcuts():
    block = ResidualBlock(basic_block(4, 4, 1, project=False)).to(torch.bfloat16)
    block.shortcut_keep = torch.ones(4)
    assert block(torch.ones(2, 4, 3, 3, dtype=torch.bfloat16)).dtype == torch.bfloat16
