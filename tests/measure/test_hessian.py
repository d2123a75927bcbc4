from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn import functional

from gst.errors import Diverged
from gst.measure.free import free_parameters
from gst.measure.hessian import Product, hessian_product, hutch_plus_plus, lanczos, power_iteration

pytestmark = pytest.mark.slow

PAIRS = 10


def dense(model: nn.Module, images: Tensor, labels: Tensor) -> np.ndarray:
    """The whole Hessian by autograd, entry by entry, in the order of model.parameters()."""
    names = [name for name, _ in model.named_parameters()]
    shapes = [parameter.shape for parameter in model.parameters()]
    flat = torch.cat([parameter.detach().flatten() for parameter in model.parameters()])

    def loss(vector: Tensor) -> Tensor:
        parts = vector.split([shape.numel() for shape in shapes])
        values = {n: part.view(shape) for n, part, shape in zip(names, parts, shapes, strict=True)}
        return functional.cross_entropy(functional_call(model, values, (images,)), labels)

    return torch.autograd.functional.hessian(loss, flat).numpy()


def leading(matrix: np.ndarray, pairs: int) -> np.ndarray:
    values = np.linalg.eigvalsh(matrix)
    return np.sort(values[np.argsort(-np.abs(values))[:pairs]])[::-1]


def as_product(matrix: np.ndarray) -> Product:
    return Product(len(matrix), lambda vector: matrix @ vector, matrix.dtype)


@pytest.fixture
def product(model, images, labels) -> Product:
    return hessian_product(model, images, labels, free_parameters(model), batch_size=12)


def test_products_are_those_of_the_dense_hessian(model, images, labels, product):
    matrix = dense(model, images, labels)
    assert product.size == len(matrix)
    identity = np.eye(len(matrix))
    np.testing.assert_allclose(np.column_stack([product(row) for row in identity]), matrix, atol=1e-12)
    assert product.count == len(matrix)


@pytest.mark.parametrize("batch_size", [1, 5, 12])
def test_how_images_are_split_into_batches_changes_nothing(model, images, labels, batch_size):
    split = hessian_product(model, images, labels, free_parameters(model), batch_size)
    vector = np.random.default_rng(0).normal(size=split.size)
    np.testing.assert_allclose(split(vector), dense(model, images, labels) @ vector, atol=1e-12)


def test_the_batch_norm_is_in_eval_mode_and_stays_as_it_is(model, images, labels):
    model.train()
    before = {name: buffer.clone() for name, buffer in model.named_buffers()}
    product = hessian_product(model, images, labels, free_parameters(model), batch_size=4)
    vector = np.ones(product.size)
    model.eval()
    np.testing.assert_allclose(product(vector), dense(model, images, labels) @ vector, atol=1e-12)
    for name, buffer in model.named_buffers():
        assert torch.equal(buffer, before[name])


def test_held_parameters_are_no_part_of_the_matrix(model, images, labels):
    mask = torch.zeros_like(model.conv.weight, dtype=torch.bool)
    mask[1] = True
    mask_bias = torch.tensor([False, True])
    free = free_parameters(model, [(model.conv.weight, mask), (model.norm.weight, mask_bias)])
    whole = dense(model, images, labels)
    held = {"conv.weight": mask, "norm.weight": mask_bias}
    names = torch.cat(
        [
            held.get(name, torch.zeros_like(parameter, dtype=torch.bool)).flatten()
            for name, parameter in model.named_parameters()
        ]
    )
    kept = (~names).numpy()
    assert free.size == kept.sum() == len(whole) - 9 - 1
    product = hessian_product(model, images, labels, free, batch_size=12)
    found = np.column_stack([product(row) for row in np.eye(free.size)])
    np.testing.assert_allclose(found, whole[np.ix_(kept, kept)], atol=1e-12)


def test_lanczos_finds_the_eigenpairs_of_largest_magnitude(model, images, labels, product):
    matrix = dense(model, images, labels)
    found = lanczos(product, PAIRS, np.random.default_rng(0), tolerance=1e-10)
    np.testing.assert_allclose(found.values, leading(matrix, PAIRS), rtol=1e-8, atol=1e-12)
    np.testing.assert_allclose(np.linalg.norm(found.vectors, axis=0), 1)
    np.testing.assert_allclose(matrix @ found.vectors, found.vectors * found.values, atol=1e-8)
    assert found.residuals.max() < 1e-8
    assert found.trace == pytest.approx(leading(matrix, PAIRS).sum())


def test_power_iteration_agrees_with_lanczos(model, images, labels, product):
    matrix = dense(model, images, labels)
    expected = leading(matrix, 4)
    found = power_iteration(product, 4, np.random.default_rng(0), iterations=5000, tolerance=1e-12)
    np.testing.assert_allclose(found.values, expected, rtol=1e-5)
    assert (np.diff(found.values) <= 0).all()


def test_power_iteration_stops_after_its_iterations_and_says_what_it_reached():
    matrix = np.diag([4.0, 3.9, 1.0])
    found = power_iteration(as_product(matrix), 1, np.random.default_rng(0), iterations=20, tolerance=0)
    assert found.products == 20
    (residual,) = found.residuals
    assert residual == pytest.approx(
        np.linalg.norm(matrix @ found.vectors[:, 0] - found.values[0] * found.vectors[:, 0])
    )
    assert residual > 1e-3  # 20 iterations do not tell 4 from 3.9


def test_power_iteration_ends_early_within_its_tolerance():
    found = power_iteration(as_product(np.diag([8.0, 1.0])), 1, np.random.default_rng(0), tolerance=1e-4)
    assert found.products < 10
    assert found.values[0] == pytest.approx(8, rel=1e-4)


def test_eigenvalues_are_sorted_by_their_signed_values():
    matrix = np.diag([1.0, -9.0, 5.0, 0.1, 0.2])
    for method in (lanczos, power_iteration):
        found = method(as_product(matrix), 3, np.random.default_rng(0), tolerance=1e-12)
        np.testing.assert_allclose(found.values, [5, 1, -9], atol=1e-6)


def test_a_matrix_of_small_rank_has_zero_eigenvalues_left():
    found = power_iteration(as_product(np.diag([2.0, 0, 0])), 2, np.random.default_rng(0), tolerance=1e-12)
    np.testing.assert_allclose(found.values, [2, 0], atol=1e-12)


@pytest.mark.parametrize("method", [lanczos, power_iteration])
def test_a_matrix_of_zeros_has_eigenvalues_of_zero(method):
    found = method(as_product(np.zeros((30, 30), np.float32)), 3, np.random.default_rng(0))
    assert found.values.tolist() == found.residuals.tolist() == [0, 0, 0]


@pytest.mark.parametrize("method", [lanczos, power_iteration])
def test_a_loss_that_is_not_finite_has_no_eigenvalues(method):
    with pytest.raises(Diverged, match="a product with the Hessian of the loss is not finite"):
        method(as_product(np.full((30, 30), np.nan)), 3, np.random.default_rng(0))


@pytest.mark.parametrize(("size", "pairs"), [(2, 1), (30, 1), (30, 29), (300, 100)])
def test_lanczos_of_few_pairs_and_of_nearly_all(size, pairs):
    exact = np.linspace(1, 2, size)
    found = lanczos(as_product(np.diag(exact)), pairs, np.random.default_rng(0), tolerance=1e-10)
    np.testing.assert_allclose(found.values, exact[::-1][:pairs], rtol=1e-8)


def test_small_eigenvalues_are_left_out_of_the_significant_trace():
    found = lanczos(
        as_product(np.diag([100.0, 0.61, 0.59, 0.01, 0.001])), 3, np.random.default_rng(0), tolerance=1e-12
    )
    assert found.trace == pytest.approx(101.2)
    assert found.significant_trace == pytest.approx(100.61)


def test_hutch_plus_plus_is_exact_on_a_matrix_of_small_rank():
    basis = np.random.default_rng(1).normal(size=(40, 3))
    matrix = basis @ np.diag([5.0, -2.0, 1.0]) @ basis.T
    product = as_product(matrix)
    assert hutch_plus_plus(product, 15, np.random.default_rng(0)) == pytest.approx(np.trace(matrix))
    assert product.count == 15


def test_hutch_plus_plus_is_unbiased(model, images, labels):
    matrix = dense(model, images, labels)
    found = [hutch_plus_plus(as_product(matrix), 9, np.random.default_rng(seed)) for seed in range(400)]
    error = np.std(found) / np.sqrt(len(found))
    assert error > 0
    assert abs(np.mean(found) - np.trace(matrix)) < 4 * error


def test_the_same_generator_gives_the_same_and_another_another():
    matrix = np.diag(np.arange(1.0, 30))
    for method in (lanczos, power_iteration):
        one, two, other = (
            method(as_product(matrix), 2, np.random.default_rng(seed)).vectors for seed in (0, 0, 1)
        )
        np.testing.assert_array_equal(one, two)
        assert not np.array_equal(one, other)
