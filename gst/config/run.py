"""What makes a run what it is: one frozen, validated object, complete before the first batch.

Defaults here never change: a run's key leaves out fields at their default, so that a new field
renames no old run. A field that tells variants apart (`kind`, `name`) has no default.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal, NamedTuple, Self, TypeAlias, TypeVar

from pydantic import Field, model_validator

from gst.config.base import Config as Config
from gst.config.levels import Course
from gst.config.measure import MeasureConfig
from gst.config.schedule import PruningSchedule, exact

DataName = Literal["digits", "mnist", "cifar10", "cifar100", "imagenet", "folder"]
ModelName = Literal[
    "digits_cnn",
    "conv4",
    "lenet_300_100",
    "vgg11",
    "vgg16",
    "vgg19",
    "resnet18",
    "resnet20",
    "resnet56",
    "resnet20_conv",
    "resnet32_conv",
    "resnet50",
]
Target = Literal["smallest", "random", "largest"]
FilterScore = Literal["l1", "l2", "activation", "ebn", "ebn_alt"]
WeightScore = Literal["magnitude"]
Precision = Literal["fp32", "tf32", "bf16"]
Constants = Literal["own", "imagenet"]

Epoch = Annotated[int, Field(ge=0)]
Period = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(ge=0, le=1)]
T = TypeVar("T")
Each: TypeAlias = T | tuple[T, ...]
"""One value for every layer, or one for each."""

LAST = re.compile(r"last-([1-9][0-9]*)")


class DataConfig(Config):
    """The data of a run.

    `folder` names an image folder (or zip file) inside the data folder, for `name: folder`; for
    `name: imagenet`, the folder with train/ and val/, which is otherwise called imagenet.
    `per_class` trains on a class-balanced subset; it is drawn from `draw`, or from the run's seed
    where `draw` is absent. Digits come without a split of their own: what is not drawn is the test set.
    `test_per_class` tests on the first images of each class alone, for a quick look.
    `validation` holds that fraction of the training images out of training; their labels stay right.
    `label_noise` relabels that fraction of the images trained on with one of the other classes.
    `normalisation` takes mean and standard deviation from the data set itself, or ImageNet's, which
    Jin et al. 2022 use for CIFAR too.
    """

    name: DataName
    folder: str | None = None
    per_class: Annotated[int, Field(ge=1)] | None = None
    draw: int | None = None
    test_per_class: Annotated[int, Field(ge=1)] | None = None
    augment: bool = False
    label_noise: Share = 0.0
    validation: Annotated[float, Field(ge=0, lt=1)] = 0.0
    normalisation: Constants = "own"

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.name != "imagenet" and (self.name == "folder") != (self.folder is not None):
            raise ValueError("`folder` and `name: folder` belong together: give both or neither")
        if self.normalisation == "imagenet" and self.name in ("digits", "mnist"):
            raise ValueError(f"ImageNet's normalisation is for 3 channels, and {self.name} has 1")
        if self.normalisation == "imagenet" and self.name == "imagenet":
            raise ValueError("ImageNet's normalisation is imagenet's own: leave it out")
        if self.name == "digits" and self.per_class is None:
            raise ValueError(
                "digits has no split of its own: say how many images of a class to train on, per_class"
            )
        if self.name == "digits" and self.test_per_class is not None:
            raise ValueError(
                "digits are tested on all images that are not trained on, so not on test_per_class"
            )
        if self.draw is not None and self.per_class is None:
            raise ValueError("`draw` chooses a subset, and there is none without `per_class`")
        return self


class ModelConfig(Config):
    """The architecture; its number of outputs and its input shape follow from the data.

    `width` is the share of each hidden layer's units that is left, of a residual network of its first
    stage's, which the later ones double: round(base * width), but at least 1.
    """

    name: ModelName
    width: Annotated[float, Field(gt=0, le=1)] = 1.0


class OptimizerConfig(Config):
    """Adam (torch's default betas and eps) or SGD; weight decay acts on every parameter."""

    name: Literal["adam", "sgd"]
    lr: Annotated[float, Field(gt=0)]
    momentum: Annotated[float, Field(ge=0, lt=1)] = 0.0
    weight_decay: Annotated[float, Field(ge=0)] = 0.0

    @model_validator(mode="after")
    def _momentum_is_of_sgd(self) -> Self:
        if self.name == "adam" and self.momentum:
            raise ValueError("momentum belongs to sgd; adam has its own")
        return self


class TrainingConfig(Config):
    """How long and how to train.

    The learning rate is multiplied by `lr_factor` from each epoch of `lr_drops` on, and rises step by
    step from 0 over the first `warmup_epochs`.
    `test_batch_size` changes results only where noise acts on test batches too.
    """

    epochs: Annotated[int, Field(ge=1)]
    batch_size: Annotated[int, Field(ge=1)]
    optimizer: OptimizerConfig
    lr_drops: tuple[Epoch, ...] = ()
    lr_factor: Annotated[float, Field(gt=0)] = 0.1
    warmup_epochs: Epoch = 0
    test_batch_size: Annotated[int, Field(ge=1)] = 256
    precision: Precision = "fp32"

    @model_validator(mode="after")
    def _drops_rise(self) -> Self:
        if list(self.lr_drops) != sorted(set(self.lr_drops)):
            raise ValueError(f"lr_drops must rise, found {list(self.lr_drops)}")
        return self


class LayerSchedule(NamedTuple):
    """The schedule of the layer of that name."""

    layer: str
    schedule: PruningSchedule


class NoPruning(Config):
    """The unpruned baseline."""

    kind: Literal["none"]


class Schedules(Config):
    """Which layers are acted upon, and when.

    `layers` is a list of names, `last-N` (the last N prunable layers of the body) or `blocks` (all of
    them). The other four are one value for all layers, or a list with one for each.
    """

    layers: tuple[str, ...] | str
    start: Each[Epoch]
    end: Each[Epoch]
    every: Each[Period]
    fraction: Each[Share]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        self._known_layers()
        count = self.layer_count
        for field in ("start", "end", "every", "fraction"):
            value = getattr(self, field)
            if not isinstance(value, tuple):
                continue
            if count is None:
                raise ValueError(
                    f"layers: {self.layers} takes one value of {field} for all layers, not a list"
                )
            if len(value) != count:
                raise ValueError(f"{count} layers but {len(value)} values of {field}")
            if len(set(value)) == 1:  # one spelling, so that one experiment has one key
                object.__setattr__(self, field, value[0])
        for start, end in zip(self.each(self.start), self.each(self.end), strict=True):
            if end < start:
                raise ValueError(f"pruning ends (epoch {end}) before it starts (epoch {start})")
        return self

    def _known_layers(self) -> None:
        if isinstance(self.layers, tuple):
            if not self.layers:
                raise ValueError("layers is an empty list")
            if len(set(self.layers)) != len(self.layers):
                raise ValueError("layers names a layer twice")
        elif self.layers != "blocks" and not LAST.fullmatch(self.layers):
            raise ValueError(f"layers must be a list of names, 'blocks' or 'last-N', found {self.layers!r}")

    @property
    def layer_count(self) -> int | None:
        """How many layers, or None for `blocks`, which only the model knows."""
        if isinstance(self.layers, tuple):
            return len(self.layers)
        match = LAST.fullmatch(self.layers)
        return int(match[1]) if match else None

    def each(self, value: Each[T]) -> tuple[T, ...]:
        """The value for each layer; for `blocks`, for all of them as one."""
        return value if isinstance(value, tuple) else (value,) * (self.layer_count or 1)

    def schedules(self, layers: tuple[str, ...]) -> tuple[LayerSchedule, ...]:
        """The schedule of each layer, once the model has said which layers those are."""
        count = len(layers)
        columns = (
            value if isinstance(value, tuple) else (value,) * count
            for value in (self.start, self.end, self.every, self.fraction)
        )
        return tuple(
            LayerSchedule(layer, PruningSchedule(start, end, every, exact(fraction)))
            for layer, start, end, every, fraction in zip(layers, *columns, strict=True)
        )

    @property
    def last_end(self) -> int:
        """The last epoch at which any layer may still be pruned."""
        return max(self.each(self.end))


class FilterPruning(Schedules):
    """Whole filters are removed for good (GST 2020).

    `mask_bn` removes the batch norm's scale and shift along with a filter, so that its output is 0;
    without it the output becomes a constant. `scratch` prunes all at once before any training.
    """

    kind: Literal["filters"]
    score: FilterScore
    target: Target
    mask_bn: bool = True
    scratch: bool = False

    @model_validator(mode="after")
    def _scratch_has_no_schedule(self) -> Self:
        if self.scratch and (self.last_end, max(self.each(self.start))) != (0, 0):
            raise ValueError("scratch prunes once, before training: start and end must be 0")
        return self


class WeightPruning(Schedules):
    """Single weights are removed for good (GST 2019, Conv4)."""

    kind: Literal["weights"]
    score: WeightScore
    target: Target


class Noise(Schedules):
    """Filters are targeted as pruning would, but only disturbed for a while (GST 2020, section 3.3).

    `train_batches` training batches are disturbed after an event, and the test batches among them;
    1 is a single disturbance before the test that follows the event. `which` is the filters of the
    latest event or all so far; `restore` puts back what they were when the event came.
    """

    kind: Literal["zeroing", "gaussian"]
    score: FilterScore
    target: Target
    train_batches: Annotated[int, Field(ge=1)]
    which: Literal["latest", "cumulative"] = "latest"
    restore: bool = False

    @model_validator(mode="after")
    def _restore_is_of_zeroing(self) -> Self:
        if self.restore and self.kind != "zeroing":
            raise ValueError("restore belongs to kind zeroing")
        return self


class Levels(Config):
    """Training in many levels: after the first, each goes back to `rewind_epoch` of the schedule.

    The learning rate goes back with it, and the optimizer begins anew. One level after the first that
    removes much is one-shot pruning.
    """

    levels: Annotated[int, Field(ge=1)]
    rewind_epoch: Epoch


class IterativePruning(Levels):
    """Iterative magnitude pruning of single weights (Jin et al. 2022; Frankle and Carbin 2019).

    Every level after the first begins by removing `fraction` of the weights that are left, out of all
    convolutions and linear layers together, but for those of the layers in `exclude`: they count, and
    stay. `rewind` says whether only the learning rate goes back or the weights do too, to what they were
    when `rewind_epoch` began.
    """

    kind: Literal["imp"]
    score: WeightScore
    target: Target
    fraction: Annotated[float, Field(gt=0, lt=1)]
    exclude: tuple[str, ...] = ()
    rewind: Literal["learning_rate", "weights"] = "learning_rate"

    @model_validator(mode="after")
    def _excludes_once(self) -> Self:
        if len(set(self.exclude)) != len(self.exclude):
            raise ValueError("exclude names a layer twice")
        object.__setattr__(self, "exclude", tuple(sorted(self.exclude)))  # one spelling, one key
        return self


class ExtendedTraining(Levels):
    """The same epochs as iterative pruning, and nothing is removed (Jin et al. 2022, section 5.1)."""

    kind: Literal["extended"]


ScheduledConfig: TypeAlias = FilterPruning | WeightPruning | Noise
"""What has a schedule for each layer."""
PruningConfig = Annotated[
    NoPruning | FilterPruning | WeightPruning | Noise | IterativePruning | ExtendedTraining,
    Field(discriminator="kind"),
]


class RunConfig(Config):
    """One configuration: everything that makes a run what it is, but its seed.

    `scale` below 1 marks a run that was shrunk from the published configuration.
    """

    data: DataConfig
    model: ModelConfig
    training: TrainingConfig
    pruning: PruningConfig
    measure: MeasureConfig = MeasureConfig()
    scale: Annotated[float, Field(gt=0, le=1)] = 1.0

    @property
    def course(self) -> Course:
        """How its epochs follow each other."""
        match self.pruning:
            case Levels(levels=levels, rewind_epoch=rewind):
                return Course(self.training.epochs, levels, rewind)
            case _:
                return Course(self.training.epochs)

    @property
    def total_epochs(self) -> int:
        """The epochs of all its levels."""
        return self.course.total

    @model_validator(mode="after")
    def _measurements_fit_training(self) -> Self:
        flatness, total = self.measure.flatness, self.total_epochs
        if flatness is not None and flatness.epoch >= total:
            raise ValueError(
                f"flatness is measured at epoch {flatness.epoch}, but the last of {total} "
                f"epochs is {total - 1} (epochs count from 0)"
            )
        el2n = None if self.measure.examples is None else self.measure.examples.el2n
        if el2n is not None and el2n.epochs > self.training.epochs:
            raise ValueError(
                f"EL2N scores are taken after {el2n.epochs} epochs, and training has {self.training.epochs}"
            )
        return self

    @model_validator(mode="after")
    def _pruning_fits_training(self) -> Self:
        if isinstance(self.pruning, Levels) and self.pruning.rewind_epoch >= self.training.epochs:
            last = self.training.epochs - 1
            raise ValueError(
                f"levels go back to epoch {self.pruning.rewind_epoch}, but the last of {last + 1} epochs "
                f"is {last} (epochs count from 0)"
            )
        if isinstance(self.pruning, Schedules) and self.pruning.last_end >= self.training.epochs:
            last = self.training.epochs - 1
            raise ValueError(
                f"pruning ends at epoch {self.pruning.last_end}, but the last of {last + 1} epochs "
                f"is {last} (epochs count from 0)"
            )
        return self


class RunSpec(NamedTuple):
    """One run: a configuration and a seed (a replicate)."""

    config: RunConfig
    seed: int
