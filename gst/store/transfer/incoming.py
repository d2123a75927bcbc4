"""An archive on its way into a store: everything about it that can be checked without the store."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Table

from gst.archive import Archive, Column, Row, canonical, fingerprint
from gst.archive.column import total
from gst.archive.manifest import schema_revisions
from gst.config import RunConfig, RunSpec, config_from_json, config_json
from gst.config.design import stored_design
from gst.config.key import former_keys, is_key_of, whole_json
from gst.config.measure import Measurements
from gst.errors import ConfigError, InputError, UnknownNameError
from gst.paths import is_file_stem
from gst.store.checkpoint import is_own
from gst.store.schema import (
    STATUSES,
    YIELDED,
    attempts,
    configs,
    datasets,
    epochs,
    flatness,
    runs,
    sweep_runs,
    sweeps,
)
from gst.store.transfer.older import SINCE, Older
from gst.store.transfer.tables import Layout, archived, layout
from gst.words import control_character, short, visible

UNCOMPARED = ("run_key", "seconds")
"""Columns that two machines which trained the same run do not share, or that need no comparing."""

Values = Mapping[str, Any]


@dataclass
class Results:
    """The archive's part of one run, without the rows themselves."""

    attempt: int = 0  # the last
    epochs: int = 0
    last_epoch: int = -1
    fingerprints: list[int] = field(default_factory=lambda: [0] * len(YIELDED))


class Incoming:
    """A checked archive. What its runs yielded is read from the file whenever it is needed."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        _refuse_unknown(archive)
        archive.verify()
        self._older: Older | None = None
        self.configs: dict[str, RunConfig] = {}
        self.config_texts: dict[str, str] = {}
        self._read_configs()
        if archive.manifest.schema < SINCE:
            self._older = Older(self.configs, self._all(runs), self._all(flatness))
            for config in list(self.configs.values()):
                text = config_json(config)
                digest = hashlib.sha256(text.encode()).hexdigest()
                self.configs[digest], self.config_texts[digest] = config_from_json(text), text
        self.sweeps = self._all(sweeps)
        self._check_sweeps()
        self.datasets = self._all(datasets)
        self.members = self._all(sweep_runs)
        self._check_arms()
        self.runs: dict[str, Values] = {row["key"]: row for row in self._all(runs)}
        self._check_runs()
        if self._older is not None:
            used = {row["config_hash"] for row in self.runs.values()}
            self.configs = {digest: it for digest, it in self.configs.items() if digest in used}
        self.results = self._read_results()
        self._check_results()

    def where(self, table: Table) -> str:
        """The name of that table's file in messages."""
        return self.archive.where(table.name)

    def rows(self, table: Table) -> Iterator[list[Row]]:
        """The rows of a table as its layout has them, in chunks."""
        if table.name not in self.archive.manifest.tables:
            return
        wanted = layout(table).columns
        given = self.archive.manifest.tables[table.name].columns
        texts = [(place, it) for place, it in enumerate(wanted) if it.kind in ("text", "json")]
        for chunk in self._ordered(table, wanted, given):
            for row in chunk:
                for place, column in texts:
                    _refuse_character(row[place], column, self.where(table))
            yield chunk if self._older is None else self._older.rows(table, chunk)

    def _ordered(
        self, table: Table, wanted: tuple[Column, ...], given: tuple[Column, ...]
    ) -> Iterator[list[Row]]:
        if [it.name for it in wanted] == [it.name for it in given]:
            yield from self.archive.rows(table.name)
            return
        places = {column.name: number for number, column in enumerate(given)}
        order = [places.get(column.name) for column in wanted]
        for chunk in self.archive.rows(table.name):
            yield [tuple(None if place is None else row[place] for place in order) for row in chunk]

    def _all(self, table: Table) -> list[Values]:
        return [layout(table).named(row) for chunk in self.rows(table) for row in chunk]

    def _read_configs(self) -> None:
        for row in self._all(configs):
            digest, text = row["hash"], row["config"]
            named = f"{self.where(configs)}: configuration {short(digest)}"
            if hashlib.sha256(text.encode()).hexdigest() != digest:
                raise InputError(f"{named} is not the one of its hash")
            try:
                config = config_from_json(text)
            except (ConfigError, ValueError) as error:
                raise InputError(f"{named} is none for this gst: {error}") from None
            if text not in (config_json(config), whole_json(config)):
                raise InputError(f"{named} is not written as this gst does")
            self.configs[digest], self.config_texts[digest] = config, text

    def _check_arms(self) -> None:
        where = self.where(sweep_runs)
        for row in self.members:
            if not row["arm"] or control_character(row["arm"]):
                raise InputError(f"{where}: {visible(row['arm'])!r} is not the label of an arm")

    def _check_sweeps(self) -> None:
        where = self.where(sweeps)
        for row in self.sweeps:
            if not is_file_stem(row["name"]):
                raise InputError(f"{where}: {visible(row['name'])!r} is not the name of a sweep file")
            if control_character(row["title"].rstrip("\n")):  # a folded text of YAML ends with a line break
                raise InputError(f"{where}: sweep {row['name']!r}: title: expected one line of text")
            figures = row["figures"]
            if not isinstance(figures, list) or not all(isinstance(it, str) for it in figures):
                raise InputError(f"{where}: sweep {row['name']!r}: figures: expected a list of names")
            try:
                if row["design"] is not None:
                    stored_design(row["design"])
            except ConfigError as error:
                raise InputError(
                    f"{where}: the design of sweep {row['name']!r} is none for this gst: {error}"
                ) from None

    def _check_runs(self) -> None:
        where = self.where(runs)
        if len(self.runs) != sum(map(len, self.rows(runs))):
            raise InputError(f"{where}: has a run twice")
        asked: dict[str, list[str]] = defaultdict(list)
        for member in self.members:
            if member["measure"] is not None:
                asked[member["run_key"]].append(member["measure"])
        for key, row in self.runs.items():
            run, config = f"{where}: run {short(key)}", self.configs.get(row["config_hash"])
            if config is None:
                its = short(row["config_hash"])
                raise InputError(f"{run}: its configuration {its} is not in {self.where(configs)}")
            if row["seed"] < 0:
                raise InputError(f"{run}: seed: expected a number from 0 on")
            if not is_key_of(key, spec := RunSpec(config, row["seed"])):
                raise InputError(f"{run} is not the run of its key")
            if row["status"] not in STATUSES:
                raise InputError(f"{run}: {UnknownNameError('status', row['status'], STATUSES)}")
            keys = {key, *former_keys(spec, Measurements.stored(asked[key]))}
            for column in ("checkpoint", "earlier_checkpoint"):
                if row[column] is not None and not is_own(row[column], keys):
                    wanted = f"is not a name that gst gives, such as {key}/1-20.pt"
                    raise InputError(f"{run}: {column}: {row[column]!r} {wanted}")

    def _read_results(self) -> dict[str, Results]:
        results = {key: Results() for key in self.runs}
        for table in archived():
            of = layout(table)
            if of.field(runs) is None:
                continue
            place = of.position("run_key")
            for chunk in self.rows(table):
                for row in chunk:
                    key = row[place]
                    if key is not None and key not in results:
                        raise InputError(
                            f"{self.where(table)}: has a row of run {short(key)}, "
                            f"which is not in {self.where(runs)}"
                        )
                if table in YIELDED:
                    _add_up(results, of, chunk)
                elif table is attempts:
                    number = of.position("attempt")
                    for row in chunk:
                        results[row[place]].attempt = max(results[row[place]].attempt, row[number])
        return results

    def _check_results(self) -> None:
        for key, found in self.results.items():
            row, run, says = self.runs[key], f"run {short(key)}", f"{self.where(runs)} says"
            config = self.configs[row["config_hash"]]
            last = -1 if row["last_epoch"] is None else row["last_epoch"]
            said = 0 if row["last_epoch"] is None else last + 1 - config.first_epoch
            if found.epochs != said or found.last_epoch != last:
                raise InputError(f"{self.where(epochs)}: {run} has {found.epochs} epochs, and {says} {said}")
            wanted = config.own_epochs
            if row["status"] == "completed" and found.epochs != wanted:
                has = f"{found.epochs} of {wanted} epochs"
                raise InputError(f"{self.where(runs)}: {run} is completed, and has {has}")
            if found.attempt != row["attempt"]:
                has = f"{found.attempt} attempts"
                raise InputError(f"{self.where(attempts)}: {run} has {has}, and {says} {row['attempt']}")


PRINTED = frozenset({"traceback", "log_tail", "reason"})
"""Columns of what programs printed; other texts may have no character that a terminal obeys."""


def _refuse_character(value: Any, column: Column, where: str) -> None:
    """Refuse NUL, which Postgres has not, and what a terminal obeys rather than shows."""
    for text in _texts(value):
        found = control_character(text, lines=True)
        if column.name in PRINTED:
            found = "U+0000" if "\0" in text else None
        if found:
            shown = repr(visible(text)[:60])
            raise InputError(f"{where}: {column.name}: the character {found} is no text: {shown}")


def _texts(value: Any) -> Iterator[str]:
    """All texts inside a value of JSON."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def compared(of: Layout) -> list[tuple[int, Column]]:
    """The columns in which two results of the same run must agree, and where they are in a row."""
    return [(place, column) for place, column in enumerate(of.columns) if column.name not in UNCOMPARED]


def texts(row: Row, columns: list[tuple[int, Column]]) -> list[str | None]:
    """The canonical texts of those columns."""
    return [canonical(row[place], column.kind) for place, column in columns]


def _add_up(results: Mapping[str, Results], of: Layout, chunk: list[Row]) -> None:
    columns, number = compared(of), YIELDED.index(of.table)
    run, epoch = of.position("run_key"), of.position("epoch")
    for row in chunk:
        result = results[row[run]]
        result.fingerprints[number] = total((result.fingerprints[number], fingerprint(texts(row, columns))))
        if of.table is epochs:
            result.epochs += 1
            result.last_epoch = max(result.last_epoch, row[epoch])


def _refuse_unknown(archive: Archive) -> None:
    """Raise InputError for a newer schema, and for tables and columns that are not as this gst has them."""
    manifest, known = archive.manifest, schema_revisions()
    if manifest.schema not in known:
        raise InputError(
            f"{archive.path}: was written by gst {manifest.gst} from schema {manifest.schema}, which "
            f"this gst (schema {known[-1]}) does not know; import it with that gst, or a newer one"
        )
    tables = {table.name: table for table in archived()}
    for name, facts in manifest.tables.items():
        if name not in tables:
            raise InputError(f"{archive.path}: {UnknownNameError('table', name, tables)}")
        _refuse_columns(archive, tables[name], facts.columns, older=manifest.schema != known[-1])
    if runs.name not in manifest.tables:
        raise InputError(f"{archive.path}: lacks the table 'runs'")


def _refuse_columns(archive: Archive, table: Table, given: tuple[Column, ...], *, older: bool) -> None:
    where = archive.where(table.name)
    found = {column.name: column for column in given}
    for column in layout(table).columns:
        if column.name not in found:
            if older and (column.nullable or column.name == "settings"):
                continue  # the store that it came from did not have it
            raise InputError(f"{where}: lacks the column {column.name!r}")
        there = found.pop(column.name)
        if there.kind != column.kind:
            raise InputError(f"{where}: {column.name}: has type {there.kind}, expected {column.kind}")
        if there.nullable and not column.nullable:
            raise InputError(f"{where}: {column.name}: may be empty there, and must not be here")
    if found:
        names = [column.name for column in layout(table).columns]
        raise InputError(f"{where}: {UnknownNameError('column', next(iter(found)), names)}")
