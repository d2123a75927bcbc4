"""Pictures sorted like ImageNet, from a sweep file to the database."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from pictures import write_pictures

SWEEP = """\
title: Pictures
seeds: 1
base:
  data: {name: imagenet, augment: true}
  model: {name: resnet50, width: 0.05}
  training:
    epochs: 2
    batch_size: 6
    optimizer: {name: sgd, lr: 0.05, momentum: 0.9}
    lr_drops: [1]
    warmup_epochs: 1
  pruning: {kind: none}
arms:
  Dense: {}
"""


@pytest.fixture
def sweep(folder):
    (folder / "pictures.yaml").write_text(SWEEP)
    return folder / "pictures.yaml"


def test_a_plan_of_imagenet_needs_no_files(gst, sweep):
    result = gst("plan", "pictures.yaml", "-s", "model.width=1")
    assert result.exit_code == 0, result.output
    assert "Dense" in result.output


def test_a_sweep_of_pictures_of_ones_own(gst, sweep, folder):
    write_pictures(folder / "data" / "pets", classes=2, train=3)
    own = ("-s", "data.folder=pets")
    assert gst("plan", "pictures.yaml", *own).exit_code == 0
    result = gst("sweep", "pictures.yaml", "--local", *own)
    assert result.exit_code == 0, result.output
    with closing(sqlite3.connect(folder / "gst.db")) as store:
        assert store.execute("SELECT dataset, model FROM configs").fetchall() == [
            ("imagenet:pets", "resnet50")
        ]
        rows = store.execute("SELECT epoch, lr, parameters_left FROM epochs ORDER BY epoch").fetchall()
        sets = store.execute("SELECT name, train, test, classes FROM datasets").fetchall()
    assert [(epoch, lr) for epoch, lr, _ in rows] == [(0, 0), (1, pytest.approx(0.005))]
    assert sets == [("imagenet", 6, 4, 2)]


def test_a_sweep_without_its_pictures_says_where_they_should_be(gst, sweep):
    result = gst("sweep", "pictures.yaml", "--local")
    assert result.exit_code == 2
    assert "data/imagenet/train" in result.output
    assert "train/<class>" in result.output.replace("\n", " ")
