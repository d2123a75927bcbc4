"""Runs that prune by each score, distribution over layers and ramp: what goes is exactly what should."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
import torch
from runs import FILTERS, WEIGHTS, spec_of, without_seconds
from torch.nn import functional

from gst.config import RunConfig
from gst.errors import ConfigError
from gst.models import build, sites
from gst.networks.events import erk_densities, planned_events
from gst.networks.layers import layers as outline_layers
from gst.networks.named import outline
from gst.networks.parts import ImageShape
from gst.pruning.pruning_step import kept_in_round
from gst.training import run_data, start, stream, train

BODY = ("conv1", "conv2", "fc1")
OF_LOSS = {"snip": {"score_images": 20}, "taylor": {"score_images": 20}, "grasp": {"score_images": 20}}
BY_WEIGHT = ["snip", "grasp", "synflow", "movement"]
BY_FILTER = [*BY_WEIGHT, "taylor"]


def with_score(base, score, **changes):
    return base | {"score": score} | OF_LOSS.get(score, {}) | changes


CASES = {
    **{f"weights by {score}": with_score(WEIGHTS, score) for score in BY_WEIGHT},
    **{f"filters by {score}": with_score(FILTERS, score) for score in BY_FILTER},
    "global": WEIGHTS | {"layers": BODY, "distribution": "global"},
    "erk": WEIGHTS | {"layers": BODY, "distribution": "erk"},
    "cubic": WEIGHTS | {"ramp": "cubic", "start": 0, "end": 3},
    "in rounds": with_score(WEIGHTS, "snip", rounds=5, layers=BODY, distribution="global"),
    "filters in rounds": with_score(FILTERS, "synflow", rounds=3),
    "before training": with_score(WEIGHTS, "synflow", rounds=10, scratch=True, start=0, end=0),
    "imp": {
        "kind": "imp", "score": "snip", "score_images": 20, "target": "smallest", "fraction": 0.5,
        "levels": 2, "rewind_epoch": 2,
    },
}  # fmt: skip


def run(spec, digits, state=None):
    state = state or start(spec, digits)
    return without_seconds(train(state)), state


@pytest.mark.parametrize("name", list(CASES))
def test_a_run_removes_what_is_planned_and_can_be_repeated_and_resumed(name, digits):
    spec = spec_of(CASES[name])
    records, state = run(spec, digits)
    removed = {}
    for record in records:
        for event in record.events:
            for layer in event.layers:
                key = (
                    "all layers"
                    if spec.config.pruning.kind == "imp" or name in ("global", "in rounds")
                    else layer.layer
                )
                removed[event.epoch, key] = (
                    removed.get((event.epoch, key), 0) + layer.kept_before - layer.kept_after
                )
                assert layer.removed is None or len(layer.removed) == layer.kept_before - layer.kept_after
                assert math.isfinite(layer.mean_score)
    network = outline("digits_cnn", classes=10, image=ImageShape(*state.dataset.image))
    planned = planned_events(spec.config, outline_layers(network))
    assert removed == {
        (it.epoch, it.layer): it.kept_before - it.kept_after
        for it in planned
        if it.kept_before > it.kept_after
    }
    assert run(spec, digits)[0] == records
    assert run(spec_of(CASES[name], seed=1), digits)[0] != records

    stopped = start(spec, digits)
    first = next(iter(train(stopped)))
    resumed = start(spec, digits)
    resumed.load_state_dict(stopped.state_dict())
    rest, _ = run(spec, digits, resumed)
    assert [*without_seconds([first]), *rest] == records


def test_scores_of_the_loss_are_of_images_drawn_for_the_event(digits):
    """SNIP before training, written out: which weights of fc1 are left."""
    spec = spec_of(with_score(WEIGHTS, "snip", scratch=True, start=0, end=0))
    state = start(spec, digits)
    next(iter(train(state)))
    data = run_data(digits, spec.config.data, spec.seed)
    model = build("digits_cnn", classes=10, image=ImageShape(*data.image), generator=stream(0, "init"))
    chosen = torch.randperm(len(data.train.labels), generator=stream(0, "score/-1"))[:20]
    mean, std = (torch.tensor(value).view(1, -1, 1, 1) for value in (data.mean, data.std))
    images = (data.train.images[chosen].float() / 255 - mean) / std
    functional.cross_entropy(model(images), data.train.labels[chosen]).backward()
    (site,) = (site for site in sites(model) if site.name == "fc1")
    scores = (site.module.weight * site.module.weight.grad).abs().flatten()
    gone = scores.argsort(stable=True)[: scores.numel() - math.ceil(0.25 * scores.numel())]
    assert set((~state.scheduled[0].layer.alive).nonzero().flatten().tolist()) == set(gone.tolist())


def test_of_a_global_distribution_the_smallest_of_all_layers_go(digits):
    spec = spec_of(
        WEIGHTS | {"layers": BODY, "distribution": "global", "scratch": True, "start": 0, "end": 0}
    )
    state = start(spec, digits)
    weights = torch.cat([it.layer.site.module.weight.detach().abs().flatten() for it in state.scheduled])
    before = weights.clone()
    next(iter(train(state)))
    alive = torch.cat([it.layer.alive for it in state.scheduled])
    assert int(alive.sum()) == math.ceil(0.25 * weights.numel())
    assert before[alive].min() >= before[~alive].max()
    shares = {it.layer.site.name: float(it.layer.alive.float().mean()) for it in state.scheduled}
    assert max(shares.values()) > 2 * min(shares.values()), "layers compete"


def reference_erk(shapes, density):
    """As google-research/rigl finds them: epsilon by which all densities are raised, in floating point."""
    dense = set()
    while True:
        divisor = numerator = 0.0
        for name, shape in shapes.items():
            n = math.prod(shape)
            if name in dense:
                numerator -= n * (1 - density)
            else:
                numerator += n * density
                divisor += sum(shape) / n * n
        epsilon = numerator / divisor
        worst = max((sum(s) / math.prod(s), n) for n, s in shapes.items() if n not in dense)
        if worst[0] * epsilon <= 1:
            return {n: 1.0 if n in dense else epsilon * sum(s) / math.prod(s) for n, s in shapes.items()}
        dense.add(worst[1])


@pytest.mark.parametrize("density", [0.02, 0.1, 0.3, 0.6, 0.9])
def test_erk_densities(density):
    network = outline("vgg11", classes=10, image=ImageShape(3, 32, 32))
    shapes = {layer.name: layer.part.shape for layer in outline_layers(network)}
    found = erk_densities(shapes, Fraction(str(density)))
    assert {name: float(value) for name, value in found.items()} == pytest.approx(
        reference_erk(shapes, density)
    )
    total = sum(math.prod(shape) for shape in shapes.values())
    left = sum(found[name] * math.prod(shape) for name, shape in shapes.items())
    assert left == Fraction(str(density)) * total
    assert all(0 < value <= 1 for value in found.values())


def test_a_cubic_ramp_removes_most_at_first():
    pruning = WEIGHTS | {"ramp": "cubic", "start": 0, "end": 3, "fraction": 0.5}
    config = RunConfig.model_validate(spec_of(pruning).config.model_dump())
    (schedule,) = (it.schedule for it in config.pruning.schedules(("fc1",)))
    left = [event.kept for event in schedule.events(1000)]
    assert left == [math.ceil(500 + 500 * (1 - k / 4) ** 3) for k in (1, 2, 3, 4)] == [711, 563, 508, 500]


def test_each_round_leaves_the_same_share():
    left = [kept_in_round(1000, 10, number, 4) for number in (1, 2, 3, 4)]
    assert left == [math.ceil(1000 * 100 ** (-k / 4)) for k in (1, 2, 3)] + [10]
    assert [kept_in_round(8, 0, number, 3) for number in (1, 2, 3)] == [4, 2, 0]
    assert kept_in_round(0, 0, 1, 2) == 0


def collapsed(digits, rounds):
    """The number of layers without a weight when synflow leaves 2 in 1000, before training."""
    pruning = with_score(
        WEIGHTS, "synflow", rounds=rounds, scratch=True, start=0, end=0, layers=(*BODY, "fc2"),
        distribution="global", fraction=0.998,
    )  # fmt: skip
    state = start(spec_of(pruning), digits)
    next(iter(train(state)))
    return sum(not it.layer.alive.any() for it in state.scheduled)


def test_synflow_in_a_hundred_rounds_leaves_no_layer_empty(digits):
    """Tanaka et al. 2020, figure 3: in one round it does."""
    assert collapsed(digits, 1) > 0
    assert collapsed(digits, 100) == 0


REFUSED = [
    ({"score": "snip"}, "score: snip ranks by the loss of training images: how many"),
    ({"score_images": 5}, "score: magnitude looks at no images"),
    ({"rounds": 2}, "score: magnitude is the same in every round; of snip, taylor, grasp, synflow only"),
    ({"distribution": "erk", "layers": ("fc1", "conv1"), "fraction": (0.1, 0.2)}, "takes one value for all"),
    ({"scratch": True}, "scratch prunes once, before training"),
    ({"scratch": True, "start": 0, "end": 0, "score": "movement"}, "before which nothing has moved"),
    ({"score": "taylor", "score_images": 5}, "Input should be 'magnitude'"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "words"), REFUSED)
def test_what_does_not_go_together_is_refused(changes, words):
    with pytest.raises(ValueError, match=words):
        spec_of(WEIGHTS | changes)


def test_more_images_than_there_are(digits):
    with pytest.raises(ConfigError, match=r"pruning\.score_images: 61 images of 60"):
        start(spec_of(with_score(WEIGHTS, "snip", score_images=61)), digits)
