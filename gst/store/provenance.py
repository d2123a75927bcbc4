"""Where and with what a run was trained, as whoever launches it reports it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class DatasetFacts(NamedTuple):
    """A data set as it was decoded: sizes of its splits in images, sha256 of its content."""

    name: str
    train: int
    test: int
    classes: int
    content_hash: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """One attempt's machine and software; field names are columns of `attempts`.

    None means that there is nothing to tell (no GPU, no git checkout) or that it is not known.
    `dataset` may also be told later, by Recorder.uses: it is loaded only once the run is known.
    """

    host: str
    pid: int
    device: str
    python: str
    torch: str
    gst: str
    gpu: str | None = None
    gpu_driver: str | None = None
    cuda: str | None = None
    git_commit: str | None = None
    git_dirty: bool | None = None
    precision: str | None = None  # what the configuration asks for, where None
    deterministic: bool = False
    dataset: DatasetFacts | None = None
