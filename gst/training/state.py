"""Everything that a run in training is, at the end of an epoch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from gst.config import (
    DataConfig,
    FilterPruning,
    IterativePruning,
    Noise,
    RunSpec,
    ScheduledConfig,
    Schedules,
)
from gst.config.leave_out import LeaveOut
from gst.config.measure import Measurements
from gst.data import Dataset, batches
from gst.data.loader import Batch
from gst.data.subset import training_data, without
from gst.errors import ConfigError
from gst.models import model_of, sites, trial_of
from gst.networks.events import regrowth
from gst.networks.parts import ImageShape
from gst.pruning.iterative import WeightPool, weight_pool
from gst.pruning.layers import PrunableLayer, prunable_layers
from gst.pruning.perturb import Perturbation, perturbation
from gst.pruning.pruning_step import ScheduledLayer, with_schedules
from gst.pruning.regrow import Regrower
from gst.pruning.scores import ACCUMULATED, OF_WEIGHTS, Accumulated, Scorer
from gst.pruning.sensitivity import Sensitivity
from gst.training.optim import optimizer
from gst.training.replay import Recorder, recorder
from gst.training.streams import stream

NONE_ASKED = Measurements()

CHANNEL_BLOCK = 16
"""The most channels that oneDNN takes at once."""


@dataclass
class Scoring:
    """EL2N scores in the making: of each trained network its error norms, and the network in training."""

    norms: list[Tensor]  # float64, [n training images] each, on the CPU
    network: State | None = None


@dataclass
class State:
    """A run between two epochs. Random streams need no place here: they follow from seed and epoch.

    `next_epoch` is negative while epochs of EL2N networks are left, -1 before the last of them.
    `pool` is what iterative pruning takes from, `rewound` the weights that it goes back to, if it does;
    `scores` are the EL2N scores of the training images. `prefix` begins the names of all streams of a
    network that is trained beside the run's own. `measurements` are those of the network as it stands,
    `initial` its parameters before any training.
    """

    spec: RunSpec
    device: torch.device
    dataset: Dataset  # the run's own training subset and labels; the whole test set
    model: nn.Module
    optimizer: torch.optim.Optimizer
    scheduled: tuple[ScheduledLayer, ...]
    scorer: Scorer | None
    perturbation: Perturbation | None
    next_epoch: int = 0
    pool: WeightPool | None = None
    rewound: dict[str, Tensor] | None = None
    scores: Tensor | None = None
    scoring: Scoring | None = None
    prefix: str = ""
    measurements: Measurements = NONE_ASKED
    recorder: Recorder | None = None  # of steps on a GPU
    initial: tuple[Tensor, ...] = ()
    regrower: Regrower | None = None

    def stream(self, name: str) -> torch.Generator:
        """The run's generator of that name."""
        return stream(self.spec.seed, self.prefix + name)

    def fresh(self, prefix: str, width: float | None = None) -> State:
        """An unpruned run of the same network and data before its first epoch, with draws of its own.

        Of that width, or the run's own.
        """
        training = self.spec.config.training
        model = _model(self.spec, self.dataset, self.device, prefix, width)
        steps = optimizer(training.optimizer, model)
        return State(
            spec=self.spec,
            device=self.device,
            dataset=self.dataset,
            model=model,
            optimizer=steps,
            scheduled=(),
            scorer=None,
            perturbation=None,
            prefix=prefix,
            recorder=recorder(self.device, steps),
        )

    def el2n_network(self, number: int) -> State:
        """The network of that number that is trained for EL2N scores, before its first epoch."""
        el2n = self.spec.config.measure.el2n
        full = el2n is not None and el2n.width == "full"
        return self.fresh(f"el2n/{number}/", 1.0 if full else None)

    def layers_due(self, epoch: int) -> tuple[ScheduledLayer, ...]:
        """The layers that have an event at that epoch."""
        return tuple(layer for layer in self.scheduled if epoch in layer.kept)

    @torch.no_grad()
    def distance(self) -> float:
        """The l2 distance of all parameters that are not held at zero from their initial values."""
        held = self.held()
        squares = torch.zeros((), dtype=torch.float64, device=self.device)
        for parameter, first in zip(self.model.parameters(), self.initial, strict=True):
            change = parameter - first
            if (gone := held.get(id(parameter))) is not None:
                change.masked_fill_(gone, 0)
            squares += change.square_().sum(dtype=torch.float64)
        return float(squares.sqrt())

    def held(self) -> dict[int, Tensor]:
        """Which entries of a parameter are held at zero, bool, by its id; noise holds none."""
        pruned = () if self.is_noisy else self.scheduled
        return {id(it): gone for layer, _ in pruned for it, gone in layer.held()}

    @property
    def is_noisy(self) -> bool:
        """Whether filters are disturbed rather than pruned."""
        return isinstance(self.spec.config.pruning, Noise)

    def filters_left(self) -> int | None:
        """The living filters of the layers that the run prunes; None where it prunes no filters."""
        if not isinstance(self.spec.config.pruning, FilterPruning):
            return None
        return sum(int(layer.alive.sum()) for layer, _ in self.scheduled)

    def parameters_left(self) -> int:
        """The model's parameters less those held at zero."""
        total = sum(parameter.numel() for parameter in self.model.parameters())
        return (
            total if self.is_noisy else total - sum(layer.parameters_removed for layer, _ in self.scheduled)
        )

    def state_dict(self) -> dict[str, Any]:
        """Tensors and plain values from which `load_state_dict` continues exactly."""
        return {
            "next_epoch": self.next_epoch,
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "alive": {layer.site.name: layer.alive for layer, _ in self.scheduled},
            "averages": self.scorer.averages if isinstance(self.scorer, Accumulated) else {},
            "perturbation": self.perturbation.state_dict() if self.perturbation is not None else {},
            "rewound": self.rewound,
            "scores": self.scores,
            "scoring": None if self.scoring is None else self._scoring_dict(self.scoring),
        }

    def _scoring_dict(self, scoring: Scoring) -> dict[str, Any]:
        network = scoring.network
        return {"norms": scoring.norms, "network": None if network is None else network.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue from what `state_dict` gave, in a run of the same configuration and seed."""
        self.next_epoch = state["next_epoch"]
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        _lay_out_as_parameters(self.optimizer)
        for layer, _ in self.scheduled:
            layer.alive.copy_(state["alive"][layer.site.name])
            if not self.is_noisy:
                layer.refresh()
        if isinstance(self.scorer, Accumulated):
            for name, average in self.scorer.averages.items():
                average.copy_(state["averages"][name])
        if self.perturbation is not None:
            self.perturbation.load_state_dict(state["perturbation"])
        self.rewound = state.get("rewound")
        self.scores = state.get("scores")
        scoring = state.get("scoring")
        self.scoring = None if scoring is None else self._scoring(**scoring)

    def _scoring(self, norms: list[Tensor], network: dict[str, Any] | None) -> Scoring:
        found = Scoring([of_network.cpu() for of_network in norms])
        if network is not None:
            found.network = self.el2n_network(len(norms))
            found.network.load_state_dict(network)
        return found


def start(
    spec: RunSpec,
    dataset: Dataset,
    device: torch.device | str = "cpu",
    measurements: Measurements | None = None,
    left_out: Tensor | None = None,
) -> State:
    """The run of that configuration and seed before its first epoch, on that device.

    One that begins from a trunk has its initial weights still: see gst.training.branch.
    `dataset` is the whole data set as load_dataset gives it; moving it to the device beforehand
    lets runs of one process share it. `measurements` stand in the place of the configuration's.
    `left_out` are the indices of the images that the run leaves out, where another run says which.

    Raises ConfigError for layers that the model does not have, and DataError for classes with too few images.
    """
    config = spec.config
    device = torch.device(device)
    assert spec.config.chooser is None or left_out is not None, "what is left out is not known yet"
    data = fitting_data(spec, dataset, left_out).to(device)
    model = _model(spec, data, device)
    steps = optimizer(config.training.optimizer, model)
    state = State(
        spec=spec,
        device=device,
        dataset=data,
        model=model,
        optimizer=steps,
        scheduled=(),
        scorer=None,
        perturbation=None,
        next_epoch=config.begins,
        prefix=config.draws,
        measurements=Measurements.of([config.measure]) if measurements is None else measurements,
        recorder=recorder(device, steps),
        initial=tuple(parameter.detach().clone() for parameter in model.parameters()),
    )
    return _with_pruning(state)


def _model(
    spec: RunSpec, data: Dataset, device: torch.device, prefix: str = "", width: float | None = None
) -> nn.Module:
    """The run's network with its initial weights, which are drawn on the CPU.

    Convolutions and pooling are fastest where the channels of a pixel lie side by side. On a CPU, a network
    with a strided 1 x 1 convolution of few channels keeps one channel after another: the gradient of its
    weights is written past the end of its memory otherwise (oneDNN issue 6035).
    """
    chosen = spec.config.model
    model = model_of(
        chosen if width is None else chosen.model_copy(update={"width": width}),
        classes=data.classes,
        image=ImageShape(*data.image),
        generator=stream(spec.seed, f"{prefix}init"),
    ).to(device)
    if spec.config.model.code is not None:
        return model  # it may use `view`, which needs a row of channels to lie together
    if device.type == "cpu" and any(_overruns(module) for module in model.modules()):
        return model
    return model.to(memory_format=torch.channels_last)


def _overruns(module: nn.Module) -> bool:
    return (
        isinstance(module, nn.Conv2d)
        and module.kernel_size == (1, 1)
        and module.stride != (1, 1)
        and module.in_channels < CHANNEL_BLOCK
    )


def _lay_out_as_parameters(optimizer: torch.optim.Optimizer) -> None:
    """Order what the optimizer keeps in memory as its parameters are: it may be from another device."""
    for parameter, values in optimizer.state.items():
        for name, value in values.items():
            if isinstance(value, Tensor) and value.shape == parameter.shape:
                values[name] = torch.empty_like(parameter).copy_(value)


def _with_pruning(state: State) -> State:
    """The state with what its configuration prunes or disturbs, all of it alive."""
    pruning = state.spec.config.pruning
    pool = None
    if isinstance(pruning, IterativePruning):
        pool = weight_pool(pruning, sites(state.model))
        layers: tuple[PrunableLayer, ...] = pool.layers
    elif isinstance(pruning, Schedules):
        layers = prunable_layers(pruning, sites(state.model))
    else:
        return state
    return replace(
        state,
        scheduled=with_schedules(pruning, layers),
        scorer=_scorer(state, pruning, layers),
        perturbation=perturbation(pruning, layers, state.stream),
        pool=pool,
        regrower=_regrower(state, pruning, layers),
    )


def _regrower(
    state: State, pruning: ScheduledConfig | IterativePruning, layers: Sequence[PrunableLayer]
) -> Regrower | None:
    """What has weights back, if the configuration says so."""
    regrow = None if isinstance(pruning, IterativePruning) else regrowth(pruning)
    if regrow is None:
        return None
    images = partial(_drawn_images, state)
    return Regrower.of(regrow, state.model, layers, state.stream, images, state.dataset.image)


def _drawn_images(state: State, stream: str, images: int) -> Batch:
    """So many training images, drawn by the stream of that name."""
    data = state.dataset
    return next(batches(data.train, images, data, order=state.stream(stream)))


def _scorer(
    state: State, pruning: ScheduledConfig | IterativePruning, layers: Sequence[PrunableLayer]
) -> Scorer:
    """The score that the configuration names."""
    name = pruning.score
    if name in OF_WEIGHTS:
        return OF_WEIGHTS[name]
    if name in ACCUMULATED:
        return ACCUMULATED[name](layers)

    def images(stream: str) -> Batch:
        assert pruning.score_images is not None
        return _drawn_images(state, stream, pruning.score_images)

    return Sensitivity(name, state.model, layers, images, state.dataset.image)


def fitting_data(spec: RunSpec, dataset: Dataset, left_out: Tensor | None = None) -> Dataset:
    """The run's data. Raises DataError and ConfigError where they do not suit its network or batches."""
    data = run_data(dataset, spec.config.data, spec.seed, left_out)
    _refuse_single_image_batch(spec, data)
    images = len(data.train.labels)
    for key in ("score_images", "regrow.images"):
        asked = spec.config.settings().get(f"pruning.{key}") or 0
        if asked > images:
            raise ConfigError(f"pruning.{key}: {asked} images of {images} that the run trains on")
    return data


def run_data(dataset: Dataset, config: DataConfig, seed: int, left_out: Tensor | None = None) -> Dataset:
    """The data of one run: its subset, drawn from its seed unless `draw` is given, and its noisy labels.

    Without the images `left_out`, where another run has chosen them, or those that the configuration names.
    """
    draw = seed if config.draw is None else config.draw
    data = training_data(
        dataset,
        config,
        subset=stream(draw, "subset"),
        labels=stream(seed, "labels"),
        validation=stream(seed, "validation"),
    )
    if config.leave_out is not None and left_out is None:
        left_out = _named(config.leave_out, len(dataset.train.labels), data, stream(seed, "leave_out"))
    return data if left_out is None else without(data, left_out)


def _named(wanted: LeaveOut, images: int, data: Dataset, generator: torch.Generator) -> Tensor | None:
    """The indices that the configuration gives or draws; None where another run has to choose them."""
    if wanted.indices is not None:
        if beyond := [it for it in wanted.indices if it >= images]:
            raise ConfigError(
                f"data.leave_out.indices: expected indices from 0 to {images - 1}, found {beyond[0]}: "
                f"{data.name} has {images} training images"
            )
        return torch.tensor(wanted.indices, dtype=torch.int64)
    if wanted.rule != "random":
        return None
    assert wanted.share is not None
    trained = data.train_indices()
    return trained[torch.randperm(len(trained), generator=generator)[: round(wanted.share * len(trained))]]


def _refuse_single_image_batch(spec: RunSpec, data: Dataset) -> None:
    """Batch norm takes no variance of one value: a net that ends in 1x1 maps cannot train on one image."""
    images, batch_size = len(data.train.labels), spec.config.training.batch_size
    if images % batch_size != 1 and batch_size != 1:
        return
    shape = ImageShape(*data.image)
    try:  # most on the meta device: shapes without numbers
        model = trial_of(spec.config.model, classes=data.classes, image=shape)
        model(torch.zeros(1, *shape, device=next(model.parameters()).device))
    except ValueError as error:
        raise ConfigError(
            f"training.batch_size: {images} images in batches of {batch_size} leave a batch of one image, "
            f"which {spec.config.model.label} cannot train on: {error}"
        ) from error
