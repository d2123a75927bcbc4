"""Networks that gst did not write: torchvision's, and those in a Python file of the user."""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor, nn

from gst.config import ModelConfig
from gst.config.torchvision_names import TORCHVISION
from gst.config.user_code import called, fault, misfit
from gst.errors import ConfigError
from gst.models.trace import traced
from gst.networks.layers import Foreign
from gst.networks.parts import ImageShape

LAYERS = "gst_layers"
"""The attribute under which such a network has its layers."""
OTHER_OUTPUTS = {"googlenet", "inception_v3"}
"""Networks of torchvision that give more than one output in training, unless told not to."""
TRIED = 2
"""Images that a network is tried with; batch norm takes no variance of one value."""


@lru_cache(maxsize=64)
def foreign(model: ModelConfig, classes: int, image: ImageShape) -> Foreign:
    """The layers of the network, which is made and run once, torchvision's on the meta device.

    Raises ConfigError where it cannot be made, does not take such images, or gives other outputs than a
    number for each image and class; of a user's with file and line.
    """
    made = _made(model, classes, image, seed=0)
    if model.code is None and image.channels != 3:
        raise ConfigError(
            f"model.name: {model.name} takes images in colour, and these have {image.channels} channel"
        )
    if model.code is None:
        made, images = made.to("meta"), torch.empty(TRIED, *image, device="meta")
    else:
        images = torch.randn(TRIED, *image, generator=torch.Generator().manual_seed(0))
    with torch.random.fork_rng(devices=[]), torch.enable_grad():
        for training in (True, False):
            output = _tried(model, made.train(training), images, classes)
    return Foreign(traced(made, output), sum(it.numel() for it in made.parameters()))


def foreign_model(
    model: ModelConfig, classes: int, image: ImageShape, generator: torch.Generator
) -> nn.Module:
    """The network on the CPU, its initial weights as its own code draws them, from the generator alone.

    torch's own generator is seeded from it meanwhile, and is afterwards as it was.
    """
    made = _made(model, classes, image, int(torch.randint(2**63 - 1, (), generator=generator)))
    made.__dict__[LAYERS] = foreign(model, classes, image).layers
    return made


def _made(model: ModelConfig, classes: int, image: ImageShape, seed: int) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        if model.code is None:
            return _torchvision(model.name.removeprefix(TORCHVISION), classes)
        made = called(model.code, "model.module", (classes, image), f"{classes}, {tuple(image)}")
    if not isinstance(made, nn.Module):
        said = f"{model.code.name} gives {_kind(made)}, expected a torch.nn.Module"
        raise misfit(model.code, "model.module", said)
    if not any(it.requires_grad for it in made.parameters()):
        raise misfit(model.code, "model.module", f"{model.code.name} has no parameters to train")
    return made


def _torchvision(name: str, classes: int) -> nn.Module:
    from torchvision import models

    extra = {"aux_logits": False, "init_weights": True} if name in OTHER_OUTPUTS else {}
    made: nn.Module = models.get_model(name, weights=None, num_classes=classes, **extra)
    return made


def _tried(model: ModelConfig, made: nn.Module, images: Tensor, classes: int) -> Tensor:
    """The network's output. Raises ConfigError where it is none that can be trained on."""
    shape = "x".join(map(str, images.shape[1:]))
    try:
        output = made(images)
    except Exception as error:  # the code of others raises what it will
        if model.code is not None:
            raise fault(model.code, "model.module", error, f"{model.code.name} on {shape} images") from error
        said = str(error).strip().split("\n")[0]
        raise ConfigError(f"model.name: {model.name} cannot take images of {shape}: {said}") from error
    if isinstance(output, Tensor):
        if tuple(output.shape) == (len(images), classes) and output.is_floating_point() and output.grad_fn:
            return output
        found = f"{output.dtype} {tuple(output.shape)}{'' if output.grad_fn else ' without a gradient'}"
    else:
        found = _kind(output)
    said = f"expected floats ({len(images)}, {classes}), a row for each image, found {found}"
    if model.code is None:
        raise ConfigError(f"model.name: {model.name}: {said}")
    line = getattr(getattr(made.forward, "__code__", None), "co_firstlineno", None)
    own = model.code.file in made.forward.__code__.co_filename if line is not None else False
    raise misfit(model.code, "model.module", f"{model.code.name}: {said}", line if own else None)


def _kind(value: object) -> str:
    return f"a {type(value).__name__}"
