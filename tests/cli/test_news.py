"""When a sweep sends notices, and what they say."""

from __future__ import annotations

import logging
import sqlite3
import time
from types import SimpleNamespace

import pytest
import sqlalchemy
from stores import Run, fill

from gst.cli import news as module
from gst.cli.news import DIGEST_SECONDS, STILL_SECONDS, Ending, News, Teller, Troubled, troubled_runs
from gst.errors import DataError
from gst.launch.progress import Snapshot, Watch
from gst.records import STATUSES
from gst.store import Progress, Store

RUNS = 50


def snapshot(epochs=0, **counts):
    every = dict.fromkeys(STATUSES, 0) | counts
    every["pending"] = RUNS - sum(counts.values())
    return Snapshot(Progress(1, "hand", every, RUNS, epochs, 500, 0.0, None, ()), None, None)


def run(number, status="failed", reason="RuntimeError: broken"):
    return Troubled(f"{number:064}", "PruneL", number, status, reason)


@pytest.fixture
def wrong():
    """The runs that went wrong so far."""
    return []


@pytest.fixture
def news(wrong):
    return News("hand", lambda: tuple(wrong), 0.0)


def titles(notices):
    return [it.title for it in notices]


def test_what_went_wrong_before_is_no_news(news, wrong):
    wrong.append(run(1))
    assert news.seen(snapshot(failed=1), 0.0) == []
    assert news.seen(snapshot(1, failed=1), 5.0) == []


def test_the_first_run_that_goes_wrong_is_told_at_once_and_others_in_a_digest(news, wrong):
    news.seen(snapshot(running=2), 0.0)
    wrong.append(run(1))
    (first,) = news.seen(snapshot(running=2, failed=1, completed=3), 10.0)
    assert first == (
        "warning",
        "gst: hand has 1 run that went wrong",
        "PruneL, seed 1 (000000000000) failed: RuntimeError: broken\n`gst logs 000000000000` says more.\n"
        "3/50 runs completed, 2 running, 44 waiting, 1 failed.",
    )
    found = []
    for second in range(11, 11 + int(DIGEST_SECONDS)):  # a run a second fails
        wrong.append(run(second, "diverged", None))
        found += [
            (second, it) for it in news.seen(snapshot(failed=1, diverged=len(wrong) - 1), float(second))
        ]
    ((moment, digest),) = found
    assert moment == 10 + DIGEST_SECONDS
    assert digest.title == f"gst: hand has {moment - 10} runs that went wrong"
    assert digest.text.splitlines()[:4] == [
        *(f"PruneL, seed {number} (000000000000) diverged" for number in (11, 12, 13)),
        f"And {moment - 13} more runs.",
    ]


def test_a_run_that_is_retried_is_told_when_it_fails_again_and_not_before(news, wrong):
    wrong.append(run(1))
    news.seen(snapshot(failed=1), 0.0)
    wrong.clear()
    assert news.seen(snapshot(running=1), 5.0) == []
    wrong.append(run(2))
    assert titles(news.seen(snapshot(failed=1), 10.0)) == ["gst: hand has 1 run that went wrong"]


def test_a_standstill_is_told_once_and_so_is_its_end(news):
    news.seen(snapshot(3, running=1), 0.0)
    for moment in (5.0, STILL_SECONDS - 1):
        assert news.seen(snapshot(3, running=1), moment) + news.unseen(moment) == []
    (still,) = news.seen(snapshot(3, running=1), STILL_SECONDS) + news.unseen(STILL_SECONDS)
    assert (still.kind, still.title) == ("warning", "gst: hand stands still")
    assert still.text.startswith("For 10 min no run has begun, ended or given a sign of life, ")
    assert news.unseen(STILL_SECONDS + 5) == []  # nor where the store does not answer
    (on,) = news.seen(snapshot(4, running=1), 2 * STILL_SECONDS)
    assert (on.kind, on.title) == ("info", "gst: hand goes on")
    assert on.text.startswith("After 20 min without a sign of life: 0/50 runs completed, 1 running")
    assert news.unseen(2 * STILL_SECONDS + 5) == []


@pytest.mark.parametrize("changed", [{"epochs": 1}, {"completed": 1}, {"interrupted": 1}])
def test_whatever_moves_is_a_sign_of_life(news, changed):
    news.seen(snapshot(), 0.0)
    news.seen(snapshot(**changed), STILL_SECONDS - 1)
    assert news.unseen(STILL_SECONDS + 1) == []


def test_a_sign_of_life_within_an_epoch_is_one(news):
    news.seen(snapshot(running=1), 0.0)
    beaten = snapshot(running=1)
    beaten = beaten._replace(progress=beaten.progress._replace(heartbeat="later"))
    news.seen(beaten, STILL_SECONDS - 1)
    assert news.unseen(STILL_SECONDS + 1) == []


def test_a_sweep_whose_runs_have_ended_does_not_stand_still(news):
    news.seen(snapshot(completed=RUNS), 0.0)  # measured, say
    assert news.unseen(10 * STILL_SECONDS) == []


NOTHING = Ending()


def last(news, ending=NOTHING, **counts):
    found = snapshot(**counts) if counts else None
    return news.ended(found, ending, 3 * 3600.0 + 300)


def test_a_complete_sweep_says_so_with_counts_and_time(news):
    told = last(news, completed=RUNS - 1, diverged=1)
    assert (told.kind, told.title) == ("success", "gst: hand is complete")
    first, second = told.text.splitlines()
    assert first == "49/50 runs completed, 1 diverged."
    assert second.startswith("It took 3 h 5 min on ")


def test_a_sweep_that_is_not_complete_says_why(news, wrong):
    wrong.append(run(7))
    told = last(news, Ending(["a", "b", "c", "d", "e"]), completed=RUNS - 1, failed=1)
    assert (told.kind, told.title) == ("failure", "gst: hand ended, and is not complete")
    assert told.text.splitlines()[:7] == [
        *"abc", "And 2 more problems.", "PruneL, seed 7 (000000000000) failed: RuntimeError: broken",
        "49/50 runs completed, 1 failed.",
        "The same command carries on, with --retry-failed also with what failed.",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("error", "title", "said"),
    [
        (
            KeyboardInterrupt(),
            "was stopped",
            "1/50 runs completed, 49 waiting.\nThe same command carries on.\n",
        ),
        (DataError("x.npy: is damaged"), "ended with an error", "x.npy: is damaged\n1/50"),
        (ValueError("with a secret"), "ended with an error", "ValueError\n1/50"),
        (
            sqlalchemy.exc.OperationalError("SELECT 1", {}, sqlite3.OperationalError("disk I/O error")),
            "ended with an error",
            "disk I/O error",
        ),
    ],
)
def test_a_sweep_that_is_stopped_or_meets_an_error_says_so(news, error, title, said):
    told = last(news, Ending(error=error), completed=1)
    assert told.title == f"gst: hand {title}"
    assert said in told.text
    assert "secret" not in told.text


def test_the_end_is_told_without_a_store_too(news):
    told = last(news, Ending(["the store is away"]))
    assert told.text.startswith(
        "the store is away\nThe store does not answer.\nThe same command carries on.\n"
    )
    assert told.title == "gst: hand ended, and is not complete"


def test_what_a_terminal_would_obey_is_escaped(news, wrong):
    wrong.append(run(1, reason="\x1b[2J gone"))
    assert "\\x1b[2J gone" in last(news, failed=1).text


class Place:
    """Takes notices, or not."""

    def __init__(self, name, takes=True):
        self.name, self.taken, self._takes = name, [], takes

    def takes(self, notice):
        self.taken.append(notice)
        return self._takes


@pytest.fixture
def store(tmp_path):
    with Store.open(str(tmp_path / "gst.db"), create=True) as opened:
        yield opened


def test_runs_that_went_wrong_are_those_of_the_store(store):
    fill(store, [Run("a", 0, [0.5], status="failed"), Run("a", 1, [0.5]), Run("b", 0, [], status="diverged")])
    found = troubled_runs(store, "hand")
    assert [it[1:] for it in found] == [
        ("a", 0, "failed", "RuntimeError: broken"),
        ("b", 0, "diverged", None),
    ]


def test_a_sweep_is_looked_at_until_its_end_and_every_place_is_told(store, monkeypatch, caplog):
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.01)
    sweep_id = fill(store, [Run("a", 0, [0.5]), Run("a", 1, status="pending")])
    away, here = Place("away", False), Place("here")
    news = News("hand", lambda: troubled_runs(store, "hand"), 0.0)
    with (
        caplog.at_level(logging.WARNING, "gst"),
        Teller(Watch(store, sweep_id), news, [away, here]) as teller,
    ):
        fill(store, [Run("a", 1, [0.5], status="failed")])
        end = time.monotonic() + 60
        while not here.taken and time.monotonic() < end:
            time.sleep(0.01)
        teller.problems = ("one",)
    assert titles(here.taken) == titles(away.taken)
    assert titles(here.taken) == [
        "gst: hand has 1 run that went wrong",
        "gst: hand ended, and is not complete",
    ]
    assert [it.getMessage() for it in caplog.records] == [
        "away did not take a notice (gst: hand has 1 run that went wrong)"
    ]


def test_a_store_that_is_away_ends_nothing():
    def away():
        raise sqlalchemy.exc.OperationalError("SELECT 1", {}, OSError("no route to host"))

    place, news = Place("here"), News("hand", tuple, time.monotonic())
    with pytest.raises(KeyboardInterrupt), Teller(SimpleNamespace(snapshot=away), news, [place]):
        raise KeyboardInterrupt
    assert titles(place.taken) == ["gst: hand was stopped"]


def test_nobody_waits_long_for_a_place_that_hangs(news, monkeypatch, caplog):
    monkeypatch.setattr(module, "END_SECONDS", 0.05)
    over = module.threading.Event()
    place = SimpleNamespace(name="slow", takes=lambda notice: over.wait())
    with caplog.at_level(logging.WARNING, "gst"), Teller(SimpleNamespace(snapshot=snapshot), news, [place]):
        pass
    over.set()
    assert "not every place took the last notice within" in caplog.text


def test_without_a_place_nothing_is_looked_at(news):
    with Teller(None, news, []) as teller:
        assert not teller._thread.is_alive()
