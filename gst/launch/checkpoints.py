"""The checkpoint files of one run: named so that no two attempts share one, and few at a time."""

from __future__ import annotations

import hashlib
import io
import logging
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from gst.config import run_key
from gst.config.execution import Keep
from gst.config.key import former_keys
from gst.config.measure import Measurements
from gst.errors import DataError, InputError, Unreachable
from gst.launch.artifacts import Artifacts, artifacts_at
from gst.store import RunState, Store, checkpoints, run_states
from gst.store.checkpoint import NAME, Checkpoint, is_own
from gst.store.schema import ENDED
from gst.training import State, checkpoint
from gst.words import counted, short

KEPT = 2
"""The newest that the store points to, and the one before: a power cut may undo the store's last commit."""

SHARE = 0.05
"""At the most, of the time: a save that is slow is made to wait for its turn."""

logger = logging.getLogger(__name__)


@dataclass
class Checkpoints:
    """The checkpoints of one attempt at a run, `<key>/<attempt>-<epoch>.pt` among the artifacts.

    Epochs of networks for EL2N scores come before epoch 0: -1 is the last of them.
    `seconds` pass at least between two; 0 makes one after every epoch, whatever that costs. `keep`
    is the sweep's policy: `none` never saves, though an attempt continues from what it finds. Those at the
    end of the epochs `at` stay for good, as do those of earlier attempts that `stay`.
    """

    artifacts: Artifacts
    key: str
    seconds: float
    keep: Keep = "last"
    at: tuple[int, ...] = ()
    stay: set[str] = field(default_factory=set)
    _saved: list[str] = field(default_factory=list)  # that the store has pointed to, oldest first
    _due: float = field(init=False)

    def __post_init__(self) -> None:
        self._due = time.monotonic() + self.seconds

    @property
    def final(self) -> str | None:
        """The checkpoint that a run leaves for good, once all its epochs are written."""
        return self._saved[-1] if self.keep == "final" and self._saved else None

    def restore(self, state: State, wanted: Checkpoint) -> None:
        """Continue from that checkpoint, which counts as one of this attempt's from now on. See `restore`.

        Raises DataError also where this gst has another arithmetic for the device that it was trained on.
        """
        found = restore(state, wanted, self.artifacts)
        own = checkpoint.NUMERICS.get(found.device)
        if found.version != own:
            raise DataError(
                f"{wanted.name}: was trained with version {found.version} of gst's arithmetic on "
                f"{found.device}, and this gst has {own}"
            )
        self._saved = [wanted.name]

    def wanted(self, *, last: bool, now: bool = False) -> bool:
        """Whether to save the state after this epoch: the run's `last`, or one that is asked for `now`."""
        if self.keep == "none":
            return False
        return now or (self.keep == "final" if last else time.monotonic() >= self._due)

    def save(self, state: State, attempt: int) -> Checkpoint | None:
        """A new checkpoint of that state, which the store does not know yet, if there is one.

        Where it cannot be written, as on a full disk, the run goes on without and none is returned;
        only the one that a run leaves for good must not be missing, and its error is raised.
        The next one is due after the agreed seconds or, where saving takes long, once training has
        taken so much longer that all saving together stays below its share of the time.
        """
        epoch = state.next_epoch - 1
        name = f"{self.key}/{attempt}-{epoch}.pt"
        began = time.monotonic()
        saved = None

        def fill(file: BinaryIO) -> None:
            nonlocal saved
            saved = Checkpoint(name, epoch, checkpoint.save(state, file), str(self.artifacts))

        try:
            self.artifacts.write(name, fill)
        except Exception as error:  # each file system has its own
            if state.next_epoch == state.spec.config.total_epochs:
                raise
            logger.warning("a checkpoint cannot be saved, and training goes on without: %s", _reason(error))
            saved = None
        ended = time.monotonic()
        pause = max(self.seconds, (ended - began) * (1 / SHARE - 1)) if self.seconds else 0.0
        if pause > self.seconds:
            logger.info("a checkpoint took %.1f s: the next one comes after %.0f s", ended - began, pause)
        self._due = ended + pause
        return saved

    def committed(self, name: str, *, kept: bool = False) -> None:
        """Remove what is older than the last two and is not kept, now that the store points to this one."""
        self.stay |= {name} if kept else set()
        self._saved.append(name)
        while len(self._saved) > KEPT:
            if (old := self._saved.pop(0)) not in self.stay:
                self.discard(old)

    def discard(self, name: str) -> None:
        """Remove one checkpoint, if it is there."""
        try:
            self.artifacts.remove(name)
        except Exception as error:  # a file too many is no reason to fail a run
            logger.warning("%s is left behind, for `gst gc`: %s", name, error)

    def clear(self, *, but: Collection[str] = ()) -> None:
        """Remove all other checkpoints of the run, those of earlier attempts too: it has ended."""
        try:
            found = (file.name for file in self.artifacts.files(self.key))
            names = [name for name in found if name not in but and NAME.fullmatch(name)]
        except Exception as error:
            logger.warning("checkpoints of run %s are left behind, for `gst gc`: %s", short(self.key), error)
            return
        for name in names:
            self.discard(name)
        self.artifacts.tidy(self.key)


def restore(
    state: State, wanted: Checkpoint, artifacts: Artifacts, asked: Measurements | None = None
) -> checkpoint.Arithmetic:
    """Continue from that checkpoint, which is looked for among these artifacts, then where it was saved.

    It may bear a key that the run had before schema 0008, when what sweeps have `asked` for was part of it.
    Returns the arithmetic that it was trained with. Raises DataError, which says of each place what is
    wrong there, where none has the file as it was saved, and Unreachable where a place does not let itself
    be asked.
    """
    key = run_key(state.spec)
    former = former_keys(state.spec, asked or state.measurements)
    if not is_own(wanted.name, {key, *former}):
        raise DataError(f"{wanted.name!r} is not the name of a checkpoint of run {short(key)}")
    problems = []
    for place in _places(artifacts, wanted):
        try:
            name = f"{place}/{wanted.name}"
            return checkpoint.restore(state, _content(place, wanted), name, wanted.epoch, former=former)
        except DataError as error:
            problems.append(str(error))
    raise DataError("; ".join(problems))


def missing_checkpoints(store: Store, sweep_id: int, artifacts: Artifacts) -> str | None:
    """A sentence on the sweep's unfinished runs whose checkpoints are not there, if there are any.

    Raises Unreachable, or what a file system raises, for a place that cannot be asked.
    """
    unfinished = [it for it in run_states(store, sweep_id) if it.status not in ENDED]
    lost = [epochs for run in unfinished if (epochs := _epochs_lost(store, run, artifacts))]
    if not lost:
        return None
    return (
        f"checkpoints of {counted(len(lost), 'run')} are not in {artifacts}, and "
        f"{counted(sum(lost), 'epoch')} will be trained again; "
        "if they are elsewhere, stop (Ctrl-C) and set GST_ARTIFACT_DIR to their folder"
    )


def _epochs_lost(store: Store, run: RunState, artifacts: Artifacts) -> int:
    """Number of epochs, those of EL2N networks among them, after the newest checkpoint that is there."""
    pointers = checkpoints(run._asdict())
    if not pointers:
        return 0
    there = (it for it in pointers if any(place.exists(it.name) for place in _places(artifacts, it)))
    left = next((it.epoch for it in there), None)
    if left is None:
        left = -1 - store.spec(run.key).config.el2n_epochs
    return pointers[0].epoch - left


def _places(artifacts: Artifacts, wanted: Checkpoint) -> Iterator[Artifacts]:
    yield artifacts
    if wanted.place is not None and wanted.place != str(artifacts):
        if "***" in wanted.place:
            raise Unreachable(
                f"{wanted.name}: was saved in {wanted.place}, whose password the store does not keep: set "
                "GST_ARTIFACT_DIR to it"
            )
        try:
            yield artifacts_at(wanted.place)
        except InputError as error:
            raise Unreachable(f"{wanted.name}: was saved in a place that cannot be asked: {error}") from error


def _content(place: Artifacts, wanted: Checkpoint) -> io.BytesIO:
    """All of the file in that place: what was hashed is what is loaded. Raises as `restore` does."""
    path = f"{place}/{wanted.name}"
    try:
        with place.read(wanted.name) as file:
            content = file.read()
    except (FileNotFoundError, NotADirectoryError):
        raise DataError(f"{path}: is not there (GST_ARTIFACT_DIR=FOLDER looks elsewhere)") from None
    except Exception as error:  # each file system has its own
        raise Unreachable(
            f"{path}: cannot be read: {_reason(error)}. The run keeps its epochs: the same command carries "
            "on once the file can be read, or without it once it is removed"
        ) from error
    found = hashlib.sha256(content).hexdigest()
    if wanted.sha256 is not None and found != wanted.sha256:
        raise DataError(
            f"{path}: is not as it was saved: its sha256 is {short(found)}, not {short(wanted.sha256)}"
        )
    return io.BytesIO(content)


def _reason(error: Exception) -> str:
    """The operating system's message, which torch hides behind an error of its own."""
    cause = error if isinstance(error, OSError) else error.__context__
    return (cause.strerror if isinstance(cause, OSError) else None) or str(error)
