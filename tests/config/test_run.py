from __future__ import annotations

from fractions import Fraction
from typing import get_args

import pytest
from sweep_text import changed

from gst.config import FilterPruning, WeightPruning
from gst.config.schedule import PruningSchedule
from gst.config.task import AnyModelName

FILTERS = {
    "kind": "filters", "score": "l2", "target": "smallest", "layers": ("a", "b"),
    "start": (0, 1), "end": 5, "every": 2, "fraction": (0.1, 0.3),
}  # fmt: skip


def test_each_layer_gets_its_own_schedule():
    pruning = FilterPruning.model_validate(FILTERS)
    assert pruning.schedules(("conv1", "conv2")) == (
        ("conv1", PruningSchedule(0, 5, 2, Fraction(1, 10))),
        ("conv2", PruningSchedule(1, 5, 2, Fraction(3, 10))),
    )
    assert pruning.layer_count == 2
    assert pruning.last_end == 5


def test_one_value_is_for_all_layers_however_many_the_model_has():
    pruning = FilterPruning.model_validate(FILTERS | {"layers": "blocks", "start": 0, "fraction": 0.5})
    assert pruning.layer_count is None
    names = tuple("abcde")
    assert [layer for layer, _ in pruning.schedules(names)] == list(names)
    assert {schedule for _, schedule in pruning.schedules(names)} == {
        PruningSchedule(0, 5, 2, Fraction(1, 2))
    }


@pytest.mark.parametrize(("layers", "count"), [("last-1", 1), ("last-12", 12), (("x",), 1), ("blocks", None)])
def test_layer_count(layers, count):
    values = FILTERS | {"layers": layers, "start": 0, "fraction": 0.5}
    assert FilterPruning.model_validate(values).layer_count == count


def test_a_schedule_for_more_layers_than_the_model_has_is_a_bug():
    with pytest.raises(ValueError, match="zip"):
        FilterPruning.model_validate(FILTERS).schedules(("conv1",))


def test_a_list_of_equals_becomes_one_value():
    pruning = WeightPruning.model_validate(
        FILTERS | {"kind": "weights", "score": "magnitude", "start": (1, 1), "fraction": (0.5, 0.5)}
    )
    assert (pruning.start, pruning.fraction) == (1, 0.5)


def test_a_configuration_is_frozen_and_can_be_a_key(load):
    config = load().configs[0].config
    with pytest.raises(ValueError, match="frozen"):
        config.scale = 0.5
    assert {config: 1}[load().configs[0].config] == 1


def test_a_pruned_run_may_end_with_an_event(load):
    text = changed("end: [150, 150, 150, 275]", "end: 324")
    assert load(text).configs[0].config.pruning.last_end == 324


# What is changed in the sweep, and what the user reads: line, key, what was found, what would work.
REFUSALS = [
    # unknown keys, at each level
    ("title:", "titel:", "1: titel: unknown key; did you mean 'title'? "
     "valid keys here: arms, base, checkpoints, claim, extends, figures, grid, note, resources, seeds, title, zip"),
    ("  data: {name: cifar10}", "  data: {name: cifar10, agument: true}",
     "4: data.agument: unknown key; did you mean 'augment'? "
     "valid keys here: augment, draw, folder, label_noise, leave_out, module, name, normalisation, per_class, source, test_per_class, validation"),
    ("  model: {name: vgg11}", "  model: {name: vgg11}\n  modle: {}",
     "6: modle: unknown key; did you mean 'model'? valid keys here: data, from, measure, model, pruning, scale, training"),
    ("epochs: 325", "epoch: 325", "7: training.epoch: unknown key; did you mean 'epochs'? valid keys here: "
     "batch_size, epochs, lr_drops, lr_factor, optimizer, precision, sam, test_batch_size, warmup_epochs"),
    ("lr: 1e-3", "lr: 1e-3, wieght_decay: 0.1", "9: training.optimizer.wieght_decay: unknown key; "
     "did you mean 'weight_decay'? valid keys here: lr, momentum, name, weight_decay"),
    ("every: 40", "evry: 40", "18: pruning.evry: unknown key; did you mean 'every'? valid keys here: end, every, "
     "fraction, kind, layers, mask_bn, ramp, rounds, score, score_images, scratch, start, target"),
    # missing keys
    ("    batch_size: 128\n", "", "6: training.batch_size: is required, and missing (in arm 'S')"),
    ("  model: {name: vgg11}\n", "", "20: model: is required, and missing (in arm 'S')"),
    ("name: adam, ", "", "9: training.optimizer.name: is required, and missing (in arm 'S')"),
    ("    target: smallest\n", "", "11: pruning.target: is required, and missing (in arm 'S')"),
    # kinds
    ("    kind: filters\n", "", "11: pruning: says no `kind`; give one, such as none, filters or weights (in arm 'S')"),
    ("kind: filters", "kind: filter", "12: pruning.kind: unknown kind 'filter'; did you mean 'filters'? "
     "there are: none, filters, weights, zeroing, gaussian, imp, extended"),
    ("score: l2", "score: magnitude",
     "13: pruning.score: expected 'l1', 'l2', 'activation', 'ebn', 'ebn_alt', 'snip', 'taylor', 'grasp', 'synflow' or 'movement', found 'magnitude'"),
    # types
    ("epochs: 325", "epochs: '325'", "7: training.epochs: expected a whole number, found '325'; without quotes: 325?"),
    ("epochs: 325", "epochs: true", "7: training.epochs: expected a whole number, found true"),
    ("epochs: 325", "epochs: 325.0", "7: training.epochs: expected a whole number, found 325.0"),
    ("epochs: 325", "epochs:", "7: training.epochs: expected a whole number, found null"),
    ("lr: 1e-3", "lr: '1e-3'", "9: training.optimizer.lr: expected a number, found '1e-3'; without quotes: 1e-3?"),
    ("lr: 1e-3", "lr: true", "9: training.optimizer.lr: expected a number, found true"),
    ("lr: 1e-3", "lr: 1e999", "9: training.optimizer.lr: expected a finite number, found Infinity"),
    ("lr_drops: [150, 300]", "lr_drops: 150", "10: training.lr_drops: expected a list, found 150"),
    ("lr_drops: [150, 300]", "lr_drops: [150, x]", "10: training.lr_drops.1: expected a whole number, found 'x' "
     "(in arm 'S')"),
    ("every: 40", "every: [40, true, 40, 40]", "18: pruning.every.1: expected a whole number, found true (in arm 'S')"),
    ("every: 40", "every: fast", "18: pruning.every: expected a whole number or a list, found 'fast'"),
    ("name: cifar10", "name: 10", "4: data.name: expected 'digits', 'mnist', 'fashion_mnist', 'svhn', 'cifar10', "
     "'cifar100', 'tiny_imagenet', 'imagenet', 'folder' or 'module', found 10"),
    ("name: vgg11", "name: vgg_11", f"5: model.name: expected one of {len(get_args(AnyModelName))} names, found 'vgg_11'; did you mean 'vgg11'?"),
    ("model: {name: vgg11}", "model: vgg11", "5: model: expected a mapping, found 'vgg11'; {name: vgg11}?"),
    # ranges
    ("model: {name: vgg11}", "model: {name: vgg11, width: 0}",
     "5: model.width: expected greater than 0, found 0"),
    ("model: {name: vgg11}", "model: {name: vgg11, width: 2}",
     "5: model.width: expected less than or equal to 1, found 2"),
    ("fraction: [0.3, 0.3, 0.3, 0.9]", "fraction: 1.5",
     "19: pruning.fraction: expected less than or equal to 1 or a list, found 1.5"),
    ("fraction: [0.3, 0.3, 0.3, 0.9]", "fraction: [0.3, 0.3, -0.3, 0.9]",
     "19: pruning.fraction.2: expected greater than or equal to 0, found -0.3 (in arm 'S')"),
    ("name: cifar10", "name: cifar10, label_noise: 20",
     "4: data.label_noise: expected less than or equal to 1, found 20; a share of 1: 0.2?"),
    ("epochs: 325", "epochs: 0", "7: training.epochs: expected greater than or equal to 1, found 0"),
    ("lr: 1e-3", "lr: 0", "9: training.optimizer.lr: expected greater than 0, found 0"),
    ("lr: 1e-3", "lr: 1, momentum: 1", "9: training.optimizer.momentum: expected less than 1, found 1"),
    ("every: 40", "every: 0", "18: pruning.every: expected greater than or equal to 1 or a list, found 0"),
    # what belongs together
    ("lr: 1e-3", "lr: 1, momentum: 0.9", "9: training.optimizer.momentum: momentum belongs to sgd; adam has its own (in arm 'S')"),
    ("lr_drops: [150, 300]", "lr_drops: [300, 150]",
     "10: training.lr_drops: lr_drops must rise, found [300, 150] (in arm 'S')"),
    ("lr_drops: [150, 300]", "lr_drops: [150, 150]",
     "10: training.lr_drops: lr_drops must rise, found [150, 150] (in arm 'S')"),
    ("end: [150, 150, 150, 275]", "end: [150, 150, 4, 275]",
     "17: pruning.end: pruning ends (epoch 4) before it starts (epoch 5) (in arm 'S')"),
    ("end: [150, 150, 150, 275]", "end: 325", "17: pruning.end: pruning ends at epoch 325, but the last of 325 epochs is 324 (epochs "
             "count from 0) (in arm 'S')"),
    ("start: [3, 4, 5, 6]", "start: [3, 4, 5]", "16: pruning.start: 4 layers but 3 values of start (in arm 'S')"),
    ("layers: last-4", "layers: [a, b, c]", "16: pruning.start: 3 layers but 4 values of start (in arm 'S')"),
    ("layers: last-4", "layers: blocks",
     "16: pruning.start: layers: blocks takes one value of start for all layers, not a list (in arm 'S')"),
    ("layers: last-4", "layers: last-0",
     "15: pruning.layers: expected a list of names, 'blocks' or 'last-N', found 'last-0'; [last-0]?"),
    ("layers: last-4", "layers: []", "15: pruning.layers: layers is an empty list (in arm 'S')"),
    ("layers: last-4", "layers: [a, b, b, c]", "15: pruning.layers: layers names a layer twice (in arm 'S')"),
    ("kind: filters", "kind: filters\n    scratch: true",
     "17: pruning.start: scratch prunes once, before training: start and end must be 0 (in arm 'S')"),
    ("kind: filters", "kind: gaussian\n    train_batches: 5\n    restore: true",
     "14: pruning.restore: restore belongs to kind zeroing (in arm 'S')"),
    ("data: {name: cifar10}", "data: {name: digits}", "4: data.per_class: digits has no split of its own: say how many images of a class to train"
             " on, per_class (in arm 'S')"),
    ("data: {name: cifar10}", "data: {name: cifar10, draw: 1}",
     "4: data.draw: `draw` chooses a subset, and there is none without `per_class` (in arm 'S')"),
    ("data: {name: cifar10}", "data: {name: folder}",
     "4: data.folder: `folder` and `name: folder` belong together: give both or neither (in arm 'S')"),
    ("data: {name: cifar10}", "data: {name: cifar10, folder: birds}",
     "4: data.folder: `folder` and `name: folder` belong together: give both or neither (in arm 'S')"),
    ("data: {name: cifar10}", "data: {name: cifar10, normalisation: imagenets}",
     "4: data.normalisation: expected 'own' or 'imagenet', found 'imagenets'; did you mean 'imagenet'?"),
    ("data: {name: cifar10}", "data: {name: mnist, normalisation: imagenet}",
     "4: data.normalisation: ImageNet's normalisation is for 3 channels, and mnist has 1 (in arm 'S')"),
    ("data: {name: cifar10}", "data: {name: imagenet, normalisation: imagenet}",
     "4: data.normalisation: ImageNet's normalisation is imagenet's own: leave it out (in arm 'S')"),
    # measurements
    ("  model: {name: vgg11}", "  model: {name: vgg11}\n  measure: {flatness: {epoch: 325}}", "6: measure.flatness.epoch: flatness is measured at epoch 325, but the last of 325 epochs "
             "is 324 (epochs count from 0) (in arm 'S')"),
    ("  model: {name: vgg11}", "  model: {name: vgg11}\n  measure: {flatness: {epoch: 3, eigenpairs: 5}}",
     "6: measure.flatness.directions: 10 directions of only 5 eigenpairs (in arm 'S')"),
    ("  model: {name: vgg11}", "  model: {name: vgg11}\n  measure: {flatnes: {epoch: 3}}",
     "6: measure.flatnes: unknown key; did you mean 'flatness'? valid keys here: connectivity, each_example, examples, flatness, normality (in arm 'S')"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "message"), REFUSALS)
def test_a_mistake_is_answered_with_line_key_value_and_what_would_work(refusal, old, new, message):
    assert refusal(changed(old, new)) == message


def test_several_mistakes_are_told_at_once(refusal):
    text = changed("epochs: 325", "epochs: x").replace("score: l2", "score: l3").replace("lr: 1e-3", "lr: -1")
    assert [line.split(": ")[:2] for line in refusal(text).splitlines()] == [
        ["7", "training.epochs"],
        ["9", "training.optimizer.lr"],
        ["13", "pruning.score"],
    ]


def test_the_keys_of_one_kind_are_unknown_to_another(refusal):
    assert refusal(changed("kind: filters", "kind: none")) == (
        "12: pruning.kind: 'none' has no score, target, layers, start, end, every, fraction, which other kinds have; "
        "the mapping `pruning: {kind: none}` replaces the whole, and the dotted `pruning.kind` keeps the rest "
        "(in arm 'S')"
    )


@pytest.mark.parametrize(
    ("pruning", "told"),
    [
        ("{kind: filters, score: taylor, score_images: 9, layers: [conv1], fraction: 0.5}",
         ["pruning.start: is required, and missing", "pruning.end: is required, and missing",
          "pruning.every: is required, and missing", "pruning.target: is required, and missing"]),
        ("{kind: imp, score: magnitude, target: smallest, fraction: 0.5, start: 1, end: 3}",
         ["pruning.kind: 'imp' has no start, end, which other kinds have, and lacks levels, rewind_epoch; the mapping"]),
    ],
)  # fmt: skip
def test_a_key_that_is_missing_is_not_one_of_another_kind(refusal, pruning, told):
    lines = refusal(overrides=[f"pruning={pruning}"]).splitlines()
    assert len(lines) == len(told)
    assert all(wanted in line for line, wanted in zip(lines, told, strict=True))


def test_settings_by_dotted_key_with_defaults(load):
    settings = load().configs[0].config.settings()
    assert settings["training.optimizer.lr"] == load().configs[0].config.training.optimizer.lr
    assert settings["scale"] == 1
    assert settings["measure.flatness"] is None
    assert not any(isinstance(value, dict) for value in settings.values())
