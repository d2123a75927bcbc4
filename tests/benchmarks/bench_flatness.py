"""Leading eigenpairs of the Hessian: Lanczos against power iteration; and gradients image by image.

    python tests/benchmarks/bench_flatness.py [--model vgg11] [--images 512] [--pairs 100] [--epochs 2]

The network is trained a little first (on digits as 32x32 RGB images, so that nothing is downloaded), so
that its spectrum is not that of noise. Products with the Hessian are what both methods pay for.
Residuals are |Hv - lambda v|, relative to the largest eigenvalue.
"""

# ruff: noqa: T201

from __future__ import annotations

import argparse
import os
import platform
import resource
import time
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from gst.config import DataConfig
from gst.data import load_dataset
from gst.measure import (
    AUTHORS_ITERATIONS,
    PAPER_ITERATIONS,
    FreeParameters,
    Spectrum,
    free_parameters,
    gradient_covariance_trace,
    hessian_product,
    hutch_plus_plus,
    lanczos,
    power_iteration,
)
from gst.models import ImageShape, build
from gst.paths import data_folder

BATCH = 64


class Problem(NamedTuple):
    model: nn.Module
    images: Tensor
    labels: Tensor


def problem(name: str, count: int, epochs: int) -> Problem:
    """A network trained on digits, and the images that it is measured on."""
    split = load_dataset(DataConfig(name="digits", per_class=100), data_folder()).train
    small = split.images.float() / split.images.max()
    side = 32 if name != "digits_cnn" else 8
    images = functional.interpolate(small, size=(side, side), mode="bilinear", align_corners=False)
    images = (images.expand(-1, 3 if side == 32 else 1, -1, -1) - 0.3) / 0.4
    shape = ImageShape(*images.shape[1:])
    model = build(name, classes=10, image=shape, generator=torch.Generator().manual_seed(0))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    order = torch.Generator().manual_seed(1)
    for _ in range(epochs):
        for some in torch.randperm(len(images), generator=order).split(128):
            loss = functional.cross_entropy(model(images[some]), split.labels[some].long())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return Problem(model.eval(), images[:count].contiguous(), split.labels[:count].long())


def row(name: str, spectrum: Spectrum, seconds: float) -> str:
    relative = spectrum.residuals / np.abs(spectrum.values).max()
    return (
        f"{name:36} {spectrum.products:9} {seconds:9.1f} {np.median(relative):12.1e} {relative.max():12.1e} "
        f"{spectrum.trace:12.4f}"
    )


def eigenpairs(it: Problem, free: FreeParameters, pairs: int) -> None:
    print(f"{'':36} {'products':>9} {'seconds':>9} {'median res.':>12} {'worst res.':>12} {'sum':>12}")
    methods = {
        "Lanczos, tolerance 1e-4": lambda p, g: lanczos(p, pairs, g),
        "Lanczos, tolerance 1e-2": lambda p, g: lanczos(p, pairs, g, 1e-2),
        f"power, at most {AUTHORS_ITERATIONS} (authors' code)": lambda p, g: power_iteration(
            p, pairs, g, AUTHORS_ITERATIONS
        ),
        f"power, at most {PAPER_ITERATIONS} (paper)": lambda p, g: power_iteration(
            p, pairs, g, PAPER_ITERATIONS
        ),
    }
    for name, method in methods.items():
        product = hessian_product(it.model, it.images, it.labels, free, BATCH)
        began = time.perf_counter()
        found = method(product, np.random.default_rng(0))
        print(row(name, found, time.perf_counter() - began), flush=True)
    product = hessian_product(it.model, it.images, it.labels, free, BATCH)
    began = time.perf_counter()
    trace = hutch_plus_plus(product, 90, np.random.default_rng(0))
    seconds = time.perf_counter() - began
    print(f"whole trace by Hutch++, {product.count} products: {trace:.4f} in {seconds:.1f} s")


def gradients(it: Problem, free: FreeParameters) -> None:
    began = time.perf_counter()
    found = gradient_covariance_trace(it.model, it.images, it.labels, free)
    ours = time.perf_counter() - began
    began = time.perf_counter()
    total = 0.0
    for image, label in zip(it.images, it.labels, strict=True):
        loss = functional.cross_entropy(it.model(image[None]), label[None])
        of_image = torch.autograd.grad(loss, free.parameters)
        total += sum(float((gradient.double() ** 2).sum()) for gradient in of_image)
    loop = time.perf_counter() - began
    assert abs(total / found.n - found.trace) < 1e-3 * found.trace
    print(f"gradients of {found.n} images: {ours:.2f} s, one by one {loop:.2f} s = {loop / ours:.1f} x")


def main(name: str, images: int, pairs: int, epochs: int) -> None:
    it = problem(name, images, epochs)
    free = free_parameters(it.model)
    print(f"{platform.platform()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, torch", end=" ")
    print(
        f"{torch.__version__}; {name}, {free.size:,} parameters, {len(it.labels)} images, {pairs} eigenpairs"
    )
    gradients(it, free)
    eigenpairs(it, free, pairs)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"peak memory of the process: {peak:.2f} GiB")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="vgg11")
    parser.add_argument("--images", type=int, default=512)
    parser.add_argument("--pairs", type=int, default=100)
    parser.add_argument("--epochs", type=int, default=2)
    given = parser.parse_args()
    main(given.model, given.images, given.pairs, given.epochs)
