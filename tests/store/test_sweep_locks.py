"""Two that write to one version at once, on a server: one waits for the other, and both get their way."""

from __future__ import annotations

import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
import sqlalchemy as sa
from private_postgres import binaries, needs_postgres, private_postgres
from stores import DIGITS, claimed, run_config, sweep_of

from gst.config import RunSpec
from gst.store import Store
from gst.store.connect import parsed
from gst.store.migrate import upgrade
from gst.store.register import prepare, register
from gst.store.transfer.merging import _Merge

pytestmark = [pytest.mark.slow, needs_postgres]
CONFIG = run_config()
of_seeds = partial(sweep_of, {"a": CONFIG, "b": run_config(lr=0.5)})


@pytest.fixture(scope="module")
def server():
    with private_postgres(binaries()) as running:
        upgrade(running.url)
        yield running


@pytest.fixture
def store(server):
    name = f"gst_{uuid.uuid4().hex}"
    engine = sa.create_engine(parsed(server.url_of("template1")), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name} TEMPLATE postgres"))
    engine.dispose()
    with Store.open(server.url_of(name)) as opened:
        yield opened


def archive(folder, of):
    with Store.open(str(folder / "theirs.db"), create=True) as other:
        other.register(of_seeds(of))
        other.export(folder / "out")
    return folder / "out"


def waits(store):
    """Once a connection waits for a lock; the tests' own check is what comes of it."""
    query = "SELECT COUNT(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = :name"
    name = store._url.database
    end = time.monotonic() + 20
    while store.query(query, name=name).rows == [(0,)] and time.monotonic() < end:
        time.sleep(0.05)


def seeds(store):
    """Those of both arms, in the order of their places."""
    query = "SELECT m.arm, r.seed FROM sweep_runs m JOIN runs r ON r.run_id = m.run_id ORDER BY m.position"
    rows = store.query(query).rows
    found = [seed for arm, seed in rows if arm == "a"]
    assert rows == [(arm, seed) for arm in "ab" for seed in found]
    return found


@pytest.mark.parametrize("there", [(), (0,)])
@pytest.mark.parametrize("imported", [False, True])
def test_what_comes_while_a_driver_registers_a_version_adds_to_it(store, tmp_path, there, imported):
    if there:
        store.register(of_seeds(there))
    second = (
        partial(store.merge, archive(tmp_path, (2, 4)))
        if imported
        else partial(store.register, of_seeds((2, 4)))
    )
    with ThreadPoolExecutor() as threads:
        with store._writer.begin() as connection:
            register(connection, prepare(of_seeds((1, 2, 3))))
            behind = threads.submit(second)
            waits(store)
        behind.result()
    assert seeds(store) == [*there, 1, 2, 3, 4]


@pytest.fixture
def importing(store, tmp_path, monkeypatch):
    """Begin an import of seeds 0 to 3 that stands still at that step; the answers are what ends it."""

    def begin(step, threads):
        begun, go_on, real = threading.Event(), threading.Event(), getattr(_Merge, step)

        def stepped(self):
            real(self)
            begun.set()
            assert go_on.wait(60)

        monkeypatch.setattr(_Merge, step, stepped)
        importing = threads.submit(store.merge, archive(tmp_path, (0, 1, 2, 3)))
        assert begun.wait(60)
        return go_on, importing

    return begin


@pytest.mark.parametrize("step", ["_add_sweeps", "_lock_runs"])
def test_a_driver_that_comes_while_a_version_is_imported_adds_to_it(store, importing, step):
    store.register(of_seeds((0, 1)))
    with ThreadPoolExecutor() as threads:
        go_on, first = importing(step, threads)
        behind = threads.submit(store.register, of_seeds((3, 4)))
        waits(store)
        go_on.set()
        first.result(), behind.result()
    assert seeds(store) == [0, 1, 2, 3, 4]


def test_an_attempt_that_begins_while_its_sweep_is_imported_waits_and_goes_on(store, importing):
    sweep_id = store.register(of_seeds((0, 1)))
    recorder = claimed(store, RunSpec(CONFIG, 0), sweep_id, store.take_over(sweep_id))
    with ThreadPoolExecutor() as threads:
        go_on, first = importing("_add_sweeps", threads)
        behind = threads.submit(recorder.uses, DIGITS)
        waits(store)
        go_on.set()
        first.result()
        assert behind.result() is None
