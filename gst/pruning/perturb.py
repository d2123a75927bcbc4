"""The effect of an event on the units that it takes: prune them for good, or disturb them for a while.

Noise is the paper's own generalisation of pruning (GST 2020, section 3.3 and appendix D): all of them
share schedule, scores and selection, and differ only here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor

from gst.config import FilterPruning, IterativePruning, Noise, ScheduledConfig, WeightPruning
from gst.pruning.layers import PrunableLayer
from gst.records import EventKind

Streams = Callable[[str], torch.Generator]
"""From a stream's name to its generator."""


class Perturbation(Protocol):
    """The effect of events on the units that they take."""

    kind: EventKind

    def apply(self, layer: PrunableLayer, units: Tensor, epoch: int) -> None:
        """Act on these units (int64, [k]) of the layer: the event of that epoch took them."""
        ...

    def before_forward(self, *, training: bool) -> None:
        """To be called before the forward pass of every batch, test batches included."""
        ...

    def after_step(self) -> None:
        """To be called after every optimizer step."""
        ...

    def state_dict(self) -> dict[str, Any]:
        """The state that a resumed run needs beside the layers' masks."""
        ...

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue from that state."""
        ...


class Prune:
    """Remove the units for good."""

    def __init__(self, layers: Sequence[PrunableLayer], kind: EventKind) -> None:
        self.kind = kind
        self._layers = layers

    def apply(self, layer: PrunableLayer, units: Tensor, epoch: int) -> None:
        """Prune the units."""
        layer.prune(units)

    def before_forward(self, *, training: bool) -> None:
        """Nothing: what is dead is zero in storage."""

    def after_step(self) -> None:
        """Put what is dead back to zero."""
        for layer in self._layers:
            layer.enforce()

    def state_dict(self) -> dict[str, Any]:
        """Nothing beside the masks."""
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Nothing beside the masks."""


@dataclass
class Window:
    """The disturbance of one layer that follows one event."""

    epoch: int
    units: Tensor  # int64, on the weights' device
    passes: int = 0
    train_batches: int = 0
    stored: dict[str, Tensor] | None = None


class Disturb:
    """Zero the targeted filters, or add Gaussian noise to them, before every forward pass for a while.

    The window opens at the event and closes once `train_batches` training batches were disturbed; test
    batches in between are disturbed too, and do not count. One is special: it is a single disturbance,
    before the first test batch after the event. The authors count passes of both sorts, which for the
    paper's 50 and 1105 batches comes to 51 and 1106.

    Targeted filters are marked as taken in `alive`, so that no event takes them again, but they live on.
    """

    def __init__(self, config: Noise, layers: Sequence[PrunableLayer], streams: Streams) -> None:
        self.kind: EventKind = config.kind
        self._config = config
        self._layers = {layer.site.name: layer for layer in layers}
        self._windows: dict[str, Window] = {}
        self._streams = streams

    def apply(self, layer: PrunableLayer, units: Tensor, epoch: int) -> None:
        """Mark the units, and open the layer's window on them, or on all that were ever taken."""
        self._close(layer.site.name)
        layer.alive[units] = False
        acted_on = (~layer.alive).nonzero().flatten() if self._config.which == "cumulative" else units
        self._windows[layer.site.name] = Window(epoch, acted_on.to(layer.site.module.weight.device))

    @torch.no_grad()
    def before_forward(self, *, training: bool) -> None:
        """Disturb every layer whose window is open."""
        for name, window in list(self._windows.items()):
            if self._is_over(window):
                self._close(name)
                continue
            self._disturb(self._layers[name], window)
            window.passes += 1
            window.train_batches += training

    def _is_over(self, window: Window) -> bool:
        if self._config.train_batches == 1:
            return window.passes == 1
        return window.train_batches == self._config.train_batches

    def _disturb(self, layer: PrunableLayer, window: Window) -> None:
        if self._config.restore and window.stored is None:
            window.stored = {name: tensor[window.units].clone() for name, tensor in _stored(layer).items()}
        weight = layer.site.module.weight
        if self._config.kind == "gaussian":
            generator = self._streams(f"noise/{layer.site.name}/{window.epoch}/{window.passes}")
            noise = torch.randn(window.units.numel(), *weight.shape[1:], generator=generator)
            weight.index_add_(0, window.units, (noise * reference_std(layer)).to(weight))
            return
        weight.index_fill_(0, window.units, 0.0)
        if self._config.restore and layer.site.norm is not None:
            layer.site.norm.weight.index_fill_(0, window.units, 0.0)
            layer.site.norm.bias.index_fill_(0, window.units, 0.0)

    @torch.no_grad()
    def _close(self, name: str) -> None:
        window = self._windows.pop(name, None)
        if window is not None and window.stored is not None:
            for key, tensor in _stored(self._layers[name]).items():
                tensor.index_copy_(0, window.units, window.stored[key])

    def after_step(self) -> None:
        """Nothing: between two passes the disturbed weights may move."""

    def state_dict(self) -> dict[str, Any]:
        """The open windows."""
        return {name: vars(window).copy() for name, window in self._windows.items()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue with those windows."""
        self._windows = {name: Window(**window) for name, window in state.items()}


def reference_std(layer: PrunableLayer) -> float:
    """The standard deviation of the weights of the first filter (lowest index) that was never targeted."""
    first = int(layer.alive.to(torch.uint8).argmax())
    assert layer.alive[first], "planned events leave one"
    return float(layer.site.module.weight.detach()[first].std())


def _stored(layer: PrunableLayer) -> dict[str, Tensor]:
    """The tensors that `restore` puts back: the filter's weights and all of its batch norm."""
    tensors: dict[str, Tensor] = {"weight": layer.site.module.weight}
    norm = layer.site.norm
    if norm is not None:
        assert norm.running_mean is not None, "the models' batch norms track statistics"
        assert norm.running_var is not None, "the models' batch norms track statistics"
        tensors |= {
            "scale": norm.weight,
            "shift": norm.bias,
            "mean": norm.running_mean,
            "variance": norm.running_var,
        }
    return tensors


def perturbation(
    config: ScheduledConfig | IterativePruning, layers: Sequence[PrunableLayer], streams: Streams
) -> Perturbation:
    """The perturbation that the configuration names."""
    match config:
        case FilterPruning():
            return Prune(layers, "filters")
        case WeightPruning() | IterativePruning():
            return Prune(layers, "weights")
        case Noise():
            return Disturb(config, layers, streams)
