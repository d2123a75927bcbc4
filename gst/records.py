"""The records of a training run, the rows that they become, and the provenance of the run.

Field names are column names; epochs are 0-based; accuracies are fractions of 1. A new column is a field here
and a migration; a new kind of record has its table in TABLES and in gst.store.schema, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from math import isnan
from typing import Annotated, Any, Literal, NamedTuple, get_args, get_type_hints

EventKind = Literal["filters", "weights", "zeroing", "gaussian"]
Status = Literal["pending", "running", "completed", "failed", "interrupted", "diverged", "cancelled"]
"""Where a run stands."""
STATUSES: tuple[Status, ...] = get_args(Status)
Loss = Annotated[float, "NaN is stored as NULL"]
"""A number that is not finite where training diverged."""


@dataclass(frozen=True, slots=True)
class EpochRecord:
    """One epoch, as it stands after everything that belongs to it: training, pruning, the last test."""

    epoch: int
    level: int  # 0 but in runs of many pruning levels
    train_loss: Loss  # running mean over the epoch's batches, in train mode and before each step
    train_accuracy: float  # the same; not a separate pass
    test_loss: Loss
    test_accuracy: float
    lr: float
    filters_left: int | None  # living filters of the layers that the run prunes; None where it prunes none
    parameters_left: int  # parameters of the model that are not masked
    seconds: float
    test_ece: float | None = None  # expected calibration error of that test (Guo et al. 2017)
    distance: float | None = None  # of the parameters that are not masked from their initial values, l2


@dataclass(frozen=True, slots=True)
class LayerPruning:
    """One layer's part in an event. `removed` is None for single weights, which are too many to list.

    Of the weights that are gone, `regrown` come back once the event is tested; `kept_after` is before that.
    """

    layer: str
    total: int
    kept_before: int
    kept_after: int
    mean_score: float | None  # of what was removed
    removed: tuple[int, ...] | None
    regrown: int | None = None


@dataclass(frozen=True, slots=True)
class EventClass:
    """One class at an event: what became of its test images, and of those that were taken for it.

    `moved` are of the images that the network took for this class before the event and for another one after
    it: pairs of that other class, rising, and a number of images. Nearly all pairs of many classes are empty.
    """

    label: int
    images: int  # of the test set
    right_before: int
    right_after: int
    answered_before: int  # images of any class that were taken for this one
    moved: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class PruningEvent:
    """One pruning event: the whole test set just before and just after. Epoch -1 is before any training."""

    epoch: int
    kind: EventKind
    test_accuracy_before: float
    test_accuracy_after: float
    test_loss_before: Loss
    test_loss_after: Loss
    n_test: int
    removed: int  # filters or weights removed (or targeted, in noise runs), over all layers
    mean_score: float | None
    mask_hash: str
    layers: tuple[LayerPruning, ...]
    churn: float | None = None  # share of the test images that are taken for another class after the event
    ece_before: float | None = None  # expected calibration error
    ece_after: float | None = None
    regrown: int | None = None  # weights that come back after the second test
    test_accuracy_regrown: float | None = None  # of a third test, once they are back
    test_loss_regrown: float | None = None
    classes: tuple[EventClass, ...] = ()


@dataclass(frozen=True, slots=True)
class Probe:
    """A test of the network in a state that training does not continue from.

    Such as with the filters removed that noise has acted on.
    """

    epoch: int
    name: str
    test_accuracy: float
    test_loss: Loss
    n_test: int


@dataclass(frozen=True, slots=True)
class Eigenvalue:
    """A leading eigenvalue of the Hessian, the largest signed one first; `residual` is |Hv - value v|."""

    rank: int
    value: float
    residual: float


@dataclass(frozen=True, slots=True)
class PerturbationLoss:
    """The rise in test loss at a point `epsilon` along the eigenvector of that rank."""

    rank: int
    epsilon: float
    increase: Loss


@dataclass(frozen=True, slots=True)
class Flatness:
    """Flatness of the test loss and noise of its gradients (GST 2020, section 3.4 and appendix E).

    `settings` say how it was measured: JSON of a FlatnessConfig without its epoch and defaults.
    `hessian_trace` is the signed sum of the leading eigenvalues, `significant_trace` without those
    below 0.6% of the largest magnitude, `stochastic_trace` an unbiased estimate of the whole trace.
    `gradient_trace` is the mean over images of the squared norm of their gradients, `tic` its ratio
    to `hessian_trace`. `epsilon` is where on a grid of 0.01 the test loss has risen by 0.1,
    `refined_epsilon` the same without the grid; None where it never does, or was not sought.
    """

    epoch: int
    settings: str
    images: int
    method: str
    eigenpairs: int
    hessian_trace: Loss
    significant_trace: Loss
    stochastic_trace: float | None
    gradient_trace: Loss
    tic: float | None
    epsilon: float | None
    refined_epsilon: float | None
    base_loss: Loss
    products: int  # of the Hessian with a vector that the eigenpairs took
    seconds: float
    eigenvalues: tuple[Eigenvalue, ...]
    losses: tuple[PerturbationLoss, ...]


@dataclass(frozen=True, slots=True)
class Normality:
    """How one layer's normalised activations are distributed, all channels pooled; epoch -1 is untrained.

    `settings` say how it was measured: JSON of a NormalityConfig without defaults.
    `statistics` says whose mean and variance normalise: the images' own, or the running ones.
    `density` has 200 equal bins from -5 to 5; `ks` is the largest distance from the normal
    distribution function, `kurtosis` 0 for a normal distribution; `n` counts activations.
    """

    epoch: int
    settings: str
    layer: str
    statistics: Literal["batch", "running"]
    n: int
    mean: Loss
    variance: Loss
    kurtosis: Loss
    ks: Loss
    density: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Examples:
    """The training images of a run, one by one; epoch -1, for all of it is known before any training.

    Indices count the whole training split of the data set, or a subset's own images where the run
    trains on a subset, and rise. `trained` is how many the run trains on, in rising order: all but
    those of `held_out`, its validation images, and those left out. `noisy` are those with a wrong label, None
    without label noise. `el2n` has one score for each image that is trained on, None where none were asked
    for. `left_out` are those that the run was told to leave out, in the data set's own training split.
    """

    epoch: int
    trained: int
    held_out: tuple[int, ...] | None
    noisy: tuple[int, ...] | None
    el2n: tuple[float, ...] | None
    left_out: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class LevelRecord:
    """The result of a level at the end of its last epoch, before the removal that the next one begins with.

    `weights` and `weights_left` count the weights of all convolutions and linear layers, also of those
    that are never pruned. Training losses are of a pass of their own, in eval mode, unaugmented, on the
    labels that are trained on; `original` and `noisy` are the images whose labels are right and wrong.
    """

    level: int
    epoch: int
    weights: int
    weights_left: int
    test_loss: Loss
    test_accuracy: float
    n_validation: int
    validation_loss: float | None
    validation_accuracy: float | None
    train_loss: Loss
    train_accuracy: float
    n_original: int
    original_loss: float | None
    original_accuracy: float | None
    n_noisy: int
    noisy_loss: float | None
    noisy_accuracy: float | None  # how many of the wrong labels are answered as they stand


@dataclass(frozen=True, slots=True)
class GroupLoss:
    """The mean training loss of a percentile group of EL2N scores at the end of a level.

    Groups are equally large and count from 1; the last has the highest scores.
    """

    level: int
    epoch: int
    bin: int
    n_original: int
    original_loss: float | None
    n_noisy: int
    noisy_loss: float | None
    loss: Loss  # over both


class ExampleContent(NamedTuple):
    """A network's answer to each training image at the end of an epoch: the content of a file of its own.

    `content` is what gst.archive.example_file packs, of so many `images`.
    """

    epoch: int
    level: int
    images: int
    content: bytes


class ExampleFile(NamedTuple):
    """The file that has such a content: its name and place among the artifacts, sha256 and size in bytes."""

    epoch: int
    level: int
    images: int
    name: str
    sha256: str
    bytes: int
    artifacts: str


@dataclass(frozen=True, slots=True)
class Answers:
    """The class that the network at the end of training takes each test image for.

    `classes` has them in file order, as `gst.archive.packed` writes numbers.
    """

    epoch: int
    images: int
    classes: str


@dataclass(frozen=True, slots=True)
class Connectivity:
    """One point on the line from a run's final network to that of the run of key `other`, `share` of the way.

    `settings` say how it was measured: JSON of a ConnectivityConfig without defaults. Losses and accuracies
    are of the whole training set, as the run trains on it, unaugmented, and of the test set, in eval mode.
    """

    epoch: int
    settings: str
    point: int
    share: float
    other: str
    train_loss: Loss
    train_accuracy: float
    test_loss: Loss
    test_accuracy: float


@dataclass(frozen=True, slots=True)
class EpochRecords:
    """Everything that one epoch yields, written in one transaction."""

    epoch: EpochRecord
    events: tuple[PruningEvent, ...] = ()
    probes: tuple[Probe, ...] = ()
    flatness: tuple[Flatness, ...] = ()
    normality: tuple[Normality, ...] = ()
    examples: tuple[Examples, ...] = ()
    levels: tuple[LevelRecord, ...] = ()
    groups: tuple[GroupLoss, ...] = ()
    answers: tuple[Answers, ...] = ()
    each_example: tuple[ExampleContent, ...] = ()  # no rows: their taker keeps files of them


Row = Mapping[str, Any]
TABLES: Mapping[type, str] = {
    EpochRecord: "epochs",
    PruningEvent: "pruning_events",
    LayerPruning: "layer_prunings",
    EventClass: "event_classes",
    Probe: "probes",
    Flatness: "flatness",
    Eigenvalue: "eigenvalues",
    PerturbationLoss: "perturbation_losses",
    Normality: "normality",
    Examples: "examples",
    LevelRecord: "levels",
    GroupLoss: "group_losses",
    Answers: "answers",
    Connectivity: "connectivity",
}
"""The table of each kind of record, in an order in which rows can be inserted."""


def rows(records: EpochRecords, **of_all: Any) -> Iterator[tuple[str, list[Row]]]:
    """Table by table the rows of an epoch, at least one each, in an order in which they can be inserted.

    Each row has the columns `of_all`, which say what run it is of.
    """
    yield from rows_of([records.epoch], **of_all)
    for name in _YIELDED:
        yield from rows_of(getattr(records, name), **of_all)


def rows_of(records: Sequence[Any], **of_all: Any) -> Iterator[tuple[str, list[Row]]]:
    """The rows of these records, which are of one kind, and then those of their parts."""
    if not records:
        return
    layout = LAYOUTS[type(records[0])]
    yield layout.table, [_row(record, layout.columns, of_all) for record in records]
    for part in layout.parts:
        for record in records:
            name = {column: getattr(record, column) for column in layout.name}
            yield from rows_of(getattr(record, part), **of_all, **name)


def _row(record: Any, columns: tuple[str, ...], of_all: Mapping[str, Any]) -> Row:
    row = dict(of_all)
    for name in columns:
        value = getattr(record, name)
        # SQLite has no NaN, so there is none on Postgres either.
        row[name] = None if isinstance(value, float) and isnan(value) else value
    return row


class Layout(NamedTuple):
    """How a kind of record is stored: its table, its columns, and its fields with a table of their own.

    `parts` are these fields and the kinds of their records, whose rows repeat the columns of `name`.
    """

    table: str
    columns: tuple[str, ...]
    name: tuple[str, ...]
    parts: Mapping[str, type]


def _layout(kind: type) -> Layout:
    hints = get_type_hints(kind)
    names = [field.name for field in fields(kind)]
    parts = {name: it for name in names for it in get_args(hints[name]) if it in TABLES}
    columns = tuple(name for name in names if name not in parts)
    return Layout(TABLES[kind], columns, tuple(it for it in ("epoch", "settings") if it in columns), parts)


LAYOUTS: Mapping[type, Layout] = {kind: _layout(kind) for kind in TABLES}
_YIELDED = tuple(it.name for it in fields(EpochRecords) if it.name not in ("epoch", "each_example"))


class DatasetFacts(NamedTuple):
    """A data set as it was decoded: sizes of its splits in images, sha256 of its content."""

    name: str
    train: int
    test: int
    classes: int
    content_hash: str
    source: str


class SystemSample(NamedTuple):
    """What an attempt used of its machine, from `start` to `stop` in seconds since its training began.

    `cpu_use` is how many CPUs its process kept busy (1.5 is one and a half), `memory` what the process held
    in bytes. The GPU's values are of the whole card, whoever uses it: the share of the time in which it was
    busy (1 is always), bytes, and watts. None is what the machine does not tell.
    """

    start: float
    stop: float
    cpu_use: float
    memory: int | None = None
    gpu_use: float | None = None
    gpu_memory: int | None = None
    gpu_power: float | None = None


def sample_rows(samples: Sequence[SystemSample], first: int = 0, **of_all: Any) -> list[Row]:
    """The rows of an attempt's samples from that number on, with the columns `of_all`, which say whose."""
    return [
        {**of_all, "sample": number, **it._asdict()} for number, it in enumerate(samples[first:], start=first)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """One attempt's machine and software; field names are columns of `attempts`.

    None means that there is nothing to tell (no GPU, no git checkout) or that it is not known.
    `dataset` may also be told later, by Recorder.uses: it is loaded only once the run is known.
    """

    host: str
    pid: int
    device: str
    python: str
    torch: str
    gst: str
    gpu: str | None = None
    gpu_driver: str | None = None
    cuda: str | None = None
    git_commit: str | None = None
    git_dirty: bool | None = None
    precision: str | None = None  # what the configuration asks for, where None
    deterministic: bool = False
    numerics: int | None = None  # the version of gst's arithmetic on the device
    cpus: float | None = None  # that the attempt may use of its machine; a quarter of a GPU is 0.25
    gpus: float | None = None
    dataset: DatasetFacts | None = None
