"""Disagreement of networks, by hand, and the refusal to compare answers to different images."""

from __future__ import annotations

import numpy as np
import pytest
from stores import claimed, epoch_record, run_config, sweep_of

from gst.analysis.disagreement import disagreements
from gst.analysis.source import find_source
from gst.archive.packed import packed
from gst.config import RunSpec
from gst.errors import InputError
from gst.figures import FIGURES
from gst.records import Answers, EpochRecords

DENSE = [[0, 1, 2, 3], [0, 1, 2, 0], [0, 0, 2, 3]]
SPARSE = [[0, 1, 1, 1], [0, 1, 2, 1], [0, 1, 1, 1]]


def answered(store, arms, **data):
    """A sweep of arms with the answers of their seeds."""
    configs = {arm: run_config(epochs=1, lr=0.001 * (at + 1), **data) for at, arm in enumerate(arms)}
    sweep_id = store.register(sweep_of(configs, range(3), name="hand"))
    driver = store.take_over(sweep_id)
    for arm, answers in arms.items():
        for seed, classes in enumerate(answers):
            recorder = claimed(store, RunSpec(configs[arm], seed), sweep_id, driver)
            recorder.write(EpochRecords(epoch_record(0), answers=(Answers(0, 4, packed(classes)),)))
            recorder.finish(peak_memory=1)


def test_pairs_are_counted_by_hand(store):
    answered(store, {"dense": DENSE, "sparse": SPARSE})
    dense, sparse = disagreements(store, find_source(store, "hand"))
    assert (dense.arm, dense.seeds, dense.base) == ("dense", 3, None)
    assert dense.value == pytest.approx((1 + 1 + 2) / 12)
    assert sparse.value == pytest.approx((1 + 0 + 1) / 12)
    assert sparse.base == pytest.approx((2 + 1 + 3) / 12)
    # without each seed one pair is left: 1, 0, 1 quarters; Student's t of 2 degrees of freedom
    left = np.array([1, 0, 1]) / 4
    half = 4.302653 * np.sqrt(2 / 3 * ((left - left.mean()) ** 2).sum())
    assert sparse.high == pytest.approx(sparse.value + half, abs=1e-6)
    assert (sparse.low, dense.high) == (0, 1)
    sheet = FIGURES["disagreement"].numbers(store, "hand")
    values = [row["value"] for row in sheet.panels[0].rows()]
    assert values == [dense.value, sparse.value, sparse.base]
    assert FIGURES["disagreement"].draw(sheet).layout.title.text


def test_answers_to_images_that_differ_by_seed_are_not_compared(store):
    answered(store, {"dense": DENSE}, draw=None)
    with pytest.raises(InputError, match="each seed tests on images of its own"):
        disagreements(store, find_source(store, "hand"))
