"""What a training run yields.

Field names are column names; epochs are 0-based; accuracies are fractions of 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

EventKind = Literal["filters", "weights", "zeroing", "gaussian"]


@dataclass(frozen=True, slots=True)
class EpochRecord:
    """One epoch, as it stands after everything that belongs to it: training, pruning, the last test."""

    epoch: int
    level: int  # 0 but in runs of many pruning levels
    train_loss: float  # running mean over the epoch's batches, in train mode and before each step
    train_accuracy: float  # the same; not a separate pass
    test_loss: float
    test_accuracy: float
    lr: float
    filters_left: int | None  # living filters of the layers that the run prunes; None where it prunes none
    parameters_left: int  # parameters of the model that are not masked
    seconds: float


@dataclass(frozen=True, slots=True)
class LayerPruning:
    """What one event did to one layer. `removed` is None for single weights, which are too many to list."""

    layer: str
    total: int
    kept_before: int
    kept_after: int
    mean_score: float | None  # of what was removed
    removed: tuple[int, ...] | None


@dataclass(frozen=True, slots=True)
class PruningEvent:
    """One pruning event: the whole test set just before and just after. Epoch -1 is before any training."""

    epoch: int
    kind: EventKind
    test_accuracy_before: float
    test_accuracy_after: float
    test_loss_before: float
    test_loss_after: float
    n_test: int
    removed: int  # filters or weights removed (or targeted, in noise runs), over all layers
    mean_score: float | None
    mask_hash: str
    layers: tuple[LayerPruning, ...]


@dataclass(frozen=True, slots=True)
class Probe:
    """A test of the network in a state that training does not continue from.

    Such as with the filters removed that noise has acted on.
    """

    epoch: int
    name: str
    test_accuracy: float
    test_loss: float
    n_test: int


@dataclass(frozen=True, slots=True)
class EpochRecords:
    """Everything that one epoch yields, written in one transaction."""

    epoch: EpochRecord
    events: tuple[PruningEvent, ...] = ()
    probes: tuple[Probe, ...] = ()
