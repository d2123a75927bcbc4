"""The Hessian of a network's loss: products with vectors, its leading eigenpairs, and its trace."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse.linalg import ArpackError, LinearOperator, eigsh
from torch import Tensor, nn

from gst.errors import Diverged
from gst.measure.free import FreeParameters

FloatArray = NDArray[np.floating]

PAPER_ITERATIONS, AUTHORS_ITERATIONS, PAPER_TOLERANCE = 100, 20, 1e-4
"""Power iterations for each eigenpair: in the paper, and in the authors' code (a library's default)."""
ROOM = 20
"""Vectors of Lanczos' basis beyond the pairs that it is to find, or a third of the pairs if that is more.

Scipy would have twice as many vectors as pairs. With fewer ARPACK looks sooner whether it has ended and takes
about as many products, but less memory and time for its basis (tests/benchmarks/bench_flatness.py).
"""
SIGNIFICANT = 6e-3
"""Eigenvalues below this fraction of the largest magnitude count for little, as the authors checked."""


class Product:
    """The product of a symmetric matrix of `size` rows with a vector; it counts how often it was formed."""

    def __init__(self, size: int, times: Callable[[FloatArray], FloatArray], dtype: np.dtype[Any]) -> None:
        self.size, self.dtype, self.count = size, dtype, 0
        self._times = times

    def __call__(self, vector: FloatArray) -> FloatArray:
        """The matrix times the vector, [size]; raises Diverged where that is not finite."""
        self.count += 1
        found = self._times(np.asarray(vector, dtype=self.dtype).reshape(-1))
        if not np.isfinite(found).all():
            raise Diverged("a product with the Hessian of the loss is not finite")
        return found


class Spectrum(NamedTuple):
    """Eigenpairs in descending order of their signed values, as the authors sort them.

    `values` and `residuals` are [pairs], `vectors` [size, pairs] of unit length. A residual is
    |Hv - lambda v|, in units of the eigenvalue. `products` counts the products with vectors that the
    search took, without those that the residuals took.
    """

    values: FloatArray
    vectors: FloatArray
    residuals: FloatArray
    products: int

    @property
    def trace(self) -> float:
        """The signed sum of these eigenvalues (GST 2020, section 3.4: of the leading 100)."""
        return float(self.values.sum())

    @property
    def significant_trace(self) -> float:
        """The sum without those that are small against the largest magnitude."""
        magnitudes = np.abs(self.values)
        return float(self.values[magnitudes > SIGNIFICANT * magnitudes.max()].sum())


def hessian_product(
    model: nn.Module, images: Tensor, labels: Tensor, free: FreeParameters, batch_size: int
) -> Product:
    """The Hessian of the mean cross-entropy over these images, in the space of the free parameters.

    In eval mode, so that one image's loss does not depend on the others, nor on `batch_size`, which
    bounds the memory alone.
    """
    model.eval()
    pairs = list(zip(torch.split(images, batch_size), torch.split(labels, batch_size), strict=True))
    with _without_warnings():
        from curvlinops import HessianLinearOperator  # here, because it takes two seconds to import
    hessian = HessianLinearOperator(
        model, nn.CrossEntropyLoss(), list(free.parameters), pairs, check_deterministic=False
    )
    like = free.parameters[0]

    def times(vector: FloatArray) -> FloatArray:
        direction = torch.from_numpy(np.ascontiguousarray(vector)).to(like)
        with _without_warnings():
            product: list[Tensor] = hessian @ free.expand(direction)
        return free.restrict(product).detach().cpu().numpy()

    return Product(free.size, times, torch.empty(0, dtype=like.dtype).numpy().dtype)


@contextmanager
def _without_warnings() -> Iterator[None]:
    """Keeps quiet about torch.jit, which torch's own forward differentiation still uses."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "`torch.jit", FutureWarning)
        yield


def lanczos(
    product: Product, pairs: int, generator: np.random.Generator, tolerance: float = 1e-4
) -> Spectrum:
    """The eigenpairs of largest magnitude by restarted Lanczos iteration (ARPACK, through scipy's eigsh).

    `tolerance` bounds the residual of an eigenpair relative to its eigenvalue. The memory is that of
    2 * basis + pairs vectors at most: the basis, and at the end the eigenvectors, which ARPACK forms in
    as much room again and scipy then copies.
    """
    before = product.count
    operator = LinearOperator((product.size, product.size), matvec=product, dtype=product.dtype)
    start = generator.standard_normal(product.size).astype(product.dtype)
    basis = min(product.size, pairs + max(pairs // 3, ROOM))
    try:
        values, vectors = eigsh(operator, k=pairs, which="LM", v0=start, tol=tolerance, ncv=basis)
    except ArpackError as error:
        if "Starting vector is zero" not in str(error):
            raise
        # The matrix times a random vector is zero, and so is the matrix: any vectors will do.
        values, vectors = np.zeros(pairs), np.eye(product.size, pairs, dtype=product.dtype)
    return _spectrum(product, values, vectors, product.count - before)


def power_iteration(
    product: Product,
    pairs: int,
    generator: np.random.Generator,
    iterations: int = PAPER_ITERATIONS,
    tolerance: float = PAPER_TOLERANCE,
) -> Spectrum:
    """The leading eigenpairs by power iteration with deflation, as in GST 2020 (appendix E.2).

    One pair after another: iterate from the last pair's vector (at first from uniform numbers in
    [0, 1)) until the eigenvalue changes by less than `tolerance` of itself, and take the pair out.
    """
    before = product.count
    values = np.zeros(pairs)
    vectors = np.zeros((product.size, pairs), dtype=product.dtype)
    vector = generator.random(product.size).astype(product.dtype)
    for pair in range(pairs):
        last: float | None = None
        vector = vector / np.linalg.norm(vector)
        for _ in range(iterations):
            found = product(vector)
            found = found - vectors[:, :pair] @ (values[:pair] * (vectors[:, :pair].T @ vector))
            value = float(vector @ found)
            length = float(np.linalg.norm(found))
            if length == 0:
                break
            values[pair], vectors[:, pair] = value, vector
            vector = (found / length).astype(product.dtype)
            if last is not None and abs(value - last) < tolerance * abs(last):
                break
            last = value
    return _spectrum(product, values, vectors, product.count - before)


def hutch_plus_plus(product: Product, products: int, generator: np.random.Generator) -> float:
    """The trace, estimated without bias from that many products (Meyer et al. 2021, algorithm 1)."""
    third = max(1, min(products // 3, product.size))
    sketch = np.column_stack([product(_signs(product, generator)) for _ in range(third)])
    basis, _ = np.linalg.qr(sketch.astype(np.float64))
    exact = sum(float(column @ product(column)) for column in basis.T)
    rest = 0.0
    for _ in range(third):
        probe = _signs(product, generator).astype(np.float64)
        probe -= basis @ (basis.T @ probe)
        rest += float(probe @ product(probe)) / third
    return exact + rest


def _signs(product: Product, generator: np.random.Generator) -> FloatArray:
    return generator.choice(np.array([-1.0, 1.0], dtype=product.dtype), product.size)


def _spectrum(product: Product, values: FloatArray, vectors: FloatArray, products: int) -> Spectrum:
    order = np.argsort(-values, kind="stable")
    values, vectors = values[order], vectors[:, order]
    residuals = np.array(
        [
            np.linalg.norm(product(vector) - value * vector)
            for value, vector in zip(values, vectors.T, strict=True)
        ]
    )
    return Spectrum(values, vectors, residuals, products)
