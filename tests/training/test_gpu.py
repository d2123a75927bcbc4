"""Training on a GPU: the run that a CPU trains, as far as its rounding lets it be."""

from __future__ import annotations

import io
import threading

import pytest
import torch
from runs import FILTERS, NONE, WEIGHTS, ZEROING, spec_of

from gst.config import RunConfig, RunSpec
from gst.training import start, train
from gst.training.checkpoint import restore, save

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device"),
]

LEVELS = {"levels": 2, "rewind_epoch": 1}
IMP = {"kind": "imp", "score": "magnitude", "target": "smallest", "fraction": 0.2, **LEVELS}
FLATNESS = {"epoch": 3, "images": 30, "eigenpairs": 4, "directions": 2, "trace_products": 6}
KINDS = {
    "none": (NONE, {}),
    "weights": (WEIGHTS, {}),
    "filters": (FILTERS, {}),
    "activation": (FILTERS | {"score": "activation"}, {}),
    "augmented": (FILTERS, {"data": {"augment": True, "label_noise": 0.2}}),
    "zeroing": (ZEROING, {}),
    "gaussian": (ZEROING | {"kind": "gaussian", "which": "cumulative"}, {}),
    "restore": (ZEROING | {"restore": True}, {}),
    "imp": (IMP, {"data": {"per_class": 12, "validation": 0.25, "label_noise": 0.2}}),
    "tickets": (IMP | {"rewind": "weights"}, {}),
    "sam": (WEIGHTS, {"sam": {"rho": 0.1}, "optimizer": {"name": "sgd", "lr": 0.05, "momentum": 0.9}}),
    "sgd": (WEIGHTS, {"optimizer": {"name": "sgd", "lr": 0.05, "momentum": 0.9, "weight_decay": 1e-4}}),
}


def trained(spec, dataset, device):
    return list(train(start(spec, dataset, device)))


def measuring(pruning=NONE, data=None, **measure):
    content = spec_of(pruning, data=data).config.model_dump()
    return RunSpec(RunConfig.model_validate(content | {"measure": measure}), 0)


@pytest.mark.parametrize("kind", KINDS)
def test_a_gpu_trains_as_a_cpu_does(kind, digits):
    pruning, changes = KINDS[kind]
    spec = spec_of(pruning, **changes)
    here, there = (trained(spec, digits, device) for device in ("cpu", "cuda"))
    for one, other in zip(here, there, strict=True):
        assert schedule(one) == schedule(other)
        assert other.epoch.train_loss == pytest.approx(one.epoch.train_loss, rel=0.02)
        assert other.epoch.test_accuracy == pytest.approx(one.epoch.test_accuracy, abs=0.03)
    assert share_alike(here, there) > 0.9


def schedule(records):
    """What the configuration alone decides."""
    epoch = records.epoch
    fixed = epoch.epoch, epoch.level, epoch.lr, epoch.filters_left, epoch.parameters_left
    layers = [(e.kind, it.layer, it.kept_before, it.kept_after) for e in records.events for it in e.layers]
    return fixed, layers, records.examples


def share_alike(here, there):
    """The share of all units taken, where events list them, that both took at the same event."""
    both = [
        (set(one.removed or ()), set(other.removed or ()))
        for records, others in zip(here, there, strict=True)
        for event, same in zip(records.events, others.events, strict=True)
        for one, other in zip(event.layers, same.layers, strict=True)
    ]
    taken = sum(len(one) for one, _ in both)
    return sum(len(one & other) for one, other in both) / taken if taken else 1.0


@pytest.mark.parametrize("kind", ["filters", "augmented"])
def test_the_same_seed_twice(kind, digits):
    pruning, changes = KINDS[kind]
    first, again = (trained(spec_of(pruning, **changes), digits, "cuda") for _ in range(2))
    for one, other in zip(first, again, strict=True):
        assert other.epoch.test_loss == pytest.approx(one.epoch.test_loss, rel=0.01)
        assert [event.mask_hash for event in one.events] == [event.mask_hash for event in other.events]


@pytest.mark.parametrize("kind", KINDS)
def test_a_resumed_run_goes_on(kind, digits):
    pruning, changes = KINDS[kind]
    spec = spec_of(pruning, **changes)
    straight = trained(spec, digits, "cuda")
    state = start(spec, digits, "cuda")
    records = train(state)
    before = [next(records) for _ in range(2)]
    file = io.BytesIO()
    save(state, file)
    file.seek(0)
    resumed = start(spec, digits, "cuda")
    restore(resumed, file, "2-0.pt", 1)
    for one, other in zip(straight, before + list(train(resumed)), strict=True):
        assert schedule(one) == schedule(other)
        assert other.epoch.test_loss == pytest.approx(one.epoch.test_loss, rel=0.02)


@pytest.mark.parametrize("kind", ["tf32", "bf16"])
def test_lower_precision_is_close(kind, digits):
    full, lower = (trained(spec_of(FILTERS, precision=it), digits, "cuda") for it in ("fp32", kind))
    for one, other in zip(full, lower, strict=True):
        assert other.epoch.train_loss == pytest.approx(one.epoch.train_loss, rel=0.05)


def test_what_is_measured_is_what_a_cpu_measures(digits):
    spec = measuring(WEIGHTS, flatness=FLATNESS, normality={"layers": 1})
    here, there = (trained(spec, digits, device) for device in ("cpu", "cuda"))
    (one,), (other,) = here[3].flatness, there[3].flatness
    assert other.hessian_trace == pytest.approx(one.hessian_trace, rel=0.1)
    assert other.gradient_trace == pytest.approx(one.gradient_trace, rel=0.1)
    assert len(there[0].normality) == len(here[0].normality)


def test_losses_of_groups_of_images(digits):
    data = {"per_class": 12, "validation": 0.25, "label_noise": 0.2}
    spec = measuring(IMP, data, examples={"groups": 4, "el2n": {"epochs": 2, "replicates": 2}})
    here, there = (trained(spec, digits, device) for device in ("cpu", "cuda"))
    (one,), (other,) = here[0].examples, there[0].examples
    assert other.el2n == pytest.approx(one.el2n, abs=0.01)
    assert [group.n_noisy for r in there for group in r.groups]
    assert [level.weights_left for r in there for level in r.levels] == [
        level.weights_left for r in here for level in r.levels
    ]


@pytest.mark.parametrize("precision", ["fp32", "tf32", "bf16"])
@pytest.mark.parametrize("kind", ["filters", "weights", "activation", "augmented", "tickets", "sgd"])
def test_replayed_steps_are_the_steps(kind, precision, digits):
    """30 steps an epoch and a batch of another size; each epoch's are recorded anew, for masks change.

    In TF32 no two runs are alike after the first epoch, recorded or not: some kernels add in any order.
    """
    pruning, changes = KINDS[kind]
    more = {"per_class": 49, **changes.get("data", {})}
    spec = spec_of(pruning, **{**changes, "data": more, "precision": precision})
    replayed = trained(spec, digits, "cuda")
    state = start(spec, digits, "cuda")
    assert state.recorder is not None
    state.recorder = None
    alike = 1 if precision == "tf32" else len(replayed)
    for one, other in list(zip(train(state), replayed, strict=True))[:alike]:
        assert schedule(one) == schedule(other)
        assert other.epoch.train_loss == pytest.approx(one.epoch.train_loss, rel=0.02)
        assert other.epoch.test_accuracy == pytest.approx(one.epoch.test_accuracy, abs=0.03)


@pytest.mark.parametrize("kind", ["filters", "sgd"])
@pytest.mark.parametrize("devices", [("cpu", "cuda"), ("cuda", "cpu")], ids=" to ".join)
def test_a_run_goes_on_on_another_kind_of_device(devices, kind, digits):
    pruning, changes = KINDS[kind]
    spec = spec_of(pruning, **changes)
    straight = trained(spec, digits, "cpu")
    state = start(spec, digits, devices[0])
    records = train(state)
    before = [next(records) for _ in range(2)]
    file = io.BytesIO()
    save(state, file)
    file.seek(0)
    resumed = start(spec, digits, devices[1])
    restore(resumed, file, "2-0.pt", 1)
    for one, other in zip(straight, before + list(train(resumed)), strict=True):
        assert schedule(one) == schedule(other)
        assert other.epoch.test_loss == pytest.approx(one.epoch.test_loss, rel=0.02)


def test_runs_in_threads_beside_each_other(digits):
    """Each in a stream of its own: what one records, the others do not disturb."""
    spec = spec_of(FILTERS, data={"per_class": 49})
    alone, together = trained(spec, digits, "cuda"), {}

    def run(number):
        with torch.cuda.stream(torch.cuda.Stream()):
            together[number] = trained(spec, digits, "cuda")

    threads = [threading.Thread(target=run, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number in range(4):
        for one, other in zip(alone, together[number], strict=True):
            assert schedule(one) == schedule(other)
            assert other.epoch.train_loss == pytest.approx(one.epoch.train_loss, rel=0.02)
