"""Files with a network's answer to each training image: there before the store names them."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from typing import Any

from gst.archive.example_file import unpacked
from gst.errors import DataError, InputError
from gst.launch.artifacts import Artifacts, artifacts_at
from gst.records import ExampleContent, ExampleFile
from gst.store.example_file import EXAMPLES, example_file_name
from gst.words import short

logger = logging.getLogger(__name__)


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
