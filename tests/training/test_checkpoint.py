from __future__ import annotations

import pickle

import pytest
import torch
from runs import FILTERS, NONE, WEIGHTS, ZEROING, spec_of, without_seconds

from gst.errors import DataError
from gst.training import start, train
from gst.training.checkpoint import restore, save

KINDS = {
    "none": (NONE, {}),
    "weights": (WEIGHTS, {}),
    "filters": (FILTERS, {}),
    "activation": (FILTERS | {"score": "activation"}, {}),
    "zeroing": (ZEROING, {}),
    "gaussian": (ZEROING | {"kind": "gaussian", "which": "cumulative"}, {}),
    "restore": (ZEROING | {"restore": True}, {}),
    "augmented": (FILTERS, {"data": {"augment": True, "label_noise": 0.2}}),
    "sgd": (WEIGHTS, {"optimizer": {"name": "sgd", "lr": 0.05, "momentum": 0.9, "weight_decay": 1e-4}}),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("stop", [1, 2, 3])
def test_a_resumed_run_is_the_same_run(kind, stop, digits, tmp_path):
    """Bit for bit on a CPU; a window of 6 batches is still open after an epoch of 4."""
    pruning, changes = KINDS[kind]
    spec = spec_of(pruning, **changes)
    straight = without_seconds(train(start(spec, digits)))
    state = start(spec, digits)
    records = train(state)
    first = [next(records) for _ in range(stop)]
    save(state, tmp_path / "a" / "1-0.pt")
    resumed = start(spec, digits)
    restore(resumed, tmp_path / "a" / "1-0.pt")
    assert resumed.next_epoch == stop
    assert without_seconds(first) + without_seconds(train(resumed)) == straight


def test_no_other_file_is_left_behind(digits, tmp_path):
    save(start(spec_of(), digits), tmp_path / "x.pt")
    assert [path.name for path in tmp_path.iterdir()] == ["x.pt"]


def test_a_failed_write_leaves_the_old_file_whole(digits, tmp_path, monkeypatch):
    state = start(spec_of(), digits)
    save(state, tmp_path / "x.pt")
    before = (tmp_path / "x.pt").read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        save(state, tmp_path / "x.pt")
    assert (tmp_path / "x.pt").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["x.pt"]


def test_a_checkpoint_of_another_run_is_refused(digits, tmp_path):
    save(start(spec_of(), digits), tmp_path / "x.pt")
    with pytest.raises(DataError, match="another run"):
        restore(start(spec_of(seed=1), digits), tmp_path / "x.pt")


class Malicious:
    def __reduce__(self):
        return (print, ("executed",))


def test_code_in_a_checkpoint_is_not_executed(digits, tmp_path, capsys):
    (tmp_path / "x.pt").write_bytes(pickle.dumps(Malicious()))
    with pytest.raises(DataError, match="not a readable checkpoint"):
        restore(start(spec_of(), digits), tmp_path / "x.pt")
    torch.save({"key": Malicious()}, tmp_path / "y.pt")
    with pytest.raises(DataError, match="not a readable checkpoint"):
        restore(start(spec_of(), digits), tmp_path / "y.pt")
    assert "executed" not in capsys.readouterr().out
