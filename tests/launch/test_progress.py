"""Pace and remaining time, from what a store says at different moments."""

from __future__ import annotations

import pytest
from stores import Run, fill

from gst.launch.progress import WINDOW_SECONDS, Watch
from gst.store import Progress, Store

STATUSES = ("pending", "running", "completed", "failed", "interrupted", "diverged")


def progress(done: int, total: int = 100, **counts: int) -> Progress:
    every = dict.fromkeys(STATUSES, 0) | counts
    return Progress(1, "hand", every, sum(every.values()), done, total, 0.0, None, ())


def watched(*moments: tuple[float, int]):
    """The last snapshot of a watch that saw so many epochs done at these moments."""
    watch = Watch(None, 1)
    return [watch.at(moment, progress(done)) for moment, done in moments][-1]


@pytest.mark.parametrize(
    ("moments", "pace", "left"),
    [
        ([(0, 0)], None, None),
        ([(0, 0), (10, 0)], None, None),
        ([(0, 0), (10, 20)], 2.0, 40.0),
        ([(0, 0), (30, 0), (40, 20)], 2.0, 40.0),  # until the first epoch is done there is no pace to measure
        ([(0, 60), (10, 80)], 2.0, 10.0),  # nor is what was done before
        ([(0, 0), (10, 20), (20, 100)], 5.0, 0.0),
        ([(0, 50), (10, 40), (20, 60)], 2.0, 20.0),  # a run went back to its checkpoint
    ],
)
def test_the_pace_is_of_what_was_done_since_it_began(moments, pace, left):
    found = watched(*moments)
    assert (found.epochs_per_second, found.seconds_left) == (pace, left)


def test_the_pace_is_of_the_last_minute():
    moments = [(float(second), second) for second in range(41)]  # one a second, then two
    moments += [(40.0 + second, 40 + 2 * second) for second in range(1, 31)]
    half_way = watched(*moments)
    assert half_way.epochs_per_second == pytest.approx(90 / WINDOW_SECONDS)
    assert half_way.seconds_left == 0


def test_runs_waiting_are_those_not_begun_and_those_stopped():
    found = Watch(None, 1).at(0.0, progress(0, pending=2, interrupted=3, running=1, failed=5))
    assert found.waiting == 5


def test_a_snapshot_is_of_the_store(tmp_path):
    with Store.open(str(tmp_path / "gst.db"), create=True) as store:
        sweep_id = fill(store, [Run("a", 0, [0.5, 0.75]), Run("a", 1, [0.5], status="running")])
        found = Watch(store, sweep_id).snapshot()
    assert (found.progress.epochs_done, found.progress.epochs_total) == (3, 4)
    assert found.progress.counts["running"] == 1
    assert found.waiting == 0
