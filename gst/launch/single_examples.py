"""The training images of a run one by one, from the files that the store names."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from gst.analysis.single_examples import SingleExamples
from gst.errors import InputError
from gst.launch.artifacts import artifacts_at, place_for
from gst.launch.example_files import read_examples
from gst.records import ExampleFile
from gst.store import Store
from gst.words import short


def examples(
    store: Store,
    run: str,
    level: int | None = None,
    *,
    epoch: int | None = None,
    artifacts: str | Path | None = None,
) -> SingleExamples:
    """What the network of that run (the beginning of its key) answers to each training image.

    At the end of a level, by default the last one that is kept, or of an epoch. Files are looked for in that
    place, by default where the store's files are. Raises InputError where there is none of that moment, and
    DataError where the file is gone or damaged.
    """
    key = store.resolve(run)
    file = _chosen(store, key, level, epoch)
    arrays = read_examples(artifacts_at(artifacts or place_for(store)), key, file)
    scores = store.el2n(key)
    el2n = None if scores is None else np.asarray(scores, dtype=np.float64)
    images = arrays.pop("index")
    return SingleExamples(key, file.epoch, file.level, images, **arrays, el2n=el2n)


def _chosen(store: Store, key: str, level: int | None, epoch: int | None) -> ExampleFile:
    files, course = store.example_files(key), store.spec(key).config.course
    ends = {it.level: it for it in files if it.epoch == course.last_epoch(it.level)}
    if epoch is not None:
        found, what, there = {it.epoch: it for it in files}.get(epoch), f"epoch {epoch}", _listed(files)
    elif level is None and ends:
        return ends[max(ends)]
    else:
        found, what = ends.get(level or 0), f"level {level or 0}"
        there = ", ".join(map(str, ends)) or "none"
    if found is None:
        raise InputError(
            f"run {short(key)}: single examples are not kept of {what}; there are: {there}. A sweep "
            "file asks for them with measure: {each_example: {levels: all}}, also of runs that are trained"
        )
    return found


def _listed(files: Iterable[ExampleFile]) -> str:
    return ", ".join(str(it.epoch) for it in files) or "none"
