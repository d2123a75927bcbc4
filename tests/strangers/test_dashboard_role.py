"""The role of db/dashboard_role.sql: it reads whatever a store has, and writes nothing."""

from __future__ import annotations

import psycopg
import pytest
import sqlalchemy as sa
from private_postgres import binaries, needs_postgres, private_postgres
from stores import Run, fill
from typer.testing import CliRunner

from gst.cli import app
from gst.dashboard.report import report
from gst.paths import project_folder
from gst.store import Filter, Limits, Store, complaint, fault, run_page
from gst.store.schema import metadata

pytestmark = needs_postgres
ROLE = project_folder("db") / "dashboard_role.sql"


@pytest.fixture(scope="module")
def server():
    with private_postgres(binaries()) as made, Store.open(made.url, create=True) as store:
        fill(store, [Run("none", 0, [0.5]), Run("pruned", 0, [0.5, 0.7], events=[(1, 0.8, 0.6)])])
        with psycopg.connect(made.url, autocommit=True) as owner:
            for _ in range(2):  # it may be run again
                owner.execute(ROLE.read_text())
        yield made


@pytest.fixture
def reader(server):
    return server.url_of("postgres", user="gst_reader")


@pytest.fixture
def connection(reader):
    with psycopg.connect(reader, autocommit=True) as made:
        yield made


def test_it_reads_every_table_and_view(connection):
    relations = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
    found = {name for (name,) in connection.execute(relations)}
    assert {*metadata.tables, "run_summary", "alembic_version"} <= found
    for name in found:
        connection.execute(f"SELECT count(*) FROM {name}")


def test_it_reads_what_a_later_migration_makes(server, connection):
    with psycopg.connect(server.url, autocommit=True) as owner:
        owner.execute("CREATE TABLE later AS SELECT 1 AS one")
    assert connection.execute("SELECT one FROM later").fetchone() == (1,)


@pytest.mark.parametrize("table", [*metadata.tables, "alembic_version"])
def test_it_writes_to_no_table(connection, table):
    for statement in (
        f"DELETE FROM {table}",
        f"TRUNCATE {table} CASCADE",
        f"DROP TABLE {table} CASCADE",
        f"INSERT INTO {table} DEFAULT VALUES",
        f"ALTER TABLE {table} ADD COLUMN more TEXT",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)


@pytest.mark.parametrize(
    "command",
    [
        ("status",),
        ("ls",),
        ("sql", "@tradeoff", "-p", "sweep=hand"),
        ("db", "check"),
        ("export", "-o", "a.zip"),
    ],
)
def test_commands_that_read_work_with_it(reader, command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, [*command, "--db", reader], prog_name="gst")
    assert result.exit_code == 0, result.output


def test_pages_work_with_it(reader):
    with Store.open(reader, readonly=True) as store:
        assert "By hand" in report(store, "hand")
        assert len(run_page(store, Filter("hand")).rows) == 2
        assert store.answer("SELECT count(*) FROM runs", {}, Limits(60, 10, 1000)).rows == [(2,)]


def test_who_writes_is_told_what_is_missing(reader):
    with Store.open(reader) as store, pytest.raises(sa.exc.ProgrammingError) as error:
        store.retry()
    assert fault(error.value) == "permanent"
    assert "permission denied for table runs; grant the user the rights" in complaint(error.value)
