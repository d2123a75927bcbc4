"""How long an epoch may take, from runs that are done."""

from __future__ import annotations

import pytest
from stores import Run, fill, run_config

from gst.config import DataConfig, ModelConfig
from gst.launch.plan import durations_of
from gst.store import Store

FOLDER = DataConfig(name="folder", folder="pets.zip", per_class=5)
BASE = run_config(epochs=2).model_copy(update={"data": FOLDER})


@pytest.fixture
def durations(empty, tmp_path):
    path = tmp_path / "gst.db"
    path.write_bytes(empty.read_bytes())
    with Store.open(str(path)) as store:
        fill(store, [Run("done", 0, [0.5] * 2)], configs={"done": BASE})
        return durations_of(store)


def test_a_configuration_that_was_trained(durations):
    assert durations.of(BASE) == 0.25  # of an epoch made by hand


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"training": BASE.training.model_copy(update={"batch_size": 7})}, 0.25),
        ({"data": FOLDER.model_copy(update={"label_noise": 0.5})}, 0.25),
        ({"data": FOLDER.model_copy(update={"folder": "plants.zip"})}, None),
        ({"data": FOLDER.model_copy(update={"per_class": 6})}, None),
        ({"model": BASE.model.model_copy(update={"width": 0.5})}, None),
        ({"model": ModelConfig(name="conv4")}, None),
    ],
)
def test_others_by_their_network_and_images(durations, change, expected):
    assert durations.of(BASE.model_copy(update=change)) == expected


def test_runs_that_did_not_complete_say_nothing(empty, tmp_path):
    path = tmp_path / "gst.db"
    path.write_bytes(empty.read_bytes())
    with Store.open(str(path)) as store:
        fill(store, [Run("done", 0, [0.5], status="failed")], configs={"done": BASE})
        assert durations_of(store).of(BASE) is None
