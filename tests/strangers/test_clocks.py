"""Clocks of machines that are wrong, and times that nobody can read: what the database says counts."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
import torch
from private_postgres import binaries, needs_postgres, private_postgres
from stores import PROVENANCE, Run, claimed, play, present, run_config, sweep_of

from gst.config import RunSpec, run_key
from gst.config.measure import Measurements
from gst.errors import StoreError
from gst.launch import artifacts, offline
from gst.launch.artifacts import Folder, StoredFile
from gst.launch.attempt import Ending, Machine
from gst.launch.garbage import find
from gst.store import Store, complaint, fault
from gst.store.connect import connect, parsed

CONFIG = run_config(epochs=2)
SPEC = RunSpec(CONFIG, 0)
KEY = run_key(SPEC)
DAY = timedelta(days=1)


class Ahead(datetime):
    """The clock of this process is a day ahead of the database's."""

    @classmethod
    def now(cls, tz=None):
        return datetime.now(tz) + DAY


@pytest.fixture
def wrong_clock(monkeypatch):
    for name, module in list(sys.modules.items()):
        if name.startswith("gst.") and getattr(module, "datetime", None) is datetime:
            monkeypatch.setattr(module, "datetime", Ahead)


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("postgres", marks=[pytest.mark.slow, needs_postgres])]
)
def server(request):
    """The URL of a server's database, or None: each test has a file."""
    if request.param == "sqlite":
        yield None
    else:
        with private_postgres(binaries()) as made:
            yield made.url


@pytest.fixture
def url(server, tmp_path):
    if server is None:
        yield str(tmp_path / "gst.db")
        return
    yield server
    on(server, "DROP SCHEMA public CASCADE", "CREATE SCHEMA public")


@pytest.fixture
def store(url):
    with Store.open(url, create=True) as made:
        yield made


def on(url: str, *statements: str, **values: object) -> None:
    engine = connect(parsed(url))
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(sa.text(statement), values)
    engine.dispose()


def start(store: Store, name: str = "hand") -> dict[str, int]:
    """A driver of a sweep of that name with the run."""
    sweep_id = store.register(sweep_of({"arm": CONFIG}, name=name))
    return {"sweep_id": sweep_id, "driver_epoch": store.take_over(sweep_id)}


def test_all_that_is_stored_is_of_the_database_s_clock(store, wrong_clock):
    before = present(store)
    driver = start(store)
    play(
        claimed(store, SPEC, driver["sweep_id"], driver["driver_epoch"]),
        Run("arm", 0, [0.5], status="running"),
    )
    store.interrupt(**driver)
    store.note("said", keys=[KEY])
    ended = claimed(store, SPEC, driver["sweep_id"], driver["driver_epoch"])
    play(ended, Run("arm", 0, [0.5, 0.5]))
    details = store.run(KEY)
    (sweep,) = store.sweeps()
    moments = [sweep.registered, details.notes[0].written]
    moments += [details.run[name] for name in ("created", "started", "heartbeat", "ended")]
    moments += [attempt[name] for attempt in details.attempts for name in ("started", "ended")]
    assert len(moments) == 10
    after = present(store)
    assert [moment for moment in moments if not before <= moment <= after] == []


def test_a_machine_whose_clock_is_wrong_takes_no_run_from_another(store, wrong_clock):
    driver, other = start(store), start(store, "other")
    held = claimed(store, SPEC, driver["sweep_id"], driver["driver_epoch"])
    assert store.claim(KEY, provenance=PROVENANCE, **other) is None
    held.beat()
    assert store.claim(KEY, provenance=PROVENANCE, **other) is None


def test_the_sweep_that_was_registered_last_is_the_newest_whatever_the_clock_said(store, url):
    old = start(store)["sweep_id"]
    ahead = (present(store) + DAY).strftime("%Y-%m-%d %H:%M:%S.%f")
    on(url, "UPDATE sweeps SET registered = :ahead", ahead=ahead)
    new = store.register(sweep_of({"arm": CONFIG, "other": run_config(epochs=3)}))
    assert store.sweep_id("hand") == new
    assert [it.sweep_id for it in store.sweeps()] == [new, old]
    assert store.register(sweep_of({"arm": CONFIG})) == old
    assert store.sweep_id("hand") == old


@pytest.mark.parametrize(("seconds", "taken"), [(-130, True), (-110, False), (110, False), (130, True)])
def test_a_sign_of_life_that_is_old_or_from_the_future_keeps_no_run_busy(store, url, seconds, taken):
    driver, other = start(store), start(store, "other")
    claimed(store, SPEC, driver["sweep_id"], driver["driver_epoch"])
    beat = (present(store) + timedelta(seconds=seconds)).strftime("%Y-%m-%d %H:%M:%S.%f")
    on(url, "UPDATE runs SET heartbeat = :beat", beat=beat)
    found = store.claim(KEY, provenance=PROVENANCE, **other)
    assert (found is not None) == taken


def test_an_attempt_takes_as_long_as_its_process_says_whatever_clocks_do_meanwhile(store, url):
    driver = start(store)
    held = claimed(store, SPEC, driver["sweep_id"], driver["driver_epoch"])
    ahead = (present(store) + DAY).strftime("%Y-%m-%d %H:%M:%S.%f")
    on(url, "UPDATE attempts SET started = :ahead", ahead=ahead)
    held._began -= 7.5
    play(held, Run("arm", 0, [0.5, 0.5]))
    (attempt,) = store.run(KEY).attempts
    assert 7.5 <= attempt["seconds"] < 120


@pytest.mark.parametrize("beat", [None, "2020-01-01 00:00:00.000000"])
def test_an_attempt_that_ended_before_it_began_took_no_time(store, url, beat):
    driver = start(store)
    claimed(store, SPEC, driver["sweep_id"], driver["driver_epoch"])
    on(url, "UPDATE runs SET heartbeat = :beat", beat=beat)
    claimed(store, SPEC, driver["sweep_id"], driver["driver_epoch"])
    lost, _ = store.run(KEY).attempts
    assert (lost["outcome"], lost["seconds"]) == ("lost", 0.0)


def test_a_time_without_a_zone_is_in_utc(store, url, server):
    """In SQLite none has one; in Postgres someone may have changed the column."""
    if server is not None:
        ((view,),) = store.query("SELECT pg_get_viewdef('sweep_addresses')").rows
        on(url, "DROP VIEW sweep_addresses")
        on(url, "ALTER TABLE sweeps ALTER registered TYPE timestamp")
        on(url, f"CREATE VIEW sweep_addresses AS {view}")
    start(store)
    (sweep,) = store.sweeps()
    assert sweep.registered.tzinfo is UTC
    assert abs(sweep.registered - present(store)) < timedelta(minutes=1)


@pytest.mark.parametrize("value", ["yesterday", "", 1.5, b"\x00", "9999-12-31T23:59:59-12:00"])
def test_what_is_no_time_is_told(tmp_path, value):
    url = str(tmp_path / "gst.db")
    with Store.open(url, create=True) as store:
        driver = start(store)
        claimed(store, SPEC, driver["sweep_id"], driver["driver_epoch"])
        on(url, "UPDATE runs SET heartbeat = :value", value=value)
        asked = (
            lambda: store.run(KEY),
            lambda: store.progress(driver["sweep_id"]),
            lambda: store.claim(KEY, provenance=PROVENANCE, **driver),
        )
        for ask in asked:
            with pytest.raises(
                StoreError, match="where a time should be, such as 2026-01-31 23:59:00"
            ) as error:
                ask()
            assert repr(value) in str(error.value)
            assert fault(error.value) == "permanent"


@pytest.mark.slow
@needs_postgres
def test_a_time_beyond_all_years_is_told():
    with private_postgres(binaries()) as server, Store.open(server.url, create=True) as store:
        start(store)
        on(server.url, "UPDATE sweeps SET registered = 'infinity'")
        with pytest.raises(sa.exc.DBAPIError) as error:
            store.sweeps()
        assert fault(error.value) == "permanent"
        assert complaint(error.value).startswith("the store refuses: timestamp too large")


class Shared(Folder):
    """A folder on a file server whose clock is wrong."""

    def files(self, folder: str = "") -> Iterator[StoredFile]:
        for it in super().files(folder):
            yield it._replace(written=it.written + self.off)


@pytest.mark.parametrize("off", [-DAY, timedelta(0), DAY])
def test_the_age_of_a_file_is_by_the_clock_of_its_place(tmp_path, off):
    place = Shared(tmp_path / "shared")
    place.off = off
    new, old = f"{KEY}/1-0.pt", f"{KEY}/1-1.pt"
    for name in (new, old):
        place.write(name, lambda file: file.write(b"state"))
    os.utime(tmp_path / "shared" / old, (time.time() - 7200,) * 2)
    with Store.open(str(tmp_path / "gst.db"), create=True) as store:
        start(store)
        found = find(place, store, older=timedelta(hours=1))
    assert [it.file for it in found.garbage] == [old]
    assert (found.young, found.unknown) == (1, 0)
    assert {it.name for it in place.files()} == {new, old}


@pytest.mark.parametrize(
    ("facts", "written"),
    [
        ({"LastModified": datetime(2026, 1, 31)}, datetime(2026, 1, 31, tzinfo=UTC)),
        ({"updated": "2026-01-31T00:00:00"}, datetime(2026, 1, 31, tzinfo=UTC)),
        ({"updated": "2026-01-31T01:00:00+01:00"}, datetime(2026, 1, 31, tzinfo=UTC)),
        ({"mtime": 0}, datetime(1970, 1, 1, tzinfo=UTC)),
        ({"mtime": "yesterday"}, None),
        ({}, None),
    ],
)
def test_object_stores_tell_times_in_many_forms(facts, written):
    assert artifacts._written(facts) == written


def test_an_attempt_without_a_store_takes_no_less_than_no_time_though_the_clock_is_set_back(
    tmp_path, monkeypatch
):
    class Backwards(datetime):
        later = timedelta(0)

        @classmethod
        def now(cls, tz=None):
            cls.later -= DAY
            return datetime.now(tz) + cls.later

    monkeypatch.setattr(offline, "datetime", Backwards)
    job = offline.Offline(sweep_of({"arm": CONFIG}), tmp_path, tmp_path, torch.device("cpu"))
    sink = offline.ArchiveSink(job, SPEC, Measurements(), Machine(job.device, 1, 0))
    sink.end(Ending("completed", None))
    attempt, _ = sink.written
    assert 0 <= attempt.seconds < 120
    assert attempt.ended == attempt.started + timedelta(seconds=attempt.seconds)
