"""Leading eigenpairs of the Hessian: Lanczos against power iteration; and gradients image by image.

    python tests/benchmarks/bench_flatness.py
    python tests/benchmarks/bench_flatness.py --model vgg11 --folder cifar10-images.zip --budget 7200

The network is trained a little first, so that its spectrum is not that of noise: on digits, which need
no download, or on an image folder in GST_DATA_DIR. Products with the Hessian are what all methods pay
for. A method that has not ended within its budget is stopped, and only what was counted until then is
printed. Residuals are |Hv - lambda v| in units of the largest eigenvalue; seconds are of one core (CPU
time, so that other work on the machine counts for little); each method has a process of its own, whose
peak memory is printed.
"""

# ruff: noqa: T201

from __future__ import annotations

import argparse
import multiprocessing
import resource
import statistics
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch
from judged import judge, machine
from torch import Tensor, nn
from torch.func import functional_call, grad, vmap
from torch.nn import functional
from torch.utils.flop_counter import FlopCounterMode

from gst.config import DataConfig
from gst.data import batches, load_dataset
from gst.measure.free import FreeParameters, free_parameters
from gst.measure.gradients import gradient_covariance_trace
from gst.measure.hessian import (
    AUTHORS_ITERATIONS,
    PAPER_ITERATIONS,
    Product,
    Spectrum,
    hessian_product,
    hutch_plus_plus,
    lanczos,
    power_iteration,
)
from gst.models import build
from gst.networks.parts import ImageShape
from gst.paths import data_folder

TRAINED_ON = 1000
CHUNK = 32
PRODUCTS = 5

Method = Callable[[Product, np.random.Generator], Spectrum]


class Problem(NamedTuple):
    model: nn.Module
    images: Tensor
    labels: Tensor
    batch: int  # images for one part of a product


class Spent(Exception):
    """The budget of a method is used up."""


def problem(name: str, width: float, folder: str | None, count: int, epochs: int, batch: int) -> Problem:
    """A network trained on some images, and those that it is measured on."""
    images, labels, measured, theirs = digit_images(name) if folder is None else folder_images(folder)
    shape = ImageShape(*images.shape[1:])
    model = build(name, classes=10, image=shape, generator=torch.Generator().manual_seed(0), width=width)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    order = torch.Generator().manual_seed(1)
    for _ in range(epochs):
        for some in torch.randperm(len(images), generator=order).split(128):
            loss = functional.cross_entropy(model(images[some]), labels[some])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return Problem(model.eval(), measured[:count].contiguous(), theirs[:count], batch)


def digit_images(name: str) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Digits, as 32x32 RGB images for the networks that want them; measured are those that train."""
    split = load_dataset(DataConfig(name="digits", per_class=100), data_folder()).train
    small = split.images[:TRAINED_ON].float() / split.images.max()
    side = 32 if name != "digits_cnn" else 8
    images = functional.interpolate(small, size=(side, side), mode="bilinear", align_corners=False)
    images = (images.expand(-1, 3 if side == 32 else 1, -1, -1) - 0.3) / 0.4
    labels = split.labels[:TRAINED_ON].long()
    return images, labels, images, labels


def folder_images(folder: str) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Training images of a folder and, apart from them, test images; of all classes alike."""
    dataset = load_dataset(DataConfig(name="folder", folder=folder), data_folder())
    found: list[Tensor] = []
    for split in (dataset.train, dataset.test):
        order = torch.randperm(len(split.labels), generator=torch.Generator().manual_seed(2))[:TRAINED_ON]
        found += next(iter(batches(split.at(order), TRAINED_ON, dataset)))
    return found[0], found[1], found[2], found[3]


def alone(work: Callable[[], Any]) -> tuple[Any, float, float]:
    """What the work gives in a process of its own, its CPU seconds, and the peak of its memory in GiB."""
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe()

    def child() -> None:
        began = time.process_time()
        found = work()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        there.send((found, time.process_time() - began, peak))

    process = context.Process(target=child)
    process.start()
    there.close()
    found: tuple[Any, float, float] = here.recv()
    process.join()
    return found


def product_of(it: Problem, budget: float = float("inf")) -> Product:
    """The Hessian of the problem; it raises Spent after so many CPU seconds."""
    product = hessian_product(it.model, it.images, it.labels, free_parameters(it.model), it.batch)
    began = time.process_time()

    def times(vector: np.ndarray) -> np.ndarray:
        if time.process_time() - began > budget:
            raise Spent
        return product(vector)

    return Product(product.size, times, product.dtype)


def one_product(it: Problem) -> None:
    """Seconds of a product, and the rate of its multiplications beside that of a large matrix product."""

    def work() -> tuple[float, int]:
        product = product_of(it)
        with FlopCounterMode(display=False) as counted:
            product(np.ones(product.size))  # the first one sets things up
        taken = []
        for _ in range(PRODUCTS):
            began = time.process_time()
            product(np.ones(product.size))
            taken.append(time.process_time() - began)
        return statistics.median(taken), counted.get_total_flops()

    def limit() -> float:
        square = torch.randn(2048, 2048)
        square @ square
        began = time.process_time()
        for _ in range(5):
            square @ square
        return 5 * 2 * 2048**3 / (time.process_time() - began)

    (seconds, operations), _, peak = alone(work)
    rate, _, _ = alone(limit)
    print(
        f"one product: {seconds:.3f} s, peak memory {peak:.2f} GiB; {operations / seconds / 1e9:.0f} GFLOP/s "
        f"of {rate / 1e9:.0f} of a matrix product",
        flush=True,
    )
    judge(
        "Product with the Hessian",
        "CPU s",
        seconds,
        "limit: rate of a matrix product",
        operations / rate,
        PRODUCTS,
    )


class Found(NamedTuple):
    """What a method came to: how many products in all, and where it ended, its residuals and the sum."""

    products: int
    ended: bool
    searched: int = 0
    median: float = 0.0
    worst: float = 0.0
    trace: float = 0.0


def searched(it: Problem, method: Method, budget: float) -> Found:
    product = product_of(it, budget)
    try:
        found = method(product, np.random.default_rng(0))
    except Spent:
        return Found(product.count - 1, False)
    relative = found.residuals / np.abs(found.values).max()
    worst, median = float(relative.max()), float(np.median(relative))
    return Found(product.count, True, found.products, median, worst, found.trace)


def eigenpairs(it: Problem, pairs: int, by_power: int, budget: float, names: list[str]) -> None:
    """A line for each method; power iteration finds one pair after another, and may stop before the last."""
    print(
        f"{'':36} {'products':>9} {'seconds':>9} {'peak GiB':>9} {'median res.':>12} {'worst res.':>12} "
        f"{'sum':>12}"
    )
    methods: dict[str, tuple[Method, int | None]] = {
        "Lanczos, tolerance 1e-4": (lambda p, g: lanczos(p, pairs, g), None),
        "Lanczos, tolerance 1e-2": (lambda p, g: lanczos(p, pairs, g, 1e-2), None),
        f"power, at most {AUTHORS_ITERATIONS} (authors' code)": (
            lambda p, g: power_iteration(p, by_power, g, AUTHORS_ITERATIONS),
            AUTHORS_ITERATIONS,
        ),
        f"power, at most {PAPER_ITERATIONS} (paper)": (
            lambda p, g: power_iteration(p, by_power, g, PAPER_ITERATIONS),
            PAPER_ITERATIONS,
        ),
    }
    for name, (method, cap) in methods.items():
        if names and not any(name.startswith(some) for some in names):
            continue
        found, seconds, peak = alone(lambda method=method: searched(it, method, budget))
        if found.ended:
            print(
                f"{name:36} {found.searched:9} {seconds:9.1f} {peak:9.2f} {found.median:12.1e} "
                f"{found.worst:12.1e} {found.trace:12.4f}",
                flush=True,
            )
            continue
        print(f"{name:36} {found.products:9} {seconds:9.1f} {peak:9.2f}   not ended", end="")
        if cap is not None and found.products:
            longest = seconds / found.products * cap * by_power / 3600
            print(f"; extrapolated: at most {cap * by_power:,} products, {longest:.1f} h", end="")
        print(flush=True)


def trace(it: Problem, budget: float) -> None:
    def work() -> tuple[int, float] | None:
        product = product_of(it, budget)
        try:
            return hutch_plus_plus(product, 90, np.random.default_rng(0)), product.count
        except Spent:
            return None

    found, seconds, peak = alone(work)
    if found is None:
        print(f"whole trace by Hutch++: not ended in {seconds:.1f} s")
        return
    print(
        f"whole trace by Hutch++: {found[0]:.4f}, {found[1]} products, {seconds:.1f} s, peak {peak:.2f} GiB"
    )


def gradients(it: Problem, free: FreeParameters) -> None:
    def loop() -> float:
        total = 0.0
        for image, label in zip(it.images, it.labels, strict=True):
            loss = functional.cross_entropy(it.model(image[None]), label[None])
            of_image = torch.autograd.grad(loss, free.parameters)
            total += sum(float((gradient.double() ** 2).sum()) for gradient in of_image)
        return total / len(it.labels)

    def vectorised() -> float:
        def loss(parameters: dict[str, Tensor], image: Tensor, label: Tensor) -> Tensor:
            return functional.cross_entropy(
                functional_call(it.model, parameters, (image[None],)), label[None]
            )

        named = {name: parameter.detach() for name, parameter in it.model.named_parameters()}
        kept = {
            name
            for name, parameter in it.model.named_parameters()
            if any(parameter is p for p in free.parameters)
        }
        total = 0.0
        for images, labels in zip(it.images.split(CHUNK), it.labels.split(CHUNK), strict=True):
            found = vmap(grad(loss), in_dims=(None, 0, 0))(named, images, labels)
            total += sum(float((found[name].double() ** 2).sum()) for name in kept)
        return total / len(it.labels)

    ours, seconds, peak = alone(lambda: gradient_covariance_trace(it.model, it.images, it.labels, free).trace)
    theirs, slower, lower = alone(loop)
    at_once, vmapped, more = alone(vectorised)
    assert abs(theirs - ours) < 1e-3 * ours
    assert abs(at_once - ours) < 1e-3 * ours
    print(
        f"gradients of {len(it.labels)} images: {seconds:.2f} s, peak {peak:.2f} GiB; "
        f"one by one {slower:.2f} s, peak {lower:.2f} GiB; torch.func, {CHUNK} at once, {vmapped:.2f} s, "
        f"peak {more:.2f} GiB",
        flush=True,
    )
    peer = "torch.func's vmap" if vmapped < slower else "one by one"
    judge(f"Gradients of {len(it.labels)} images", "CPU s", seconds, peer, min(vmapped, slower), 1)


def main(given: argparse.Namespace) -> None:
    torch.set_num_threads(1)
    it = problem(given.model, given.width, given.folder, given.images, given.epochs, given.batch)
    free = free_parameters(it.model)
    loss = functional.cross_entropy(it.model(it.images), it.labels).item()
    narrow = f" of width {given.width}" if given.width < 1 else ""
    print(
        f"{machine()}, torch {torch.__version__}; {given.model}{narrow}, "
        f"{free.size:,} parameters, {len(it.labels)} images of {given.folder or 'digits'}, "
        f"loss {loss:.3f}, {given.eigenpairs} eigenpairs"
        + (f" (power iteration: the first {given.power_pairs})" if given.power_pairs else ""),
        flush=True,
    )
    one_product(it)
    gradients(it, free)
    by_power = given.power_pairs or given.eigenpairs
    eigenpairs(it, given.eigenpairs, by_power, given.budget, given.method)
    if not given.method:
        trace(it, given.budget)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="digits_cnn")
    parser.add_argument("--width", type=float, default=1.0, help="the share of its filters")
    parser.add_argument("--folder", help="of images, in GST_DATA_DIR; digits without it")
    parser.add_argument("--images", type=int, default=512)
    parser.add_argument("--batch", type=int, default=512, help="images at once: memory against overhead")
    parser.add_argument("--eigenpairs", type=int, default=100)
    parser.add_argument("--power-pairs", type=int, help="only the first of them by power iteration")
    parser.add_argument("--method", action="append", default=[], help="how a line of the table begins")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--budget", type=float, default=300, help="CPU seconds for each method")
    main(parser.parse_args())
