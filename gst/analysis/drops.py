"""What each pruning event of a sweep did to the test accuracy, event by event."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gst.analysis.source import Source

if TYPE_CHECKING:
    from gst.store import Store


class EventDrop(NamedTuple):
    """One event of a completed run that removed something as it trained; accuracies are fractions of 1.

    `before` and `after` are of the tests around the event. `previous` is the test accuracy of the
    epoch before, after whatever was pruned there; None in the first epoch.
    """

    arm: str
    key: str
    seed: int
    epoch: int
    before: float
    after: float
    previous: float | None

    @property
    def drop(self) -> float:
        """How far the event itself lowered the test accuracy; negative where it raised it."""
        return self.before - self.after

    @property
    def drop_since_previous(self) -> float | None:
        """How far the accuracy fell from the end of the epoch before, so with an epoch of training between.

        GST 2019 shows this of the last event in Figure A2.
        """
        return None if self.previous is None else self.previous - self.after


_DROPS = """\
SELECT m.arm, r.key, r.seed, p.epoch, p.test_accuracy_before, p.test_accuracy_after, e.test_accuracy
FROM sweep_runs m
JOIN runs r ON r.run_id = m.run_id
JOIN pruning_events p ON p.run_id = m.run_id
LEFT JOIN epochs e ON e.run_id = p.run_id AND e.epoch = p.epoch - 1
WHERE m.sweep_id = :sweep_id AND p.epoch >= 0 AND p.removed > 0
ORDER BY m.position, p.epoch"""


def event_drops(store: Store, source: Source) -> tuple[EventDrop, ...]:
    """The events of the source's completed runs, run by run; those of a run in two arms are there twice."""
    known = {(member.arm, member.key) for member in source.members if member.status == "completed"}
    found = store.query(_DROPS, sweep_id=source.sweep_id)
    events = (EventDrop(*row) for row in found.rows)
    return tuple(event for event in events if (event.arm, event.key) in known)


def last_drops(events: tuple[EventDrop, ...]) -> dict[str, EventDrop]:
    """The last event of each run, by the run's key."""
    return {event.key: event for event in events}
