"""The measurements that a run's configuration asks for, of the network as it stands in its training."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor, nn

from gst.config import Noise
from gst.config.measure import FlatnessConfig, NormalityConfig
from gst.data import Dataset, Split, batches
from gst.errors import Diverged
from gst.measure import (
    Spectrum,
    epsilon_search,
    free_parameters,
    gradient_covariance_trace,
    hessian_product,
    hutch_plus_plus,
    lanczos,
    normality,
    power_iteration,
)
from gst.measure.free import FreeParameters
from gst.measure.hessian import Product
from gst.models import sites
from gst.networks import BEFORE_TRAINING
from gst.records import Eigenvalue, Flatness, Normality, Probe
from gst.training.evaluate import evaluate
from gst.training.moments import Standing
from gst.training.state import State
from gst.training.streams import stream

logger = logging.getLogger(__name__)

BATCH = 64
"""Images for one product with the Hessian: bounds the memory, and changes nothing else."""


def flatness_at(state: State, standing: Standing) -> tuple[Flatness, ...]:
    """The flatness of the network as it stands, if the configuration asks for it at that epoch.

    A network that has diverged has none: what becomes of its run is for the training loss to say.
    """
    config, epoch = state.spec.config.measure.flatness, standing.epoch
    if config is None or config.epoch != epoch:
        return ()
    try:
        return (flatness(state, config, epoch),)
    except Diverged as error:
        logger.warning("epoch %d: flatness is not measured: %s", epoch + 1, error)
        return ()


def flatness(state: State, config: FlatnessConfig, epoch: int) -> Flatness:
    """The flatness of the network as it stands; see FlatnessConfig. The network is not changed."""
    began = time.perf_counter()
    was_training = state.model.training
    state.model.eval()
    images, labels = _first(state.dataset, state.dataset.test, config.images)
    free = free_parameters(state.model, _held(state))
    generator = _generator(state, f"measure/flatness/{epoch}")
    product = hessian_product(state.model, images, labels, free, BATCH)
    spectrum = _spectrum(product, config, generator)
    stochastic = hutch_plus_plus(product, config.trace_products, generator) if config.trace_products else None
    noise = gradient_covariance_trace(state.model, images, labels, free)
    base = _test_loss(state)
    found = epsilon_search(
        lambda: _test_loss(state),
        free,
        _directions(spectrum, config.directions, free),
        base=base,
        curve=config.curve,
    )
    state.model.train(was_training)
    return Flatness(
        epoch=epoch,
        images=len(labels),
        method=config.method,
        eigenpairs=len(spectrum.values),
        hessian_trace=spectrum.trace,
        significant_trace=spectrum.significant_trace,
        stochastic_trace=stochastic,
        gradient_trace=noise.trace,
        tic=noise.trace / spectrum.trace if spectrum.trace else None,
        epsilon=found.grid,
        refined_epsilon=found.refined,
        base_loss=base,
        products=spectrum.products,
        seconds=time.perf_counter() - began,
        eigenvalues=tuple(
            Eigenvalue(rank, float(value), float(residual))
            for rank, (value, residual) in enumerate(zip(spectrum.values, spectrum.residuals, strict=True))
        ),
        losses=found.losses,
    )


def normality_at(state: State, standing: Standing) -> tuple[Normality, ...]:
    """How normal activations are, if the configuration asks for it, before training and after the last epoch.

    Those of a network that has diverged are not.
    """
    config, epoch = state.spec.config.measure.normality, standing.epoch
    if config is None or epoch not in (BEFORE_TRAINING, state.spec.config.total_epochs - 1):
        return ()
    if not all(bool(parameter.isfinite().all()) for parameter in state.model.parameters()):
        logger.warning("epoch %d: normality is not measured: a weight is not finite", epoch + 1)
        return ()
    return tuple(normality_of(state.model, state.dataset, config, epoch))


def normality_of(
    model: nn.Module, dataset: Dataset, config: NormalityConfig, epoch: int
) -> Iterator[Normality]:
    """The normality of any network of gst.models that takes the images of that data set."""
    images, _ = _first(dataset, dataset.train, config.images)
    names = {id(module): name for name, module in model.named_modules()}
    norms = [site.norm for site in sites(model) if site.role == "block" and site.norm is not None]
    layers = [names[id(norm)] for norm in norms if isinstance(norm, nn.BatchNorm2d)][-config.layers :]
    for own in (True, False):
        for it in normality(model, layers, images, batch_statistics=own):
            yield Normality(
                epoch=epoch,
                layer=it.layer,
                statistics="batch" if own else "running",
                n=it.n,
                mean=it.mean,
                variance=it.variance,
                kurtosis=it.kurtosis,
                ks=it.ks,
                density=tuple(it.density.tolist()),
            )


def targeted_filters_removed(state: State, standing: Standing) -> Iterator[Probe]:
    """After a noise run's last epoch: the test with every filter that was ever targeted removed (D.1).

    The authors leave the network in that state and log it as the last epoch; here it is put back.
    """
    config = state.spec.config
    if not isinstance(config.pruning, Noise) or standing.epoch != config.total_epochs - 1:
        return
    weights = {layer.site.name: layer.site.module.weight.detach().clone() for layer, _ in state.scheduled}
    with torch.no_grad():
        for layer, _ in state.scheduled:
            layer.site.module.weight[~layer.alive] = 0.0
        tested = evaluate(state.model, state.dataset, config.training.test_batch_size)
        for layer, _ in state.scheduled:
            layer.site.module.weight.copy_(weights[layer.site.name])
    yield Probe(standing.epoch, "targeted_filters_removed", tested.accuracy, tested.loss, tested.n)


def _spectrum(product: Product, config: FlatnessConfig, generator: np.random.Generator) -> Spectrum:
    pairs = min(config.eigenpairs, product.size - 1)
    if config.method == "lanczos":
        return lanczos(product, pairs, generator, config.tolerance)
    return power_iteration(product, pairs, generator, config.iterations, config.tolerance)


def _directions(spectrum: Spectrum, count: int, free: FreeParameters) -> Tensor:
    """The leading eigenvectors, [k, count], of the list that is sorted by signed value."""
    return torch.from_numpy(np.ascontiguousarray(spectrum.vectors[:, :count])).to(free.parameters[0])


def _held(state: State) -> Iterator[tuple[Tensor, Tensor]]:
    """The weights that pruning holds at zero; noise holds none, it only disturbs."""
    if not state.is_noisy:
        for scheduled in state.scheduled:
            yield from scheduled.layer.held()


def _first(dataset: Dataset, split: Split, count: int) -> tuple[Tensor, Tensor]:
    """The first images of a split, normalised and not augmented, with their labels.

    Of images that are sorted by class, as those of a folder are, the first would be of one class: there
    they are taken at equal steps.
    """
    n = len(split.labels)
    count = min(count, n)
    if n and bool((split.labels[1:] >= split.labels[:-1]).all()):
        split = split.at(torch.arange(count, device=split.labels.device) * n // count)
    batch = next(iter(batches(split, count, dataset)))
    return batch.images, batch.labels


def _test_loss(state: State) -> float:
    return evaluate(state.model, state.dataset, state.spec.config.training.test_batch_size).loss


def _generator(state: State, name: str) -> np.random.Generator:
    """A numpy generator of the run's own stream."""
    seed = torch.randint(2**63 - 1, (), generator=stream(state.spec.seed, name))
    return np.random.default_rng(int(seed))
