"""A sweep's runs held against their data and networks, to find what is wrong before anything is stored."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from gst.config import RunSpec, SweepSpec
from gst.config.sweep import ArmConfig
from gst.errors import ConfigError, DataError
from gst.launch.networks import Task, network
from gst.networks.events import planned_events
from gst.networks.layers import layers
from gst.networks.parts import ImageShape
from gst.published import is_here, too_many
from gst.records import DatasetFacts

if TYPE_CHECKING:
    from gst.data import Dataset

logger = logging.getLogger(__name__)


class Started(NamedTuple):
    """The data sets that were found, by their label, and the names of those that are not here."""

    datasets: dict[str, DatasetFacts]
    passed_over: tuple[str, ...]


def dry_start(sweep: SweepSpec, *, data: Path, fetch: bool = True) -> Started:
    """Hold a run of each kind against its data and network, to find what is wrong before anything is stored.

    Unless it may `fetch` data sets that are not here, their runs are passed over.

    Raises DataError for a data set that is missing or too small, and ConfigError for a configuration
    that does not fit it. Also fills the cache of decoded data sets, before several trials try to, and tells
    the remarks about them.
    """
    there: list[ArmConfig] = []
    passed_over: dict[str, None] = {}
    for arm in _of_each_kind(sweep):
        if fetch or is_here(arm.config.data, data):
            there.append(arm)
        else:
            passed_over[arm.config.data.name] = None
            if (problem := too_many(arm.config.data)) is not None:
                raise DataError(sweep.misfit(arm.arm, problem))
    return Started(_start(sweep, there, data) if there else {}, tuple(passed_over))


def _of_each_kind(sweep: SweepSpec) -> Iterable[ArmConfig]:
    """The first arm of each data set, model, batch size and number of images that rank."""
    first: dict[Any, ArmConfig] = {}
    for it in sweep.configs:
        ranking = getattr(it.config.pruning, "score_images", None)
        first.setdefault((it.config.data, it.config.model, it.config.training.batch_size, ranking), it)
    return first.values()


def _start(sweep: SweepSpec, arms: Iterable[ArmConfig], data: Path) -> dict[str, DatasetFacts]:
    # Here, because who plans for data that are not here yet need not wait for torch.
    from gst.data import load_dataset
    from gst.launch.provenance import facts
    from gst.training import fitting_data

    datasets: dict[str, Dataset] = {}
    for arm, config, seeds in arms:
        label = config.data.label
        if label not in datasets:
            datasets[label] = load_dataset(config.data, data)
            for remark in datasets[label].remarks:
                logger.warning("%s", remark)
        try:
            own = fitting_data(RunSpec(config, seeds[0]), datasets[label])
            task = Task(own.classes, ImageShape(*own.image))
            planned_events(config, layers(network(config.model, task)))
        except (ConfigError, DataError) as error:
            raise type(error)(sweep.misfit(arm, error)) from None
    return {label: facts(it) for label, it in datasets.items()}
