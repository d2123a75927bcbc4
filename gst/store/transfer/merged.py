"""The outcome of taking archives into a store."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, get_args

from gst.errors import InputError
from gst.words import cut

Conflicts = Literal["refuse", "keep", "take"]
"""The choice for runs that ended here and in the archive with different results."""

Fate = Literal["kept", "same", "measured", "filled", "replaced", "new", "busy"]
"""What became of a run: it stayed as it was here, for the archive has nothing more of it; it has the
same results here; the same, and measurements that were missing; it has results now that were missing; other
results than it had; it was not here; or it was left alone, because it is being trained here right now."""


@dataclass
class Merged:
    """The outcome of archives."""

    sweeps: int = 0  # new ones
    annotations: int = 0  # new rows of what people wrote
    fates: dict[str, Fate] = field(default_factory=dict)  # by key of run
    conflicts: list[str] = field(default_factory=list)  # sentences

    def met(self, key: str, fate: Fate) -> None:
        """Note a run's fate; of several, in as many archives, the one that says most."""
        known = get_args(Fate)
        self.fates[key] = max(self.fates.get(key, fate), fate, key=known.index)

    def runs(self, fate: Fate) -> list[str]:
        """The keys of runs of that fate."""
        return [key for key, met in self.fates.items() if met == fate]

    @property
    def changed(self) -> bool:
        """Whether anything is in the store that was not."""
        changes = {"measured", "filled", "replaced", "new"}
        return bool(self.sweeps or self.annotations or changes & set(self.fates.values()))

    def refuse_conflicts(self) -> None:
        """Raise InputError if there are any, with the options that decide them."""
        if not self.conflicts:
            return
        count = len(self.conflicts)
        shown = "\n  ".join(cut(self.conflicts, 5))
        raise InputError(
            f"runs that ended here with other results: {count}; nothing was written:\n  {shown}\n"
            "--keep-mine leaves those runs here as they are, --take-theirs replaces them"
        )
