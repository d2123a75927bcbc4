"""What a running sweep looks like, live and line by line."""

from __future__ import annotations

import io
import sqlite3
import time

import psycopg
import pytest
import sqlalchemy
from rich.console import Console

from gst.cli.display import SHOWN_ARMS, Display, Lines, drawn, shown_arms, view_on, waiting
from gst.launch.progress import Snapshot
from gst.store import Progress
from gst.store.progress import ArmProgress, El2nProgress

STATUSES = ("pending", "running", "completed", "failed", "interrupted", "diverged", "cancelled")
ARMS = (
    ArmProgress("No Pruning", 3, 2, 0, 0.9512, None),
    ArmProgress("PruneL", 3, 0, 1, None, 0.5),
    ArmProgress("PruneS", 3, 0, 0, None, None),
)


def snapshot(done=600, pace=12.5, left=152.0, arms=ARMS, **counts):
    every = dict.fromkeys(STATUSES, 0) | (
        counts or {"completed": 2, "running": 2, "pending": 1, "interrupted": 1}
    )
    progress = Progress(1, "hand", every, sum(every.values()), done, 2500, 0.0, None, arms)
    return Snapshot(progress, pace, left, 48.0)


def text_of(found, *, width=100, **options):
    console = Console(file=io.StringIO(), width=width, **options)
    console.print(drawn(found))
    return console.file.getvalue()


def test_the_live_view_shows_a_bar_the_counts_and_each_arm():
    lines = text_of(snapshot()).splitlines()
    assert lines[0].endswith("600/2500 epochs")
    assert lines[1] == "48 s so far, 12.5 a second, 2 min 32 s left"
    assert lines[2] == "2/6 runs completed, 2 running, 2 waiting"
    assert lines[3].split() == ["arm", "runs", "running", "test", "accuracy"]
    assert lines[4].split() == ["No", "Pruning", "2/3", "95.1%"]
    assert lines[5].split() == ["PruneL", "0/3", "1", "so", "far", "50.0%"]
    assert lines[6].split() == ["PruneS", "0/3"]


def test_the_live_view_fits_a_narrow_terminal():
    long = tuple(
        it._replace(arm=f"{it.arm} with a very long name, fraction=0.95, every=12, both ways") for it in ARMS
    )
    busy = snapshot(done=123_456, arms=long, completed=200, running=64, pending=3000, failed=12, diverged=3)
    lines = text_of(busy, width=80).splitlines()
    assert len(lines) == 7
    assert all(len(line) <= 80 for line in lines)
    assert "so far 50.0%" in lines[5]


def test_what_went_wrong_is_shown_and_the_time_only_when_known():
    lines = text_of(snapshot(pace=None, left=None, completed=1, failed=2, diverged=3)).splitlines()
    assert lines[0].endswith(" 600/2500 epochs")
    assert lines[1] == "48 s so far"
    assert lines[2] == "1/6 runs completed, 2 failed, 3 diverged"


def test_a_sweep_of_many_arms_fits_the_screen():
    arms = tuple(ArmProgress(f"arm {number}", 1, 0, 0, None, None) for number in range(40))
    lines = text_of(snapshot(arms=arms)).splitlines()
    assert lines[-1] == "and 28 more arms"
    assert len(lines) == 17


@pytest.mark.parametrize("height", [10, 16, 17, 40])
def test_the_live_view_is_whole_on_a_low_terminal(height, monkeypatch):
    monkeypatch.setenv("LINES", str(height))
    arms = tuple(ArmProgress(f"arm {number}", 1, 0, 0, None, None) for number in range(40))
    view = view_on(stream := io.StringIO(), live=True)
    view.show(snapshot(arms=arms))
    view.close()
    lines = stream.getvalue().splitlines()
    assert len(lines) < height
    assert lines[-1] == f"and {40 - min(12, height - 6)} more arms"


def test_a_sweep_that_was_finished_before_it_was_watched_took_no_time():
    done = snapshot(pace=None, left=None, completed=3)
    assert "48 s so far" in text_of(done)
    assert "so far" not in text_of(done._replace(elapsed=0.0), width=100).replace("so far 50.0%", "")


def test_arms_in_training_are_shown_where_there_is_no_room_for_all():
    done = [ArmProgress(f"done {number}", 1, 1, 0, 0.5, None) for number in range(20)]
    to_do = [ArmProgress(f"to do {number}", 1, 0, 0, None, None) for number in range(20)]
    busy = ArmProgress("busy", 1, 0, 1, None, 0.5)
    shown = [it.arm for it in shown_arms((*done, *to_do, busy))]
    assert shown == [*(f"to do {number}" for number in range(SHOWN_ARMS - 1)), "busy"]


def test_the_quiet_see_warnings_and_no_progress():
    stream = io.StringIO()
    view = view_on(stream, live=True, quiet=True)
    view.show(snapshot())
    view.say("gst: run abc begins again")
    view.close()
    assert stream.getvalue() == "gst: run abc begins again\n"


def test_a_terminal_sees_a_sign_of_life_while_it_waits():
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    for live, shown in ((True, "0:00:00"), (False, "")):
        with waiting(stream := Terminal(), live=live):
            time.sleep(0.2)
        assert shown in stream.getvalue()
        assert bool(stream.getvalue()) == live


def test_names_of_arms_are_not_taken_for_markup():
    assert "[red]x[/red]" in text_of(snapshot(arms=(ArmProgress("[red]x[/red]", 1, 0, 0, None, None),)))


def test_colour_is_for_terminals_whose_owner_does_not_mind(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[91m" in text_of(snapshot(), force_terminal=True, color_system="standard")
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[91m" not in text_of(snapshot(), force_terminal=True, color_system="standard")


def test_lines_are_printed_only_when_something_has_changed():
    stream = io.StringIO()
    lines = view_on(stream, live=False)
    assert isinstance(lines, Lines)
    for found in (snapshot(), snapshot(pace=13.0, left=100.0), snapshot(done=700)):
        lines.show(found)
    assert stream.getvalue() == (
        "2/6 runs completed, 2 running, 2 waiting, 600/2500 epochs, 12.5 a second, 2 min 32 s left\n"
        "2/6 runs completed, 2 running, 2 waiting, 700/2500 epochs, 12.5 a second, 2 min 32 s left\n"
    )


def test_the_live_view_writes_to_its_own_stream(capsys):
    stream = io.StringIO()
    view = view_on(stream, live=True)
    view.show(snapshot())
    view.say("Look 1 of 2: [+0.21, +1.09]")
    view.close()
    assert "600/2500 epochs" in stream.getvalue()
    assert "Look 1 of 2: [+0.21, +1.09]\n" in stream.getvalue()
    assert capsys.readouterr() == ("", "")


class Recording:
    seconds = 0.01

    def __init__(self):
        self.seen = []

    def show(self, found):
        self.seen.append(found)

    def close(self):
        self.seen.append("closed")


class Counting:
    def __init__(self):
        self.number = 0

    def snapshot(self):
        self.number += 1
        return self.number


@pytest.mark.parametrize("seconds", [0.01, 60.0])
def test_a_display_shows_the_last_state_before_it_closes(seconds):
    view, watch = Recording(), Counting()
    view.seconds = seconds
    with Display(watch, view):
        time.sleep(0.1)
    assert view.seen == [*range(1, watch.number + 1), "closed"]
    assert watch.number >= 1
    shown = len(view.seen)
    time.sleep(0.05)
    assert len(view.seen) == shown


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (sqlite3.IntegrityError("no such thing"), ["how far the sweep is cannot be shown: no such thing"]),
        (psycopg.OperationalError("the server is away"), []),
    ],
)
def test_a_mistake_of_ours_is_told_once_and_a_store_that_is_away_is_not(error, said):
    class Failing(Counting):
        def snapshot(self):
            self.number += 1
            raise sqlalchemy.exc.DBAPIError("SELECT 1", {}, error)

    view, watch, told = Recording(), Failing(), []
    view.say = told.append
    with Display(watch, view):
        while watch.number < 3:
            time.sleep(0.01)
    assert told == [f"gst: {it}" for it in said]
    assert view.seen == ["closed"]


def test_el2n_networks_in_training_are_shown():
    found = snapshot()
    one, two = El2nProgress(3, 10), El2nProgress(5, 10)
    for scoring, words in (((one,), "EL2N network 3 of 10"), ((two, one), "EL2N networks 3, 5 of 10")):
        progress = found.progress._replace(scoring=scoring)
        lines = text_of(found._replace(progress=progress)).splitlines()
        assert lines[2] == f"2/6 runs completed, 2 running, 2 waiting; {words}"
