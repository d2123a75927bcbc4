"""A sweep's runs started and not trained, to find what is wrong before anything is stored."""

from __future__ import annotations

from pathlib import Path

from gst.config import RunSpec, SweepSpec
from gst.data import Dataset, load_dataset
from gst.errors import ConfigError, DataError
from gst.training import start


def dry_start(sweep: SweepSpec, *, data: Path) -> None:
    """Start a run of each kind without training it, to find what is wrong before anything is stored.

    Raises DataError for a data set that is missing or too small, and ConfigError for a configuration
    that does not fit it. Also fills the cache of decoded data sets, before several trials try to.
    """
    datasets: dict[tuple[str, str | None], Dataset] = {}
    started = set()
    for arm, config, seeds in sweep.configs:
        kind = (config.data, config.model, config.training.batch_size)
        if kind in started:
            continue
        started.add(kind)
        name = (config.data.name, config.data.folder)
        if name not in datasets:
            datasets[name] = load_dataset(config.data, data)
        try:
            start(RunSpec(config, seeds[0]), datasets[name])
        except (ConfigError, DataError) as error:
            raise type(error)(f"sweep {sweep.name}, arm {arm!r}: {error}") from None
