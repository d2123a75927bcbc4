"""Samples of attempts in the store: written with signs of life, bounded, summed up, counted on by imports."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError
from stores import claimed, run_config, samples_of, sweep_of

from gst.config import RunSpec, run_key
from gst.errors import Fenced
from gst.records import SystemSample
from gst.store import Store
from gst.store.samples import SystemUse, attempt_samples, system_use

SPEC = RunSpec(run_config(epochs=1), 0)
KEY = run_key(SPEC)
MANY = tuple(SystemSample(float(n), n + 1.0, 1.0, 1000 + n) for n in range(6))


@pytest.fixture
def begin(store):
    """Begin an attempt at the run."""
    sweep_id = store.register(sweep_of({"arm": SPEC.config}, (0,)))
    return lambda: claimed(store, SPEC, sweep_id, store.take_over(sweep_id))


def rows(store, attempt=1):
    return attempt_samples(store, KEY).get(attempt, ())


def test_signs_of_life_and_the_end_store_what_is_new(store, begin):
    recorder, counts = begin(), []
    for count, tell in ((0, recorder.beat), (2, recorder.beat), (2, recorder.beat), (5, recorder.interrupt)):
        recorder.samples = lambda count=count: MANY[:count]
        tell()
        counts.append(len(rows(store)))
    assert counts == [0, 2, 2, 5]
    assert rows(store) == MANY[:5]


@pytest.mark.parametrize("end", ["finish", "diverged", "interrupt"])
def test_fewer_of_longer_periods_take_the_place_of_many(store, begin, end):
    recorder = begin()
    recorder.samples = lambda: MANY
    recorder.beat()
    few = (SystemSample(0.0, 2.0, 1.0, 1001), SystemSample(2.0, 4.0, 1.0, 1003))
    recorder.samples = lambda: few
    getattr(recorder, end)()
    assert rows(store) == few


def test_a_failed_run_keeps_them(store, begin):
    recorder = begin()
    recorder.samples = samples_of
    recorder.fail("RuntimeError: broken", "last line")
    assert rows(store) == samples_of()


def test_an_answer_that_was_lost_does_not_matter(store, begin):
    recorder = begin()
    recorder.samples = lambda: MANY[:3]
    recorder.beat()
    recorder._stored = ()  # as after a commit that the connection did not confirm
    recorder.samples = lambda: MANY
    recorder.finish()
    assert rows(store) == MANY


def test_an_attempt_that_lost_its_run_writes_none_and_the_next_has_its_own(store, begin):
    first = begin()
    first.samples = lambda: MANY[:1]
    first.beat()
    second = begin()
    first.samples = lambda: MANY
    with pytest.raises(Fenced):
        first.beat()
    second.samples = lambda: MANY[:2]
    second.finish()
    assert [len(rows(store, number)) for number in (1, 2)] == [1, 2]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE system_samples SET sample = -1",
        "UPDATE system_samples SET stop = start",
        "UPDATE system_samples SET start = -1, sample = 9 WHERE sample = 0",
        "UPDATE system_samples SET gpu_use = 87",
        "UPDATE system_samples SET attempt = 2",
        "DELETE FROM attempts",
    ],
)
def test_the_database_refuses_what_cannot_be(begin, write_sql, statement):
    recorder = begin()
    recorder.samples = lambda: samples_of(1)
    recorder.finish()
    with pytest.raises(IntegrityError):
        write_sql(statement)


def test_what_attempts_used_is_told_in_words(store, begin):
    first = begin()
    first.samples = lambda: (
        SystemSample(0.0, 60.0, 1.5, 800_000_000, 0.5, 12_000_000_000, 200.0),
        SystemSample(60.0, 180.0, 3.0, 900_000_000, 0.8, 11_000_000_000, 500.0),
    )
    first.interrupt()
    second = begin()
    second.samples = lambda: (SystemSample(0.0, 2.0, 0.25),)
    second.finish()
    used = tuple(system_use(*it) for it in attempt_samples(store, KEY).items())
    # 60 s at 200 W and 120 s at 500 W are 72 kJ, a fiftieth of a kilowatt-hour.
    assert used == (
        SystemUse(1, 180.0, 2.5, 900_000_000, pytest.approx(0.7), 12_000_000_000, 400.0, pytest.approx(0.02)),
        SystemUse(2, 2.0, 0.25, None, None, None, None, None),
    )
    assert [it.words for it in used] == [
        "attempt 1, over 3 min: 2.50 CPUs busy, at most 900.0 MB of memory, GPU busy 70% of the time, "
        "at most 12.0 GB of GPU memory, 400 W, which is 0.02 kWh",
        "attempt 2, over 2 s: 0.25 CPUs busy",
    ]


def test_an_import_counts_them_on_with_their_attempts(store, begin, tmp_path):
    with Store.open(str(tmp_path / "theirs.db"), create=True) as theirs:
        sweep_id = theirs.register(sweep_of({"arm": SPEC.config}, (0,)))
        there = claimed(theirs, SPEC, sweep_id, theirs.take_over(sweep_id))
        there.samples = samples_of
        there.diverged()
        theirs.export(tmp_path / "out")
    here = begin()
    here.samples = lambda: MANY
    here.interrupt()
    store.merge(tmp_path / "out")
    assert [it["outcome"] for it in store.run(KEY).attempts] == ["interrupted", "diverged"]
    assert rows(store, 1) == MANY
    assert rows(store, 2) == samples_of()
    store.merge(tmp_path / "out")
    assert [len(rows(store, number)) for number in (1, 2, 3)] == [len(MANY), 3, 0]
