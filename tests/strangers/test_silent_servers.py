"""Servers that stand still, and statements that wait behind a lock: neither holds a run for ever."""

from __future__ import annotations

import gc
import threading
import time

import pytest
import sqlalchemy as sa
from private_postgres import binaries, needs_postgres, private_postgres
from stores import claimed, epoch_record, run_config, sweep_of

from gst.config import RunSpec
from gst.errors import InputError
from gst.launch import retry
from gst.launch.retry import patiently
from gst.records import EpochRecords
from gst.store import Limits, Store, bounds, complaint, connect, fault, postgres

pytestmark = needs_postgres
SPEC = RunSpec(run_config(epochs=3), 0)


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setattr(connect, "ANSWER_SECONDS", 1.0)
    monkeypatch.setattr(postgres, "CANCEL_SECONDS", 0.5)
    monkeypatch.setitem(postgres.PARAMETERS, "connect_timeout", 2)  # the least that libpq takes
    with private_postgres(binaries()) as made:
        yield made


def test_a_run_waits_for_a_server_that_stands_still(server, monkeypatch):
    """Its connections are acknowledged by the kernel, so that TCP finds nothing wrong."""
    with Store.open(server.url, create=True) as store:
        sweep_id = store.register(sweep_of({"arm": SPEC.config}))
        driver = store.take_over(sweep_id)
        recorder = claimed(store, SPEC, sweep_id, driver)
        recorder.write(EpochRecords(epoch_record(0)))

        server.pause()
        monkeypatch.setattr(retry, "PAUSES", (0, 0))
        with pytest.raises(sa.exc.OperationalError) as error:
            patiently(lambda: recorder.write(EpochRecords(epoch_record(1))))
        assert fault(error.value) == "transient"
        assert complaint(error.value).startswith("the store does not answer: ")

        monkeypatch.setattr(retry, "PAUSES", (0,) * 100)
        tried = threading.Event()

        def again():
            tried.set()
            return claimed(store, SPEC, sweep_id, driver)

        waker = threading.Thread(target=lambda: tried.wait() and server.go_on())
        waker.start()
        recorder = patiently(again)
        waker.join()
        for epoch in range(3):
            recorder.write(EpochRecords(epoch_record(epoch)))
        recorder.finish()
        assert store.query("SELECT epoch FROM epochs ORDER BY epoch").rows == [(0,), (1,), (2,)]
        assert store.query("SELECT count(*) FROM attempts WHERE ended IS NULL").rows == [(0,)]


def test_a_statement_behind_a_lock_is_given_up_on_both_sides(server):
    with Store.open(server.url, create=True) as store, Store.open(server.url) as other:
        sweep_id = store.register(sweep_of({"arm": SPEC.config}))
        recorder = claimed(store, SPEC, sweep_id, store.take_over(sweep_id))
        with other._writer.begin() as connection:
            connection.execute(sa.text("LOCK TABLE runs"))
            with pytest.raises(sa.exc.OperationalError, match="did not answer within 1 s") as error:
                recorder.beat()
            assert fault(error.value) == "transient"
            waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            while other.query(waiting).rows != [(0,)]:  # the server takes a moment to hear of it
                time.sleep(0.01)
        recorder.beat()


def test_a_merge_may_wait_longer_than_a_run(server, tmp_path):
    """What is done once, by a person who watches it, is not cut off."""
    with Store.open(server.url, create=True) as store, Store.open(server.url) as other:
        store.register(sweep_of({"arm": SPEC.config}))
        store.export(tmp_path / "archive.zip")
        with other._writer.begin() as connection:
            connection.execute(sa.text("LOCK TABLE sweeps"))
            thread = threading.Thread(target=store.merge, args=(tmp_path / "archive.zip",))
            thread.start()
            thread.join(3 * connect.ANSWER_SECONDS)
            assert thread.is_alive()
        thread.join()


# SQLAlchemy leaves the cursor of a broken connection to the garbage collector.
@pytest.mark.filterwarnings("ignore:.*ServerCursorMixin.*:pytest.PytestUnraisableExceptionWarning")
def test_a_question_to_a_server_that_stands_still_ends(server, monkeypatch):
    monkeypatch.setattr(bounds, "GRACE_SECONDS", 0.5)
    monkeypatch.setitem(postgres.PARAMETERS, "connect_timeout", 60)
    with Store.open(server.url, create=True) as store:
        threading.Timer(1.0, server.pause).start()
        with pytest.raises(InputError, match="took longer than 3 s"):
            store.answer("SELECT pg_sleep(60)", {}, Limits(3, 10, 1000))
    gc.collect()
