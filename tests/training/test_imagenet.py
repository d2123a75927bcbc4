"""Training on pictures that are decoded batch by batch, end to end with a narrow ResNet50."""

from __future__ import annotations

import io

import pytest
import torch
from pictures import write_pictures
from runs import NONE, spec_of, without_seconds

from gst.config import RunConfig, RunSpec
from gst.data import load_dataset
from gst.training import start, train
from gst.training.checkpoint import restore, save

FILTERS = {
    "kind": "filters", "score": "l2", "target": "smallest", "layers": ("layer4.2.conv3",),
    "start": 0, "end": 0, "every": 1, "fraction": 0.5,
}  # fmt: skip


def pictures_spec(pruning=NONE, epochs=2):
    values = spec_of(pruning).config.model_dump() | {
        "data": {"name": "imagenet", "folder": "pictures", "augment": True},
        "model": {"name": "resnet50", "width": 0.05},
        "training": {
            "epochs": epochs,
            "batch_size": 6,
            "optimizer": {"name": "sgd", "lr": 0.05, "momentum": 0.9, "weight_decay": 1e-4},
            "warmup_epochs": 1,
        },
    }
    return RunSpec(RunConfig.model_validate(values), seed=0)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    write_pictures(folder / "pictures", classes=2, train=3)
    return load_dataset(pictures_spec().config.data, folder)


def test_a_run_trains_tests_prunes_and_repeats_itself(pictures):
    state = start(pictures_spec(FILTERS), pictures)
    first = list(train(state))
    assert [it.epoch.lr for it in first] == [0, 0.05]
    assert state.model.conv1.out_channels == 3
    assert state.model.linear.out_features == 2
    ((event,), ()) = (it.events for it in first)
    assert (event.n_test, event.removed) == (4, 48)
    block = state.model.get_submodule("layer4.2")
    assert int(block.shortcut_keep.sum()) == 48
    assert without_seconds(train(start(pictures_spec(FILTERS), pictures))) == without_seconds(first)


def test_a_resumed_run_is_the_run(pictures):
    whole = start(pictures_spec(), pictures)
    records = list(train(whole))
    stopped = start(pictures_spec(), pictures)
    next(iter(train(stopped)))
    file = io.BytesIO()
    save(stopped, file)
    file.seek(0)
    resumed = start(pictures_spec(), pictures)
    restore(resumed, file, "checkpoint", 0)
    assert without_seconds(train(resumed)) == without_seconds(records[1:])
    assert all(
        torch.equal(a, b) for a, b in zip(whole.model.parameters(), resumed.model.parameters(), strict=True)
    )
