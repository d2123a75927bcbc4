"""The moments of a run at which it is observed, and what an observer is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal, NamedTuple

from gst.config.course import Position
from gst.records import Answers, ExampleContent, Examples, Flatness, GroupLoss, LevelRecord, Normality, Probe
from gst.training.evaluate import Evaluation
from gst.training.state import State

Moment = Literal["before_training", "after_training_of_epoch", "after_event", "end_of_level"]
"""before_training: the network as it was drawn, before an event of scratch pruning (GST 2020, appendix B.1).

after_training_of_epoch: trained and tested, before the epoch's event (GST 2020, sections 3.1 and 3.4).
after_event: the epoch's event, if any, has been tested too (GST 2020, appendix D.1).
end_of_level: after a level's last epoch, before the removal with which the next one begins (Jin et al. 2022,
section 2). A run without levels is at its one level's end after its last epoch.
"""

Observation = Probe | Flatness | Normality | Examples | LevelRecord | GroupLoss | Answers | ExampleContent


class Standing(NamedTuple):
    """Where a run stands: its epoch (-1 before training), the epoch's place in its level, the last test."""

    epoch: int
    position: Position
    tested: Evaluation | None = None


Observer = Callable[[State, Standing], Iterable[Observation]]
"""From a run's state and standing to records.

It changes nothing that training goes on from, and draws from streams of its own: the run is the same without.
"""
