"""Runs of many levels, against loops and formulas written out (Jin et al. 2022, sections 2 and 3)."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch
from runs import BASE, without_seconds
from torch.nn import functional

from gst.config import RunConfig, RunSpec
from gst.errors import Diverged
from gst.models import build, sites
from gst.networks.parts import ImageShape
from gst.training import run_data, start, stream, train
from gst.training.examples import group_losses, percentile_groups

pytestmark = pytest.mark.slow

LEVELS = {"levels": 3, "rewind_epoch": 1}
IMP = {
    "kind": "imp", "score": "magnitude", "target": "smallest", "fraction": 0.2, "exclude": ("fc2",), **LEVELS,
}  # fmt: skip
EXTENDED = {"kind": "extended", **LEVELS}
DATA = {"per_class": 12, "validation": 0.25, "label_noise": 0.2}
SGD = {"name": "sgd", "lr": 0.05, "momentum": 0.9, "weight_decay": 1e-3}
TOTAL = 72 + 1_152 + 16_384 + 2_560  # conv1, conv2, fc1, fc2


def spec_of(pruning=IMP, seed=0, measure=None, data=None, **training):
    values = {**BASE, "pruning": pruning, "data": BASE["data"] | DATA | (data or {})}
    values["training"] = BASE["training"] | {"epochs": 3, "optimizer": SGD, "lr_drops": (2,)} | training
    return RunSpec(RunConfig.model_validate(values | {"measure": measure or {}}), seed)


def run(spec, digits):
    state = start(spec, digits)
    return without_seconds(train(state)), state


def test_weights_are_all_of_convolutions_and_linear_layers(digits):
    records, _ = run(spec_of(), digits)
    assert {level.weights for r in records for level in r.levels} == {72 + 1152 + 16384 + 2560} == {TOTAL}


def test_epochs_levels_and_learning_rates(digits):
    """Level 0 trains epochs 0, 1, 2; the others go back to 1: rates .05, .05, .005, then .05, .005."""
    records, _ = run(spec_of(), digits)
    assert [r.epoch.epoch for r in records] == list(range(9))
    assert [r.epoch.level for r in records] == [0, 0, 0, 1, 1, 2, 2, 3, 3]
    assert [r.epoch.lr for r in records] == pytest.approx([0.05, 0.05, 0.005, *[0.05, 0.005] * 3])
    assert [[it.level for it in r.levels] for r in records] == [[], [], [0], [], [1], [], [2], [], [3]]


def test_exactly_a_fifth_of_what_is_left_goes_at_the_end_of_each_level_but_the_last(digits):
    records, state = run(spec_of(), digits)
    left = [TOTAL]
    for _ in range(3):
        left.append(left[-1] - math.ceil(left[-1] / 5))
    events = {r.epoch.epoch: r.events for r in records if r.events}
    assert list(events) == [2, 4, 6]
    assert [event.removed for (event,) in events.values()] == [left[i] - left[i + 1] for i in range(3)]
    assert [level.weights_left for r in records for level in r.levels] == left
    parameters = sum(p.numel() for p in state.model.parameters())
    assert [r.epoch.parameters_left for r in records] == [
        parameters - TOTAL + left[level] for level in (0, 0, 0, 1, 1, 2, 2, 3, 3)
    ]
    alive = {layer.site.name: int(layer.alive.sum()) for layer, _ in state.scheduled}
    assert sum(alive.values()) + 2560 == left[3]
    assert set(alive) == {"conv1", "conv2", "fc1"}
    for layer, _ in state.scheduled:
        assert int(layer.site.module.weight.count_nonzero()) == alive[layer.site.name]


def test_the_row_of_an_epoch_is_before_the_removal_and_the_event_tests_on_both_sides(digits):
    records, _ = run(spec_of(), digits)
    for r in records:
        for event in r.events:
            assert event.kind == "weights"
            assert event.test_accuracy_before == r.epoch.test_accuracy == r.levels[0].test_accuracy
            assert event.test_loss_before == r.epoch.test_loss != event.test_loss_after


@pytest.mark.parametrize("pruning", [IMP, EXTENDED], ids=lambda it: it["kind"])
def test_against_loops_with_an_optimizer_and_a_mask_for_each_level(pruning, digits):
    """Weights and batch-norm statistics carry over, the optimizer begins anew, a forward pass is masked."""
    spec = spec_of(pruning)
    records, state = run(spec, digits)
    data = run_data(digits, spec.config.data, spec.seed)
    model = build("digits_cnn", classes=10, image=ImageShape(*data.image), generator=stream(0, "init"))
    weights = {site.name: site.module.weight for site in sites(model)}
    masks = {name: torch.ones_like(weight) for name, weight in weights.items()}
    left, epoch = TOTAL, 0

    def forward(images):
        mean, std = (torch.tensor(value).view(1, -1, 1, 1) for value in (data.mean, data.std))
        masked = dict(model.named_parameters())
        for name, mask in masks.items():
            masked[f"{name}.weight"] = masked[f"{name}.weight"] * mask
        return torch.func.functional_call(model, masked, ((images.float() / 255 - mean) / std,))

    for level in range(4):
        sgd = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-3)
        for scheduled in range(0 if level == 0 else 1, 3):
            sgd.param_groups[0]["lr"] = 0.05 if scheduled < 2 else 0.005
            model.train()
            order = torch.randperm(len(data.train.labels), generator=stream(0, f"order/{epoch}"))
            for chosen in order.split(16):
                sgd.zero_grad()
                functional.cross_entropy(
                    forward(data.train.images[chosen]), data.train.labels[chosen]
                ).backward()
                sgd.step()
            model.eval()
            with torch.no_grad():
                right = (forward(data.test.images).argmax(1) == data.test.labels).double().mean().item()
            assert records[epoch].epoch.test_accuracy == pytest.approx(right, abs=1e-6), epoch
            epoch += 1
        if pruning is IMP and level < 3:
            count = math.ceil(left / 5)
            scores = torch.cat(
                [(w * masks[name]).abs().flatten() for name, w in weights.items() if name != "fc2"]
            )
            dead = torch.cat([masks[name].flatten() for name in weights if name != "fc2"]) == 0
            scores[dead] = math.inf
            flat = (~dead).float()
            flat[scores.argsort()[:count]] = 0
            first = 0
            for name in weights:
                if name != "fc2":
                    size = masks[name].numel()
                    masks[name] = flat[first : first + size].view_as(masks[name])
                    first += size
            left -= count
    for site in sites(state.model):
        expected = weights[site.name] * masks[site.name]
        torch.testing.assert_close(site.module.weight, expected, atol=1e-5, rtol=1e-3)


def test_the_first_level_is_that_of_a_dense_run(digits):
    dense, _ = run(spec_of({"kind": "none"}), digits)
    for pruning in (IMP, EXTENDED):
        records, _ = run(spec_of(pruning), digits)
        assert [r.epoch for r in records[:2]] == [r.epoch for r in dense[:2]]
        assert records[2].epoch == dense[2].epoch
    assert not any(r.levels for r in dense)


def test_extended_training_removes_nothing(digits):
    records, state = run(spec_of(EXTENDED), digits)
    assert not any(r.events for r in records)
    assert {level.weights_left for r in records for level in r.levels} == {TOTAL}
    assert all(
        site.module.weight.count_nonzero() == site.module.weight.numel() for site in sites(state.model)
    )


@pytest.mark.parametrize("epoch", [0, 1])
def test_weights_go_back_to_where_they_were(epoch, digits):
    """The lottery ticket: after each removal, what is left is what it was when that epoch began."""
    state = start(spec_of(IMP | {"rewind": "weights", "rewind_epoch": epoch}), digits)
    remembered = None
    for records in train(state):
        if state.next_epoch == epoch:
            remembered = {name: value.clone() for name, value in state.model.state_dict().items()}
        if epoch == 0 and remembered is None:
            fresh = start(state.spec, digits)
            remembered = {name: value.clone() for name, value in fresh.model.state_dict().items()}
        if records.events:
            assert remembered is not None
            layers = {f"{layer.site.name}.weight": layer for layer, _ in state.scheduled}
            for name, value in state.model.state_dict().items():
                wanted = remembered[name]
                if name in layers:
                    wanted = wanted * layers[name].alive.view_as(wanted)
                assert torch.equal(value, wanted), name
    assert len(layers["fc1.weight"].alive) == 16_384


def test_weights_stay_where_only_the_learning_rate_goes_back(digits):
    state = start(spec_of(), digits)
    for records in train(state):
        if records.events:
            break
    trained = start(spec_of({"kind": "none"}), digits)
    list(train(trained))
    for (layer, _), site in zip(state.scheduled, sites(trained.model), strict=False):
        expected = site.module.weight * layer.alive.view_as(site.module.weight)
        assert torch.equal(layer.site.module.weight, expected)
    assert not state.optimizer.state, "the next level's optimizer has no past"


def outputs_of(model, images, data):
    mean, std = (torch.tensor(value).view(1, -1, 1, 1) for value in (data.mean, data.std))
    model.eval()
    with torch.no_grad():
        return model((images.float() / 255 - mean) / std).double()


def test_what_a_level_came_to(digits):
    records, state = run(spec_of(), digits)
    level, data = records[-1].levels[0], state.dataset
    clean = run_data(digits, spec_of(data={"label_noise": 0.0}).config.data, 0)
    wrong = data.train.labels != clean.train.labels
    outputs = outputs_of(state.model, data.train.images, data)
    losses = functional.cross_entropy(outputs, data.train.labels, reduction="none")
    right = outputs.argmax(1) == data.train.labels
    assert (level.n_original, level.n_noisy) == (72, 18), "90 images are trained on, a fifth mislabelled"
    assert level.train_loss == pytest.approx(losses.mean().item(), rel=1e-5)
    assert level.original_loss == pytest.approx(losses[~wrong].mean().item(), rel=1e-5)
    assert level.noisy_loss == pytest.approx(losses[wrong].mean().item(), rel=1e-5)
    assert level.noisy_accuracy == pytest.approx(right[wrong].double().mean().item())
    assert level.train_accuracy == pytest.approx(right.double().mean().item())
    held_out = outputs_of(state.model, data.validation.images, data)
    assert level.n_validation == 30
    assert level.validation_loss == pytest.approx(
        functional.cross_entropy(held_out, data.validation.labels).item(), rel=1e-5
    )


def test_held_out_and_mislabelled_images_are_written_down(digits):
    records, state = run(spec_of(), digits)
    (examples,) = records[0].examples
    assert not any(r.examples for r in records[1:])
    subset = run_data(digits, spec_of(data={"label_noise": 0.0, "validation": 0.0}).config.data, 0).train
    assert (examples.epoch, examples.trained, examples.el2n) == (-1, 90, None)
    assert len(examples.held_out) == 30
    trained = sorted(set(range(120)) - set(examples.held_out))
    assert torch.equal(subset.images[trained], state.dataset.train.images)
    assert torch.equal(subset.images[list(examples.held_out)], state.dataset.validation.images)
    assert torch.equal(subset.labels[list(examples.held_out)], state.dataset.validation.labels)
    changed = state.dataset.train.labels != subset.labels[trained]
    assert examples.noisy == tuple(index for index, it in zip(trained, changed.tolist(), strict=True) if it)
    assert len(examples.noisy) == 18


def test_noise_and_validation_images_are_of_the_seed_and_stay_over_the_levels(digits):
    first, again, other = (run(spec_of(seed=seed), digits)[0][0].examples for seed in (0, 0, 1))
    assert first == again
    assert first[0].noisy != other[0].noisy
    assert first[0].held_out != other[0].held_out


EL2N = {"examples": {"el2n": {"epochs": 2, "replicates": 3}, "groups": 5}}


def test_scores_are_mean_norms_of_the_error_over_networks_of_their_own(digits):
    """Networks of the run's kind on the run's data and labels, trained as level 0 begins, in eval mode."""
    spec = spec_of(measure=EL2N)
    state = start(spec, digits)
    records = next(train(state))
    data = state.dataset
    norms = []
    for number in range(3):
        prefix = f"el2n/{number}/"
        model = build(
            "digits_cnn", classes=10, image=ImageShape(*data.image), generator=stream(0, f"{prefix}init")
        )
        sgd = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-3)
        mean, std = (torch.tensor(value).view(1, -1, 1, 1) for value in (data.mean, data.std))
        for epoch in range(2):
            model.train()
            order = torch.randperm(90, generator=stream(0, f"{prefix}order/{epoch}"))
            for chosen in order.split(16):
                sgd.zero_grad()
                images = (data.train.images[chosen].float() / 255 - mean) / std
                functional.cross_entropy(model(images), data.train.labels[chosen]).backward()
                sgd.step()
        error = outputs_of(model, data.train.images, data).softmax(1)
        error -= functional.one_hot(data.train.labels, 10)
        norms.append((error**2).sum(1).sqrt())
    expected = torch.stack(norms).mean(0)
    (examples,) = records.examples
    assert examples.el2n == pytest.approx(expected.tolist(), abs=2e-5)
    assert len({round(float(norm[0]), 6) for norm in norms}) == 3


def test_scores_that_are_not_finite_are_an_outcome_and_group_no_images(digits):
    spec = spec_of(measure=EL2N, optimizer=SGD | {"lr": 1e30})
    state = start(spec, digits)
    with pytest.raises(Diverged, match="EL2N network 1 has scores that are not finite"):
        next(train(state))
    assert state.scores is None


def test_measuring_changes_no_training(digits):
    plain, _ = run(spec_of(), digits)
    measured, _ = run(spec_of(measure=EL2N), digits)
    assert [r.epoch for r in plain] == [r.epoch for r in measured]
    assert [r.levels for r in plain] == [r.levels for r in measured]
    assert [r.events for r in plain] == [r.events for r in measured]


def test_groups_are_equally_large_and_their_losses_add_up(digits):
    records, state = run(spec_of(measure=EL2N), digits)
    scores = torch.tensor(records[0].examples[0].el2n)
    groups, level = records[-1].groups, records[-1].levels[0]
    assert [group.bin for group in groups] == [1, 2, 3, 4, 5]
    assert [group.n_original + group.n_noisy for group in groups] == [18] * 5
    assert sum(18 * group.loss for group in groups) / 90 == pytest.approx(level.train_loss)
    noisy = sum(group.n_noisy * (group.noisy_loss or 0) for group in groups) / 18
    assert noisy == pytest.approx(level.noisy_loss)
    data = state.dataset
    losses = functional.cross_entropy(
        outputs_of(state.model, data.train.images, data), data.train.labels, reduction="none"
    )
    hardest = scores.argsort()[-18:]
    assert groups[-1].loss == pytest.approx(losses[hardest].mean().item(), rel=1e-4)
    assert groups[-1].n_noisy > groups[0].n_noisy, "wrong labels are hard to learn"


def test_percentile_groups():
    scores = torch.tensor([0.5, 0.1, 0.9, 0.3, 0.7, 0.2, 0.8])
    assert percentile_groups(scores, 3).tolist() == [2, 1, 3, 1, 2, 1, 3]  # of sizes 3, 2, 2
    assert percentile_groups(torch.ones(4), 2).tolist() == [1, 1, 2, 2], "ties by index"
    assert percentile_groups(torch.arange(3.0), 5).tolist() == [1, 2, 4], "more groups than images"


def test_a_group_without_images_has_no_row():
    state_losses = type("Losses", (), {"losses": torch.ones(3), "correct": torch.ones(3, dtype=torch.bool)})
    groups = group_losses(state_losses, torch.tensor([1, 2, 4]), None, level=1, epoch=5)
    assert [group.bin for group in groups] == [1, 2, 4]


def test_a_plain_run_is_summed_up_where_that_is_asked_for(digits):
    records, _ = run(spec_of({"kind": "none"}, measure={"examples": {}}, data={"label_noise": 0.0}), digits)
    assert [len(r.levels) for r in records] == [0, 0, 1]
    level = records[-1].levels[0]
    assert (level.level, level.weights_left, level.n_noisy, level.noisy_loss) == (0, TOTAL, 0, None)
    assert level.original_loss == level.train_loss
    assert not any(r.groups for r in records)


@pytest.mark.parametrize("target", ["random", "largest"])
def test_other_choices_remove_as_many(target, digits):
    records, _ = run(spec_of(IMP | {"target": target}), digits)
    assert records[-1].levels[0].weights_left == TOTAL - sum(e.removed for r in records for e in r.events)
    again, _ = run(spec_of(IMP | {"target": target}), digits)
    assert records == again
    smallest, _ = run(spec_of(), digits)
    assert {e.mask_hash for r in records for e in r.events}.isdisjoint(
        {e.mask_hash for r in smallest for e in r.events}
    )
    assert replace(records[0].epoch) == replace(smallest[0].epoch)
