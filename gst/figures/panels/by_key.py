"""A quantity of runs by a key of their configurations: a line joins arms that differ in that key alone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from gst.analysis.knobs import arm_settings
from gst.analysis.quantities import RunQuantity, measured
from gst.analysis.results import RunResult, distinct
from gst.analysis.source import find_source
from gst.config.problem import shown
from gst.errors import InputError, UnknownNameError
from gst.figures.axes import asides
from gst.figures.frame import Pane, draw_panel
from gst.figures.means import RunMean
from gst.figures.panels.baselines import add_baselines
from gst.figures.panels.curves import Log, check_log
from gst.figures.panels.marks import Mark, SeriesStyle, add_marks, mark_of
from gst.figures.sheet import Row
from gst.figures.style import intervals, looks
from gst.figures.sweep_runs import SweepRuns
from gst.grouping import grouped
from gst.words import is_number, listed

if TYPE_CHECKING:
    from gst.store import Store

LOGARITHMIC = 20
"""The axis is logarithmic where the largest value is this many times the smallest."""


KeyMark = Mark[RunResult, None]


class ByKey(NamedTuple):
    """Means by the values of a key, a line for each group of arms that differ in it alone.

    An arm that has no such key is a dashed line through the panel. Marks stand at the places of `values`.
    """

    key: str
    quantity: RunQuantity
    values: tuple[Any, ...]
    lines: Mapping[str, tuple[KeyMark, ...]]
    without: tuple[RunMean, ...]
    heading: str = ""
    log: Log | None = None
    """The axes that are logarithmic; None leaves it to the values of the key."""

    def rows(self) -> Iterator[Row]:
        """A row for each mean."""
        for line, marks in self.lines.items():
            for mark in marks:
                about = {"line": line, self.key: self.values[int(mark.x)]}
                yield {**mark.group.row(f"mean {self.quantity.name}"), **about}
        for it in self.without:
            yield it.row(f"mean {self.quantity.name}")

    def words(self, mark: KeyMark) -> str:
        """The value of the key in words."""
        return f"{self.key} {self.values[int(mark.x)]}"

    def reading(self) -> Iterator[str]:
        """How means and intervals were made."""
        groups = [mark.group for marks in self.lines.values() for mark in marks]
        yield (
            f"{intervals(it.estimate.method for it in groups if it.estimate)} A line joins arms that differ "
            f"in {self.key} alone; small dots are single runs."
        )


def by_key(
    store: Store, found: SweepRuns, key: str | None, quantity: RunQuantity, log: Log | None = None
) -> ByKey:
    """The panel of that key, or of the one with the most values.

    Raises UnknownNameError for a key that does not vary in the sweep, and InputError where none does, and for
    a logarithmic axis of what are not positive numbers.
    """
    configs = arm_settings(store, found.source)
    known = _varying([configs[arm] for arm, _ in found.arm_counts])
    check_log(log or "")
    if not known:
        raise InputError(f"sweep {found.source.sweep!r}: no key of its completed runs has two values")
    key = max(known, key=lambda it: len(known[it])) if key is None else key
    ends = [it for it in known if it.endswith(f".{key}")]
    key = ends[0] if len(ends) == 1 else key
    if key not in known:
        raise UnknownNameError("key with several values in the sweep", key, known)
    values = known[key]
    _refuse_log("x", log, key, values)
    groups = grouped(
        (json.dumps({**configs[arm], key: None}, sort_keys=True), arm)
        for arm, _ in found.arm_counts
        if key in configs[arm]
    )
    runs = grouped((run.arm, run) for run in distinct(found.runs) if measured(quantity, run) is not None)
    if not runs:
        raise InputError(f"sweep {found.source.label!r}: none of its runs has a value of {quantity.name}")
    _refuse_log("y", log, quantity.name, [quantity.of(run) for its in runs.values() for run in its])
    lines = {
        name: tuple(
            _mark(values.index(configs[arm][key]), runs[arm], quantity)
            for arm in sorted(arms, key=lambda it: values.index(configs[it][key]))
            if arm in runs
        )
        for name, arms in zip(_names(groups, key, configs), groups.values(), strict=True)
    }
    without = tuple(_mark(0, its, quantity).group for arm, its in runs.items() if key not in configs[arm])
    heading = f"<b>{quantity.title}</b> by {key}"
    return ByKey(key, quantity, values, {name: it for name, it in lines.items() if it}, without, heading, log)


def varying_keys(store: Store, sweep: str) -> list[str]:
    """The keys that `by_key` knows for that sweep. Raises UnknownNameError for a sweep that there is not."""
    source = find_source(store, sweep)
    configs = arm_settings(store, source)
    return [*_varying([configs[arm] for arm in dict.fromkeys(it.arm for it in source.completed)])]


def _refuse_log(axis: str, log: str | None, name: str, values: Sequence[Any]) -> None:
    """Raise InputError where that axis is to be logarithmic, and a value is no positive number."""
    for value in values:
        if axis in (log or "") and not (is_number(value) and value > 0):
            raise InputError(f"log {axis}: {name} has the value {shown(value)}, which is no positive number")


def _mark(place: int, runs: Sequence[RunResult], quantity: RunQuantity) -> KeyMark:
    return mark_of(float(place), None, runs[0].arm, ((run, quantity.of(run)) for run in runs))


def _varying(configs: Sequence[Mapping[str, Any]]) -> dict[str, tuple[Any, ...]]:
    """The values of each key that has several, numbers in their order, others in that of the file."""
    found: dict[str, list[Any]] = {}
    for config in configs:
        for name, value in config.items():
            if value not in found.setdefault(name, []):
                found[name].append(value)
    several = {name: values for name, values in found.items() if len(values) > 1}
    return {
        name: tuple(sorted(values) if all(isinstance(it, int | float) for it in values) else values)
        for name, values in several.items()
    }


def _names(
    groups: Mapping[str, Sequence[str]], key: str, configs: Mapping[str, Mapping[str, Any]]
) -> list[str]:
    """A name for each line: that of its arm, or `PruneL` of `PruneL fraction=0.3` and `PruneL fraction=0.6`.

    Where the names of its arms have no more than that in common, the fewest keys that tell lines apart.
    """
    axis = re.compile(rf"[ ,]*\b{re.escape(key.rpartition('.')[2])}=\S+")
    lines, names = list(groups.values()), list[str]()
    for arms in lines:
        short = {axis.sub("", arm).strip() for arm in arms}
        names.append(arms[0] if len(arms) == 1 else short.pop() if len(short) == 1 else "")
    unnamed = [at for at, name in enumerate(names) if not name or names.count(name) > 1]
    firsts = [{name: it for name, it in configs[arms[0]].items() if name != key} for arms in lines]
    telling = _telling(firsts, unnamed)
    for at in unnamed:
        pairs = ((name.rpartition(".")[2], firsts[at].get(name)) for name in telling)
        names[at] = ", ".join(f"{name}={_value(it)}" for name, it in pairs if it is not None)
    return [
        name if name and names.count(name) == 1 else listed(arms, 1)
        for name, arms in zip(names, lines, strict=True)
    ]


def _telling(settings: Sequence[Mapping[str, Any]], chosen: Sequence[int]) -> list[str]:
    """The keys, few of them, by which each chosen one of the settings differs from all others."""
    pairs = [(at, other) for at in chosen for other in range(len(settings)) if other != at]
    keys = list(_varying(settings))
    found: list[str] = []

    def alike(name: str) -> list[tuple[int, int]]:
        return [(a, b) for a, b in pairs if settings[a].get(name) == settings[b].get(name)]

    while pairs and keys:
        best = min(keys, key=lambda name: len(alike(name)))
        keys.remove(best)
        if len(left := alike(best)) < len(pairs):
            found.append(best)
        pairs = left
    return found


def _value(value: Any) -> str:
    return " ".join(map(str, value)) or "none" if isinstance(value, list) else str(value)


@draw_panel.register
def _(panel: ByKey, pane: Pane) -> None:
    numbers = [it for it in panel.values if isinstance(it, int | float) and not isinstance(it, bool)]
    numeric = len(numbers) == len(panel.values)
    steep = numeric and numbers[0] > 0 and numbers[-1] >= LOGARITHMIC * numbers[0]
    if panel.log is not None:
        steep = "x" in panel.log

    def place(x: float, aside: float) -> float:
        if not numeric:
            return x + 0.08 * aside
        value = float(panel.values[int(x)])
        return value * (1 + 0.03 * aside) if steep else value + 0.012 * aside * (numbers[-1] - numbers[0])

    style = looks(list(panel.lines))
    for name, aside in zip(panel.lines, asides(len(panel.lines)), strict=True):
        told = SeriesStyle(name, style[name], place, panel.words, panel.quantity.words, aside=aside)
        add_marks(pane, panel.lines[name], told)
    add_baselines(pane, panel.without)
    ticks = {
        "tickvals": [place(x, 0) for x in range(len(panel.values))],
        "ticktext": list(map(str, panel.values)),
    }
    pane.set_x(title_text=panel.key, type="log" if steep else "linear", **ticks)
    pane.set_y(title_text=panel.quantity.short, tickformat=panel.quantity.tick_format or None)
    if "y" in (panel.log or ""):
        pane.set_y(type="log")
