"""Whether a data set can be read from its first byte to its last."""

from __future__ import annotations

from pathlib import Path

from gst.config import DataConfig
from gst.data.dataset import Dataset
from gst.data.files import ImageFiles, decoded
from gst.data.load import stored
from gst.data.mnist import refuse_unpublished
from gst.errors import NoData

_AT_ONCE = 64


def read_whole(config: DataConfig, folder: Path) -> Dataset:
    """The data set in the data folder, all of its files read now, whatever is decoded already.

    Raises NoData where it is not there, and DataError where a file of it is damaged, and where it differs
    from what is published: CIFAR's pickles by their checksums, MNIST by its content.
    """
    found = stored(config, folder)
    if found is None:
        raise NoData(f"{config.label} is not in {folder}")
    dataset = found.decode()
    if config.name == "mnist":
        refuse_unpublished(dataset)
    for split in (dataset.train, dataset.test):
        if isinstance(split.images, ImageFiles):
            parts = [slice(at, at + _AT_ONCE) for at in range(0, len(split.labels), _AT_ONCE)]
            for _ in decoded(split.images, parts, None):
                pass
    return dataset
