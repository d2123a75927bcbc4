"""Measuring a run after it was trained: on states that it has left, or trained again up to there."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

import torch

from gst.config import RunSpec, run_key
from gst.config.measure import Measurements
from gst.data import Dataset, load_dataset
from gst.errors import DataError, Diverged, InputError, OtherData
from gst.launch.artifacts import artifacts_at
from gst.launch.checkpoints import restore
from gst.launch.provenance import facts, place_of
from gst.launch.single_examples import kept_file
from gst.networks.events import BEFORE_TRAINING
from gst.records import Connectivity, EpochRecords, ExampleContent, Flatness, Normality
from gst.store import RunDetails, Store, checkpoints
from gst.store.again import measurement_name, other_row
from gst.store.checkpoint import Checkpoint
from gst.store.same_data import PUT_BACK, Found, trained_on_others
from gst.training import State, branch_off, start, train
from gst.training.checkpoint import NUMERICS
from gst.training.connectivity import on_the_line
from gst.training.each_example import each_example
from gst.training.moments import Standing
from gst.training.network_measurements import flatness_at, normality_at
from gst.training.optim import precision
from gst.training.state import NONE_ASKED
from gst.words import short

logger = logging.getLogger(__name__)


Measured = Flatness | Normality | ExampleContent | Connectivity
STEP = 10
"""Number of epochs trained again between two words of it."""


class Place(NamedTuple):
    """The data folder, the place of checkpoints, and the device to measure on."""

    data: Path
    artifacts: str | Path
    device: torch.device


def measure(
    store: Store, key: str, asked: Measurements, place: Place, told: Callable[[str], None] = logger.info
) -> tuple[Measured, ...]:
    """Measure the network of a completed run, and replace what the store has of the same epoch and settings.

    The network is that of a state which the run has left, or is trained again from the nearest before. On a
    CPU every row that comes again must be as it is stored; on a GPU rows may differ, and a difference is
    noted on the run. `told` hears of what is trained again, and of states that are gone or damaged.

    Raises InputError for a run that is not completed, or does not come again as it was, and OtherData where
    the data folder has not what it was trained on.
    """
    details = store.run(key)
    if details.run["status"] != "completed":
        raise InputError(
            f"run {short(key)}: is {details.run['status']}; only a completed run can be measured"
        )
    spec = store.spec(key)
    dataset = load_dataset(spec.config.data, place.data)
    for other in trained_on_others(store, spec.config.data.label, facts(dataset), key):
        found_now = Found(facts(dataset), place_of(facts(dataset), place.data))
        raise OtherData(f"{found_now.continues(other)}; {PUT_BACK}")
    torch.set_num_threads(max(1, round(details.attempts[-1]["cpus"] or 1)))
    again = _Again(store, details, partial(_begun, store, spec, dataset, place, asked), place, told)
    found = {(type(it), *measurement_name(it)): it for it in again.measured()}
    for line in asked.connectivity:
        sibling, last = RunSpec(spec.config.sibling(line.order), spec.seed), spec.config.total_epochs - 1
        end = _state_after(store, sibling, last, dataset, place, told)
        points = on_the_line(again.after(last), end, line)
        found |= {(Connectivity, *measurement_name(it)): it for it in points}
    contents = [it for it in found.values() if isinstance(it, ExampleContent)]
    files = [kept_file(artifacts_at(place.artifacts), key, it) for it in contents]
    rows = [it for it in found.values() if not isinstance(it, ExampleContent)]
    store.add_measurements(key, rows, files)
    return tuple(found.values())


def trunk_state(
    store: Store, spec: RunSpec, dataset: Dataset, place: Place, told: Callable[[str], None] = logger.info
) -> State:
    """The state of the run's trunk from which the run goes on. Raises InputError as `measure` does."""
    assert spec.config.trunk is not None
    trunk = RunSpec(spec.config.trunk, spec.seed)
    return _state_after(store, trunk, spec.config.first_epoch - 1, dataset, place, told)


def _state_after(
    store: Store, spec: RunSpec, epoch: int, dataset: Dataset, place: Place, told: Callable[[str], None]
) -> State:
    """The state of that completed run at the end of that epoch."""
    key, threads = run_key(spec), torch.get_num_threads()
    details = store.run(store.resolve(key))
    if details.run["status"] != "completed":
        raise InputError(f"run {short(key)}: is {details.run['status']}, and is needed complete")
    begin = partial(_begun, store, spec, dataset, place, NONE_ASKED)
    torch.set_num_threads(max(1, round(details.attempts[-1]["cpus"] or 1)))
    try:
        return _Again(store, details, begin, place, told).after(epoch)
    finally:
        torch.set_num_threads(threads)


def _begun(store: Store, spec: RunSpec, dataset: Dataset, place: Place, asked: Measurements) -> State:
    """The run before its own first epoch, with the state of its trunk where it has one."""
    before = store.left_out(run_key(spec))  # a run that is measured has rows
    left_out = None if before is None else torch.tensor(before, dtype=torch.int64)
    state = start(spec, dataset, place.device, asked, left_out)
    if spec.config.first_epoch:
        branch_off(state, trunk_state(store, spec, dataset, place))
    return state


class _Again:
    """A completed run, taken up again where it can be."""

    def __init__(
        self,
        store: Store,
        details: RunDetails,
        begin: Callable[[], State],
        place: Place,
        told: Callable[[str], None],
    ) -> None:
        self._told = told
        self._details = details
        self._asked = store.asked(details.key)  # by sweeps, and once in the run's key
        self._begin = begin
        self._state = begin()
        self._place = place
        self._kept = [*store.kept_states(details.key), *checkpoints(details.run)]
        self._comparison = Comparison(store, details, place.device)

    def measured(self) -> Iterator[Measured]:
        """All that the state asks for, in the order of epochs; some of it twice."""
        asked, config = self._state.measurements, self._state.spec.config
        yield from self._at(BEFORE_TRAINING)
        moments = asked.moments_of_examples(config.course, config.first_epoch)
        epochs = {it.epoch for it in asked.flatness} | moments
        for epoch in sorted(epochs | ({config.total_epochs - 1} if asked.normality else set())):
            self._take_up(epoch)
            if self._state.next_epoch <= epoch:
                yield from self._train_again(epoch)
            else:
                yield from self._at(epoch)

    def after(self, epoch: int) -> State:
        """The state at the end of that epoch, for what goes on from it; nothing is measured."""
        self._take_up(epoch)
        if self._state.next_epoch <= epoch:
            for _ in self._train_again(epoch):
                pass
        return self._state

    def _at(self, epoch: int) -> Iterator[Measured]:
        """What is asked for at that epoch, of the network as it is, with the precision of its training."""
        state = self._state
        with precision(state.spec.config.training.precision, state.device):
            standing = Standing(epoch, state.spec.config.course.position(max(0, epoch)))
            yield from flatness_at(state, standing)
            yield from normality_at(state, standing)
            yield from each_example(state, standing)

    def _take_up(self, epoch: int) -> None:
        """Go on from the latest state that leads to that epoch, unless training stands there or later."""
        kept = self._nearest(epoch)
        if kept is None or kept.epoch < self._state.next_epoch:
            return
        try:
            restore(self._state, kept, artifacts_at(self._place.artifacts), self._asked)
        except DataError as error:
            self._told(f"run {short(self._details.key)}: {error}")
            self._kept.remove(kept)
            self._state = self._begin()
            self._take_up(epoch)

    def _nearest(self, epoch: int) -> Checkpoint | None:
        """The latest state from which the network can be measured at that epoch."""
        usable = (it for it in self._kept if self._leads_to(it.epoch, epoch))
        return max(usable, key=lambda it: it.epoch, default=None)

    def _leads_to(self, kept: int, epoch: int) -> bool:
        """Whether a state after one epoch leads to the network at the end of training in another.

        The same epoch will do unless weights went or were disturbed at its end, after flatness is measured;
        single examples are looked at after an event, but before a level's weights go.
        """
        if kept != epoch:
            return kept < epoch
        course, state = self._state.spec.config.course, self._state
        asked = state.measurements
        position = course.position(epoch)
        ends = position.ends and position.level < course.levels
        changed = bool(state.layers_due(epoch)) or ends or state.is_noisy
        flat = changed and any(it.epoch == epoch for it in asked.flatness)
        return not (flat or (ends and epoch in asked.moments_of_examples(course)))

    def _train_again(self, epoch: int) -> Iterator[Measured]:
        self._refuse_other_arithmetic()
        state, key = self._state, self._details.key
        first = max(state.next_epoch, 0)
        self._told(f"run {short(key)}: epochs {first} to {epoch} are trained again")
        try:
            for records in train(state):
                self._comparison.with_stored(records)
                yield from records.flatness
                yield from records.each_example
                yield from (it for it in records.normality if it.epoch != BEFORE_TRAINING)
                done = records.epoch.epoch
                if done == epoch:
                    return
                if (done - first + 1) % STEP == 0:
                    self._told(f"run {short(key)}: epoch {done}, to {epoch}")
        except Diverged as error:
            raise InputError(f"run {short(key)}: diverges when it is trained again: {error}") from None

    def _refuse_other_arithmetic(self) -> None:
        """Raise InputError where the run cannot come again as it was, before it is trained in vain."""
        last, device = self._details.attempts[-1], self._state.device.type
        trained, own = (last["device"], last["numerics"] or 1), (device, NUMERICS[device])
        if trained != own:
            raise InputError(
                f"run {short(self._details.key)}: was trained on {trained[0]} with version {trained[1]} of "
                f"gst's arithmetic there, and would be trained again on {own[0]} with version {own[1]}: its "
                "rows would not be the same. Only a state that it has kept of that epoch can be measured"
            )


class Comparison:
    """A run that is trained again on that device, beside its rows in the store."""

    def __init__(self, store: Store, details: RunDetails, device: torch.device) -> None:
        self._store = store
        self._details = details
        self._device = device
        self._told = False

    def with_stored(self, records: EpochRecords) -> None:
        """Raise InputError where a row differs from what is stored; on a GPU note it, once."""
        difference = None if self._told else other_row(self._store, self._details.run["run_id"], records)
        if difference is None:
            return
        last, key = self._details.attempts[-1], self._details.key
        words = f"epoch {records.epoch.epoch} {difference}"
        if self._device.type == "cpu":
            raise InputError(
                f"run {short(key)}: does not come again as it was: {words}. It was trained on "
                f"{last['host']}, with torch {last['torch']}"
            )
        self._told = True
        self._store.note(f"measured on a network that was trained again, and differs: {words}", keys=[key])
        logger.warning("run %s is measured on a network that was trained again: %s", short(key), words)
