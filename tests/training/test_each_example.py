"""What a network answers to each training image, against a loop over the images written out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from runs import BASE, without_seconds

from gst.archive.example_file import COLUMNS, packed, unpacked
from gst.config import RunConfig, RunSpec
from gst.config.measure import MeasureConfig
from gst.errors import DataError
from gst.training import run_data, start, train

DATA = {"per_class": 12, "validation": 0.25, "label_noise": 0.2}
IMP = {
    "kind": "imp", "score": "magnitude", "target": "smallest", "fraction": 0.2, "exclude": ("fc2",),
    "levels": 2, "rewind_epoch": 0,
}  # fmt: skip


def spec_of(measure, pruning=IMP, epochs=2):
    values = {**BASE, "pruning": pruning, "data": BASE["data"] | DATA, "measure": measure}
    values["training"] = BASE["training"] | {"epochs": epochs}
    return RunSpec(RunConfig.model_validate(values), 0)


def contents(records):
    return [it for r in records for it in r.each_example]


def test_a_file_has_what_each_image_is_taken_for_its_labels_and_its_loss(digits):
    spec = spec_of({"each_example": {"epochs": (1,)}})
    state = start(spec, digits)
    records = train(state)
    next(records)
    (found,) = next(records).each_example
    # The removal at the end of the level comes after it: the weights of before are the event's.
    fresh = start(spec_of({}, {"kind": "none"}), digits)
    for _ in train(fresh):
        pass
    arrays = unpacked(found.content, "here")
    data = run_data(digits, spec.config.data, 0)
    fresh.model.eval()
    assert found[:3] == (1, 0, 90)  # of 120 images less a quarter
    assert list(arrays) == list(COLUMNS)
    for number, index in enumerate(arrays["index"]):
        assert torch.equal(data.train.images[number], digits.train.images[index])
        assert arrays["right_label"][number] == digits.train.labels[index]
        pixels = (digits.train.images[index].double() / 255 - data.mean[0]) / data.std[0]
        with torch.no_grad():
            outputs = fresh.model(pixels.float()[None])[0].double()
        label = int(arrays["label"][number])
        loss = float(torch.log(torch.exp(outputs).sum()) - outputs[label])
        assert arrays["loss"][number] == pytest.approx(loss, abs=1e-5)
        assert arrays["prediction"][number] == int(outputs.argmax())
    wrong = arrays["label"] != arrays["right_label"]
    assert wrong.sum() == round(0.2 * 90)
    assert np.array_equal(wrong, data.noisy.numpy())


def test_the_mean_of_all_losses_is_the_levels_loss_and_none_of_it_changes_the_run(digits):
    asked = start(spec_of({"each_example": {"levels": "all"}, "examples": {}}), digits)
    records = without_seconds(train(asked))
    levels = [it for r in records for it in r.levels]
    assert [it.epoch for it in contents(records)] == [1, 3, 5] == [it.epoch for it in levels]
    for found, level in zip(contents(records), levels, strict=True):
        arrays = unpacked(found.content, "here")
        right = arrays["prediction"] == arrays["label"]
        wrong = arrays["label"] != arrays["right_label"]
        assert float(arrays["loss"].astype(np.float64).mean()) == pytest.approx(level.train_loss, rel=1e-14)
        assert float(right.mean()) == level.train_accuracy
        assert float(arrays["loss"][wrong].astype(np.float64).mean()) == pytest.approx(
            level.noisy_loss, rel=1e-14
        )
    plain = without_seconds(train(start(spec_of({"examples": {}}), digits)))
    assert [replace(it, each_example=()) for it in records] == plain


@pytest.mark.parametrize(
    ("asked", "epochs"),
    [({"levels": "ends"}, {1, 5}), ({"levels": (1,)}, {3}), ({"levels": (0,), "epochs": (0, 4)}, {0, 1, 4})],
)
def test_moments_are_ends_of_levels_and_epochs(asked, epochs):
    config = spec_of({"each_example": asked}).config
    assert config.measure.each_example.moments(config.course) == epochs


def test_a_file_is_exact_and_damage_is_told():
    generator = np.random.default_rng(0)
    columns = [np.sort(generator.permutation(70_000)[:500]), *generator.integers(0, 1000, (3, 500))]
    columns.append(np.append(np.exp(generator.normal(0, 20, 499)), np.nan).astype(np.float32))
    content = packed(columns)
    for name, column in zip(COLUMNS, columns, strict=True):
        assert np.array_equal(unpacked(content, "here")[name], column, equal_nan=name == "loss")
    with pytest.raises(DataError, match=r"^place/name: is not a file of single examples: "):
        unpacked(content[:-40], "place/name")


def test_ten_classes_take_about_five_bytes_an_image():
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 10, (3, 54_000))
    losses = np.exp(generator.normal(-6, 3, 54_000)).astype(np.float32)
    assert len(packed([np.arange(54_000), *labels, losses])) < 6 * 54_000


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({}, "each_example needs levels"),
        ({"levels": (3,)}, "in levels from 0 to 2 of this run, found 3"),
        ({"epochs": (6,)}, "in epochs from 0 to 5 of this run, found 6"),
    ],
)
def test_moments_that_no_run_has_are_refused(asked, message):
    with pytest.raises(ValueError, match=message):
        spec_of({"each_example": asked})


def test_it_is_no_part_of_what_a_run_is_and_of_what_a_sweep_asks():
    measure = MeasureConfig.model_validate({"each_example": {"levels": "ends"}})
    assert measure.of_run == MeasureConfig()
    assert MeasureConfig.model_validate_json(measure.of_state) == measure
