"""Which observers look at a run at which moment.

To add a measurement, write an observer and put it under its moment here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import get_args, get_origin, get_type_hints

from gst.records import EpochRecord, EpochRecords, PruningEvent
from gst.training.answers import final_answers
from gst.training.each_example import each_example
from gst.training.el2n import training_examples
from gst.training.level_end import level_summary
from gst.training.moments import Moment, Observation, Observer, Standing
from gst.training.network_measurements import flatness_at, normality_at, targeted_filters_removed
from gst.training.state import State

OBSERVERS: Mapping[Moment, tuple[Observer, ...]] = {
    "before_training": (normality_at, training_examples),
    "after_training_of_epoch": (flatness_at,),
    "after_event": (normality_at, targeted_filters_removed, final_answers, each_example),
    "end_of_level": (level_summary,),
}


def observe(moment: Moment, state: State, standing: Standing) -> Iterator[Observation]:
    """The records of that moment's observers, one observer after another."""
    for observer in OBSERVERS[moment]:
        yield from observer(state, standing)


def gathered(
    epoch: EpochRecord, events: Iterable[PruningEvent], observations: Iterable[Observation]
) -> EpochRecords:
    """All that an epoch yields, with its observations sorted by kind."""
    kinds: dict[str, tuple[Observation, ...]] = {}
    for observation in observations:
        field = FIELDS[type(observation)]
        kinds[field] = (*kinds.get(field, ()), observation)
    return EpochRecords(epoch, tuple(events), **kinds)  # type: ignore[arg-type]


FIELDS = {
    get_args(hint)[0]: name
    for name, hint in get_type_hints(EpochRecords).items()
    if get_origin(hint) is tuple
}
"""The field of EpochRecords for each kind of record."""
