from types import SimpleNamespace

import pytest
from stores import run_config

from gst.config.columns import OF_PRUNING, config_columns

FILTERS = {
    "kind": "filters", "score": "l2", "target": "smallest", "layers": ("a", "b", "c"),
    "start": (3, 4, 5), "end": (9, 100, 101), "every": (3, 32, 4), "fraction": (0.3, 0.9, 0.1),
}  # fmt: skip


def columns(pruning, epochs=200):
    return of_config(run_config(epochs=epochs, pruning=pruning))


def of_config(config):
    return SimpleNamespace(**config_columns(config))


def test_an_unpruned_run_has_no_pruning_columns():
    found = columns({"kind": "none"})
    assert found.kind == "none"
    assert found.scratch is False
    others = (*OF_PRUNING, "train_batches", "el2n_networks", "el2n_epochs", "branch_epoch")
    assert {getattr(found, name) for name in others} == {None}
    assert (found.dataset, found.train_per_class, found.label_noise, found.augment) == (
        "digits",
        6,
        0.0,
        False,
    )
    assert (found.model, found.epochs, found.batch_size) == ("digits_cnn", 200, 16)
    assert (found.optimizer, found.lr, found.weight_decay, found.precision) == ("adam", 0.001, 0.0, "fp32")
    assert found.scale == 1.0


def test_the_layer_that_loses_most_speaks_for_all():
    # Events: 3, 6, 9 -> 0.1 each; 4, 36, 68, 100 -> 0.225 each; 5, 9, ..., 101 (25 events) -> 0.004 each.
    found = columns(FILTERS)
    assert (found.score, found.target, found.layers) == ("l2", "smallest", "a,b,c")
    assert (found.prune_start, found.prune_end) == (3, 101)
    assert (found.iterative_rate, found.total_fraction, found.retrain_period) == (0.225, 0.9, 32)
    assert (found.scratch, found.train_batches) == (False, None)


def test_the_largest_rate_may_be_of_another_layer_than_the_largest_fraction():
    found = columns(FILTERS | {"start": (9, 4, 5)})  # the first layer loses its 0.3 at once
    assert (found.iterative_rate, found.total_fraction, found.retrain_period) == (0.3, 0.9, 32)


def test_the_first_of_layers_with_the_same_fraction_gives_the_period():
    assert columns(FILTERS | {"fraction": 0.5}).retrain_period == 3


@pytest.mark.parametrize("layers", ["last-4", "blocks"])
def test_layers_that_only_the_model_knows(layers):
    found = columns(
        FILTERS | {"layers": layers, "start": 0, "end": 0, "every": 7, "fraction": 0.1, "scratch": True}
    )
    assert (found.layers, found.scratch, found.retrain_period) == (layers, True, 7)
    assert (found.iterative_rate, found.total_fraction) == (0.1, 0.1)


def test_decimals_are_taken_as_they_were_written():
    found = columns(FILTERS | {"layers": "last-2", "start": 0, "end": 2, "every": 1, "fraction": 0.3})
    assert found.iterative_rate == 0.1  # 0.3 / 3 in floating point is 0.09999999999999999


def test_noise_and_weights_and_folders():
    noise = {**FILTERS, "kind": "gaussian", "train_batches": 50}
    assert (columns(noise).kind, columns(noise).train_batches) == ("gaussian", 50)
    weights = columns({**FILTERS, "kind": "weights", "score": "magnitude"})
    assert (weights.kind, weights.score, weights.scratch) == ("weights", "magnitude", False)
    folder = run_config(name="folder", folder="birds", label_noise=0.25)
    assert of_config(folder).dataset == "folder:birds"
    assert of_config(run_config(name="imagenet", folder="birds")).dataset == "imagenet:birds"
    assert of_config(folder).label_noise == 0.25
