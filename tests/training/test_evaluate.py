"""Calibration, churn and distance, against their definitions written out."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from runs import FILTERS, NONE, WEIGHTS, ZEROING, spec_of

from gst.models import build
from gst.networks.parts import ImageShape
from gst.training import start, stream, train
from gst.training.evaluate import calibration_error, evaluate


def by_hand(confidences, correct):
    """Guo et al. 2017, equation 3, bin by bin."""
    total = 0.0
    for number in range(15):
        low, high = number / 15, (number + 1) / 15
        inside = [i for i, it in enumerate(confidences) if low < it <= high or (number == 0 and it == 0)]
        if inside:
            accuracy = np.mean([correct[i] for i in inside])
            confidence = np.mean([confidences[i] for i in inside])
            total += len(inside) / len(confidences) * abs(accuracy - confidence)
    return total


@pytest.mark.parametrize("n", [1, 7, 400])
def test_expected_calibration_error(n):
    rng = np.random.default_rng(n)
    confidences, correct = rng.uniform(0.1, 1, n), rng.random(n) < 0.6
    found = calibration_error(torch.tensor(confidences), torch.tensor(correct))
    assert found == pytest.approx(by_hand(confidences, correct), rel=1e-12)


def test_edges_of_calibration():
    sure = torch.ones(4, dtype=torch.float64)
    assert calibration_error(sure, torch.tensor([True, True, True, False])) == 0.25
    assert calibration_error(torch.tensor([0.2]), torch.tensor([True])) == pytest.approx(0.8)  # an upper edge
    assert math.isnan(calibration_error(torch.tensor([math.nan, 0.5]), torch.tensor([True, False])))


def test_a_test_tells_classes_and_how_sure_the_network_is(digits):
    state = start(spec_of(NONE), digits)
    list(train(state))
    found = evaluate(state.model, state.dataset, 64)
    with torch.no_grad():
        mean, std = (torch.tensor(it).view(1, -1, 1, 1) for it in (state.dataset.mean, state.dataset.std))
        chances = state.model((state.dataset.test.images / 255 - mean) / std).softmax(dim=1).numpy()
    assert found.classes.tolist() == chances.argmax(axis=1).tolist()
    right = chances.argmax(axis=1) == state.dataset.test.labels.numpy()
    assert found.accuracy == right.mean()
    assert found.ece == pytest.approx(by_hand(chances.max(axis=1), right), abs=1e-6)


@pytest.mark.parametrize("pruning", [WEIGHTS, FILTERS, ZEROING], ids=lambda it: it["kind"])
def test_churn_is_at_least_the_drop(pruning, digits):
    """Each image that is lost or won has changed its class."""
    events = [event for records in train(start(spec_of(pruning), digits)) for event in records.events]
    assert events
    for event in events:
        assert abs(event.test_accuracy_before - event.test_accuracy_after) <= event.churn + 1e-12
        assert 0 <= event.churn <= 1
        assert event.churn * event.n_test == pytest.approx(round(event.churn * event.n_test))
    assert any(event.churn > 0 for event in events)


@pytest.mark.parametrize("pruning", [NONE, WEIGHTS, FILTERS, ZEROING], ids=lambda it: it["kind"])
def test_distance_is_of_what_is_left(pruning, digits):
    state = start(spec_of(pruning), digits)
    assert state.distance() == 0
    records = list(train(state))
    image = ImageShape(*state.dataset.image)
    first = build("digits_cnn", classes=10, image=image, generator=stream(0, "init"))
    squares = 0.0
    for after, before in zip(state.model.parameters(), first.parameters(), strict=True):
        after, before = after.detach().double().numpy(), before.detach().double().numpy()
        left = np.ones_like(after) if pruning["kind"] == "zeroing" else after != 0
        squares += (((after - before) * left) ** 2).sum()
    assert records[-1].epoch.distance == pytest.approx(math.sqrt(squares), rel=1e-5)
    again = start(spec_of(pruning), digits)
    again.load_state_dict(state.state_dict())
    assert again.distance() == state.distance()
