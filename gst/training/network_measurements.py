"""The measurements that a run's configuration asks for, of the network as it stands in its training."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor, nn

from gst.config import Noise
from gst.config.measure import FlatnessConfig, NormalityConfig
from gst.data import Dataset, Split, batches
from gst.errors import Diverged
from gst.measure.epsilon import epsilon_search
from gst.measure.free import FreeParameters, free_parameters
from gst.measure.gradients import gradient_covariance_trace
from gst.measure.hessian import Product, Spectrum, hessian_product, hutch_plus_plus, lanczos, power_iteration
from gst.measure.normality import normality
from gst.models import sites
from gst.networks.events import BEFORE_TRAINING
from gst.records import Eigenvalue, Flatness, Normality, Probe
from gst.training.evaluate import evaluate
from gst.training.moments import Standing
from gst.training.state import State
from gst.training.streams import stream

logger = logging.getLogger(__name__)

BATCH = 64
"""Images for one product with the Hessian: bounds the memory, and changes nothing else."""


def flatness_at(state: State, standing: Standing) -> Iterator[Flatness]:
    """The flatness of the network as it stands, as often as it is asked for at that epoch."""
    for config in state.measurements.flatness:
        if config.epoch == standing.epoch:
            yield flatness(state, config)


def flatness(state: State, config: FlatnessConfig) -> Flatness:
    """The flatness of the network as it stands; see FlatnessConfig. The network is not changed.

    That of a network that has diverged is not a number: what becomes of its run is for its loss to say.
    """
    began = time.perf_counter()
    try:
        found = _flatness(state, config)
    except Diverged as error:
        logger.warning("epoch %d: flatness is no number: %s", config.epoch, error)
        found = _no_flatness(config)
    return replace(found, seconds=time.perf_counter() - began)


def _flatness(state: State, config: FlatnessConfig) -> Flatness:
    was_training = state.model.training
    state.model.eval()
    images, labels = _first(state.dataset, state.dataset.test, config.images)
    free = free_parameters(state.model, _held(state))
    generator = _generator(state, f"measure/flatness/{config.epoch}")
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
        epoch=config.epoch,
        settings=config.settings,
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
        seconds=0.0,
        eigenvalues=tuple(
            Eigenvalue(rank, float(value), float(residual))
            for rank, (value, residual) in enumerate(zip(spectrum.values, spectrum.residuals, strict=True))
        ),
        losses=found.losses,
    )


def _no_flatness(config: FlatnessConfig) -> Flatness:
    return Flatness(
        epoch=config.epoch,
        settings=config.settings,
        images=config.images,
        method=config.method,
        eigenpairs=0,
        hessian_trace=math.nan,
        significant_trace=math.nan,
        stochastic_trace=None,
        gradient_trace=math.nan,
        tic=None,
        epsilon=None,
        refined_epsilon=None,
        base_loss=math.nan,
        products=0,
        seconds=0.0,
        eigenvalues=(),
        losses=(),
    )


def normality_at(state: State, standing: Standing) -> Iterator[Normality]:
    """How normal activations are, as often as it is asked for, before training and after the last epoch."""
    if standing.epoch in (BEFORE_TRAINING, state.spec.config.total_epochs - 1):
        for config in state.measurements.normality:
            yield from normality_of(state.model, state.dataset, config, standing.epoch)


def normality_of(
    model: nn.Module, dataset: Dataset, config: NormalityConfig, epoch: int
) -> Iterator[Normality]:
    """The normality of any network of gst.models that takes the images of that data set.

    That of a network that has diverged is not a number.
    """
    images, _ = _first(dataset, dataset.train, config.images)
    names = {id(module): name for name, module in model.named_modules()}
    norms = [site.norm for site in sites(model) if site.role == "block" and site.norm is not None]
    layers = [names[id(norm)] for norm in norms if isinstance(norm, nn.BatchNorm2d)][-config.layers :]
    for own in (True, False):
        for it in normality(model, layers, images, batch_statistics=own):
            yield Normality(
                epoch=epoch,
                settings=config.settings,
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
