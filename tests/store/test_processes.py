"""The store under real processes: they race, they die, and no row is lost, doubled or changed."""

import multiprocessing
import os
import signal
import sqlite3
import time

import pytest
from processes import PATIENCE
from stores import PROVENANCE, claimed, epoch_record, event_of, run_config, saved, sweep_of

from gst.archive.manifest import schema_revisions
from gst.config import RunSpec, run_key
from gst.errors import Fenced
from gst.records import EpochRecords
from gst.store import Store, direct
from gst.store.migrate import upgrade

SPAWN = multiprocessing.get_context("spawn")
CONFIG = run_config(epochs=1000)
KEY = run_key(RunSpec(CONFIG, 0))


def in_processes(count, work, *arguments):
    """What `work` answers in each of so many processes, which start it at the same moment."""
    answers, gate = SPAWN.Queue(), SPAWN.Barrier(count)
    processes = [
        SPAWN.Process(target=answered, args=(answers, gate, work, number, *arguments))
        for number in range(count)
    ]
    for process in processes:
        process.start()
    found = [answers.get(timeout=PATIENCE) for _ in processes]
    for process in processes:
        process.join()
    return [answer for _, answer in sorted(found)]


def answered(answers, gate, work, number, *arguments):
    gate.wait()
    try:
        answers.put((number, work(number, *arguments)))
    except BaseException as error:
        answers.put((number, repr(error)))


def claim_in(store, sweep_id, driver):
    return store.claim(
        KEY,
        sweep_id=sweep_id,
        driver_epoch=driver,
        provenance=PROVENANCE,
    )


def create(number, url):
    with Store.open(url, create=True) as store:
        return len(store.sweeps())


@pytest.mark.slow
def test_processes_may_create_a_store_at_once(blank):
    assert in_processes(8, create, blank) == [0] * 8
    assert upgrade(blank) == (schema_revisions()[-1], schema_revisions()[-1])


def claim_and_write(number, url, sweep_id, driver):
    with Store.open(url) as store:
        recorder = claim_in(store, sweep_id, driver)
        last = 999 if recorder.attempt == 1 else 199  # the first goes on until the second has come
        try:
            for epoch in range(last + 1):
                recorder.write(EpochRecords(epoch_record(epoch, seconds=float(recorder.attempt))))
                time.sleep(0.01 if recorder.attempt == 1 else 0)
        except Fenced:
            return recorder.attempt, "refused"
        return recorder.attempt, "done"


@pytest.mark.slow
def test_of_two_processes_that_claim_at_once_one_writes(url):
    with Store.open(url) as store:
        sweep_id = store.register(sweep_of({"arm": CONFIG}))
        driver = store.take_over(sweep_id)
        found = in_processes(2, claim_and_write, url, sweep_id, driver)
        assert sorted(found) == [(1, "refused"), (2, "done")]
        # Nothing of the first attempt is left, whatever it had written before the second came.
        assert store.query("SELECT epoch, seconds FROM epochs ORDER BY epoch").rows == [
            (epoch, 2.0) for epoch in range(200)
        ]
        assert [it["outcome"] for it in store.run(KEY).attempts] == ["lost", None]


def claim_for_own_sweep(number, url):
    with Store.open(url) as store:
        sweep_id = store.register(sweep_of({"arm": CONFIG}, name=f"sweep{number}"))
        return claim_in(store, sweep_id, store.take_over(sweep_id)) is not None


@pytest.mark.slow
def test_of_four_sweeps_that_share_a_run_one_trains_it(url):
    assert sorted(in_processes(4, claim_for_own_sweep, url)) == [False, False, False, True]
    with Store.open(url) as store:
        assert len(store.sweeps()) == 4
        assert store.query("SELECT count(*), max(attempt) FROM runs").rows == [(1, 1)]


def write_a_run(number, url, sweep_id, driver, count):
    with Store.open(url) as store:
        recorder = claimed(store, RunSpec(CONFIG, number), sweep_id, driver)
        for epoch in range(count):
            events = (event_of(epoch, 0.5, 0.25),) if epoch % 10 == 0 else ()
            recorder.write(EpochRecords(epoch_record(epoch), events))
        recorder.finish()
        return "done"


@pytest.mark.slow
def test_eight_processes_write_a_hundred_transactions_each(url):
    with Store.open(url) as store:
        sweep_id = store.register(sweep_of({"arm": CONFIG}, range(8)))
        driver = store.take_over(sweep_id)
        assert in_processes(8, write_a_run, url, sweep_id, driver, 100) == ["done"] * 8
        counts = (
            "SELECT r.seed, count(*), min(e.epoch), max(e.epoch) FROM runs r "
            "JOIN epochs e ON e.run_id = r.run_id GROUP BY r.seed ORDER BY r.seed"
        )
        assert store.query(counts).rows == [(n, 100, 0, 99) for n in range(8)]
        assert store.query("SELECT count(*) FROM pruning_events").rows == [(80,)]
        assert store.progress(sweep_id).counts["completed"] == 8


def register_overlapping(number, url):
    arms = {f"arm{n}": run_config(lr=1e-4 * (n + 1)) for n in range(number, number + 10)}
    if number % 2:
        arms = dict(reversed(arms.items()))
    with Store.open(url) as store:
        return store.register(sweep_of(arms, range(20), name=f"sweep{number}")) > 0


@pytest.mark.slow
def test_processes_may_register_overlapping_sweeps_at_once(url):
    assert in_processes(6, register_overlapping, url) == [True] * 6
    with Store.open(url) as store:
        assert store.query("SELECT count(*) FROM runs").rows == [(15 * 20,)]
        assert store.query("SELECT count(*) FROM sweep_runs").rows == [(6 * 200,)]


def write_and_stop_half_way(url, sweep_id, driver, reached):
    """Write an epoch, and half of the next one."""
    with Store.open(url) as store:
        recorder = claim_in(store, sweep_id, driver)
        recorder.write(EpochRecords(epoch_record(0), (event_of(0, 0.5, 0.25),)))

        execute = direct._execute

        def stopping(cursor, prepared):
            touched = execute(cursor, prepared)
            if prepared.text.startswith("INSERT INTO epochs"):
                reached.set()  # the epoch is inserted, and its event is about to be
                time.sleep(600)
            return touched

        direct._execute = stopping
        recorder.write(EpochRecords(epoch_record(1), (event_of(1, 0.5, 0.25),)), checkpoint=saved(1))


@pytest.mark.slow
def test_a_process_killed_in_the_middle_of_a_transaction_leaves_none_of_it(url):
    with Store.open(url) as store:
        sweep_id = store.register(sweep_of({"arm": CONFIG}))
        driver = store.take_over(sweep_id)
        reached = SPAWN.Event()
        process = SPAWN.Process(target=write_and_stop_half_way, args=(url, sweep_id, driver, reached))
        process.start()
        assert reached.wait(PATIENCE)
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        details = store.run(KEY)
        assert [it["epoch"] for it in details.epochs] == [it["epoch"] for it in details.events] == [0]
        assert (details.run["last_epoch"], details.run["checkpoint"], details.run["seconds"]) == (
            0,
            None,
            0.25,
        )
        # Whoever comes next need not wait for anything.
        recorder = claim_in(store, sweep_id, driver)
        assert (recorder.attempt, recorder.next_epoch) == (2, 0)
        recorder.write(EpochRecords(epoch_record(0)))


def read_all_the_time(number, url, sweep_id, driver):
    if number == 0:
        return write_a_run(0, url, sweep_id, driver, 300)
    seen = []
    with Store.open(url, readonly=True) as store:
        while not seen or seen[-1] < 300:
            run, epochs = store.query(
                "SELECT coalesce(r.last_epoch + 1, 0), (SELECT count(*) FROM epochs) FROM runs r"
            ).rows[0]
            assert run == epochs, "a reader saw half of a transaction"
            seen.append(epochs)
    return "done" if seen == sorted(seen) else seen


@pytest.mark.slow
def test_readers_see_whole_transactions_and_do_not_hinder_the_writer(url):
    with Store.open(url) as store:
        sweep_id = store.register(sweep_of({"arm": CONFIG}))
        assert in_processes(3, read_all_the_time, url, sweep_id, store.take_over(sweep_id)) == ["done"] * 3


def test_plain_transactions_lose_what_ours_do_not(url, backend):
    """Why BEGIN IMMEDIATE: a transaction that has read may not write once another has."""
    if backend != "sqlite":
        pytest.skip("this is about SQLite")
    path = url.removeprefix("sqlite:///")
    one, two = (sqlite3.connect(path, timeout=0.1, isolation_level=None) for _ in range(2))
    with Store.open(url) as store:
        store.register(sweep_of({"arm": CONFIG}))
    one.execute("BEGIN")
    one.execute("SELECT * FROM runs").fetchall()
    two.execute("UPDATE runs SET stall = 2")
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        one.execute("UPDATE runs SET stall = 1")
    one.close()
    two.close()
