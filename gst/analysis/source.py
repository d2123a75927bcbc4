"""A version of a sweep, its runs, and rows of its completed ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from gst.config.document import parse_document
from gst.errors import ConfigError, InputError
from gst.words import is_missing

if TYPE_CHECKING:
    from gst.store import Store, Version

_MEMBERS = """\
SELECT m.arm, r.key, r.seed, r.status, r.kind, r.events, m.position
FROM sweep_runs m
JOIN run_summary r ON r.run_id = m.run_id
WHERE m.sweep_id = :sweep_id
ORDER BY m.position"""
_LOOKED = """\
SELECT 1 FROM sweeps s
WHERE s.name = :name AND (
    (s.sweep_id = :sweep_id AND s.design IS NOT NULL)
    OR s.sweep_id IN (SELECT k.sweep_id FROM looks k)
)"""

_ROWS = """\
SELECT {columns}
FROM sweep_runs m
JOIN runs r ON r.run_id = m.run_id
JOIN configs c ON c.config_id = r.config_id
JOIN {table} t ON t.run_id = m.run_id
WHERE m.sweep_id = :sweep_id{where}
ORDER BY {order}"""
_OF_A_MEMBER = {"arm": "m.arm", "position": "m.position", "key": "r.key", "seed": "r.seed"}


class Table(NamedTuple):
    """Numbers as rows, for files, terminals and pages: one value, or None, per column in each row."""

    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]

    def filled(self) -> Table:
        """The same without the columns that have no value."""
        kept = [at for at in range(len(self.columns)) if any(not is_missing(row[at]) for row in self.rows)]
        rows = tuple(tuple(row[at] for at in kept) for row in self.rows)
        return Table(tuple(self.columns[at] for at in kept), rows)

    def records(self) -> list[dict[str, object]]:
        """A mapping for each row, without what has no value."""
        return [
            {name: it for name, it in zip(self.columns, row, strict=True) if not is_missing(it)}
            for row in self.rows
        ]


class Member(NamedTuple):
    """A run of the sweep, completed or not, by its position in the file.

    Its events are those that removed something as it trained.
    """

    arm: str
    key: str
    seed: int
    status: str
    kind: str
    events: int
    position: int


class Source(NamedTuple):
    """A version of a sweep, and its runs in the order of the sweep file.

    `label` is what its files are called: the name, or the address of a version that is not the file's own.
    `looked` says that it looked at its data before it went on, by a design of its own or of an earlier sweep
    of its name: no p is to be shown but that of the design's decision. `mixed` says in what its runs differ
    that should be alike, a sentence without its full stop for each.
    """

    sweep: str
    label: str
    sweep_id: int
    digest: str
    title: str
    members: tuple[Member, ...]
    looked: bool = False
    mixed: tuple[str, ...] = ()
    text: str = ""
    """The text of its file."""

    def __repr__(self) -> str:
        """Its label, as messages name a sweep."""
        return repr(self.label)

    @property
    def note(self) -> str:
        """What its file says at the end of a summary; nothing where it does not."""
        try:
            return str(parse_document(self.text, Path(self.sweep)).values.get("note") or "")
        except ConfigError:
            return ""

    @property
    def completed(self) -> tuple[Member, ...]:
        """The runs that completed; one in two arms is there twice."""
        return tuple(member for member in self.members if member.status == "completed")

    @property
    def missing(self) -> tuple[Member, ...]:
        """The runs that the sweep asks for and that did not complete."""
        return tuple(member for member in self.members if member.status != "completed")

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the completed runs, each once even where a run is in several arms."""
        return tuple(dict.fromkeys(member.key for member in self.completed))

    @property
    def arms(self) -> tuple[str, ...]:
        """The labels of the arms, in the order of the sweep file."""
        return tuple(dict.fromkeys(member.arm for member in self.members))

    def statuses(self) -> str:
        """The missing runs by status, in words: `2 failed, 1 pending`."""
        counted = Counter(member.status for member in self.missing)
        return ", ".join(f"{count} {status}" for status, count in sorted(counted.items()))


def find_source(store: Store, sweep: str | Source) -> Source:
    """The version that this name or address means; a source, which may have some of its runs, as it is.

    Raises UnknownNameError where there is none, and InputError where none of its runs completed.
    """
    if isinstance(sweep, Source):
        return sweep
    from gst.store import mixtures  # here, as whoever has a store has imported it already
    from gst.store.schema import ENDED

    found = store.version(sweep)
    name, sweep_id = found.name, found.sweep_id
    members = tuple(Member._make(row) for row in store.query(_MEMBERS, sweep_id=sweep_id).rows)
    looked = has_looked(store, found)
    mixed = tuple(it.words for it in mixtures(store, sweep_id))
    ((text,),) = store.query("SELECT text FROM sweeps WHERE sweep_id = :sweep_id", sweep_id=sweep_id).rows
    source = Source(name, found.label, sweep_id, found.digest, found.title, members, looked, mixed, text)
    if not source.keys and all(member.status in ENDED for member in members):
        raise InputError(
            f"sweep {sweep!r} has no completed run: all {len(members)} have ended without a result "
            f"({source.statuses()}). `gst logs RUN` says why one failed; `gst retry --sweep {found.called}`, "
            "with --diverged for those too, has them trained again"
        )
    if not source.keys:
        raise InputError(
            f"sweep {sweep!r} has no completed run yet, of {len(members)} ({source.statuses()}); "
            f"run it first: gst sweep FILE, with the file that {sweep!r} is named for"
        )
    return source


def has_looked(store: Store, version: Version) -> bool:
    """Whether the version looked at its data before it went on: see `Source`."""
    return bool(store.query(_LOOKED, name=version.name, sweep_id=version.sweep_id).rows)


_Result = TypeVar("_Result", bound=tuple[Any, ...])


def completed_results(
    store: Store, source: Source, kind: type[_Result], table: str, **query: Any
) -> tuple[_Result, ...]:
    """The rows of a table that belong to completed runs, as NamedTuples of that kind.

    In the order of the sweep file; those of a run in two arms are there twice. Each field is a column, for
    which see completed_rows, as for `query`.
    """
    rows = completed_rows(store, source, tuple(kind.__annotations__), table, **query)
    return tuple(tuple.__new__(kind, row) for row in rows)


def completed_rows(
    store: Store, source: Source, names: Sequence[str], table: str, **query: Any
) -> list[tuple[Any, ...]]:
    """The same as bare tuples, with a value for each of these names, `arm` and `key` among them.

    A name is a column of the table, unless `columns` has an SQL expression for it, in which the table is
    `t`, runs are `r` and configs `c`. `order` is that of one run's rows; `where` may have parameters, which
    stand beside it in the `query`.
    """
    statement, parameters = _statement(names, table, **query)
    found = store.query(statement, sweep_id=source.sweep_id, **parameters)
    # A run may have completed since the source was read.
    known = {(member.arm, member.key) for member in source.completed}
    arm, key = names.index("arm"), names.index("key")
    return [row for row in found.rows if (row[arm], row[key]) in known]


def completed_numbers(
    store: Store, source: Source, names: Sequence[str], table: str, **query: Any
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Like completed_rows, for numeric columns only; NULL becomes NaN.

    The place of each row's run among the completed ones, [rows], and its numbers, [rows, names].
    """
    statement, parameters = _statement(("position", *names), table, **query)
    found = store.numbers(statement, sweep_id=source.sweep_id, **parameters)
    at = found[:, 0].astype(np.int64)
    known = np.array([member.position for member in source.completed], dtype=np.int64)
    places = np.full(1 + max(at.max(initial=0), known.max(initial=0)), -1)
    places[known] = np.arange(len(known))
    place = places[at]
    return place[place >= 0], found[place >= 0, 1:]


def _statement(
    names: Sequence[str],
    table: str,
    *,
    columns: Mapping[str, str] = MappingProxyType({}),
    where: str = "",
    order: Sequence[str] = (),
    **parameters: object,
) -> tuple[str, dict[str, object]]:
    """The SQL for those rows, and its parameters; see completed_rows."""
    expressions = {name: f"t.{name}" for name in names} | _OF_A_MEMBER | dict(columns)
    text = _ROWS.format(
        columns=", ".join(expressions[name] for name in names),
        table=table,
        where=f" AND {where}" if where else "",
        order=", ".join(["m.position", *order]),
    )
    return text, parameters
