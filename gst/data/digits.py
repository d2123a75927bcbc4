"""The 1,797 handwritten digits that come with scikit-learn: real images without any download."""

from __future__ import annotations

from functools import cache
from importlib.metadata import distribution

import numpy as np
import torch

from gst.data.dataset import Dataset, Split, content_hash, normalisation


@cache  # to parse the file takes a quarter of a tiny run's time
def digits() -> Dataset:
    """All images (1x8x8) as training images, and no test images: a run's test set is what it does not draw.

    Their 17 grey levels, 0 to 16, become the bytes 0, 15, ..., 240. Every caller has the same tensors.
    """
    # Its own load_digits does the same, once it has imported pandas and more for longer than torch takes.
    library = distribution("scikit-learn")
    file = library.locate_file("sklearn/datasets/data/digits.csv.gz")
    *_, classes = columns = np.loadtxt(str(file), delimiter=",", unpack=True)
    levels = columns[:-1].T
    images = torch.from_numpy((levels * 15).astype(np.uint8)).view(-1, 1, 8, 8)
    train = Split(images, torch.from_numpy(classes.astype(np.int64)))
    test = Split(images[:0], train.labels[:0])
    return Dataset(
        name="digits",
        train=train,
        test=test,
        classes=10,
        **normalisation(images)._asdict(),
        content_hash=content_hash(train, test),
        source=f"scikit-learn {library.version}, load_digits",
    )
