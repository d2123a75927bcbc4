"""The tables as a diagram in Mermaid's language, which db/README.md shows: `make diagram` writes it there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from sqlalchemy import Column, ForeignKeyConstraint, Table

from gst.paths import project_folder
from gst.store.schema import metadata

BEGIN, END = "```mermaid\n", "```\n"
KINDS = {"BIGINT": "int", "BOOLEAN": "bool", "DATETIME": "time", "DOUBLE": "float", "INTEGER": "int"}
YIELDS = "yields"
VERBS: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("sweeps", "sweep_runs"): "has",
        ("runs", "sweep_runs"): "is in",
        ("sweeps", "looks"): "decides at",
        ("configs", "runs"): "with a seed is",
        ("runs", "attempts"): "tried in",
        ("sweeps", "attempts"): "drives",
        ("datasets", "attempts"): "trained on",
        ("runs", "kept_states"): "leaves",
        ("runs", "sources"): "needs",
        ("runs", "example_files"): "answers in",
        ("attempts", "system_samples"): "used",
        ("sweeps", "runs"): "trains",
        ("pruning_events", "layer_prunings"): "acts on",
        ("pruning_events", "event_classes"): "costs",
        ("flatness", "eigenvalues"): "rests on",
        ("flatness", "perturbation_losses"): "rests on",
        ("runs", "examples"): "trains on",
        ("runs", "levels"): "comes through",
        ("levels", "group_losses"): "falls into",
        ("runs", "run_tags"): "wears",
        ("runs", "notes"): "is told of in",
        ("sweeps", "notes"): "is told of in",
    }
)
"""The relation of a row of the first table to rows of the second."""


def diagram() -> str:
    """The diagram: a line for each reference from table to table, then the columns of each table."""
    tables = list(metadata.tables.values())
    relations = [_relation(table, key) for table in tables for key in _references(table)]
    return "\n".join(["erDiagram", *relations, *map(_entity, tables), ""])


def _references(table: Table) -> list[ForeignKeyConstraint]:
    return sorted(table.foreign_key_constraints, key=lambda key: list(key.column_keys))


def _relation(table: Table, key: ForeignKeyConstraint) -> str:
    one = "|o" if any(column.nullable for column in key.columns) else "||"
    other = key.referred_table.name
    verb = VERBS.get((other, table.name), YIELDS)
    return f'    {other} {one}--o{{ {table.name} : "{verb}"'


def _entity(table: Table) -> str:
    return "\n".join([f"    {table.name} {{", *map(_column, table.columns), "    }"])


def _column(column: Column[object]) -> str:
    keys = ", ".join(["PK"] * column.primary_key + ["FK"] * bool(column.foreign_keys))
    kind = str(column.type)
    return f"        {KINDS.get(kind, kind.lower())} {column.name} {keys}".rstrip()


def drawn(text: str) -> Iterator[str]:
    """The text in three parts, of which the second is its diagram."""
    before, begin, rest = text.partition(BEGIN)
    found, end, after = rest.partition(END)
    yield from (before + begin, found, end + after)


def main() -> None:
    """Write the diagram into db/README.md, in the place of the one that is there."""
    readme = project_folder("db") / "README.md"
    before, _, after = drawn(readme.read_text(encoding="utf-8"))
    readme.write_text(before + diagram() + after, encoding="utf-8")


if __name__ == "__main__":
    main()
