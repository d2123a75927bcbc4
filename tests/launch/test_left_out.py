"""Runs that leave out what another run makes of its images, through a store, against sorting by hand."""

from __future__ import annotations

import pytest
from tiny_sweep import TINY, spec_of

from gst.config import run_key
from gst.errors import InputError
from gst.launch.artifacts import artifacts_at
from gst.launch.drive import drive
from gst.launch.single_examples import read_examples
from gst.launch.trial import run_all

pytestmark = pytest.mark.slow

SWEEP = (
    TINY.partition("arms:")[0]
    .replace("draw: 0}", "draw: 0, validation: 0.2, label_noise: 0.25}")
    .replace("seeds: 2", "seeds: 1")
    + """\
arms:
  Most: {pruning: {kind: none}, data.leave_out: {arm: IMP, level: 2, rule: improved, share: 0.25}}
  Wrong: {pruning: {kind: none}, data.leave_out: {arm: IMP, level: 2, rule: misclassified}}
  As many: {pruning: {kind: none}, data.leave_out: {arm: IMP, level: 2, rule: misclassified, at_random: true}}
  IMP:
    pruning: {kind: imp, score: magnitude, target: smallest, fraction: 0.5, levels: 2, rewind_epoch: 1}
"""
)


@pytest.mark.parametrize("asked", ["", "    measure: {each_example: {levels: ends}}\n"])
def test_what_is_left_out_is_what_the_arrays_say(register, tmp_path, asked):
    """Whether the other run was asked for its answers while it trained, or is measured for them."""
    spec = spec_of(SWEEP + asked, "leaving")
    registered = register(spec, tmp_path / "leaving")
    assert drive(registered.store, registered.assignment, run_all) == ()
    keys = {arm: run_key(it) for arm, it in spec.runs()}
    files = registered.store.example_files(keys["IMP"])
    artifacts = artifacts_at(registered.assignment.artifacts)
    dense, sparse = (read_examples(artifacts, keys["IMP"], it) for it in files)
    triples = zip(dense["index"].tolist(), dense["loss"].tolist(), sparse["loss"].tolist(), strict=True)
    ranked = sorted(triples, key=lambda it: (it[2] - it[1], it[0]))
    left = {arm: registered.store.left_out(key) for arm, key in keys.items()}
    assert left["Most"] == tuple(sorted(index for index, *_ in ranked[:12]))  # of 48 images
    wrong = sparse["prediction"] != sparse["label"]
    assert left["Wrong"] == tuple(sparse["index"][wrong].tolist())
    assert len(left["As many"]) == len(left["Wrong"])
    assert set(left["As many"]) <= set(sparse["index"].tolist())
    assert left["As many"] != left["Wrong"]
    assert left["IMP"] is None


def test_without_a_store_a_sweep_in_which_one_run_chooses_for_another_is_refused(tmp_path):
    import torch

    from gst.launch.offline import Offline, train_all

    offline = Offline(spec_of(SWEEP, "leaving"), tmp_path, tmp_path, torch.device("cpu"))
    with pytest.raises(InputError, match=r"data\.leave_out\.arm: needs a store: use gst sweep"):
        train_all(offline, print)
