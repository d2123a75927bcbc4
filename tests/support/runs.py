"""Small real runs on handwritten digits, for tests of everything that trains."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from gst.config import RunConfig, RunSpec
from gst.records import EpochRecords

BASE: dict[str, dict[str, Any]] = {
    "data": {"name": "digits", "per_class": 6, "draw": 0},
    "model": {"name": "digits_cnn"},
    "training": {"epochs": 4, "batch_size": 16, "optimizer": {"name": "adam", "lr": 0.002}},
}
WEIGHTS = {
    "kind": "weights", "score": "magnitude", "target": "smallest", "layers": ("fc1",),
    "start": 1, "end": 2, "every": 1, "fraction": 0.75,
}  # fmt: skip
FILTERS = {
    "kind": "filters", "score": "l2", "target": "largest", "layers": ("conv1", "conv2"),
    "start": (0, 1), "end": (2, 2), "every": 1, "fraction": 0.5,
}  # fmt: skip
ZEROING = FILTERS | {"kind": "zeroing", "train_batches": 6}
NONE = {"kind": "none"}


def spec_of(
    pruning: Mapping[str, Any] = NONE, seed: int = 0, data: dict[str, Any] | None = None, **training: Any
) -> RunSpec:
    values: dict[str, Any] = {**BASE, "pruning": pruning, "data": BASE["data"] | (data or {})}
    values["training"] = BASE["training"] | training
    return RunSpec(RunConfig.model_validate(values), seed)


def without_seconds(records: Iterable[EpochRecords]) -> list[EpochRecords]:
    """The records of a run without the one field that no run shares with another."""
    return [replace(r, epoch=replace(r.epoch, seconds=0.0)) for r in records]
