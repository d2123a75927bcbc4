"""The record of a pruning event: what was removed, and the test on both sides of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from gst.pruning.layers import PrunableLayer
from gst.pruning.pruning_step import mask_hash
from gst.records import EventKind, LayerPruning, PruningEvent
from gst.training.evaluate import Evaluation


def pruning_event(
    epoch: int,
    kind: EventKind,
    before: Evaluation,
    after: Evaluation,
    layers: tuple[LayerPruning, ...],
    masked: Iterable[PrunableLayer],
) -> PruningEvent:
    """The event of that epoch, which took something from those layers; `masked` are all that have a mask.

    What comes back is not in it; see `with_regrown`.
    """
    removed = [layer.kept_before - layer.kept_after for layer in layers]
    scores = [layer.mean_score for layer in layers if layer.mean_score is not None]
    return PruningEvent(
        epoch=epoch,
        kind=kind,
        test_accuracy_before=before.accuracy,
        test_accuracy_after=after.accuracy,
        test_loss_before=before.loss,
        test_loss_after=after.loss,
        n_test=after.n,
        removed=sum(removed),
        mean_score=sum(s * r for s, r in zip(scores, removed, strict=True)) / sum(removed),
        mask_hash=mask_hash(masked),
        layers=layers,
        churn=float((before.classes != after.classes).double().mean()),
        ece_before=before.ece,
        ece_after=after.ece,
    )


def with_regrown(
    event: PruningEvent, back: Mapping[str, int], tested: Evaluation, masked: Iterable[PrunableLayer]
) -> PruningEvent:
    """The event with the number of weights of each layer that came back, and the test after that."""
    return replace(
        event,
        mask_hash=mask_hash(masked),
        layers=tuple(replace(layer, regrown=back.get(layer.layer, 0)) for layer in event.layers),
        regrown=sum(back.values()),
        test_accuracy_regrown=tested.accuracy,
        test_loss_regrown=tested.loss,
    )
