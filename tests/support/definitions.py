"""What a database says of its own tables, to compare one with another."""

from __future__ import annotations

import re

import sqlalchemy as sa


def definitions(connection: sa.Connection) -> dict[str, list[str] | str]:
    """Everything that the database itself knows of its tables, in its own words."""
    if connection.dialect.name == "sqlite":
        found = connection.execute(
            sa.text("SELECT name, sql FROM sqlite_master WHERE type IN ('table', 'index')")
        )
        return {name: in_parts(sql) for name, sql in found if sql and "alembic" not in name}
    questions = (
        "SELECT conrelid::regclass::text || '.' || conname, pg_get_constraintdef(oid) "
        "FROM pg_constraint WHERE connamespace = 'public'::regnamespace",
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
        "SELECT table_name || '.' || column_name, "
        "data_type || is_nullable || coalesce(column_default, '') || coalesce(generation_expression, '') "
        "FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name) "
        "WHERE table_schema = 'public' AND table_type = 'BASE TABLE'",
    )
    rows = {name: text for question in questions for name, text in connection.execute(sa.text(question))}
    return {name: text for name, text in rows.items() if "alembic" not in name}


def in_parts(sql: str) -> list[str]:
    """The lines of a CREATE statement in any order, since that of constraints means nothing."""
    head, _, rest = sql.partition("(\n")
    body, _, tail = rest.rpartition("\n)")
    head = head.replace('"', "")  # SQLite quotes the name of a table that was renamed
    return [head, *sorted(line.strip() for line in re.split(r",\s*\n", body)), tail.strip()]
