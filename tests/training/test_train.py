from __future__ import annotations

import math

import pytest
import torch
from runs import FILTERS, NONE, WEIGHTS, ZEROING, spec_of, without_seconds
from torch import nn
from torch.nn import functional
from torch.nn.grad import conv2d_weight

from gst.config import RunConfig, RunSpec
from gst.data import Dataset, Split
from gst.errors import ConfigError, Diverged
from gst.models import build
from gst.networks.parts import ImageShape
from gst.training import run_data, start, stream, train
from gst.training.evaluate import evaluate
from gst.training.optim import learning_rate


def run(spec, dataset):
    state = start(spec, dataset)
    return without_seconds(train(state)), state


@pytest.mark.parametrize("pruning", [NONE, WEIGHTS, FILTERS, ZEROING], ids=lambda p: p["kind"])
def test_same_seed_same_records_other_seed_others(pruning, digits):
    first, _ = run(spec_of(pruning), digits)
    again, _ = run(spec_of(pruning), digits)
    other, _ = run(spec_of(pruning, seed=1), digits)
    assert first == again
    assert [r.epoch.test_loss for r in first] != [r.epoch.test_loss for r in other]


def test_arms_of_one_seed_are_the_same_run_until_they_part(digits):
    unpruned, _ = run(spec_of(NONE), digits)
    pruned, _ = run(spec_of(WEIGHTS), digits)
    assert unpruned[0].epoch == pruned[0].epoch.__class__(**_fields(pruned[0].epoch, filters_left=None))
    assert pruned[1].events[0].test_accuracy_before == unpruned[1].epoch.test_accuracy
    assert pruned[1].epoch.test_loss != unpruned[1].epoch.test_loss


def _fields(record, **changes):
    return {name: getattr(record, name) for name in record.__slots__} | changes


def test_against_a_plain_loop_with_a_mask_in_the_forward_pass(digits):
    """The authors' way: stored weights are free to drift, and every forward pass multiplies by the mask.

    SGD, because Adam's first steps turn the last bit of a gradient into a whole step.
    """
    spec = spec_of(WEIGHTS, optimizer={"name": "sgd", "lr": 0.05, "momentum": 0.9, "weight_decay": 1e-3})
    records, state = run(spec, digits)
    data = run_data(digits, spec.config.data, spec.seed)
    image = ImageShape(*data.image)
    model = build("digits_cnn", classes=10, image=image, generator=stream(0, "init"))
    linear = next(m for m in model.modules() if isinstance(m, torch.nn.Linear) and m.out_features == 256)
    mask = torch.ones_like(linear.weight)
    sgd = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-3)

    def forward(images):
        masked = dict(model.named_parameters())
        (name,) = [name for name, value in masked.items() if value is linear.weight]
        masked[name] = masked[name] * mask
        return torch.func.functional_call(model, masked, (images,))

    def normalised(images):
        mean, std = (torch.tensor(value).view(1, -1, 1, 1) for value in (data.mean, data.std))
        return (images.float() / 255 - mean) / std

    def accuracy():
        model.eval()
        with torch.no_grad():
            return (forward(normalised(data.test.images)).argmax(1) == data.test.labels).float().mean().item()

    units = linear.weight.numel()
    final = math.ceil(0.25 * units)
    for epoch in range(4):
        model.train()
        order = torch.randperm(len(data.train.labels), generator=stream(0, f"order/{epoch}"))
        for chosen in order.split(16):
            sgd.zero_grad()
            loss = functional.cross_entropy(
                forward(normalised(data.train.images[chosen])), data.train.labels[chosen]
            )
            loss.backward()
            sgd.step()
        before = accuracy()
        if epoch in (1, 2):
            kept = math.ceil(final + (units - final) * (2 - epoch) / 2)
            score = (linear.weight * mask).abs().flatten()
            score[mask.flatten() == 0] = -1  # what is dead stays so, and counts as removed already
            mask.view(-1)[score.argsort()[: units - kept]] = 0
            (event,) = records[epoch].events
            assert event.test_accuracy_before == pytest.approx(before, abs=1e-6)
            assert event.test_accuracy_after == pytest.approx(accuracy(), abs=1e-6)
            assert event.layers[0].kept_after == kept == int(mask.sum())
        else:
            assert not records[epoch].events
        assert records[epoch].epoch.test_accuracy == pytest.approx(accuracy(), abs=1e-6)
    ours = state.scheduled[0].layer.site.module.weight
    torch.testing.assert_close(ours, linear.weight * mask, atol=1e-5, rtol=1e-4)


def test_events_come_when_and_take_what_the_schedule_says(digits):
    """conv1: 8 filters to 4 at epochs 0, 1, 2 (kept 7, 6, 4); conv2: 16 to 8 at 1, 2 (kept 12, 8)."""
    records, state = run(spec_of(FILTERS), digits)
    events = [event for r in records for event in r.events]
    assert [event.epoch for event in events] == [0, 1, 2]
    assert [[(x.layer, x.kept_before, x.kept_after) for x in event.layers] for event in events] == [
        [("conv1", 8, 7)],
        [("conv1", 7, 6), ("conv2", 16, 12)],
        [("conv1", 6, 4), ("conv2", 12, 8)],
    ]
    assert [event.removed for event in events] == [1, 5, 6]
    assert [r.epoch.filters_left for r in records] == [23, 18, 12, 12]
    removed = [index for event in events for x in event.layers if x.layer == "conv2" for index in x.removed]
    assert len(set(removed)) == 8
    assert {i for i, alive in enumerate(state.scheduled[1].layer.alive.tolist()) if not alive} == set(removed)
    # a conv1 filter has 9 weights, a bias, scale and shift; one of conv2 has 8 x 9 and those three
    assert records[0].epoch.parameters_left - records[-1].epoch.parameters_left == 3 * 12 + 8 * 75
    assert [event.kind for event in events] == ["filters"] * 3
    assert all(event.n_test == 1797 - 60 for event in events)


def test_the_epoch_row_holds_the_test_after_the_event(digits):
    records, _ = run(spec_of(FILTERS), digits)
    for r in records[:3]:
        assert r.epoch.test_accuracy == r.events[0].test_accuracy_after
        assert r.epoch.test_loss == r.events[0].test_loss_after
    assert records[1].events[0].test_loss_before != records[1].events[0].test_loss_after


def test_layers_that_lose_nothing_are_no_event(digits):
    """5% of 8 filters rounds down to none."""
    records, _ = run(
        spec_of(FILTERS | {"layers": ("conv1",), "start": 0, "end": 2, "fraction": 0.05}), digits
    )
    assert not any(r.events for r in records)


def test_scratch_prunes_before_any_training_and_trains_all_epochs(digits):
    scratch = FILTERS | {"scratch": True, "start": 0, "end": 0}
    spec = spec_of(scratch)
    records, _ = run(spec, digits)
    (event,) = records[0].events
    assert event.epoch == -1
    assert event.removed == 12
    assert [r.epoch.filters_left for r in records] == [12] * 4
    untrained = start(spec_of(NONE), digits)
    at_start = evaluate(untrained.model, untrained.dataset, 256)
    assert (event.test_accuracy_before, event.n_test) == (at_start.accuracy, at_start.n)
    largest = untrained.model.get_parameter("conv2.weight").detach().flatten(1).norm(dim=1).topk(8).indices
    assert set(event.layers[1].removed) == set(largest.tolist())


def test_noise_marks_its_targets_and_lets_them_live(digits):
    records, state = run(spec_of(ZEROING), digits)
    events = [event for r in records for event in r.events]
    assert [event.removed for event in events] == [1, 5, 6]
    assert all(r.epoch.filters_left is None for r in records)
    total = sum(p.numel() for p in state.model.parameters())
    assert {r.epoch.parameters_left for r in records} == {total}
    conv2 = state.scheduled[1].layer
    assert (conv2.site.module.weight[~conv2.alive] != 0).any()
    assert int(conv2.alive.sum()) == 8


def test_the_last_probe_is_beside_the_run_and_not_in_it(digits):
    """Appendix D.1: the test with every filter that was ever targeted removed."""
    records, state = run(spec_of(ZEROING), digits)
    assert [len(r.probes) for r in records] == [0, 0, 0, 1]
    (probe,) = records[-1].probes
    assert probe.name == "targeted_filters_removed"
    now = evaluate(state.model, state.dataset, 256)
    assert (records[-1].epoch.test_accuracy, records[-1].epoch.test_loss) == (now.accuracy, now.loss)
    with torch.no_grad():
        for layer, _ in state.scheduled:
            layer.site.module.weight[~layer.alive] = 0
    removed = evaluate(state.model, state.dataset, 256)
    assert (probe.test_accuracy, probe.test_loss) == (removed.accuracy, removed.loss)


def test_noise_runs_test_twice_in_every_epoch(digits, monkeypatch):
    """Noise counts test batches: 1,737 images in batches of 256 are 7."""
    state = start(spec_of(ZEROING), digits)
    passes = []
    monkeypatch.setattr(state.perturbation, "before_forward", lambda training: passes.append(training))
    for _ in train(state):
        pass
    assert passes == ([True] * 4 + [False] * 14) * 4


def test_a_window_of_six_training_batches_in_a_real_run(digits, monkeypatch):
    """4 training batches an epoch, 7 test batches a test: after the event of epoch 0 its test is disturbed,
    then epoch 1 with both of its tests, and the first 2 training batches of epoch 2."""
    once = ZEROING | {"layers": ("conv2",), "start": 0, "end": 0}
    state = start(spec_of(once), digits)
    weight = state.scheduled[0].layer.site.module.weight
    disturbed, before = [], type(state.perturbation).before_forward

    def counting(*, training):
        taken = ~state.scheduled[0].layer.alive
        old = weight[taken].detach().clone()
        before(state.perturbation, training=training)
        with torch.no_grad():
            if taken.any() and (weight[taken] == 0).all() and (old != 0).any():
                disturbed.append(training)
            weight[taken] += 1e-3  # so that zeroing what is zero already would show

    monkeypatch.setattr(state.perturbation, "before_forward", counting)
    for _ in train(state):
        pass
    assert disturbed == [False] * 7 + [True] * 4 + [False] * 14 + [True] * 2


def test_learning_rate_drops_from_the_epoch_itself():
    config = spec_of(lr_drops=(2, 3)).config.training
    for step in (0, 6):
        found = [learning_rate(config, epoch, step, 7) for epoch in range(4)]
        assert found == pytest.approx([2e-3, 2e-3, 2e-4, 2e-5])


def test_learning_rate_warms_up_by_the_share_of_steps_that_are_done():
    """OpenLTH's: the rate of step i is that of the schedule times min(1, i / steps of the warm-up)."""
    config = spec_of(epochs=9, lr_drops=(1, 3), lr_factor=0.5, warmup_epochs=2).config.training
    found = [learning_rate(config, epoch, step, 4) for epoch in range(4) for step in range(4)]
    milestones = (4, 12)
    expected = [
        2e-3 * 0.5 ** sum(i >= milestone for milestone in milestones) * min(1, i / 8) for i in range(16)
    ]
    assert found == pytest.approx(expected, rel=1e-15, abs=0)
    assert (found[0], found[8]) == (0, 1e-3)


def test_a_warm_up_sets_the_rate_of_each_step_and_the_epoch_row_says_the_last(digits, monkeypatch):
    """60 images in batches of 16 are 4 steps an epoch."""
    state = start(spec_of(epochs=3, warmup_epochs=2), digits)
    rates = []
    state.optimizer.register_step_pre_hook(
        lambda optimizer, *_: rates.append(optimizer.param_groups[0]["lr"])
    )
    records = list(train(state))
    assert rates == pytest.approx([2e-3 * min(1, i / 8) for i in range(12)], rel=1e-12)
    assert [it.epoch.lr for it in records] == [rates[3], rates[7], rates[11]]


def test_the_first_step_of_a_warm_up_moves_no_weight(digits):
    spec = spec_of(epochs=1, batch_size=60, warmup_epochs=1, optimizer={"name": "sgd", "lr": 0.1})
    state = start(spec, digits)
    before = [parameter.clone() for parameter in state.model.parameters()]
    (record,) = train(state)
    assert record.epoch.lr == 0
    assert all(torch.equal(a, b) for a, b in zip(before, state.model.parameters(), strict=True))


def test_epoch_rows_say_the_learning_rate(digits):
    records, _ = run(spec_of(lr_drops=(1,), lr_factor=0.5), digits)
    assert [r.epoch.lr for r in records] == pytest.approx([2e-3, 1e-3, 1e-3, 1e-3])


def test_train_loss_is_the_running_mean_over_images(digits):
    """One step of learning rate ~0: the running mean is the loss of the untouched network on all images."""
    spec = spec_of(epochs=1, batch_size=60, optimizer={"name": "sgd", "lr": 1e-30})
    records, _ = run(spec, digits)
    fresh = start(spec, digits)
    images = fresh.dataset.train.images.float() / 255
    mean, std = (torch.tensor(value).view(1, -1, 1, 1) for value in (fresh.dataset.mean, fresh.dataset.std))
    loss = functional.cross_entropy(fresh.model.train()((images - mean) / std), fresh.dataset.train.labels)
    assert records[0].epoch.train_loss == pytest.approx(loss.item(), rel=1e-5)


def test_a_loss_that_is_no_number_ends_the_run_after_its_row(digits):
    state = start(spec_of(optimizer={"name": "sgd", "lr": 1e30}), digits)
    records = train(state)
    rows = []
    with pytest.raises(Diverged, match="training loss of epoch 0 is"):
        rows.extend(records)
    assert len(rows) == 1
    assert not math.isfinite(rows[0].epoch.train_loss)


def test_activation_averages_update_on_every_tenth_batch_across_epochs(digits):
    """4 batches an epoch: batches 10 and 20 of the run fall into epochs 2 and 4."""
    spec = spec_of(FILTERS | {"score": "activation", "start": 4, "end": 4}, epochs=5)
    state = start(spec, digits)
    seen = []
    for _ in train(state):
        seen.append(state.scorer.averages["conv1"].clone())
    changed = [not torch.equal(a, b) for a, b in zip([torch.zeros(8), *seen], seen, strict=False)]
    assert changed == [False, False, True, False, True]


def test_bf16_is_another_run_and_close(digits):
    full, _ = run(spec_of(), digits)
    half, _ = run(spec_of(precision="bf16"), digits)
    assert full[0].epoch.train_loss != half[0].epoch.train_loss
    assert half[0].epoch.train_loss == pytest.approx(full[0].epoch.train_loss, rel=0.15)


def test_each_step_in_bf16_sees_the_weights_that_the_step_before_left(digits):
    """A whole epoch is one autocast, which by default casts each weight once and keeps the copy."""
    full, _ = run(spec_of(optimizer={"name": "sgd", "lr": 0.05}), digits)
    half, _ = run(spec_of(optimizer={"name": "sgd", "lr": 0.05}, precision="bf16"), digits)
    for one, other in zip(full, half, strict=True):
        assert other.epoch.train_loss == pytest.approx(one.epoch.train_loss, rel=0.02)


def test_nothing_draws_from_the_global_generator(digits):
    torch.manual_seed(5)
    before = torch.get_rng_state()
    run(spec_of(ZEROING | {"kind": "gaussian"}), digits)
    assert torch.equal(torch.get_rng_state(), before)


def test_a_batch_of_one_image_is_refused_where_batch_norm_sees_one_value(digits):
    """Of 8x8 images ResNet18 makes 1x1 maps."""
    spec = spec_of(batch_size=59)
    config = RunConfig.model_validate(spec.config.model_dump() | {"model": {"name": "resnet18"}})
    with pytest.raises(ConfigError, match="60 images in batches of 59 leave a batch of one image"):
        start(spec._replace(config=config), digits)


def test_a_batch_of_one_image_is_fine_without_batch_norm():
    images = torch.zeros(3, 3, 32, 32, dtype=torch.uint8)
    split = Split(images, torch.tensor([0, 1, 2]))
    dataset = Dataset("cifar10", split, split, 3, (0.5,) * 3, (0.25,) * 3, "", "")
    spec = spec_of(batch_size=2)
    content = spec.config.model_dump() | {"model": {"name": "conv4"}, "data": {"name": "cifar10"}}
    assert start(spec._replace(config=RunConfig.model_validate(content)), dataset).next_epoch == 0


@pytest.mark.parametrize(("width", "channels"), [(0.0625, 4), (0.1, 6), (0.125, 8), (0.25, 16)])
def test_gradients_of_strided_convolutions_of_few_channels(width, channels):
    """With AVX2 and the channels of a pixel side by side, they are written past the end of their memory."""
    images = torch.randint(256, (30, 3, 32, 32), dtype=torch.uint8, generator=torch.manual_seed(0))
    split = Split(images, torch.arange(30) % 3)
    dataset = Dataset("cifar10", split, split, 3, (0.5,) * 3, (0.25,) * 3, "", "")
    content = spec_of().config.model_dump() | {
        "model": {"name": "resnet18", "width": width}, "data": {"name": "cifar10"},
    }  # fmt: skip
    model = start(RunSpec(RunConfig.model_validate(content), 0), dataset).model
    assert min(it.shape[1] for it in model.parameters() if it.shape[2:] == (1, 1)) == channels
    kernels = next(it for it in model.parameters() if it.shape[2:] == (3, 3))
    assert kernels.is_contiguous(memory_format=torch.channels_last) == (channels == 16)
    seen = []

    def see(module, given, output):
        output.retain_grad()
        seen.append((module.weight, given[0], output))

    for module in model.modules():
        if isinstance(module, nn.Conv2d) and module.stride == (2, 2) and module.kernel_size == (1, 1):
            module.register_forward_hook(see)
    functional.cross_entropy(model(images / 255), split.labels).backward()
    assert len(seen) == 3
    for weight, given, output in seen:
        exact = conv2d_weight(given.double(), weight.shape, output.grad.double(), stride=2)
        assert (weight.grad - exact).norm() <= 1e-5 * exact.norm()


def test_streams_depend_on_seed_and_name_alone():
    first, again = torch.rand(3, generator=stream(0, "init")), torch.rand(3, generator=stream(0, "init"))
    assert torch.equal(first, again)
    assert not torch.equal(first, torch.rand(3, generator=stream(1, "init")))
    assert not torch.equal(first, torch.rand(3, generator=stream(0, "order/0")))


def test_the_config_of_a_state_is_complete(digits):
    state = start(spec_of(WEIGHTS), digits)
    assert isinstance(state.spec.config, RunConfig)
    assert state.layers_due(1)
    assert not state.layers_due(0)
