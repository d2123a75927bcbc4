from __future__ import annotations

import math

import pytest
import torch
from runs import FILTERS, NONE, WEIGHTS, ZEROING, spec_of
from torch.nn import functional

from gst.config import RunConfig, RunSpec
from gst.data import Dataset, Split
from gst.errors import Diverged
from gst.training import start, train
from gst.training.evaluate import evaluate
from gst.training.moments import Standing
from gst.training.network_measurements import _first, flatness, normality_at

pytestmark = pytest.mark.slow

SMALL = {"epoch": 2, "images": 30, "eigenpairs": 4, "directions": 2, "trace_products": 6, "tolerance": 1e-6}


def measuring(pruning=NONE, seed=0, **measure) -> RunSpec:
    spec = spec_of(pruning, seed)
    content = spec.config.model_dump() | {"measure": measure}
    return RunSpec(RunConfig.model_validate(content), seed)


def at_epoch(spec: RunSpec, dataset, epoch: int):
    """The state after that epoch has been trained and tested, before its event; and what the epoch yields."""
    state = start(spec, dataset)
    for records in train(state):
        if records.epoch.epoch == epoch:
            return state, records
    raise AssertionError


@pytest.mark.parametrize("pruning", [NONE, WEIGHTS, FILTERS, ZEROING], ids=lambda p: p["kind"])
def test_measuring_changes_nothing_else(pruning, digits):
    plain = list(train(start(spec_of(pruning), digits)))
    measured = list(train(start(measuring(pruning, flatness=SMALL, normality={"layers": 1}), digits)))
    for one, two in zip(plain, measured, strict=True):
        assert one.epoch.test_loss == two.epoch.test_loss
        assert one.epoch.train_loss == two.epoch.train_loss
        assert one.events == two.events
        assert one.probes == two.probes
    assert [len(records.flatness) for records in measured] == [0, 0, 1, 0]


def test_flatness_is_measured_before_the_epochs_event(digits):
    spec = measuring({**WEIGHTS, "start": 2, "end": 2}, flatness=SMALL)
    _, records = at_epoch(spec, digits, 2)
    (found,) = records.flatness
    (event,) = records.events
    assert found.base_loss == event.test_loss_before
    assert found.base_loss != event.test_loss_after


def test_the_numbers_against_autograd_on_the_network_itself(digits):
    spec = measuring(WEIGHTS, flatness=SMALL | {"epoch": 3})
    state, records = at_epoch(spec, digits, 3)
    (found,) = records.flatness
    model, data = state.model.eval(), state.dataset
    assert (found.epoch, found.images, found.method, found.eigenpairs) == (3, 30, "lanczos", 4)
    assert found.base_loss == pytest.approx(evaluate(model, data, 256).loss)
    images, labels = first_images(state, 30)
    masks = {id(parameter): ~held for layer in state.scheduled for parameter, held in layer.layer.held()}
    parameters = list(model.parameters())
    total = 0.0
    for image, label in zip(images, labels, strict=True):
        loss = functional.cross_entropy(model(image[None]), label[None])
        gradients = torch.autograd.grad(loss, parameters)
        total += sum(
            float(((g * masks.get(id(p), 1)) ** 2).sum()) for g, p in zip(gradients, parameters, strict=True)
        )
    assert found.gradient_trace == pytest.approx(total / 30, rel=1e-4)
    assert found.tic == pytest.approx(found.gradient_trace / found.hessian_trace)
    assert found.hessian_trace == pytest.approx(sum(it.value for it in found.eigenvalues))
    assert max(it.residual for it in found.eigenvalues) < 0.01 * found.eigenvalues[0].value
    leading = rayleigh(model, images, labels, parameters, masks)
    assert found.eigenvalues[0].value == pytest.approx(leading, rel=0.01)


def first_images(state, count):
    from gst.data import batches

    batch = next(iter(batches(state.dataset.test, count, state.dataset)))
    return batch.images, batch.labels


def test_measurements_of_a_network_that_has_diverged_are_no_numbers_and_its_run_says_so(digits):
    state = start(measuring(NONE, flatness=SMALL | {"epoch": 0}, normality={}), digits)
    with torch.no_grad():
        next(state.model.parameters()).fill_(torch.nan)
    epochs = train(state)
    records = next(epochs)
    (flat,) = records.flatness
    assert all(map(math.isnan, (flat.hessian_trace, flat.gradient_trace, flat.base_loss)))
    assert (flat.eigenvalues, flat.losses, flat.tic, flat.epsilon) == ((), (), None, None)
    normal = tuple(normality_at(state, Standing(3, state.spec.config.course.position(3))))
    assert len(normal) == 4
    assert all(math.isnan(it.kurtosis) and math.isnan(it.ks) for it in normal)
    with pytest.raises(Diverged, match="the training loss of epoch 0 is nan"):
        next(epochs)


def test_images_of_a_folder_which_are_sorted_by_class_are_taken_at_equal_steps():
    images = torch.arange(10, dtype=torch.uint8).view(-1, 1, 1, 1)
    split = Split(images, torch.tensor([0] * 5 + [1] * 5))
    data = Dataset("sorted", split, split, 2, (0.0,), (1 / 255,), "", "")
    found, labels = _first(data, data.test, 4)
    assert found.flatten().tolist() == [0, 2, 5, 7]
    assert labels.tolist() == [0, 0, 1, 1]
    assert _first(data, data.test, 20)[0].flatten().tolist() == list(range(10))
    mixed = Split(images, torch.arange(10) % 2)
    assert _first(data, mixed, 4)[0].flatten().tolist() == [0, 1, 2, 3]


def rayleigh(model, images, labels, parameters, masks):
    """The largest eigenvalue by 60 power iterations with double backward, held entries masked."""
    generator = torch.Generator().manual_seed(0)
    vector = [torch.randn(p.shape, generator=generator) * masks.get(id(p), 1) for p in parameters]
    value = 0.0
    for _ in range(60):
        length = sum(float((v**2).sum()) for v in vector) ** 0.5
        vector = [v / length for v in vector]
        loss = functional.cross_entropy(model(images), labels)
        gradients = torch.autograd.grad(loss, parameters, create_graph=True)
        inner = sum((g * v).sum() for g, v in zip(gradients, vector, strict=True))
        product = torch.autograd.grad(inner, parameters)
        product = [h * masks.get(id(p), 1) for h, p in zip(product, parameters, strict=True)]
        value = sum(float((h * v).sum()) for h, v in zip(product, vector, strict=True))
        vector = product
    return value


def test_lanczos_and_power_iteration_agree(digits):
    few = SMALL | {"eigenpairs": 2, "directions": 1, "trace_products": 0}
    state, _ = at_epoch(measuring(FILTERS, flatness=few), digits, 2)
    config = state.spec.config.measure.flatness
    assert config is not None
    lanczos = flatness(state, config)
    # On some processors the two leading eigenvalues are +1.55 and -1.54, which power iteration parts slowly.
    power = flatness(state, config.model_copy(update={"method": "power", "iterations": 2000}))
    assert power.eigenvalues[0].value == pytest.approx(lanczos.eigenvalues[0].value, rel=0.01)
    assert power.method == "power"
    assert power.products > lanczos.products


def test_epsilon_of_the_paper_and_its_refinement(digits):
    _, records = at_epoch(measuring(NONE, flatness=SMALL), digits, 2)
    (found,) = records.flatness
    assert found.epsilon is not None
    assert found.refined_epsilon is not None
    assert found.epsilon - 0.01 <= found.refined_epsilon <= found.epsilon
    at = [it for it in found.losses if abs(it.epsilon) == pytest.approx(found.epsilon)]
    before = [it for it in found.losses if abs(it.epsilon) < found.epsilon - 0.005]
    assert max(it.increase for it in at) >= 0.1
    assert max(it.increase for it in before) < 0.1
    assert {it.rank for it in found.losses} == {0, 1}


def test_the_same_run_has_the_same_flatness_and_another_seed_another(digits):
    found = [at_epoch(measuring(NONE, seed, flatness=SMALL), digits, 2)[1].flatness[0] for seed in (0, 0, 1)]
    values = [[it.value for it in one.eigenvalues] for one in found]
    assert values[0] == values[1]
    assert values[0] != values[2]
    assert found[0].stochastic_trace == found[1].stochastic_trace


def test_no_stochastic_trace_and_no_directions_where_none_are_asked_for(digits):
    spec = measuring(NONE, flatness=SMALL | {"trace_products": 0, "directions": 0})
    (found,) = at_epoch(spec, digits, 2)[1].flatness
    assert found.stochastic_trace is None
    assert (found.epsilon, found.refined_epsilon, found.losses) == (None, None, ())


def test_normality_before_training_and_after_it(digits):
    records = list(train(start(measuring(NONE, normality={"layers": 2, "images": 20}), digits)))
    assert [len(it.normality) for it in records] == [4, 0, 0, 4]
    assert {it.epoch for it in records[0].normality} == {-1}
    assert {it.epoch for it in records[-1].normality} == {3}
    assert [it.statistics for it in records[0].normality] == ["batch", "batch", "running", "running"]
    for it in records[0].normality:
        assert sum(it.density) * 0.05 == pytest.approx(1, abs=0.01)
        assert 0 < it.ks < 1
    first = records[0].normality[0]
    assert first.variance == pytest.approx(1, abs=0.01)  # by construction: the images' own statistics
