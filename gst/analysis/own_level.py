"""The level of a single run that its own validation images choose; over seeds see gst.analysis.levels.

Test images choose none: what is left out of training by such a level must not come from them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from gst.errors import InputError
from gst.words import short

if TYPE_CHECKING:
    from gst.store import Store

LevelName = Literal["optimal", "sparsest_better"]


def own_level(store: Store, key: str, wanted: LevelName | int) -> int:
    """The number itself, or the level of that name of a completed run (Jin et al. 2022, section 3).

    `optimal` is its pruned level of lowest validation error, of equal ones the first; `sparsest_better` its
    last one whose validation error is lower than that of level 0. Raises InputError where there is none.
    """
    if isinstance(wanted, int):
        return wanted
    levels = store.run(key).levels
    found: dict[int, float] = {
        row["level"]: row["validation_accuracy"] for row in levels if row["validation_accuracy"] is not None
    }
    accuracies = {level: it for level, it in found.items() if level}
    if not accuracies:
        why = "; data.validation holds images out" if levels else ": it has one level alone"
        raise InputError(f"run {short(key)}: has no pruned level with a validation error to choose by{why}")
    if wanted == "optimal":
        return min(accuracies, key=lambda level: (-accuracies[level], level))
    better = [level for level, it in accuracies.items() if it > found[0]]
    if not better:
        raise InputError(f"run {short(key)}: no level has a lower validation error than level 0")
    return max(better)
