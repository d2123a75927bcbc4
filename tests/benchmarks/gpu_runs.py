"""Runs of the shipped sweeps on random images, trained in several ways: what bench_gpu.py measures."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional
from torch.utils.data import DataLoader

from gst.config import RunConfig, RunSpec, load_sweep
from gst.data import Dataset, Split
from gst.paths import project_folder
from gst.training import State, start
from gst.training.epoch import train_epoch
from gst.training.optim import precision

NETWORKS = {"vgg11": "fig2_vgg11", "resnet18": "fig4_resnet18", "resnet20": "fig4_resnet20"}
PRECISIONS = ("fp32", "tf32", "bf16")
LAYOUTS = {"nchw": torch.contiguous_format, "channels_last": torch.channels_last}


class Size(NamedTuple):
    """How large everything is; `alone` and `together` are the seconds of one measurement."""

    device: str = "cuda"
    batch: int = 128
    steps: int = 60
    width: float = 1.0
    alone: float = 0.4
    together: float = 2.0
    runs: tuple[int, ...] = (1, 4, 8, 16)
    square: int = 8192
    backend: str = "inductor"
    workers: int = 8


class Setting(NamedTuple):
    """What is measured; several runs share the GPU by `processes` or `streams`."""

    network: str
    precision: str
    layout: str
    mode: str
    runs: int = 1
    by: str = ""
    tuned: bool = False

    def __str__(self) -> str:
        mode = self.mode + " tuned" * self.tuned
        return f"{self.network:9} {self.precision:5} {self.layout:14} {mode:12} {self.runs:3} {self.by:10}"


@cache
def config_of(network: str, kind: str, size: Size) -> RunConfig:
    """The last configuration of the network's sweep, at that precision."""
    changes = {"training.precision": kind, "training.batch_size": size.batch, "model.width": size.width}
    path = project_folder("sweeps") / f"{NETWORKS[network]}.yaml"
    return load_sweep(path, overrides=[f"{key}={value}" for key, value in changes.items()]).configs[-1].config


def random_images(size: Size) -> Dataset:
    generator = torch.Generator().manual_seed(0)
    n = size.steps * size.batch
    pixels = torch.randint(256, (n, 3, 32, 32), dtype=torch.uint8, generator=generator)
    split = Split(pixels, torch.randint(10, (n,), generator=generator))
    found = Dataset("random", split, split, 10, (0.5,) * 3, (0.25,) * 3, "", "").to(size.device)
    wait(size)
    return found


def wait(size: Size) -> None:
    if size.device == "cuda":
        torch.cuda.synchronize()


class Run:
    """A run that is ready to train: its first epoch, which takes longer, is over."""

    def __init__(self, setting: Setting, size: Size, data: Dataset) -> None:
        self.setting, self.size = setting, size
        torch.backends.cudnn.benchmark = setting.tuned
        self.state = start(RunSpec(config_of(setting.network, setting.precision, size), 0), data, size.device)
        self.state.model.to(memory_format=LAYOUTS[setting.layout])
        for layer, _ in self.state.scheduled:
            layer.prune(torch.arange(layer.alive.numel() * 3 // 10))
        if setting.mode != "graph":
            self.state.recorder = None
        if setting.mode == "compile":
            self.state.model.compile(backend=size.backend, dynamic=False)
        with precision(setting.precision, self.state.device):
            self.epoch = self._epochs()
            self.epoch(0)
        wait(size)

    def _epochs(self) -> Callable[[int], float]:
        if self.setting.mode == "loader":
            return UsualLoop(self.state, self.size.workers).epoch
        return lambda number: train_epoch(self.state, number, number).loss

    def seconds(self, span: float) -> list[float]:
        """Those of each epoch in a span of time, the last of which ends after it."""
        found: list[float] = []
        with precision(self.setting.precision, self.state.device):
            while sum(found) < span:
                began = time.perf_counter()
                self.epoch(len(found) + 1)
                found.append(time.perf_counter() - began)
        return found

    def rate(self, span: float) -> float:
        """Images per second over a span of time."""
        found = self.seconds(span)
        return len(found) * len(self.state.dataset.train.labels) / sum(found)


class UsualLoop:
    """Epochs over a DataLoader whose workers make the images, by the same optimizer and pruning."""

    def __init__(self, state: State, workers: int) -> None:
        self.state, split = state, state.dataset.train
        pairs = list(zip(split.images.cpu(), split.labels.tolist(), strict=True))
        self.loader = DataLoader(
            pairs, state.spec.config.training.batch_size, shuffle=True, num_workers=workers,
            persistent_workers=True, collate_fn=normalised, pin_memory=state.device.type == "cuda",
        )  # fmt: skip

    def epoch(self, _: int) -> float:
        state, loss_sum = self.state, 0.0
        state.model.train()
        for images, labels in self.loader:
            images, labels = images.to(state.device), labels.to(state.device)
            loss = functional.cross_entropy(state.model(images), labels)
            state.optimizer.zero_grad()
            loss.backward()
            state.optimizer.step()
            state.perturbation.after_step()
            loss_sum += loss.item() * len(labels)
        return loss_sum / len(state.dataset.train.labels)


def normalised(pairs: list[tuple[Tensor, int]]) -> tuple[Tensor, Tensor]:
    images = [image.float().div(255).sub(0.5).div(0.25) for image, _ in pairs]
    return torch.stack(images), torch.tensor([label for _, label in pairs])
