from __future__ import annotations

import json

import pytest
from sweep_text import changed

from gst.config import expand
from gst.config.keys import has_key

ARMS = "  None: {pruning: {kind: none}}\n  S: {}\n"


def with_axes(axes: str, arms: str = ARMS) -> str:
    return changed("  S: {}\n", arms) + axes


def test_a_grid_over_what_an_arm_lacks_leaves_it_alone_and_says_so(load):
    spec = load(with_axes("grid: {pruning.fraction: [0.3, 0.6]}\n"))
    assert spec.arms == ("None", "S fraction=0.3", "S fraction=0.6")
    assert spec.remarks == (
        "the grid over pruning.fraction leaves 1 arm without pruning.fraction as before: 'None'",
    )


def test_an_arm_takes_the_columns_of_a_zip_that_it_has_and_no_row_twice(load):
    text = "zip: {pruning.fraction: [0.3, 0.6, 0.9], training.batch_size: [8, 8, 16]}\n"
    spec = load(with_axes(text))
    assert spec.arms[:2] == ("None batch_size=8", "None batch_size=16")
    assert spec.arms[2:] == tuple(
        f"S fraction={fraction} batch_size={batch}" for fraction, batch in [(0.3, 8), (0.6, 8), (0.9, 16)]
    )


def test_a_kind_that_is_varied_too_brings_its_keys(load):
    spec = load(
        with_axes("grid: {pruning.kind: [zeroing, gaussian], pruning.train_batches: [1]}\n", "  S: {}\n")
    )
    assert [it.config.pruning.train_batches for it in spec.configs] == [1, 1]
    assert spec.remarks == ()


def test_an_arm_that_varies_its_own_kind_has_the_keys_of_either(load):
    arm = "  A: {grid: {pruning: [{kind: none}, {kind: extended, levels: 1, rewind_epoch: 0}]}}\n"
    spec = load(with_axes("grid: {training.epochs: [400, 500]}\n", arm + "  S: {}\n"))
    assert len(spec.configs) == 6
    assert spec.remarks == ()


def test_what_decides_on_no_key_is_not_tried(load, monkeypatch):
    """A long grid over many arms took longer to be refused than to be read."""
    tried = []
    monkeypatch.setattr(expand, "has_key", lambda values, key: tried.append(key) or has_key(values, key))
    fractions = [number / 100 for number in range(1, 51)]
    axes = {"pruning.fraction": fractions, "pruning.start": [1, 2, 3], "training.batch_size": [8, 9]}
    load(with_axes(f"grid: {json.dumps(axes)}\n"))
    assert len(tried) == 6 + 2  # each arm for each key, and the unpruned one with another key of pruning, too


@pytest.mark.parametrize(
    ("axes", "message"),
    [
        ("grid: {pruning.fractoin: [0.3]}\n",
         "23: grid.pruning.fractoin: no arm has pruning.fractoin; did you mean 'fraction'? valid keys of pruning: "
         "end, every, fraction, kind, layers, mask_bn, ramp, rounds, score, score_images, scratch, start, target"),
        ("zip: {pruning.fraction: [0.3], training.batch_size: [8, 9]}\n",
         "23: zip: lists of one length are needed, found pruning.fraction: 1, training.batch_size: 2"),
        ("grid: {pruning.fraction: [0.3, 30]}\n",
         "23: pruning.fraction: expected less than or equal to 1 or a list, found 30; a share of 1: 0.3? "
         "(in arm 'S fraction=30')"),
    ],
)  # fmt: skip
def test_refusals_name_the_arm(refusal, axes, message):
    assert refusal(with_axes(axes)) == message
