"""How near an epoch of training comes to what the processor can do, against the usual loops.

    python tests/benchmarks/bench_training.py [ROUNDS] [IMAGES] [NETWORK...]

Networks of the shipped sweeps train on random images of 32x32, in batches of 128, unpruned and in one thread:

    gst       an epoch of gst.training as it is, with the augmentation of its sweep
    loop      the authors' kind of loop: a DataLoader in the same process, ToTensor, Normalize, loss.item()
    prune     the same loop, and torch's own pruning of 30% of each convolution's filters, by masks

The limit is the number of operations of forward and backward pass over the rate of the fastest arithmetic in
the same round: a product of two square matrices, or a convolution. All take turns. Printed are medians of CPU
seconds over the rounds: what else runs on the machine disturbs them less than it does the clock.
"""

# ruff: noqa: T201

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace

import torch
from gpu_runs import normalised
from judged import judge, machine
from torch import nn
from torch.nn import functional
from torch.nn.utils import prune
from torch.utils.data import DataLoader
from torch.utils.flop_counter import FlopCounterMode

from gst.config import RunConfig, RunSpec, load_sweep
from gst.data import Dataset, Split
from gst.models import build
from gst.networks.parts import ImageShape
from gst.paths import project_folder
from gst.training import start
from gst.training.epoch import train_epoch

NETWORKS = {
    "conv4": "v1_figA3",
    "vgg11": "fig2_vgg11",
    "resnet18": "fig4_resnet18",
    "resnet20": "fig4_resnet20",
    "resnet56": "fig4_resnet56",
}
BATCH = 128
ROWS = 2048


def random_images(n: int) -> Dataset:
    generator = torch.Generator().manual_seed(0)
    pixels = torch.randint(256, (n, 3, 32, 32), dtype=torch.uint8, generator=generator)
    split = Split(pixels, torch.randint(10, (n,), generator=generator))
    return Dataset("random", split, split, 10, (0.5,) * 3, (0.25,) * 3, "", "")


def config_of(network: str) -> RunConfig:
    """The first configuration of the network's sweep with batches of that size, on all images."""
    sweep = load_sweep(project_folder("sweeps") / f"{NETWORKS[network]}.yaml")
    config = next(it.config for it in sweep.configs if it.config.training.batch_size == BATCH)
    return config.model_copy(update={"data": config.data.model_copy(update={"per_class": None})})


def by_gst(network: str, data: Dataset) -> Callable[[], object]:
    state = start(RunSpec(config_of(network), 0), data)
    return lambda: train_epoch(state, 1, 1)


def by_loop(network: str, data: Dataset, *, masked: bool) -> Callable[[], object]:
    generator = torch.Generator().manual_seed(0)
    model: nn.Module = build(network, classes=10, image=ImageShape(3, 32, 32), generator=generator)
    if masked:
        for module in model.modules():
            if isinstance(module, nn.Conv2d):
                prune.ln_structured(module, "weight", 0.3, n=2, dim=0)
    optimizer = torch.optim.SGD(model.parameters(), 0.01, momentum=0.9, weight_decay=5e-4)
    pairs = list(zip(data.train.images, data.train.labels.tolist(), strict=True))
    loader = DataLoader(pairs, BATCH, shuffle=True, collate_fn=normalised)

    def epoch() -> float:
        model.train()
        total = 0.0
        for images, labels in loader:
            loss = functional.cross_entropy(model(images), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item()
        return total

    return epoch


def cpu_seconds(epoch: Callable[[], object]) -> float:
    began = time.process_time()
    epoch()
    return time.process_time() - began


def best_rate() -> float:
    """Operations per CPU second of the fastest arithmetic here: a product of matrices, or a convolution.

    The libraries behind the two differ: on some processors one reaches half of the other's rate.
    """
    one, other = (torch.randn(ROWS, ROWS) for _ in range(2))
    n, side = 256, 16  # channels and pixels
    images, kernels = torch.randn(BATCH, n, side + 2, side + 2), torch.randn(n, n, 3, 3)
    images, kernels = (it.to(memory_format=torch.channels_last) for it in (images, kernels))
    ways = (
        (2 * ROWS**3, lambda: one @ other),
        (2 * BATCH * (side * n * 3) ** 2, lambda: torch.conv2d(images, kernels)),
    )
    return max(flops / min(cpu_seconds(way) for _ in range(4)) for flops, way in ways)


def operations(network: str, data: Dataset) -> int:
    """Floating-point operations of an epoch: forward and backward pass."""
    few = Split(data.train.images[:BATCH], data.train.labels[:BATCH])
    epoch = by_gst(network, replace(data, train=few))
    with FlopCounterMode(display=False) as counted:
        epoch()
    return counted.get_total_flops() * len(data.train.labels) // BATCH


def main(rounds: int, images: int, networks: list[str]) -> None:
    torch.set_num_threads(1)
    data = random_images(images)
    print(f"{machine()}, torch {torch.__version__}")
    print(f"CPU seconds of an epoch of {images} images, medians of n = {rounds} rounds; GFLOP/s of the limit")
    print(
        f"{'':10} {'limit':>7} {'gst':>7} {'loop':>7} {'prune':>7} {'of limit':>9} {'gst/loop':>9} "
        f"{'GFLOP/s':>8}"
    )
    for network in networks:
        ways = {
            "gst": by_gst(network, data),
            "loop": by_loop(network, data, masked=False),
            "prune": by_loop(network, data, masked=True),
        }
        for epoch in ways.values():
            epoch()
        needed = operations(network, data)
        taken: dict[str, list[float]] = {"limit": [], **{name: [] for name in ways}}
        rates = []
        for _ in range(rounds):
            rates.append(best_rate())
            taken["limit"].append(needed / rates[-1])
            for name, epoch in ways.items():
                taken[name].append(cpu_seconds(epoch))
        of = {name: statistics.median(values) for name, values in taken.items()}
        told = " ".join(f"{value:7.2f}" for value in of.values())
        share, ratio = of["limit"] / of["gst"], of["gst"] / of["loop"]
        print(
            f"{network:10} {told} {share:9.0%} {ratio:9.2f} {statistics.median(rates) / 1e9:8.1f}", flush=True
        )
        peer = min(("loop", "prune"), key=of.__getitem__)
        names = {"loop": "DataLoader loop", "prune": "DataLoader loop, torch's prune"}
        judge(f"Epoch of {network}", "CPU s", of["gst"], names[peer], of[peer], rounds)
        judge(f"Epoch of {network}", "CPU s", of["gst"], "limit: fastest arithmetic", of["limit"], rounds)


if __name__ == "__main__":
    numbers = [int(argument) for argument in sys.argv[1:] if argument.isdecimal()]
    names = [argument for argument in sys.argv[1:] if not argument.isdecimal()]
    main(*(numbers + [5, 2048][len(numbers) :]), names or list(NETWORKS))
