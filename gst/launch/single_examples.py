"""The training images of a run one by one: their files, which are there before the store names them."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gst.analysis.single_examples import SingleExamples
from gst.archive.example_file import unpacked
from gst.errors import DataError, InputError
from gst.launch.artifacts import Artifacts, artifacts_at, place_for
from gst.records import ExampleContent, ExampleFile
from gst.store import Store, unmeasured
from gst.store.checkpoint import EXAMPLES, example_file_name
from gst.words import short

logger = logging.getLogger(__name__)


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
    if level is None and epoch is None and ends:
        return ends[max(ends)]
    what, number = ("level", level or 0) if epoch is None else ("epoch", epoch)
    known = ends if epoch is None else {it.epoch: it for it in files}
    if number not in known:
        for sweep in store.run(key).sweeps:
            lacking = unmeasured(store, sweep["sweep_id"], key).get(key)
            if lacking and lacking.each_example:
                raise InputError(
                    f"run {short(key)}: its files of single examples are not here, for archives leave them "
                    f"out; `gst sweep {sweep['name']}` trains the run again here and keeps them"
                )
        there = ", ".join(map(str, known)) or "none"
        raise InputError(
            f"run {short(key)}: single examples are not kept of {what} {number}; there are: {there}. A sweep "
            "file asks for them with measure: {each_example: {levels: all}}, also of runs that are trained"
        )
    return known[number]


def kept_file(artifacts: Artifacts, key: str, found: ExampleContent) -> ExampleFile:
    """The file that has this content of that run now, which the store does not name yet."""
    digest = hashlib.sha256(found.content).hexdigest()
    name = example_file_name(key, found.epoch, digest)
    artifacts.write(name, lambda file: file.write(found.content))
    return ExampleFile(
        found.epoch, found.level, found.images, name, digest, len(found.content), str(artifacts)
    )


def kept_files(artifacts: Artifacts, key: str, contents: Sequence[ExampleContent]) -> list[ExampleFile]:
    """The files of an epoch; one that cannot be written, as on a full disk, costs no run and is left out."""
    files = []
    for it in contents:
        try:
            files.append(kept_file(artifacts, key, it))
        except Exception as error:  # each file system has its own
            logger.warning("single examples of epoch %d are not kept: %s", it.epoch, error)
    return files


def read_examples(artifacts: Artifacts, key: str, file: ExampleFile) -> dict[str, Any]:
    """The arrays of a file of that run, by column (see gst.archive.example_file).

    It is looked for among these artifacts, then where it was written. Raises DataError where no place has it
    as it was written.
    """
    match = EXAMPLES.fullmatch(file.name)
    if match is None or match["key"] != key:
        raise DataError(f"{file.name!r} is not the name of a file of examples of run {short(key)}")
    problems = []
    for place in (str(artifacts), file.artifacts):
        try:
            content = _content(artifacts_at(place), file)
            return unpacked(content, f"{place}/{file.name}")
        except (DataError, InputError) as error:
            problems.append(str(error))
    raise DataError("; ".join(dict.fromkeys(problems)))


def _content(place: Artifacts, file: ExampleFile) -> bytes:
    path = f"{place}/{file.name}"
    try:
        with place.read(file.name) as opened:
            content = opened.read()
    except Exception as error:  # each file system has its own
        reason = "is not there" if isinstance(error, FileNotFoundError) else f"cannot be read: {error}"
        raise DataError(f"{path}: {reason} (GST_ARTIFACT_DIR=FOLDER looks elsewhere)") from None
    found = hashlib.sha256(content).hexdigest()
    if found != file.sha256:
        raise DataError(
            f"{path}: is not as it was written: its sha256 is {short(found)}, not {short(file.sha256)}"
        )
    return content
