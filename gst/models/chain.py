"""Networks without branches, whose forward pass is their list of modules."""

from __future__ import annotations

from collections import OrderedDict
from typing import cast

from torch import nn

from gst.models.site import Layer, Norm, Role, Site


class Chain(nn.Sequential):
    """Named modules, each fed by the one before; a layer is followed by its batch norm and ReLU, if any."""

    def __init__(self, modules: dict[str, nn.Module]) -> None:
        super().__init__(OrderedDict(modules))

    def sites(self) -> tuple[Site, ...]:
        """The convolutions (role block) and linear layers (hidden, and the last one output), in order."""
        modules: list[tuple[str, nn.Module | None]] = [*self.named_children(), ("", None), ("", None)]
        last = max(index for index, (_, module) in enumerate(modules) if isinstance(module, nn.Linear))
        sites = []
        for index, (name, module) in enumerate(modules):
            if not isinstance(module, Layer):
                continue
            followers = [follower for _, follower in modules[index + 1 : index + 3]]
            norm = followers.pop(0) if isinstance(followers[0], Norm) else None
            activation = followers[0] if isinstance(followers[0], nn.ReLU) else None
            role: Role = "block" if isinstance(module, nn.Conv2d) else "output" if index == last else "hidden"
            sites.append(Site(name, module, cast("Norm | None", norm), activation, None, role))
        return tuple(sites)
