"""Databases that refuse, fail over, end idle transactions or are not what they should be."""

import sqlite3
import time

import psycopg
import pytest
import sqlalchemy as sa
from private_postgres import binaries, needs_postgres, private_postgres
from stores import claimed, epoch_record, run_config, sweep_of

from gst.config import RunSpec
from gst.errors import StoreError
from gst.launch import retry
from gst.launch.retry import patiently
from gst.records import EpochRecords
from gst.store import Store, complaint, fault
from gst.store.connect import connect, parsed
from gst.store.faults import SQLITE_CODES, SQLSTATES
from gst.store.migrate import found_version, upgrade
from gst.store.postgres import PatientConnection
from gst.store.transfer import copy

SPEC = RunSpec(run_config(epochs=3), 0)


def wrapped(error: Exception) -> sa.exc.DBAPIError:
    """The driver's error as SQLAlchemy raises it."""
    return sa.exc.DBAPIError("UPDATE runs", {}, error)


def of_sqlite(code: int, text: str = "text") -> sqlite3.OperationalError:
    error = sqlite3.OperationalError(text)
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("25P03", "transient"),  # idle in transaction
        ("25006", "transient"),  # read-only
        ("40P01", "transient"),  # deadlock
        ("53300", "transient"),  # too many connections
        ("55P03", "transient"),  # lock not available
        ("57014", "transient"),  # cancelled
        ("57P01", "transient"),  # shutdown
        ("53100", "permanent"),  # disk full
        ("57P04", "permanent"),  # database dropped
        ("42501", "permanent"),  # insufficient privilege
        ("42P01", "permanent"),  # no such table
        ("XX001", "permanent"),  # damaged data
        ("23505", "ours"),  # a row twice
        ("22P02", "ours"),  # text that is no number
        ("42601", "ours"),  # a syntax error
        ("25P02", "ours"),  # a statement after one that failed
    ],
)
def test_an_error_of_postgres_is_sorted_by_its_code(code, expected):
    assert fault(wrapped(psycopg.errors.lookup(code)("text"))) == expected


def test_every_code_of_the_table_is_one_of_postgres():
    known = [getattr(it, "sqlstate", None) for it in vars(psycopg.errors).values()]
    for code in SQLSTATES:
        assert any(isinstance(it, str) and it.startswith(code) for it in known), code


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (of_sqlite(sqlite3.SQLITE_BUSY_SNAPSHOT), "transient"),
        (of_sqlite(sqlite3.SQLITE_IOERR_WRITE), "transient"),
        (of_sqlite(sqlite3.SQLITE_FULL), "permanent"),
        (of_sqlite(sqlite3.SQLITE_READONLY_DBMOVED), "permanent"),
        (of_sqlite(sqlite3.SQLITE_CORRUPT), "permanent"),
        (of_sqlite(sqlite3.SQLITE_NOTADB), "permanent"),
        (of_sqlite(sqlite3.SQLITE_CONSTRAINT_UNIQUE), "ours"),
        (of_sqlite(sqlite3.SQLITE_ERROR, "near x: syntax error"), "ours"),
        (of_sqlite(sqlite3.SQLITE_ERROR, "no such table: runs"), "permanent"),
        (psycopg.OperationalError("the connection is closed"), "transient"),
        (psycopg.OperationalError('FATAL:  password authentication failed for user "x"'), "permanent"),
        (psycopg.OperationalError('FATAL:  database "x" does not exist'), "permanent"),
        (psycopg.DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes"), "ours"),
        (psycopg.InterfaceError("connection already closed"), "transient"),
    ],
)
def test_an_error_without_such_a_code_is_sorted_by_what_it_is(error, expected):
    assert fault(wrapped(error)) == expected


def test_the_table_of_sqlite_has_codes_and_no_extended_ones():
    assert all(code == code & 0xFF for code in SQLITE_CODES)


def test_an_error_of_our_own_is_what_is_behind_it():
    error = StoreError("gst.db: has schema 9999, which this gst does not know")
    assert fault(error) == "permanent"
    assert complaint(error) == str(error)
    error.__cause__ = wrapped(psycopg.errors.AdminShutdown("the server stops"))
    assert fault(error) == "transient"
    assert fault(ValueError("x")) is None


@pytest.mark.parametrize(
    "error",
    [
        StoreError("gst.db: there is no such store"),
        wrapped(psycopg.errors.InsufficientPrivilege("permission denied for table runs")),
        wrapped(of_sqlite(sqlite3.SQLITE_NOTADB)),
    ],
    ids=["no such store", "no right", "no database"],
)
def test_what_no_waiting_mends_is_not_waited_for(error, monkeypatch):
    monkeypatch.setattr(retry.time, "sleep", lambda _: pytest.fail("it waits"))
    with pytest.raises(type(error)):
        patiently(lambda: (_ for _ in ()).throw(error))


def test_a_refusal_comes_with_its_remedy():
    error = wrapped(psycopg.errors.InsufficientPrivilege("permission denied for table runs"))
    assert complaint(error) == (
        "the store refuses: permission denied for table runs; "
        "grant the user the rights to read and write all tables"
    )


@pytest.fixture
def parameters(monkeypatch):
    """A function that returns the parameters with which a connection to a database is opened."""

    def found(url: str, **options: bool) -> dict[str, object]:
        given: dict[str, object] = {}

        def opens(*_, **all_of_them):
            given.update(all_of_them)
            raise psycopg.OperationalError("not here")

        monkeypatch.setattr(PatientConnection, "connect", opens)
        with pytest.raises(sa.exc.OperationalError):
            connect(parsed(url), **options).connect()
        return given

    return found


@pytest.mark.parametrize("readonly", [True, False])
def test_a_server_that_dies_without_a_word_is_noticed_within_a_minute(parameters, readonly):
    found = parameters("postgresql://host/db", readonly=readonly)
    assert found["keepalives_idle"] + found["keepalives_interval"] * found["keepalives_count"] <= 60
    assert found["keepalives"] == 1
    assert found["tcp_user_timeout"] == 60_000


def test_keepalives_of_a_url_are_kept(parameters):
    found = parameters("postgresql://host/db?tcp_user_timeout=5000&keepalives_idle=5")
    assert (found["tcp_user_timeout"], found["keepalives_idle"]) == ("5000", "5")
    assert found["keepalives_count"] == 3


@pytest.fixture
def server():
    with private_postgres(binaries()) as made:
        yield made


def on(url: str, *statements: str) -> None:
    engine = sa.create_engine(parsed(url), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))
    engine.dispose()


def idle_in_transaction(store: Store) -> None:
    """Be idle in a transaction for longer than the server allows."""
    with store._writer.begin() as connection:
        connection.execute(sa.text("SET LOCAL idle_in_transaction_session_timeout = 1"))
        time.sleep(0.5)
        connection.execute(sa.text("SELECT 1"))


@pytest.mark.slow
@needs_postgres
def test_faults_of_a_server_are_waited_out_or_told_and_cost_no_epoch(server):
    """A failover to a read-only server and back, an idle transaction that is ended, a right that is lost."""
    with Store.open(server.url, create=True) as store:
        sweep_id = store.register(sweep_of({"arm": SPEC.config}))
        recorder = claimed(store, SPEC, sweep_id, store.take_over(sweep_id))

        on(server.url, "ALTER DATABASE postgres SET default_transaction_read_only = on")
        store.close()
        for write in (recorder.beat, lambda: recorder.write(EpochRecords(epoch_record(0)))):
            with pytest.raises(sa.exc.DBAPIError) as error:
                write()
            assert fault(error.value) == "transient"
            assert "it takes no writes" in complaint(error.value)
        on(
            server.url,
            "SET default_transaction_read_only = off",
            "ALTER DATABASE postgres RESET default_transaction_read_only",
        )
        recorder.beat()  # on a new connection: the old one stays read-only
        recorder.write(EpochRecords(epoch_record(0)))

        with pytest.raises(sa.exc.DBAPIError) as error:
            idle_in_transaction(store)
        assert fault(error.value) == "transient"
        recorder.write(EpochRecords(epoch_record(1)))
        assert store.query("SELECT epoch FROM epochs ORDER BY epoch").rows == [(0,), (1,)]

    on(server.url, "CREATE ROLE reader LOGIN", "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
    with Store.open(server.url.replace("gst@", "reader@")) as store:
        with pytest.raises(sa.exc.DBAPIError) as error:
            store.take_over(sweep_id)
        assert fault(error.value) == "permanent"


@pytest.mark.slow
@needs_postgres
@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_a_database_that_is_not_in_utf8_is_refused_before_it_is_written(server, encoding, empty):
    on(
        server.url,
        f"CREATE DATABASE other ENCODING '{encoding}' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'",
    )
    url = server.url_of("other")
    remedy = rf"other: the database is in {encoding}, .*; `createdb -E UTF8 -T template0 NAME` makes one"
    for attempt in (upgrade, lambda it: Store.open(it, create=True), lambda it: copy(str(empty), it)):
        with pytest.raises(StoreError, match=remedy):
            attempt(url)
    assert found_version(parsed(url)) is None


@pytest.mark.slow
@needs_postgres
def test_a_database_of_another_program_on_a_server_is_left_as_it_is(server):
    on(
        server.url,
        "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)",
        "INSERT INTO alembic_version VALUES ('0006')",
        "CREATE TABLE runs (run_uuid TEXT)",
    )
    for attempt in (upgrade, lambda it: Store.open(it, create=True)):
        with pytest.raises(StoreError, match="not a store, it has the tables alembic_version, runs"):
            attempt(server.url)
