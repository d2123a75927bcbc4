"""PgBouncer in transaction mode: each transaction may have another connection to the server."""

from __future__ import annotations

import threading

import psycopg
import pytest
import sqlalchemy as sa
from private_pgbouncer import PROGRAM, private_pgbouncer
from private_postgres import binaries, needs_postgres, private_postgres
from stores import claimed, epoch_record, run_config, saved, sweep_of

from gst.config import RunSpec
from gst.errors import InputError
from gst.launch import retry
from gst.launch.retry import patiently
from gst.records import EpochRecords
from gst.store import Limits, Store, connect, fault
from gst.store.transfer import copy

pytestmark = [
    needs_postgres,
    pytest.mark.skipif(PROGRAM is None, reason="PgBouncer is not installed here"),
]
WIDE = Limits(seconds=60, rows=1000, bytes=10_000_000)
SEEDS, EPOCHS = range(6), 12  # a driver prepares what it executes for the sixth time


@pytest.fixture(scope="module")
def server():
    with private_postgres(binaries()) as made:
        yield made


@pytest.fixture(scope="module")
def pooled(server):
    """The URL of a store that is reached through a pooler, and only so."""
    with private_pgbouncer(server) as port:
        yield server.url_of("postgres", port=port)


@pytest.fixture(scope="module")
def filled(pooled):
    """The same, with a sweep whose runs were trained at the same time."""
    config = run_config(epochs=EPOCHS)
    with Store.open(pooled, create=True) as store:
        sweep_id = store.register(sweep_of({"arm": config}, SEEDS))
        driver = store.take_over(sweep_id)

        def train(seed):
            with Store.open(pooled) as own:
                recorder = claimed(own, RunSpec(config, seed), sweep_id, driver)
                for epoch in range(EPOCHS):
                    recorder.write(EpochRecords(epoch_record(epoch)), saved(epoch) if epoch % 2 else None)
                    recorder.beat()
                recorder.finish()

        threads = [threading.Thread(target=train, args=(seed,)) for seed in SEEDS]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return pooled


def test_a_sweep_is_trained_through_it(filled):
    with Store.open(filled, readonly=True) as store:
        assert store.progress(store.sweep_id("hand")).counts["completed"] == len(SEEDS)
        assert store.query("SELECT count(*) FROM epochs").rows == [(len(SEEDS) * EPOCHS,)]
        for _ in range(8):
            assert len(store.frame("tradeoff", sweep="hand")) == len(SEEDS)


def test_a_store_is_exported_merged_and_copied_through_it(filled, tmp_path):
    with Store.open(filled) as store:
        store.export(tmp_path / "archive.zip")
        store.merge(tmp_path / "archive.zip")
    assert all(it.same for it in copy(filled, str(tmp_path / "copy.db")).tables)


@pytest.mark.parametrize("ask", [Store.query, lambda store, sql: store.answer(sql, {}, WIDE)])
@pytest.mark.parametrize(
    "statement",
    [
        r"SELECT e'\'' ; ROLLBACK; BEGIN READ WRITE; DELETE FROM epochs; COMMIT --'",
        r"EXPLAIN SELECT e'\'' ; ROLLBACK; BEGIN READ WRITE; DELETE FROM epochs; COMMIT --'",
        r"SHOW timezone$$;$$; ROLLBACK; DELETE FROM epochs; COMMIT",
        "EXPLAIN ANALYZE DELETE FROM epochs",
        "SELECT set_config('transaction_read_only', 'off', true)",
    ],
)
def test_nothing_is_written_by_a_question(filled, ask, statement):
    with Store.open(filled, readonly=True) as store:
        with pytest.raises(InputError):
            ask(store, statement)
        assert store.query("SELECT count(*) FROM epochs").rows == [(len(SEEDS) * EPOCHS,)]


def test_its_other_clients_keep_what_is_theirs(filled):
    """Of all that a session may set, the time zone is what gst sets, and PgBouncer keeps that apart."""
    with psycopg.connect(filled, autocommit=True, prepare_threshold=None) as other:
        other.execute("SET TIME ZONE 'Asia/Tokyo'")
        for _ in range(4):
            with Store.open(filled, readonly=True) as store:
                assert store.query("SHOW timezone").rows == [("UTC",)]
            assert other.execute("SHOW timezone").fetchone() == ("Asia/Tokyo",)
            assert other.execute("SHOW transaction_read_only").fetchone() == ("off",)


def test_a_server_that_restarts_behind_it_is_waited_for(filled, server, monkeypatch):
    """PgBouncer has one code (08P01) for all that it refuses."""
    monkeypatch.setattr(connect, "ANSWER_SECONDS", 2.0)
    monkeypatch.setattr(retry, "PAUSES", (0.1,) * 100)
    with Store.open(filled) as store:
        store.retry()
        server.stop()
        with pytest.raises(sa.exc.DBAPIError) as error:
            store.retry()
        assert fault(error.value) == "transient"
        server.start()
        assert patiently(store.retry) == []
