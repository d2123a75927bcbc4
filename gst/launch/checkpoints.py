"""The checkpoint files of one run: named so that no two attempts share one, and few at a time."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path

from gst.training import State, checkpoint

KEPT = 2
"""The newest that the store points to, and the one before: a power cut may undo the store's last commit."""


@dataclass
class Checkpoints:
    """The checkpoints of one attempt at a run, in `<artifacts>/<key>/<attempt>-<epoch>.pt`.

    The store holds paths relative to the artifact folder, which another machine may mount elsewhere.
    """

    artifacts: Path
    key: str
    seconds: float  # between two checkpoints; 0 makes one after every epoch
    _saved: list[str] = field(default_factory=list)  # that the store has pointed to, oldest first
    _clock: float = field(default_factory=time.monotonic)

    def usable(self, name: str) -> bool:
        """Whether the store may let a run continue from that checkpoint."""
        return self.path(name).is_file()

    def path(self, name: str) -> Path:
        """Where the checkpoint of that name lies."""
        return self.artifacts / name

    def restore(self, state: State, name: str) -> None:
        """Continue from that checkpoint, which counts as one of this attempt's from now on."""
        checkpoint.restore(state, self.path(name))
        self._saved = [name]

    def due(self) -> bool:
        """Whether enough time has passed since the last one."""
        return time.monotonic() - self._clock >= self.seconds

    def save(self, state: State, attempt: int) -> str:
        """The name of a new checkpoint of that state; the store does not know it yet."""
        name = f"{self.key}/{attempt}-{state.next_epoch - 1}.pt"
        checkpoint.save(state, self.path(name))
        self._clock = time.monotonic()
        return name

    def committed(self, name: str) -> None:
        """Remove what is older than the last two, now that the store points to this one."""
        self._saved.append(name)
        while len(self._saved) > KEPT:
            self.discard(self._saved.pop(0))

    def discard(self, name: str) -> None:
        """Remove one checkpoint, if it is there."""
        self.path(name).unlink(missing_ok=True)

    def clear(self) -> None:
        """Remove all checkpoints of the run, those of earlier attempts too: it will not be continued."""
        shutil.rmtree(self.artifacts / self.key, ignore_errors=True)
