"""What is special about transactions straight through the driver: the rest, test_recorder asks of them."""

import math
import sqlite3
import threading
from contextlib import closing

import pytest
import sqlalchemy as sa
from private_postgres import binaries, needs_postgres, private_postgres
from small_disk import may_mount, small_disk
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from stores import claimed, epoch_record, event_of, run_config, saved, sweep_of

from gst.config import RunSpec
from gst.errors import Fenced
from gst.records import EpochRecords, Normality, Probe, rows
from gst.store import Store, connect, fault, postgres
from gst.store import recorder as recorder_module
from gst.store.direct import Direct
from gst.store.faults import disk_is_full
from gst.store.schema import YIELDED, datasets, metadata, runs

SPECS = [RunSpec(run_config(epochs=300), seed) for seed in range(2)]
ROW = {"name": "a", "train": 1, "test": 2, "classes": 3, "content_hash": "c", "source": "s"}
INSERT = sa.insert(datasets)


@pytest.fixture
def direct(store):
    return Direct(store._writer)


@pytest.fixture
def recorders(store):
    sweep_id = store.register(sweep_of({"arm": SPECS[0].config}, (0, 1)))
    driver = store.take_over(sweep_id)
    return [claimed(store, spec, sweep_id, driver) for spec in SPECS]


def names(store):
    return [name for (name,) in store.query("SELECT name FROM datasets ORDER BY name").rows]


def test_one_row_several_rows_and_their_number(store, direct):
    with direct.transaction() as execute:
        assert execute(direct.prepared(INSERT, [ROW])) == 1
        assert execute(direct.prepared(INSERT, [ROW | {"name": "b"}, ROW | {"name": "c"}])) == 2
        moved = sa.update(datasets).where(datasets.c.name > sa.bindparam("after")).values(source="moved")
        assert execute(direct.prepared(moved, [{"after": "a"}])) == 2
        assert execute(direct.prepared(moved, [{"after": "c"}])) == 0
    assert store.query("SELECT name, source FROM datasets ORDER BY name").rows == [
        ("a", "s"), ("b", "moved"), ("c", "moved")
    ]  # fmt: skip


def test_nobody_waits_while_records_become_rows(store, recorders, backend, monkeypatch):
    if backend != "sqlite":
        pytest.skip("writers of a server wait for nobody else's rows")
    mine, other = recorders

    def rows_beside(records, **of_all):
        with closing(sqlite3.connect(store._url.database, timeout=0)) as connection, connection:
            connection.execute("UPDATE runs SET reason = 'beside' WHERE run_id = ?", (other._run_id,))
        return rows(records, **of_all)

    monkeypatch.setattr(recorder_module, "rows", rows_beside)
    mine.write(EpochRecords(epoch_record(0)))
    assert store.query("SELECT reason FROM runs ORDER BY run_id").rows == [(None,), ("beside",)]


@pytest.mark.parametrize("error", [Fenced, KeyboardInterrupt])
def test_nothing_is_left_of_a_transaction_that_did_not_end(store, direct, error):
    def fail(execute):
        execute(direct.prepared(INSERT, [ROW]))
        raise error

    with pytest.raises(error), direct.transaction() as execute:
        fail(execute)
    assert names(store) == []
    with direct.transaction() as execute:
        execute(direct.prepared(INSERT, [ROW]))
    assert names(store) == ["a"]


def test_errors_are_those_of_core(store, direct):
    broken = [
        (IntegrityError, INSERT, [ROW | {"source": None}]),
        (IntegrityError, INSERT, [ROW, ROW]),
        (DBAPIError, sa.insert(sa.table("nowhere", sa.column("name"))), [{"name": "a"}]),
    ]
    for kind, statement, given in broken:
        with pytest.raises(kind) as core, store._writer.begin() as connection:
            connection.execute(statement, given)
        with pytest.raises(kind) as found, direct.transaction() as execute:
            execute(direct.prepared(statement, given))
        assert type(found.value) is type(core.value)
        assert type(found.value.orig) is type(core.value.orig)
    assert names(store) == []


def test_a_database_that_is_not_there_is_an_operational_error(backend, store, tmp_path):
    url = store._url.set(database=str(tmp_path / "nowhere.db") if backend == "sqlite" else "nowhere")
    with pytest.raises(OperationalError) as error, Direct(connect.connect(url)).transaction():
        pass
    assert fault(error.value) == ("transient" if backend == "sqlite" else "permanent")


def test_rows_are_those_that_core_writes(store, recorders):
    """Whatever the type of a column, and whatever is unusual about the value."""
    first, second = recorders
    records = EpochRecords(
        epoch_record(0, train_loss=math.nan, test_loss=math.inf, filters_left=None, parameters_left=2**40),
        (event_of(-1, 0.0, 0.5, 0), event_of(0, 1 / 3, 0.3, 3)),
        (Probe(0, "pruned", 0.25, math.nan, 360), Probe(0, "zeroed", 0.5, 1e-300, 360)),
        normality=(Normality(0, "{}", 'a "layer"', "batch", 3, 0.1, 1.0, -0.5, 0.25, (0.5, 1e-9)),),
    )
    first.write(records)
    with store._writer.begin() as connection:
        for name, found in rows(records, run_id=second._run_id):
            connection.execute(sa.insert(metadata.tables[name]), found)
    compared = 0
    with store._engine.connect() as connection:
        for table in YIELDED:
            columns = [column for column in table.c if column.name != "run_id"]
            query = sa.select(*(sa.cast(column, sa.Text) for column in columns))
            of = [
                sorted(map(str, connection.execute(query.where(table.c.run_id == it._run_id))))
                for it in recorders
            ]
            assert of[0] == of[1], table.name
            compared += len(of[0])
    assert compared == 1 + 2 + 4 + 4 + 2 + 1


def test_a_write_is_one_transaction_that_takes_the_lock_first(backend, store, recorders):
    if backend != "sqlite":
        pytest.skip("only SQLite tells what it is asked")
    said = []
    sa.event.listen(store._engine, "checkout", lambda it, *_: it.set_trace_callback(said.append))
    recorders[0].write(EpochRecords(epoch_record(0), (event_of(0, 0.5, 0.4),)))
    recorders[0].write(EpochRecords(epoch_record(1)), checkpoint=saved(1))
    words = [
        statement.split("(")[0].split(" SET")[0].strip() for statement in said if "PRAGMA" not in statement
    ]
    assert words == [
        "BEGIN IMMEDIATE", "UPDATE runs", "INSERT INTO epochs", "INSERT INTO pruning_events",
        "INSERT INTO layer_prunings", "INSERT INTO layer_prunings",
        "INSERT INTO event_classes", "INSERT INTO event_classes", "COMMIT",
        "BEGIN IMMEDIATE", "UPDATE runs", "INSERT INTO epochs", "COMMIT",
    ]  # fmt: skip


def test_threads_write_and_beat_at_once(store, recorders):
    """As a heart beats while its run trains, and as a store may be shared."""
    errors = []

    def work(recorder):
        try:
            for epoch in range(100):
                recorder.write(EpochRecords(epoch_record(epoch), (event_of(epoch, 0.5, 0.4),)))
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(it,)) for it in recorders]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        for recorder in recorders:
            recorder.beat()
    for thread in threads:
        thread.join()
    assert errors == []
    assert store.query("SELECT last_epoch FROM runs").rows == [(99,), (99,)]
    assert store.query("SELECT count(*) FROM epochs").rows == [(200,)]
    assert store.query("SELECT count(*) FROM layer_prunings").rows == [(400,)]


def end_connections(store, write_sql):
    """As a restart of the server does, to all but the one that asks."""
    write_sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )


@pytest.fixture
def writer(backend, store, recorders, write_sql):
    if backend != "postgres":
        pytest.skip("a file does not restart")
    recorders[0].write(EpochRecords(epoch_record(0)))
    return recorders[0]


def test_a_connection_that_rested_is_replaced_where_it_broke(store, writer, write_sql, monkeypatch):
    monkeypatch.setattr(postgres, "RESTED_SECONDS", 0.0)
    end_connections(store, write_sql)
    writer.write(EpochRecords(epoch_record(1)))
    end_connections(store, write_sql)
    writer.beat()
    assert store.run(writer.key).run["last_epoch"] == 1


def test_one_that_breaks_while_it_is_used_is_an_error_to_be_waited_out(store, writer, write_sql, monkeypatch):
    monkeypatch.setattr(postgres, "RESTED_SECONDS", 60.0)
    end_connections(store, write_sql)
    with pytest.raises(OperationalError) as error:
        writer.write(EpochRecords(epoch_record(1)))
    assert fault(error.value) == "transient"
    writer.write(EpochRecords(epoch_record(1)))
    writer.finish()
    assert store.query("SELECT epoch FROM epochs ORDER BY epoch").rows == [(0,), (1,)]


def test_no_connection_is_left_in_a_transaction(store, url, recorders):
    """Neither by writes nor by what they refuse, so that nobody waits for a lock that nobody needs."""
    writer = recorders[0]
    writer.write(EpochRecords(epoch_record(0)))
    with pytest.raises(IntegrityError):
        writer.write(EpochRecords(epoch_record(0)))
    store.cancel([writer.key])
    with pytest.raises(Fenced):
        writer.write(EpochRecords(epoch_record(1)))
    with Store.open(url) as other, other._writer.begin() as connection:
        connection.execute(sa.update(runs).values(reason="free"))


def started(url):
    """A store at that URL, which is made, and a recorder of a run in it that has written an epoch."""
    store = Store.open(url, create=True)
    sweep_id = store.register(sweep_of({"arm": SPECS[0].config}))
    recorder = claimed(store, SPECS[0], sweep_id, store.take_over(sweep_id))
    recorder.write(EpochRecords(epoch_record(0)))
    return store, recorder


def write_epochs(recorder, epochs):
    for epoch in epochs:
        recorder.write(EpochRecords(epoch_record(epoch)))


@pytest.mark.slow
@needs_postgres
def test_a_server_that_restarts_is_waited_for_and_found_again():
    with private_postgres(binaries()) as server:
        store, recorder = started(server.url)
        with store:
            server.stop()
            for _ in range(2):
                with pytest.raises(OperationalError) as error:
                    recorder.write(EpochRecords(epoch_record(1)))
                assert fault(error.value) == "transient"
            server.start()
            recorder.write(EpochRecords(epoch_record(1)))
            assert store.query("SELECT epoch FROM epochs ORDER BY epoch").rows == [(0,), (1,)]


@pytest.mark.slow
@pytest.mark.skipif(not may_mount(), reason="only who may mount can have a disk that is full")
def test_a_full_disk_is_told_apart_and_costs_no_row(tmp_path):
    with small_disk(tmp_path / "disk", megabytes=4) as disk:
        store, recorder = started(str(disk.folder / "gst.db"))
        with store:
            disk.fill()
            with pytest.raises(OperationalError) as error:
                write_epochs(recorder, range(1, 300))  # what is allocated already takes some
            assert disk_is_full(error.value)
            written = recorder.next_epoch
            disk.clear()
            recorder.write(EpochRecords(epoch_record(written)))
            assert store.query("SELECT count(*), max(epoch) FROM epochs").rows == [(written + 1, written)]
