"""The manifest of an archive, manifest.json, by which everything else in it is checked."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any, Literal, NamedTuple, get_args

from gst.archive.column import Column, Kind, plain_json
from gst.errors import InputError
from gst.paths import project_folder
from gst.words import control_character

FORMAT = 1
"""The version of the form of archives; it changes when a reader of the old form would go wrong."""

FILE = "manifest.json"
Form = Literal["parquet", "csv"]


class SweepName(NamedTuple):
    """A sweep wherever it is: files of one name may have changed, digests not."""

    name: str
    digest: str


class TableFacts(NamedTuple):
    """A table's columns, its rows, and the sha256 of its file in hexadecimal."""

    columns: tuple[Column, ...]
    rows: int
    sha256: str


class Manifest(NamedTuple):
    """An archive: which gst wrote it when, from which schema, which sweeps are in it, and its tables."""

    gst: str
    schema: str
    written: datetime
    form: Form
    sweeps: tuple[SweepName, ...]
    tables: Mapping[str, TableFacts]

    def file(self, table: str) -> str:
        """The name of that table's file."""
        return f"{table}.{self.form}"


def schema_revisions() -> list[str]:
    """The schema revisions that this gst knows, oldest first; the last is ours."""
    folder = project_folder("db") / "migrations" / "versions"
    return sorted(path.name.partition("_")[0] for path in folder.glob("[0-9]*.py"))


def to_json(manifest: Manifest) -> str:
    """The text of manifest.json."""
    tables = {
        name: {
            "rows": facts.rows,
            "sha256": facts.sha256,
            "columns": [{"name": it.name, "kind": it.kind, "nullable": it.nullable} for it in facts.columns],
        }
        for name, facts in manifest.tables.items()
    }
    content = {
        "archive": FORMAT,
        "gst": manifest.gst,
        "schema": manifest.schema,
        "written": manifest.written.astimezone(UTC).isoformat(),
        "format": manifest.form,
        "sweeps": [it._asdict() for it in manifest.sweeps],
        "tables": tables,
    }
    return json.dumps(content, indent=1) + "\n"


def from_json(text: str, where: str) -> Manifest:
    """The manifest with that text. Raises InputError, which begins with `where`, if it is none."""
    try:
        content = plain_json(text)
    except ValueError as error:
        raise InputError(f"{where}: is not JSON: {error}") from None
    if not isinstance(content, dict) or "archive" not in content:
        raise InputError(f"{where}: is not the manifest of an archive, it has no key 'archive'")
    if content["archive"] != FORMAT:
        raise InputError(
            f"{where}: the archive has format {content['archive']!r}, and this gst reads format {FORMAT}; "
            "import it with the gst that wrote it, or a newer one"
        )
    return Manifest(
        gst=_value(content, "gst", _text, where),
        schema=_value(content, "schema", _text, where),
        written=_value(content, "written", datetime.fromisoformat, where),
        form=_value(content, "format", partial(_one_of, Form), where),
        sweeps=_value(content, "sweeps", _sweeps, where),
        tables=_value(content, "tables", _tables, where),
    )


def _value(content: Mapping[str, Any], key: str, read: Callable[[Any], Any], where: str) -> Any:
    if key not in content:
        raise InputError(f"{where}: lacks {key!r}")
    try:
        return read(content[key])
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
        raise InputError(f"{where}: {key}: is not of the form that gst writes") from None


def _text(value: Any) -> str:
    if not isinstance(value, str) or control_character(value):
        raise TypeError(value)
    return value


def _one_of(choices: Any, value: Any) -> Any:
    if value not in get_args(choices):
        raise ValueError(value)
    return value


def _sweeps(value: Any) -> tuple[SweepName, ...]:
    return tuple(SweepName(_text(it["name"]), _text(it["digest"])) for it in value)


def _tables(value: Any) -> dict[str, TableFacts]:
    tables = {}
    for name, facts in value.items():
        columns = tuple(
            Column(_text(it["name"]), _one_of(Kind, it["kind"]), bool(it["nullable"]))
            for it in facts["columns"]
        )
        if not name.isidentifier() or not columns:  # a name is part of a path
            raise ValueError(name)
        tables[name] = TableFacts(columns, _count(facts["rows"]), _text(facts["sha256"]))
    return tables


def _count(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 1 << 63:
        raise ValueError(value)
    return value
