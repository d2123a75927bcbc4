"""The files of runs as the store names them: those from which they go on, and those of single examples."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

NAME = re.compile(r"(?P<key>[0-9a-f]{64})/(?P<attempt>[0-9]+)-(?P<epoch>-?[0-9]+)\.pt")
"""The only form of a checkpoint's name: nothing else is opened, whoever wrote it into the store."""
EXAMPLES = re.compile(r"(?P<key>[0-9a-f]{64})/examples-(?P<epoch>[0-9]+)-(?P<digest>[0-9a-f]{16})\.parquet")
"""The only form of the name of a file with a network's answer to each training image, likewise."""


class Checkpoint(NamedTuple):
    """A file with a run's state after an epoch."""

    name: str  # within its place
    epoch: int  # -1 is the last of EL2N networks, which are trained before epoch 0
    sha256: str | None  # of the file; None where a gst before schema 0006 saved it
    place: str | None  # an absolute folder or a URL without its password; None as above, and after an import


def is_own(name: str, keys: Collection[str]) -> bool:
    """Whether that is the name of a checkpoint of the run that has, or had, one of these keys."""
    match = NAME.fullmatch(name)
    return match is not None and match["key"] in keys


def checkpoints(run: Mapping[str, Any]) -> tuple[Checkpoint, ...]:
    """The checkpoints that a row of `runs` points to, the newest first: two at most."""
    pointers = (
        (run["checkpoint"], run["checkpoint_epoch"], run["checkpoint_sha256"]),
        (run["earlier_checkpoint"], run["earlier_epoch"], run["earlier_sha256"]),
    )
    return tuple(Checkpoint(*it, run["artifacts"]) for it in pointers if it[0] is not None)


def pointing_to(found: tuple[Checkpoint, ...]) -> dict[str, Any]:
    """The columns of `runs` that point to these checkpoints, the newest first, and to no others.

    `artifacts` is not among them: it stays, for whoever asks where the store's files are.
    """
    newest, earlier = (*found, None, None)[:2]
    return {
        "checkpoint": newest and newest.name,
        "checkpoint_epoch": newest and newest.epoch,
        "checkpoint_sha256": newest and newest.sha256,
        "earlier_checkpoint": earlier and earlier.name,
        "earlier_epoch": earlier and earlier.epoch,
        "earlier_sha256": earlier and earlier.sha256,
    }


def example_file_name(key: str, epoch: int, sha256: str) -> str:
    """The name of the file of examples with that content: what is written twice is the same file."""
    return f"{key}/examples-{epoch}-{sha256[:16]}.parquet"
