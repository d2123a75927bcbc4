"""Weights that come back: which, how many, with which value, and what the store has of it."""

from __future__ import annotations

import math

import pytest
import torch
from runs import WEIGHTS, spec_of, without_seconds
from torch.nn import functional

from gst.config import config_from_json, config_json
from gst.errors import ConfigError
from gst.networks.events import erk_densities, planned_events
from gst.networks.layers import layers
from gst.networks.named import outline
from gst.networks.parts import ImageShape
from gst.training import run_data, start, stream, train

LAYERS = ("conv1", "conv2", "fc1")
SET = {"by": "random", "share": 0.3, "decay": "constant", "target": "smallest", "entry": "initial"}
RIGL = {
    "by": "gradient", "share": 0.3, "decay": "cosine", "target": "smallest", "entry": "zero", "images": 16,
}  # fmt: skip
SPARSE = WEIGHTS | {
    "layers": LAYERS, "distribution": "erk", "scratch": True, "target": "random", "start": 0, "end": 2,
    "fraction": 0.8,
}  # fmt: skip
CASES = {
    "SET": SPARSE | {"regrow": SET},
    "RigL": SPARSE | {"regrow": RIGL},
    "gradual": WEIGHTS | {"layers": LAYERS, "start": 0, "end": 2, "regrow": RIGL},
    "in rounds": WEIGHTS | {"score": "synflow", "rounds": 3, "regrow": SET | {"target": "largest"}},
}


def alive(state):
    return {it.layer.site.name: it.layer.alive.clone() for it in state.scheduled}


def weights(state):
    return {
        it.layer.site.name: it.layer.site.module.weight.detach().flatten().clone() for it in state.scheduled
    }


@pytest.mark.parametrize("name", list(CASES))
def test_a_run_loses_and_gets_back_what_is_planned_and_can_be_repeated_and_resumed(name, digits):
    spec = spec_of(CASES[name])
    state = start(spec, digits)
    records = without_seconds(train(state))
    network = layers(outline("digits_cnn", classes=10, image=ImageShape(*state.dataset.image)))
    planned = {(it.epoch, it.layer): it for it in planned_events(spec.config, network)}
    found = {(e.epoch, it.layer): it for record in records for e in record.events for it in e.layers}
    assert {it: (found[it].kept_before, found[it].kept_after, found[it].regrown or 0) for it in found} == {
        it: (plan.kept_before, plan.kept_after, plan.regrown) for it, plan in planned.items()
        if plan.kept_after < plan.kept_before
    }  # fmt: skip
    last = [[it.left for (_, layer), it in planned.items() if layer == wanted][-1] for wanted in alive(state)]
    assert [int(it.sum()) for it in alive(state).values()] == last
    assert any(it.regrown for it in found.values())
    assert config_from_json(config_json(spec.config)) == spec.config

    assert without_seconds(train(start(spec, digits))) == records
    stopped = start(spec, digits)
    first = next(iter(train(stopped)))
    resumed = start(spec, digits)
    resumed.load_state_dict(stopped.state_dict())
    assert [*without_seconds([first]), *without_seconds(train(resumed))] == records


def test_rigl_written_out(digits):
    """The event after epoch 0, from the run that stops before it and Evci et al. 2020, algorithm 1."""
    spec = spec_of(CASES["RigL"])
    later = spec_of(SPARSE | {"start": 3, "end": 3, "regrow": RIGL})
    state, before = start(spec, digits), start(later, digits)
    (record, *_), _ = [next(iter(train(state)))], next(iter(train(before)))
    data = run_data(digits, spec.config.data, spec.seed)
    chosen = torch.randperm(len(data.train.labels), generator=stream(0, "regrow/0"))[:16]
    mean, std = (torch.tensor(value).view(1, -1, 1, 1) for value in (data.mean, data.std))
    images = (data.train.images[chosen].float() / 255 - mean) / std
    before.model.train().zero_grad()
    functional.cross_entropy(before.model(images), data.train.labels[chosen]).backward()
    for scheduled in before.scheduled:
        layer = scheduled.layer
        old = layer.alive.nonzero().flatten().tolist()
        weight = layer.site.module.weight.detach().flatten()
        gradient = layer.site.module.weight.grad.abs().flatten()
        number = math.floor(0.3 / 2 * (1 + math.cos(0)) * len(old)) if len(old) < len(weight) else 0
        gone = sorted(old, key=lambda unit: abs(float(weight[unit])))[:number]
        candidates = sorted(set(range(len(weight))) - set(old) | set(gone))
        back = sorted(candidates, key=lambda unit: -float(gradient[unit]))[:number]
        assert set(alive(state)[layer.site.name].nonzero().flatten().tolist()) == set(old) - set(gone) | set(
            back
        )
        assert (weights(state)[layer.site.name][back] == 0).all()
    (event,) = [it for it in record.events if it.epoch == 0]
    assert (event.test_accuracy_regrown, event.test_loss_regrown) == (
        event.test_accuracy_after, event.test_loss_after,
    ), "weights of 0 change nothing"  # fmt: skip
    assert record.epoch.test_accuracy == event.test_accuracy_regrown


def test_weights_that_come_back_as_they_were_drawn_change_the_network(digits):
    spec = spec_of(CASES["SET"])
    state = start(spec, digits)
    first = weights(state)
    record = next(iter(train(state)))
    (event,) = [it for it in record.events if it.epoch == 0]
    assert event.test_loss_regrown != event.test_loss_after
    assert event.regrown == event.removed == sum(it.regrown for it in event.layers) > 0
    before = start(spec_of(SPARSE | {"start": 3, "end": 3, "regrow": SET}), digits)
    next(iter(train(before)))
    for name, was in alive(before).items():
        new = alive(state)[name] & ~was
        assert new.any() == (not was.all())
        assert torch.equal(weights(state)[name][new], first[name][new])
        assert (weights(state)[name][~alive(state)[name]] == 0).all()


def test_the_layers_of_a_sparse_network_have_the_densities_of_erk(digits):
    state = start(spec_of(CASES["SET"]), digits)
    list(train(state))
    shapes = {it.layer.site.name: tuple(it.layer.site.module.weight.shape) for it in state.scheduled}
    left = {
        name: math.ceil(share * math.prod(shapes[name])) for name, share in erk_densities(shapes, 0.2).items()
    }
    assert {name: int(it.sum()) for name, it in alive(state).items()} == left


@pytest.mark.parametrize(
    "optimizer", [{"name": "adam", "lr": 0.002}, {"name": "sgd", "lr": 0.05, "momentum": 0.9}]
)
def test_weights_that_come_back_have_no_momentum(optimizer, digits):
    state = start(spec_of(CASES["RigL"], optimizer=optimizer), digits)
    found = 0
    next(iter(train(state)))
    name = "exp_avg" if optimizer["name"] == "adam" else "momentum_buffer"
    before = start(spec_of(SPARSE | {"start": 3, "end": 3, "regrow": RIGL}, optimizer=optimizer), digits)
    next(iter(train(before)))
    for (layer, _), (old, _) in zip(state.scheduled, before.scheduled, strict=True):
        new = layer.alive & ~old.alive
        if not new.any():
            continue
        found += 1
        momentum = state.optimizer.state[layer.site.module.weight][name].flatten()
        assert (momentum[new] == 0).all()
        assert (momentum[layer.alive & ~new] != 0).any()
    assert found


REFUSED = [
    ({"regrow": SET, "distribution": "global"}, "weights come back to the layer that lost as many"),
    ({"regrow": RIGL | {"images": None}}, "by: gradient takes the gradient of some images: how many"),
    ({"regrow": SET | {"images": 5}}, "by: random looks at no images"),
    ({"regrow": SET | {"share": 0}}, "greater than 0"),
]


@pytest.mark.parametrize(("changes", "words"), REFUSED)
def test_what_does_not_go_together_is_refused(changes, words):
    with pytest.raises(ValueError, match=words):
        spec_of(WEIGHTS | changes)


def test_more_images_than_there_are(digits):
    with pytest.raises(ConfigError, match=r"pruning\.regrow\.images: 61 images of 60"):
        start(spec_of(SPARSE | {"regrow": RIGL | {"images": 61}}), digits)
