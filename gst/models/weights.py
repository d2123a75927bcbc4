"""Weights that somebody else trained: from a file of theirs into a network of gst.models."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from pickle import UnpicklingError
from typing import IO, Any, NamedTuple

import torch
from torch import Tensor, nn

from gst.errors import DataError, suggestion
from gst.models.build import sites
from gst.models.network import Network
from gst.networks.parts import Stage
from gst.paths import open_regular
from gst.words import listed

WRAPPINGS = ("state_dict", "model_state_dict", "model", "net")
"""Under which name training scripts keep the weights beside other things; gst's checkpoints: `model`."""
WRAPPERS = ("module", "_orig_mod")
"""The names that DataParallel and torch.compile put into those of the modules that they wrap."""
ORIGINAL, MASK = "_orig", "_mask"
"""The endings that torch.nn.utils.prune gives a tensor and its mask; the weights are their product."""
COUNTER = "num_batches_tracked"
"""The counter of a batch norm: it plays no part in a forward pass, and older files lack it."""
HEADS = ("classifier.", "fc.", "linear.")
"""Names of the layers after the convolutions, in the networks of torchvision and of gst."""
SHOWN = 3


class _Given(NamedTuple):
    """A tensor of the file and its name there."""

    name: str
    value: Tensor


def load_body(model: nn.Module, path: Path) -> tuple[str, ...]:
    """Put the weights of that file into the network's convolutions and batch norms; the names left out.

    The file holds a state dict, alone or within a checkpoint, in torch's format or, where that library is
    installed, in that of safetensors. Names are this network's own, or torchvision's for a VGG
    (features.0.weight) or a ResNet (layer1.0.downsample.0.weight). Names of wrappers (module, _orig_mod) and
    a prefix that all names have do not count. Weights that torch.nn.utils.prune has masked are masked.
    The linear layers stay as they are: they depend on the classes, and no activation of a convolution depends
    on them. Only tensors and plain values are read, never code.
    Raises DataError for any other file, and names what does not fit.
    """
    own, body = _own_names(model), _body(model)
    given = _without_prefix(_given(_state_dict(path), path), own, body)
    left_out = tuple(it.name for name, it in given.items() if name.startswith(HEADS))
    renamed = {_renamed(name, own): it for name, it in given.items() if not name.startswith(HEADS)}
    _place(body, renamed, path)
    return left_out


def _given(state: Mapping[str, Tensor], path: Path) -> dict[str, _Given]:
    """The tensors by their names without wrappers, those with a mask as they are masked."""
    found: dict[str, _Given] = {}
    for theirs, value in state.items():
        name = ".".join(part for part in theirs.split(".") if part not in WRAPPERS)
        mask = state.get(theirs.removesuffix(ORIGINAL) + MASK) if theirs.endswith(ORIGINAL) else None
        if mask is not None:
            if mask.shape != value.shape:
                raise DataError(f"{path}: {theirs} is {_shape(value)}, and its mask {_shape(mask)}")
            name, value = name.removesuffix(ORIGINAL), value * mask
        elif theirs.endswith(MASK) and theirs.removesuffix(MASK) + ORIGINAL in state:
            continue
        if name in found:
            raise DataError(f"{path}: has both {found[name].name} and {theirs}: of which network are they?")
        found[name] = _Given(theirs, value)
    return found


def _without_prefix(
    given: Mapping[str, _Given], own: Mapping[str, str], body: Mapping[str, Tensor]
) -> Mapping[str, _Given]:
    """The same without what all names begin with, as far as it takes for one of them to be the network's."""
    names = given
    while not any(_renamed(name, own) in body for name in names):
        if len({name.partition(".")[0] for name in names}) > 1 or not all("." in name for name in names):
            return given
        names = {name.partition(".")[2]: it for name, it in names.items()}
    return names


def _state_dict(path: Path) -> Mapping[str, Tensor]:
    """The tensors by name in that file."""
    content = _content(path)
    if isinstance(content, Mapping):
        inner = (content[name] for name in WRAPPINGS if isinstance(content.get(name), Mapping))
        content = next(inner, content)
    if not isinstance(content, Mapping) or not content:
        raise DataError(f"{path}: expected a state dict, names and their tensors, found {_kind(content)}")
    for name, value in content.items():
        if not isinstance(name, str) or not isinstance(value, Tensor):
            raise DataError(
                f"{path}: expected a state dict, names and their tensors, found {_kind(value)} under {name!r}"
            )
    return content


def _content(path: Path) -> Any:
    try:
        with open_regular(path) as file:
            if path.suffix == ".safetensors":
                return _safetensors(file, path)
            return torch.load(file, map_location="cpu", weights_only=True)
    except DataError:
        raise
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror or error}") from error
    except UnpicklingError as error:
        raise DataError(
            f"{path}: holds more than tensors and plain values, or is damaged; gst runs no code of a file. "
            "Where you trust it, save its weights alone: torch.save(model.state_dict(), FILE)"
        ) from error
    except Exception as error:  # readers raise whatever broken content makes them stumble over
        raise DataError(f"{path}: is not of the format that its name says, or is damaged: {error}") from error


def _safetensors(file: IO[bytes], path: Path) -> Any:
    try:
        library: Any = import_module("safetensors.torch")
    except ImportError as error:
        raise DataError(
            f"{path}: can be read where safetensors is installed, which it is not: pip install safetensors"
        ) from error
    return library.load(file.read())


def _own_names(model: nn.Module) -> Mapping[str, str]:
    """From torchvision's number of a module to our name: a VGG has the same modules in the same order."""
    if not isinstance(model, Network) or any(isinstance(part, Stage) for part in model.outline.values()):
        return {}
    return {str(number): name for number, (name, _) in enumerate(model.named_children())}


def _renamed(name: str, own: Mapping[str, str]) -> str:
    """Our name of what torchvision calls so."""
    first, _, rest = name.partition(".")
    number, _, last = rest.partition(".")
    if first == "features" and number in own:
        return f"{own[number]}.{last}"
    return name.replace(".downsample.", ".shortcut.")


def _body(model: nn.Module) -> dict[str, Tensor]:
    """The entries of the network's state, without those of its linear layers."""
    heads = tuple(f"{site.name}." for site in sites(model) if isinstance(site.module, nn.Linear))
    return {name: value for name, value in model.state_dict().items() if not name.startswith(heads)}


def _place(body: Mapping[str, Tensor], found: Mapping[str, _Given], path: Path) -> None:
    """Copy each tensor into its place, once all of them are known to fit."""
    strange = [theirs for ours, (theirs, _) in found.items() if ours not in body]
    if strange:
        known = [name for name in body if not name.endswith(COUNTER)]
        hint = suggestion(strange[0], known)
        raise DataError(
            f"{path}: has {listed(strange, SHOWN)}, which the network has not; {hint}is it another one?"
        )
    missing = [name for name in body if name not in found and not name.endswith(COUNTER)]
    if missing:
        raise DataError(f"{path}: lacks {listed(missing, SHOWN)}; is it of another network?")
    for problem in _problems(body, found):
        raise DataError(f"{path}: {problem}")
    for ours, (_, value) in found.items():
        body[ours].copy_(value)


def _problems(body: Mapping[str, Tensor], found: Mapping[str, _Given]) -> Iterator[str]:
    for ours, (theirs, value) in found.items():
        if value.shape != body[ours].shape:
            yield f"{theirs}: expected {_shape(body[ours])} for {ours}, found {_shape(value)}"
        elif ours.endswith(COUNTER):
            continue
        elif not value.is_floating_point():
            yield f"{theirs}: expected floating-point numbers, found {value.dtype}"
        elif not value.isfinite().all():
            yield f"{theirs}: has values that are not finite numbers"
        elif ours.endswith("running_var") and (value < 0).any():
            yield f"{theirs}: has a negative variance"


def _shape(tensor: Tensor) -> str:
    return "x".join(map(str, tensor.shape)) or "one number"


def _kind(value: object) -> str:
    return "nothing" if isinstance(value, Mapping) and not value else type(value).__name__
