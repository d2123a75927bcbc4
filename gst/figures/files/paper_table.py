"""The numbers of a figure as tables for a paper: one row an arm, every mean with its interval."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from typing import Any, NamedTuple

from gst.analysis.quantities import (
    EPOCH_QUANTITIES,
    FLATNESS_QUANTITIES,
    LEVEL_QUANTITIES,
    RUN_QUANTITIES,
    Quantity,
)
from gst.analysis.source import Table
from gst.figures.panels.fit import CORRELATIONS
from gst.figures.sheet import Row
from gst.figures.style import signed
from gst.grouping import grouped
from gst.words import readable

NUMBERS = ("what", "arm", "value", "low", "high", "n", "unit", "p", "p_holm", "method", "note")
"""Columns that say what an estimate is and how large; all others say where it stands."""
NONE = "—"
"""In the place of a share that there is not."""
_CONTRAST, _SHARE = "contrast of ", "share of the variance of "
_NUMBER = re.compile(r"[−+]?[0-9]")
_QUANTITIES: Mapping[str, Quantity[Any]] = {
    **EPOCH_QUANTITIES,
    **LEVEL_QUANTITIES,
    **FLATNESS_QUANTITIES,
    **RUN_QUANTITIES,
    "final_test_accuracy": RUN_QUANTITIES["final_accuracy"],
    "best_test_accuracy": RUN_QUANTITIES["best_accuracy"],
}


class PaperTable(NamedTuple):
    """Cells as text under readable heads; `numeric` says which columns hold numbers."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[bool, ...]


def paper_tables(
    table: Table, arms: Iterable[Row] = (), pruned: Set[str] = frozenset()
) -> tuple[PaperTable, ...]:
    """The means of arms, a row each, then the other estimates that say how they were made.

    `arms` are means that are added where the table has some mean of no `pruned` arm. Where an arm was
    measured at several levels, each has its row; of epochs there is the last. A table without estimates stays
    as it is, less its empty columns.
    """
    rows = table.records()
    found = [row for row in rows if "value" in row and "seed" not in row]
    means = _last_epochs([row for row in found if _is_mean(row)])
    shares = [row for row in rows if str(row.get("what")).startswith(_SHARE)]  # some have no value
    others = shares or [row for row in found if not _is_mean(row) and "method" in row]
    of = dict[str, set[object]]()
    for row in means:
        of.setdefault(_head(row["what"]), set()).add(row["arm"])
    if (pruned and any(map(pruned.isdisjoint, of.values()))) or not (means or others):
        means = [*arms, *means]
    order = {arm: at for at, arm in enumerate(dict.fromkeys(row["arm"] for row in rows if "seed" in row))}
    tables = [_by_arm(means, order)] if means else []
    tables += map(_estimates, _alike(others))
    return tuple(tables or [_as_it_is(table.columns, rows)])


def _quantity(what: object) -> Quantity[Any] | None:
    return _QUANTITIES.get(re.sub(f"^({_CONTRAST}|{_SHARE}|mean )", "", str(what)).partition(",")[0])


def _is_mean(row: Row) -> bool:
    what = str(row["what"])
    named = what.startswith("mean ") or bool(_quantity(what))
    return "arm" in row and named and not what.startswith((_CONTRAST, _SHARE))


def _last_epochs(rows: Sequence[Row]) -> list[Row]:
    """The rows without those of an epoch after which the same curve goes on."""
    last = {(row["arm"], row["what"]): row["epoch"] for row in rows if "epoch" in row}  # epochs rise
    return [row for row in rows if row.get("epoch") == last.get((row["arm"], row["what"]))]


def _by_arm(rows: Sequence[Row], order: Mapping[object, int]) -> PaperTable:
    """A row for each arm, in that order, and for each place where it was measured."""
    apart, about = _telling_apart(rows), _saying_something(rows)
    groups: dict[tuple[object, ...], dict[str, Row]] = {}
    for row in rows:
        place = (row["arm"], *(row.get(name) for name in apart))
        groups.setdefault(place, {}).setdefault(_head(row["what"]), row)
    heads = list(dict.fromkeys(_head(row["what"]) for row in rows))
    listed = []
    for _, found in sorted(groups.items(), key=lambda it: order.get(it[0][0], -1)):
        n = max(int(str(row.get("n", 0))) for row in found.values())
        of_arm = {name: it for row in reversed(found.values()) for name, it in row.items()}
        means = [_mean(found[head], n) if head in found else "" for head in heads]
        listed.append([*(_text(of_arm.get(name)) for name in ("arm", *about)), str(n), *means])
    return _table([*map(_words, ("arm", *about)), "n", *heads], listed)


def _telling_apart(rows: Sequence[Row]) -> list[str]:
    """The columns in which rows of one arm and one quantity differ, such as levels and ranks."""
    values: dict[tuple[object, object, str], set[object]] = {}
    for row in rows:
        for name in row.keys() - set(NUMBERS):
            values.setdefault((row["arm"], row["what"], name), set()).add(row[name])
    return sorted({name for (_, _, name), found in values.items() if len(found) > 1})


def _saying_something(rows: Sequence[Row]) -> list[str]:
    """The columns beside the numbers that are not the same in all rows, and are no place on an axis."""
    names = dict.fromkeys(name for row in rows for name in row if name not in (*NUMBERS, "x", "epoch"))
    return [
        name
        for name in names
        if len({row[name] for row in rows if name in row}) > 1
        and any(row.get(name) != row.get("arm") for row in rows)
    ]


def _alike(rows: Sequence[Row]) -> Iterable[list[Row]]:
    """The rows in groups that say where they stand by the same columns: differences of arms, correlations."""
    others = {*NUMBERS, "x", "y"}
    return grouped((frozenset(row) - others | ({"arm"} & row.keys()), row) for row in rows).values()


def _estimates(rows: Sequence[Row]) -> PaperTable:
    """A row for each estimate; what all of them are stands at the head."""
    whats = list(dict.fromkeys(str(row["what"]) for row in rows))
    p = (
        ["p (Holm)"]
        if any("p_holm" in row for row in rows)
        else ["p"]
        if any("p" in row for row in rows)
        else []
    )
    about = [*(["arm"] if "arm" in rows[0] else []), *_saying_something(rows)]
    listed = [
        [
            *([_estimate(str(row["what"]))] if len(whats) > 1 else []),
            *(_text(row.get(name)) for name in about),
            _interval(row),
            f"{_text(row.get('n'))} {row.get('unit', '')}".strip(),
            *([_text(row.get("p_holm", row.get("p")), 2)] if p else []),
        ]
        for row in rows
    ]
    first, value = ([], [_estimate(whats[0])]) if len(whats) == 1 else (["Estimate"], ["Value"])
    return _table([*first, *map(_words, about), *value, "n", *p], listed)


def _as_it_is(columns: Sequence[str], rows: Sequence[Row]) -> PaperTable:
    filled = [name for name in columns if any(name in row for row in rows)]
    return _table([*map(_words, filled)], [[_text(row.get(name)) for name in filled] for row in rows])


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> PaperTable:
    cells = [[row[place] for row in rows if row[place] not in ("", NONE)] for place in range(len(heads))]
    numeric = tuple(all(_NUMBER.match(it) for it in column) for column in cells)
    return PaperTable(tuple(heads), tuple(map(tuple, rows)), numeric)


def _mean(row: Row, n: int) -> str:
    """The mean in its unit, with its interval, and its n where it is another than that of the row."""
    quantity = _quantity(row["what"])

    def text(value: float) -> str:
        if quantity is None:
            return _text(value)
        form = quantity.text_format.replace("%", "f") if quantity.is_share else quantity.text_format
        return format(quantity.in_unit(value), form).replace("-", "−")

    return _with_bounds(row, text) + ("" if row.get("n", n) == n else f" (n = {row['n']})")


def _interval(row: Row) -> str:
    quantity, what = _quantity(row["what"]), str(row["what"])
    if what.startswith(_SHARE):
        return _with_bounds(row, lambda it: f"{100 * it:.1f}") or NONE
    if quantity is not None:
        return _with_bounds(row, lambda it: signed(quantity.in_unit(it), 2, plus=True))
    return _with_bounds(row, lambda it: signed(it, 2, plus=True) if what in CORRELATIONS else _text(it, 3))


def _with_bounds(row: Row, text: Callable[[float], str]) -> str:
    """The value and its interval; nothing where there is no value, such as the stability of unpruned arms."""
    if "value" not in row:
        return ""
    value, *bounds = (float(row[name]) for name in ("value", "low", "high") if name in row)  # type: ignore[arg-type]
    return text(value) + (f" [{text(bounds[0])}, {text(bounds[1])}]" if len(bounds) == 2 else "")


def _head(what: object) -> str:
    quantity, more = _quantity(what), "".join(str(what).partition(",")[1:])
    if quantity is None:
        return _words(str(what).removeprefix("mean "))
    unit = {"percent": ", %", "points": ", points"}.get(quantity.unit, "")
    return f"{quantity.short}{more}{unit}"


def _estimate(what: str) -> str:
    quantity = _quantity(what)
    if quantity is not None and what.startswith(_SHARE):
        return f"Share of the variance of {quantity.words}, %"
    if quantity is not None:
        return f"Difference in {quantity.words}{', points' if quantity.is_share else ''}"
    return f"Correlation, {CORRELATIONS[what]}" if what in CORRELATIONS else _words(what)


def _words(name: str) -> str:
    """A column's name as the head of a table; a key of sweep files keeps its dots."""
    return name if "." in name else f"{name[:1].upper()}{name[1:]}".replace("_", " ")


def _text(value: object, digits: int = 4) -> str:
    text = readable(value, digits)
    return text.replace("-", "−") if isinstance(value, int | float) else text
