"""Measuring a run after it was trained, on the final state that it has left (`keep: final`)."""

from __future__ import annotations

from pathlib import Path

import torch

from gst.config.measure import FlatnessConfig
from gst.data import load_dataset
from gst.errors import InputError
from gst.launch.artifacts import artifacts_at
from gst.records import Flatness
from gst.store import Store
from gst.training import checkpoint, start
from gst.training.network_measurements import flatness
from gst.words import short


def measure(
    store: Store,
    key: str,
    config: FlatnessConfig,
    *,
    data: Path,
    artifacts: str | Path,
    device: torch.device,
    replace: bool = False,
) -> Flatness:
    """Measure the flatness of that run at its last epoch and store it; `config.epoch` is not looked at.

    Raises InputError for a run that has left no checkpoint of its last epoch, or that was measured
    there before and is not to be measured again (`replace`).
    """
    details = store.run(key)
    epoch, name = details.run["last_epoch"], details.run["checkpoint"]
    kept = artifacts_at(artifacts)
    if name is None or details.run["checkpoint_epoch"] != epoch:
        raise InputError(
            f"run {short(key)}: has no checkpoint of its last epoch; train it with --keep final, or let its "
            "sweep file ask for the measurement (measure: {flatness: {epoch: ...}})"
        )
    if not kept.exists(name):
        raise InputError(f"run {short(key)}: its checkpoint {name} is not in {kept} (GST_ARTIFACT_DIR)")
    if not replace and any(row["epoch"] == epoch for row in details.flatness):
        raise InputError(f"run {short(key)}: epoch {epoch + 1} is measured already; --replace does it again")
    spec = store.spec(key)
    state = start(spec, load_dataset(spec.config.data, data), device)
    with kept.read(name) as file:
        checkpoint.restore(state, file, f"{kept}/{name}")
    found = flatness(state, config, epoch)
    store.add_flatness(key, found)
    return found
