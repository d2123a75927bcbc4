"""What an event costs each class, and what a network answers in the end: counts by plain loops, and laws."""

from __future__ import annotations

from itertools import combinations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from runs import FILTERS, WEIGHTS, ZEROING, spec_of

from gst.archive.packed import packed, unpacked
from gst.training import run_data, start, train
from gst.training.evaluate import evaluate
from gst.training.pruning_record import event_classes

IMP = {
    "kind": "imp", "score": "magnitude", "target": "smallest", "fraction": 0.8,
    "levels": 2, "rewind_epoch": 0,
}  # fmt: skip
IMAGES = st.lists(st.tuples(*[st.integers(0, 4)] * 3), min_size=1, max_size=30)


@given(IMAGES)
def test_the_counts_are_those_of_a_plain_loop(images):
    found = event_classes(*(torch.tensor(column) for column in zip(*images, strict=True)), 5)
    for label, it in enumerate(found):
        assert it.label == label
        assert it.images == sum(y == label for y, _, _ in images)
        assert it.right_before == sum(y == before == label for y, before, _ in images)
        assert it.right_after == sum(y == after == label for y, _, after in images)
        assert it.answered_before == sum(before == label for _, before, _ in images)
        moved = [(to, sum((b, a) == (label, to) for _, b, a in images)) for to in range(5) if to != label]
        assert it.moved == tuple((to, number) for to, number in moved if number)


@pytest.mark.parametrize(
    "pruning", [WEIGHTS | {"fraction": 0.95}, FILTERS, ZEROING, IMP], ids=lambda it: it["kind"]
)
def test_classes_add_up_to_the_event_and_moves_to_its_churn(pruning, digits):
    events = [event for record in train(start(spec_of(pruning), digits)) for event in record.events]
    assert len(events) >= 2
    for event in events:
        assert sum(it.images for it in event.classes) == event.n_test
        assert sum(it.answered_before for it in event.classes) == event.n_test
        assert sum(it.right_before for it in event.classes) / event.n_test == event.test_accuracy_before
        assert sum(it.right_after for it in event.classes) / event.n_test == event.test_accuracy_after
        moved = sum(number for it in event.classes for _, number in it.moved)
        assert moved / event.n_test == pytest.approx(event.churn)
        assert event.churn >= abs(event.test_accuracy_before - event.test_accuracy_after)
    assert any(it.moved for event in events for it in event.classes)


def test_final_answers_are_those_of_the_network_and_two_networks_differ_by_their_accuracies_at_least(digits):
    answers, accuracies = [], []
    for seed in (0, 1, 2):
        spec = spec_of(WEIGHTS, seed)
        state = start(spec, digits)
        *before, last = train(state)
        assert not any(it.answers for it in before)
        (found,) = last.answers
        answers.append(unpacked(found.classes))
        accuracies.append(last.epoch.test_accuracy)
        labels = run_data(digits, spec.config.data, seed).test.labels.tolist()
        right = sum(one == other for one, other in zip(answers[-1], labels, strict=True))
        assert right / found.images == last.epoch.test_accuracy
        assert answers[-1] == evaluate(state.model, state.dataset, 7).classes.tolist()
    for one, other in combinations(range(3), 2):
        differ = sum(a != b for a, b in zip(answers[one], answers[other], strict=True)) / len(answers[one])
        assert differ >= abs(accuracies[one] - accuracies[other])


@given(st.lists(st.integers(0, 2**16 - 1)))
def test_packed_numbers_come_back(numbers):
    assert unpacked(packed(numbers)) == numbers
