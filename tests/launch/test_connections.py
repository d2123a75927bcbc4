"""How many connections to a server a sweep holds, counted there."""

from __future__ import annotations

import threading
from pathlib import Path

import psycopg
from private_postgres import binaries, needs_postgres, private_postgres
from tiny_sweep import spec_of

from gst.launch import heartbeat
from gst.launch.drive import drive
from gst.launch.progress import Watch
from gst.launch.trial import Assignment, run_all
from gst.store import Store

DRIVER, TRIAL = 3, 2
"""As docker/README.md says."""

COUNT = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
)


@needs_postgres
def test_a_driver_and_its_trials_hold_as_many_connections_as_the_docs_say(tmp_path, monkeypatch):
    monkeypatch.setattr(heartbeat, "SECONDS", 0.001)  # so that signs of life and epochs meet
    seen, over = [], threading.Event()

    def count(url):
        with psycopg.connect(url, autocommit=True) as connection:
            while not over.is_set():
                seen.append(connection.execute(COUNT).fetchone()[0])

    with private_postgres(binaries()) as server:
        counting = threading.Thread(target=count, args=(server.url,))
        with Store.open(server.url, create=True) as store, Store.open(server.url, readonly=True) as watched:
            sweep_id = store.register(spec_of())
            assignment = Assignment(server.url, sweep_id, 0, tmp_path, tmp_path / "kept", 1, 0, 0)
            Watch(watched, sweep_id).snapshot()
            counting.start()
            try:
                assert drive(store, assignment, run_all) == ()
            finally:
                over.set()
                counting.join()
    assert DRIVER < max(seen) <= DRIVER + TRIAL


def test_the_docs_tell_them():
    readme = (Path(__file__).parents[2] / "docker" / "README.md").read_text()
    assert f"A driver holds {DRIVER} connections to Postgres, and each run in training {TRIAL}" in readme
