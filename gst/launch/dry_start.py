"""A sweep's runs started and not trained, to find what is wrong before anything is stored."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import NamedTuple

from gst.config import RunSpec, SweepSpec
from gst.data import Dataset, is_here, load_dataset
from gst.errors import ConfigError, DataError
from gst.launch.provenance import facts
from gst.records import DatasetFacts
from gst.training import start

logger = logging.getLogger(__name__)


class Started(NamedTuple):
    """The data sets that were found, by their label, and the names of those that are not here."""

    datasets: dict[str, DatasetFacts]
    passed_over: tuple[str, ...]


def dry_start(sweep: SweepSpec, *, data: Path, fetch: bool = True) -> Started:
    """Start a run of each kind without training it, to find what is wrong before anything is stored.

    Unless it may `fetch` data sets that are not here, their runs are passed over.

    Raises DataError for a data set that is missing or too small, and ConfigError for a configuration
    that does not fit it. Also fills the cache of decoded data sets, before several trials try to, and tells
    the remarks about them.
    """
    datasets: dict[str, Dataset] = {}
    started = set()
    passed_over: dict[str, None] = {}
    for arm, config, seeds in sweep.configs:
        kind = (config.data, config.model, config.training.batch_size)
        if kind in started:
            continue
        started.add(kind)
        if not fetch and not is_here(config.data, data):
            passed_over[config.data.name] = None
            continue
        label = config.data.label
        if label not in datasets:
            datasets[label] = load_dataset(config.data, data)
            for remark in datasets[label].remarks:
                logger.warning("%s", remark)
        try:
            start(RunSpec(config, seeds[0]), datasets[label])
        except (ConfigError, DataError) as error:
            raise type(error)(f"sweep {sweep.name}, arm {arm!r}: {error}") from None
    return Started({label: facts(it) for label, it in datasets.items()}, tuple(passed_over))
