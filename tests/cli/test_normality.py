from __future__ import annotations

import csv
import hashlib
import json

import numpy as np
import pytest
import torch
from PIL import Image
from scipy import stats

from gst.config import DataConfig
from gst.data import load_dataset
from gst.models import build
from gst.networks.parts import ImageShape
from gst.training.streams import stream

pytestmark = pytest.mark.slow


def torchvision_state() -> dict[str, torch.Tensor]:
    """The state of torchvision's vgg19_bn with random weights; running statistics that are not 0 and 1.

    Its classifier takes half a gigabyte: two entries stand for it.
    """
    import torchvision

    with torch.random.fork_rng():
        torch.manual_seed(7)
        features = torchvision.models.vgg.make_layers(torchvision.models.vgg.cfgs["E"], batch_norm=True)
        for module in features:
            if isinstance(module, torch.nn.BatchNorm2d):
                module.running_var.uniform_(0.5, 1.5)
    return {f"features.{name}": value for name, value in features.state_dict().items()} | {
        "classifier.0.weight": torch.zeros(4096, 1), "classifier.6.bias": torch.zeros(1000),
    }  # fmt: skip


@pytest.fixture
def images(folder):
    """Six noisy images of two classes, as an image folder of the data folder."""
    noise = np.random.default_rng(0)
    for split in ("train", "test"):
        for label in ("a", "b"):
            place = folder / "data" / "noise" / split / label
            place.mkdir(parents=True)
            for number in range(3):
                pixels = noise.integers(0, 256, (32, 32, 3), dtype=np.uint8)
                Image.fromarray(pixels).save(place / f"{number}.png")
    return folder / "data"


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    path = tmp_path_factory.mktemp("weights") / "vgg19_bn.pth"
    torch.save(torchvision_state(), path)
    return path


ON = ("--folder", "noise", "--images", 4, "--layers", 2)


def test_torchvisions_vgg19_is_measured_and_drawn(gst, images, weights, folder):
    result = gst("normality", weights, *ON, "-o", "figB1.html", "--format", "json")
    assert result.exit_code == 0, result.output
    assert "not needed, and left out: classifier.0.weight, classifier.6.bias" in result.stderr
    assert "vgg19 on noise · 4 training images · untrained: seed 0" in result.stderr
    rows = json.loads(result.stdout)
    assert [(row["layer"], row["state"], row["statistics"]) for row in rows] == [
        (layer, state, statistics)
        for state in ("untrained", "trained")
        for statistics in ("batch", "running")
        for layer in ("bn15", "bn16")
    ]
    assert {row["n"] for row in rows} == {4 * 512 * 2 * 2}
    page = (folder / "figB1.html").read_text()
    assert "<title>Normality of the activations with the weights of vgg19_bn.pth</title>" in page
    assert "With vgg19_bn.pth" in page
    expected = by_hand(images)
    (found,) = (r for r in rows if (r["layer"], r["state"], r["statistics"]) == ("bn16", "trained", "batch"))
    assert found["ks"] == pytest.approx(stats.kstest(expected, "norm").statistic, abs=1e-5)
    assert found["kurtosis"] == pytest.approx(stats.kurtosis(expected), rel=1e-3)
    assert rows[1]["ks"] != found["ks"]


def by_hand(data) -> np.ndarray:
    """Normalised inputs of the last batch norm by torchvision's own modules, on images at equal steps."""
    import torchvision

    dataset = load_dataset(DataConfig(name="folder", folder="noise"), data)
    pixels = dataset.train.images[[0, 1, 3, 4]].float() / 255
    mean, std = (torch.tensor(it).view(-1, 1, 1) for it in (dataset.mean, dataset.std))
    features = torchvision.models.vgg.make_layers(torchvision.models.vgg.cfgs["E"], batch_norm=True)
    state = torchvision_state()
    features.load_state_dict(
        {name.removeprefix("features."): it for name, it in state.items() if name.startswith("features.")}
    )
    with torch.no_grad():
        inputs = features[:-3]((pixels - mean) / std).double()  # without batch norm, ReLU and pooling
    variance = inputs.var((0, 2, 3), keepdim=True, unbiased=False)
    values = (inputs - inputs.mean((0, 2, 3), keepdim=True)) / (variance + 1e-5).sqrt()
    return values.flatten().numpy()


def test_a_file_of_ones_own_initial_weights_changes_nothing(gst, images, folder):
    shape = ImageShape(3, 32, 32)
    model = build("vgg11", classes=2, image=shape, generator=stream(5, "init"))
    torch.save(model.state_dict(), folder / "own.pt")
    result = gst("normality", "own.pt", "--model", "vgg11", "--seed", 5, *ON, "--format", "json")
    rows = json.loads(result.stdout)
    half = len(rows) // 2
    assert [row["ks"] for row in rows[:half]] == [row["ks"] for row in rows[half:]]
    other = json.loads(gst("normality", "own.pt", "--model", "vgg11", *ON, "--format", "json").stdout)
    assert other[half:] == rows[half:]
    assert other[0]["ks"] != rows[0]["ks"]


def test_the_numbers_as_csv_say_what_they_are_of(gst, images, weights, folder):
    result = gst("normality", weights, *ON, "-o", "figB1.csv")
    assert result.exit_code == 0, result.output
    rows = list(csv.DictReader((folder / "figB1.csv").read_text().splitlines()))
    head = json.loads(rows[0]["provenance"])
    assert (head["weights"], head["model"], head["data"], head["images"]) == (
        "vgg19_bn.pth",
        "vgg19",
        "noise",
        4,
    )
    assert head["weights_sha256"] == hashlib.sha256(weights.read_bytes()).hexdigest()
    assert sum(row["what"] == "KS distance" for row in rows) == 8
    assert sum(row["what"] == "density" for row in rows) == 8 * 200


def test_refusals_come_before_the_work(refused, images, weights):
    assert "a figure is written as one of .html" in refused("normality", weights, *ON, "-o", "figB1.doc")
    assert "none.pth: cannot be read: there is no such file" in refused("normality", "none.pth")  # nor data
    assert "no folder or zip file 'nois'" in refused("normality", weights, "--folder", "nois")
    message = refused("normality", weights, "--model", "vgg11", *ON)
    assert "which the network has not" in message


def test_networks_that_cannot_be_measured_are_refused(refused, images, weights):
    assert "no model 'vgg_19'; did you mean 'vgg19'?" in refused(
        "normality", weights, "--model", "vgg_19", *ON
    )
    for name in ("conv4", "lenet_300_100"):
        message = refused("normality", weights, "--model", name, *ON)
        assert f"--model {name}: it has no convolution with batch norm" in message
