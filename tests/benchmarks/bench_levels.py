"""CPU seconds of an epoch of LeNet-300-100 on images like MNIST's, dense and pruned, against plain loops.

    python tests/benchmarks/bench_levels.py [--rounds 5]

Each round trains one epoch with each loop, in turn, on one thread; the table has medians over rounds and the
ratio to the plain loop over a data set in memory. CPU seconds, for a machine does other things too.
"""

# ruff: noqa: T201

from __future__ import annotations

import argparse
import copy
import statistics
import time
from collections.abc import Callable

import torch
import torch.nn.utils.prune
from judged import judge, machine
from torch import nn
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset

from gst.config import RunConfig, RunSpec
from gst.data.dataset import Dataset, Split
from gst.pruning.iterative import remove
from gst.training import State, start
from gst.training.epoch import train_epoch

BATCH, RATE = 128, 0.1
CONFIG = {
    "data": {"name": "mnist"},
    "model": {"name": "lenet_300_100"},
    "training": {"epochs": 40, "batch_size": BATCH, "optimizer": {"name": "sgd", "lr": RATE}},
    "pruning": {
        "kind": "imp", "score": "magnitude", "target": "smallest", "fraction": 0.2, "levels": 24,
        "rewind_epoch": 0, "exclude": ("fc3",),
    },
}  # fmt: skip


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    torch.set_num_threads(1)
    data = images()
    states = {level: pruned_to(level, data) for level in (0, 1, 8, 24)}
    model = states[0].model
    loops: dict[str, Callable[[int], object]] = {
        "plain loop, DataLoader of single images": lambda _: by_loader(copy.deepcopy(model), data),
        "plain loop, data set in memory": lambda _: in_memory(copy.deepcopy(model), data),
        "plain loop in memory, torch's prune (masks)": lambda _: masked(copy.deepcopy(model), data),
    }
    for level, state in states.items():
        loops[f"gst, level {level}"] = lambda epoch, state=state: train_epoch(state, epoch, 0)
    seconds: dict[str, list[float]] = {name: [] for name in loops}
    for epoch in range(rounds + 1):
        for name, loop in loops.items():
            began = time.process_time()
            loop(epoch)
            seconds[name].append(time.process_time() - began)
    plain = statistics.median(seconds["plain loop, data set in memory"][1:])
    print(f"{machine()}, torch {torch.__version__}")
    print(f"LeNet-300-100, batches of {BATCH}, {rounds} rounds")
    print(f"{'loop':<46}{'CPU s/epoch':>12}{'ratio':>8}")
    for name, taken in seconds.items():
        median = statistics.median(taken[1:])  # the first round warms up
        print(f"{name:<46}{median:>12.3f}{median / plain:>8.2f}")
    for what, level, peer in (
        ("dense", 0, "plain loop, data set in memory"),
        ("pruned", 24, "plain loop in memory, torch's prune (masks)"),
    ):
        ours, theirs = (statistics.median(seconds[name][1:]) for name in (f"gst, level {level}", peer))
        judge(f"Epoch of LeNet-300-100, {what}", "CPU s", ours, peer, theirs, rounds)


def images() -> Dataset:
    """Made-up images of MNIST's shape and number: what they show does not matter to the clock."""
    generator = torch.Generator().manual_seed(0)
    pixels = torch.randint(256, (60_000, 1, 28, 28), generator=generator, dtype=torch.uint8)
    labels = torch.randint(10, (60_000,), generator=generator)
    test = Split(pixels[:1000], labels[:1000])
    return Dataset("mnist", Split(pixels, labels), test, 10, (0.1307,), (0.3081,), "", "made up")


def pruned_to(level: int, data: Dataset) -> State:
    """A run as it begins that level, without the training before."""
    state = start(RunSpec(RunConfig.model_validate(CONFIG), 0), data)
    assert state.pool is not None
    assert state.scorer is not None
    config = state.spec.config.pruning
    for number in range(1, level + 1):
        remove(state.pool, number, config=config, scorer=state.scorer, streams=state.stream)
    return state


def step(model: nn.Module, sgd: torch.optim.Optimizer, images: torch.Tensor, labels: torch.Tensor) -> None:
    """One step of a plain loop."""
    loss = functional.cross_entropy(model(images), labels)
    sgd.zero_grad()
    loss.backward()
    sgd.step()


def by_loader(model: nn.Module, data: Dataset) -> None:
    """As in most research scripts: a DataLoader collates single images into batches."""
    sgd = torch.optim.SGD(model.parameters(), lr=RATE)
    normalised = data.train.images.float().div(255).sub(0.1307).div(0.3081)
    loader = DataLoader(TensorDataset(normalised, data.train.labels), batch_size=BATCH, shuffle=True)
    for images, labels in loader:
        step(model, sgd, images, labels)


def in_memory(model: nn.Module, data: Dataset) -> None:
    """The shortest loop over bytes in memory: index, normalise, step; the fused optimizer, no statistics."""
    sgd = torch.optim.SGD(model.parameters(), lr=RATE, fused=True)
    images, labels = data.train
    assert isinstance(images, torch.Tensor)
    for chosen in torch.randperm(len(labels)).split(BATCH):
        step(model, sgd, images[chosen].sub(255 * 0.1307).div_(255 * 0.3081), labels[chosen])


def masked(model: nn.Module, data: Dataset) -> None:
    """The same with a mask multiplied onto each weight in each forward pass, as torch.nn.utils.prune does."""
    for module in model.modules():
        if isinstance(module, nn.Linear):
            nn.utils.prune.l1_unstructured(module, "weight", 0.8)
    in_memory(model, data)


if __name__ == "__main__":
    main()
