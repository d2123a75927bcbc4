"""Options by which a version of a sweep differs from its file, and what each version is called.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

# A name means the version with the file's own options, else one of unknown options, else any; the newest.
ADDRESSES = """
CREATE VIEW sweep_addresses AS
SELECT name || '@' || substr(digest, 1, 7) AS address, sweep_id FROM sweeps
UNION ALL
SELECT name, sweep_id
FROM (
    SELECT name, sweep_id, row_number() OVER (
        PARTITION BY name
        ORDER BY
            CASE WHEN options = '' THEN 0 WHEN options IS NULL THEN 1 ELSE 2 END,
            registered DESC, sweep_id DESC
    ) AS place
    FROM sweeps
) ordered
WHERE place = 1
"""


def upgrade() -> None:
    # SQLite rebuilds the table, for the words of a new store's, and refuses while a view reads it.
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    views = _drop_views() if on_sqlite else []
    with op.batch_alter_table("sweeps", recreate="always" if on_sqlite else "never") as sweeps:
        sweeps.add_column(sa.Column("options", sa.Text()))
    for definition in views:
        op.get_bind().exec_driver_sql(definition)
    op.execute(ADDRESSES)


def _drop_views() -> list[str]:
    """The definitions of all views, in the order in which they were made; the views are gone."""
    found = op.get_bind().execute(
        sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'view' ORDER BY rowid")
    )
    views = found.all()
    for name, _ in views:
        op.get_bind().exec_driver_sql(f'DROP VIEW "{name}"')
    return [definition for _, definition in views]
