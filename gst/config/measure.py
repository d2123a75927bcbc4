"""Measurements of a network beside its accuracy, and their epochs; they change no training.

Flatness, normality and single examples are of the network as it stands: they are no part of what a run is,
and a run that was trained without may have them later. EL2N scores and groups belong to the run, which trains
networks for them. Defaults here never change: they are left out of runs' keys and of stored settings.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from fractions import Fraction
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import Field, model_validator

from gst.config.base import LARGEST_COUNT, Config, Count, Epoch, Misfit
from gst.config.course import Course


class _OfState(Config):
    """A measurement of a network as it stands in its training."""

    @property
    def settings(self) -> str:
        """How it is made, as canonical JSON without defaults; when it is made is not in it."""
        return canonical_json(self.model_dump(mode="json", exclude_defaults=True, exclude={"epoch"}))


class FlatnessConfig(_OfState):
    """Flatness of the test loss and the noise of its gradients (GST 2020, section 3.4, appendix E)."""

    epoch: Epoch
    """The epoch, from 0, at the end of whose training it is measured."""
    images: Count = 512
    """Number of test images, the first, or at equal steps where they are sorted by class."""
    eigenpairs: Count = 100
    """Number of the Hessian's eigenpairs of largest magnitude (GST 2020, appendix E.2)."""
    method: Literal["lanczos", "power"] = "lanczos"
    """Lanczos iteration, or power iteration with deflation, which the paper has."""
    iterations: Count = 100
    """Iterations of each eigenpair, at most; 100 in GST 2020, 20 in its authors' code."""
    tolerance: Annotated[float, Field(gt=0, lt=1)] = 1e-4
    """The change of an eigenvalue, as a share of itself, below which iterations stop."""
    trace_products: Annotated[int, Field(ge=0, le=LARGEST_COUNT)] = 90
    """Number of products from which the Hessian's trace is estimated; 0 for none."""
    directions: Annotated[int, Field(ge=0, le=LARGEST_COUNT)] = 10
    """Number of leading eigenvectors along which one walks until the loss of the whole test set is 0.1
    higher."""
    curve: Annotated[float, Field(ge=0, le=0.4)] = 0.12
    """The distance up to which the losses of such a walk are kept at least."""

    @model_validator(mode="after")
    def _directions_are_eigenvectors(self) -> Self:
        if self.directions > self.eigenpairs:
            raise Misfit("directions", f"{self.directions} directions of only {self.eigenpairs} eigenpairs")
        return self


class NormalityConfig(_OfState):
    """How normal the normalised activations are, before training and after it (GST 2020, appendix B.1)."""

    layers: Count = 8
    """Number of convolutions of the body with a batch norm, the last ones, that are looked at."""
    images: Count = 128
    """Number of training images, unaugmented, the first, or at equal steps where they are sorted by class."""


class EachExampleConfig(_OfState):
    """What the network answers to each training image, in a file for each moment (Jin 2022, App. D and E)."""

    levels: Literal["all", "ends"] | tuple[Annotated[int, Field(ge=0, le=LARGEST_COUNT)], ...] = ()
    """Levels at whose end, before weights go, each training image is looked at: a list of numbers, `all`, or
    `ends` for the first and the last. A run without levels has level 0 only."""
    epochs: tuple[Epoch, ...] = ()
    """Epochs, from 0, at whose end each training image is looked at, in addition."""

    @model_validator(mode="after")
    def _at_some_moment(self) -> Self:
        if not self.levels and not self.epochs:
            raise Misfit("levels", "each_example needs levels (`all`, `ends` or a list) or epochs: say when")
        return self

    def moments(self, course: Course) -> frozenset[int]:
        """The epochs of such a run that it asks for."""
        match self.levels:
            case "all":
                levels: Iterable[int] = range(course.levels + 1)
            case "ends":
                levels = {0, course.levels}
            case _:
                levels = self.levels
        return frozenset((*self.epochs, *map(course.last_epoch, levels)))


class El2nConfig(Config):
    """EL2N scores of the training images: the mean norm of the error early in training (Paul et al. 2021)."""

    epochs: Count
    """Epochs of the run's schedule that each of the networks trains, on the labels that the run trains on."""
    replicates: Count = 10
    """Number of networks of the run's architecture, with weights of their own, over which scores are the
    mean."""
    width: Literal["own", "full"] = "own"
    """The width of these networks: the run's own, or `full`, the groups of wide networks for narrow ones."""

    @property
    def total_epochs(self) -> int:
        """The epochs of all its networks."""
        return self.epochs * self.replicates


class ExamplesConfig(Config):
    """Losses of the training images at the end of every level, right and wrong labels apart."""

    el2n: El2nConfig | None = None
    groups: Count = 20
    """Number of equally large groups by EL2N score."""


class ConnectivityConfig(_OfState):
    """Loss on the line from a run's final network to that of another order (Frankle et al. 2020)."""

    order: Count
    """The order of batches (`from.order`) of the run at the other end, which is alike in all else."""
    points: Annotated[int, Field(ge=3, le=1001)] = 11
    """Number of points, at equal steps, both ends among them."""
    statistics: Literal["running", "reestimated"] = "running"
    """Mean and variance of batch norm at a point: on the line between those of the ends, or of one pass over
    the training images."""


class MeasureConfig(Config):
    """The measurements of a run; none unless they are asked for."""

    flatness: FlatnessConfig | None = None
    normality: NormalityConfig | None = None
    examples: ExamplesConfig | None = None
    each_example: EachExampleConfig | None = None
    connectivity: ConnectivityConfig | None = None

    @property
    def el2n(self) -> El2nConfig | None:
        """The EL2N scores that are asked for, if any are."""
        return None if self.examples is None else self.examples.el2n

    @property
    def of_run(self) -> MeasureConfig:
        """The part that belongs to what a run is."""
        return MeasureConfig(examples=self.examples)

    @property
    def of_state(self) -> str | None:
        """The other part as canonical JSON; None where there is nothing in it."""
        asked = self.model_dump(mode="json", exclude_defaults=True, exclude={"examples"})
        return canonical_json(asked) if asked else None


class Measurements(NamedTuple):
    """Measurements of networks as they stand that are asked of one run, maybe by several sweeps."""

    flatness: tuple[FlatnessConfig, ...] = ()
    normality: tuple[NormalityConfig, ...] = ()
    each_example: tuple[EachExampleConfig, ...] = ()
    connectivity: tuple[ConnectivityConfig, ...] = ()

    @classmethod
    def of(cls, measures: Iterable[MeasureConfig]) -> Measurements:
        """All that these ask for, each once."""
        found = list(measures)
        of_each = ([getattr(it, name) for it in found] for name in cls._fields)
        return cls(*(tuple(dict.fromkeys(it for it in asked if it is not None)) for asked in of_each))

    def moments_of_examples(self, course: Course, first: int = 0) -> frozenset[int]:
        """The epochs of such a run, its own from `first` on, at whose end each image is looked at."""
        asked = frozenset[int]().union(*(it.moments(course) for it in self.each_example))
        return frozenset(epoch for epoch in asked if epoch >= first)

    @classmethod
    def stored(cls, texts: Iterable[str]) -> Measurements:
        """All that these ask for, which MeasureConfig.of_state has written."""
        return cls.of(MeasureConfig.model_validate_json(text) for text in texts)


def canonical_json(content: object) -> str:
    """JSON of one spelling."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)


def scaled_measures(measure: MeasureConfig, share: Fraction, epochs: int) -> MeasureConfig:
    """The measurements of a run shrunk to that share of its epochs: fewer eigenpairs, fewer products."""
    if measure.examples is not None and measure.examples.el2n is not None:
        el2n = measure.examples.el2n
        fewer = el2n.model_copy(update={"epochs": max(1, round(el2n.epochs * share))})
        examples = measure.examples.model_copy(update={"el2n": fewer})
        measure = measure.model_copy(update={"examples": examples})
    if measure.each_example is not None:
        moments = tuple(dict.fromkeys(int(it * share) for it in measure.each_example.epochs))
        earlier = measure.each_example.model_copy(update={"epochs": moments})
        measure = measure.model_copy(update={"each_example": earlier})
    if measure.flatness is None:
        return measure
    flatness = measure.flatness
    pairs = max(1, round(flatness.eigenpairs * share))
    smaller = {
        "epoch": min(int(flatness.epoch * share), epochs - 1),
        "eigenpairs": pairs,
        "directions": min(flatness.directions, pairs),
        "trace_products": round(flatness.trace_products * share),
    }
    return measure.model_copy(update={"flatness": flatness.model_copy(update=smaller)})
