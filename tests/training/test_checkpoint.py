from __future__ import annotations

import io
import pickle

import pytest
import torch
from runs import FILTERS, NONE, WEIGHTS, ZEROING, spec_of, without_seconds

from gst.config import RunConfig, RunSpec
from gst.errors import DataError
from gst.training import score_examples, start, train
from gst.training.checkpoint import restore, save

pytestmark = pytest.mark.slow

LEVELS = {
    "kind": "imp", "score": "magnitude", "target": "smallest", "fraction": 0.5, "levels": 1,
    "rewind_epoch": 0,
}  # fmt: skip
KINDS = {
    "none": (NONE, {}),
    "weights": (WEIGHTS, {}),
    "filters": (FILTERS, {}),
    "activation": (FILTERS | {"score": "activation"}, {}),
    "zeroing": (ZEROING, {}),
    "gaussian": (ZEROING | {"kind": "gaussian", "which": "cumulative"}, {}),
    "restore": (ZEROING | {"restore": True}, {}),
    "augmented": (FILTERS, {"data": {"augment": True, "label_noise": 0.2}}),
    "imp": (LEVELS, {"epochs": 2, "data": {"validation": 0.2}}),
    "tickets": (LEVELS | {"rewind": "weights"}, {"epochs": 2, "data": {"label_noise": 0.2}}),
    "extended": ({"kind": "extended", "levels": 1, "rewind_epoch": 0}, {"epochs": 2}),
    "sgd": (WEIGHTS, {"optimizer": {"name": "sgd", "lr": 0.05, "momentum": 0.9, "weight_decay": 1e-4}}),
}


def saved(state):
    file = io.BytesIO()
    save(state, file)
    file.seek(0)
    return file


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("stop", [1, 2, 3])
def test_a_resumed_run_is_the_same_run(kind, stop, digits):
    """Bit for bit on a CPU; a window of 6 batches is still open after an epoch of 4."""
    pruning, changes = KINDS[kind]
    spec = spec_of(pruning, **changes)
    straight = without_seconds(train(start(spec, digits)))
    state = start(spec, digits)
    records = train(state)
    first = [next(records) for _ in range(stop)]
    file = saved(state)
    resumed = start(spec, digits)
    restore(resumed, file, "1-0.pt", stop - 1)
    assert resumed.next_epoch == stop
    assert without_seconds(first) + without_seconds(train(resumed)) == straight


EL2N = {"examples": {"el2n": {"epochs": 2, "replicates": 3}, "groups": 3}}


def scored_spec():
    """A run of two levels on augmented images, before which it trains three networks for two epochs each."""
    config = spec_of(LEVELS, data={"label_noise": 0.2, "augment": True}, epochs=2).config
    return RunSpec(RunConfig.model_validate(config.model_dump() | {"measure": EL2N}), 0)


@pytest.mark.parametrize("stop", [1, 2, 3, 4, 5, 6])
def test_el2n_networks_go_on_where_they_were_stopped(stop, digits):
    """In the middle of a network or between two: the same scores, and the same records, bit for bit."""
    spec = scored_spec()
    straight = start(spec, digits)
    assert [it.epoch for it in score_examples(straight)] == [-6, -5, -4, -3, -2, -1]
    stopped = start(spec, digits)
    scoring = score_examples(stopped)
    for _ in range(stop):
        next(scoring)
    resumed = start(spec, digits)
    restore(resumed, saved(stopped), "1--1.pt", stop - 7)
    trained = [it.epoch for it in score_examples(resumed)]
    assert trained == list(range(stop - 6, 0))
    assert torch.equal(resumed.scores, straight.scores)
    assert resumed.scoring is None
    assert without_seconds(train(resumed)) == without_seconds(train(straight))


def test_scores_are_the_same_whoever_asks_for_them(digits):
    """Training alone trains the networks that nobody has trained before."""
    spec = scored_spec()
    alone, asked = start(spec, digits), start(spec, digits)
    list(score_examples(asked))
    assert without_seconds(train(alone)) == without_seconds(train(asked))


@pytest.mark.parametrize("kind", ["filters", "sgd"])
def test_a_checkpoint_from_a_device_with_another_order_in_memory(kind, digits):
    """Older files have weights channel by channel, and fused optimizers go through memory as it comes."""
    pruning, changes = KINDS[kind]
    state = start(spec_of(pruning, **changes), digits)
    next(train(state))
    file = saved(state)
    for values in state.optimizer.state.values():
        for name, value in values.items():
            if value.dim() == 4:
                values[name] = value.contiguous()
    other = saved(state)
    straight, resumed = (start(state.spec, digits) for _ in range(2))
    restore(straight, file, "1-0.pt", 0)
    restore(resumed, other, "1-0.pt", 0)
    assert without_seconds(train(resumed)) == without_seconds(train(straight))


def test_a_checkpoint_of_another_run_is_refused(digits):
    file = saved(start(spec_of(), digits))
    with pytest.raises(DataError, match=r"1-0\.pt: is a checkpoint of another run"):
        restore(start(spec_of(seed=1), digits), file, "1-0.pt", 0)


class Malicious:
    def __reduce__(self):
        return (print, ("executed",))


def test_code_in_a_checkpoint_is_not_executed(digits, capsys):
    hidden = io.BytesIO()
    torch.save({"key": Malicious()}, hidden)
    for content in (pickle.dumps(Malicious()), hidden.getvalue(), b"", b"no checkpoint"):
        with pytest.raises(DataError, match=r"1-0\.pt: is not a readable checkpoint"):
            restore(start(spec_of(), digits), io.BytesIO(content), "1-0.pt", 0)
    assert "executed" not in capsys.readouterr().out
