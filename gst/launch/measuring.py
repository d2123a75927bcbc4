"""Measuring a run after it was trained, on the final state that it has left (`keep: final`)."""

from __future__ import annotations

from pathlib import Path

import torch

from gst.config.measure import FlatnessConfig
from gst.data import load_dataset
from gst.errors import InputError, OtherData
from gst.launch.artifacts import artifacts_at
from gst.launch.checkpoints import restore
from gst.launch.provenance import facts, place_of
from gst.records import Flatness
from gst.store import Store, checkpoints
from gst.store.same_data import PUT_BACK, Found, trained_on_others
from gst.training import start
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
    there before and is not to be measured again (`replace`), OtherData where the data folder has not what
    the run was trained on, and DataError for a checkpoint that is gone or not as it was saved.
    """
    details = store.run(key)
    epoch = details.run["last_epoch"]
    final = next((it for it in checkpoints(details.run) if it.epoch == epoch), None)
    if final is None:
        raise InputError(
            f"run {short(key)}: has no checkpoint of its last epoch; train it with --keep final, or let its "
            "sweep file ask for the measurement (measure: {flatness: {epoch: ...}})"
        )
    if not replace and any(row["epoch"] == epoch for row in details.flatness):
        raise InputError(f"run {short(key)}: epoch {epoch + 1} is measured already; --replace does it again")
    spec = store.spec(key)
    dataset = load_dataset(spec.config.data, data)
    for other in trained_on_others(store, spec.config.data.label, facts(dataset), key):
        found_now = Found(facts(dataset), place_of(facts(dataset), data))
        raise OtherData(f"{found_now.continues(other)}; {PUT_BACK}")
    state = start(spec, dataset, device)
    restore(state, final, artifacts_at(artifacts))
    found = flatness(state, config, epoch)
    store.add_flatness(key, found)
    return found
