"""Mistakes of newcomers in the file that `gst new` writes, and the answer to each in one line."""

from __future__ import annotations

from typing import get_args

import pytest

from gst.config.figure_name import FigureName
from gst.config.task import AnyModelName


@pytest.mark.parametrize(
    ("right", "wrong", "answer"),
    [
        ("  model: {name", "\tmodel: {name",
         "14: is not valid YAML: found character that cannot start any token; indent with spaces, not tabs"),
        ("title: My first sweep", "title: Pruning: a study",
         "6: is not valid YAML: mapping values are not allowed in this context; a key's colon needs a "
         "space, a text with ': ' in it quotes"),
        ("{name: digits_cnn}", "{name: digits_cnn",
         "15: is not valid YAML: did not find expected ',' or '}'; a bracket that was opened is not closed"),
        ("    batch_size: 16", "   batch_size: 16",
         "17: is not valid YAML: did not find expected key; keys of one mapping stand below each other, at"
         " one indentation"),
        ("epochs: 40", "epochs:40",
         "17: is not valid YAML: mapping values are not allowed in this context; a key's colon needs a "
         "space, a text with ': ' in it quotes"),
        ("base:  ", "base: [] #",
         "10: is not valid YAML: did not find expected key; keys of one mapping stand below each other, at"
         " one indentation"),
        ("  PruneS: {}", "  - PruneS",
         "31: is not valid YAML: did not find expected key; keys of one mapping stand below each other, at"
         " one indentation"),
        ("seeds: 5", "training: {epochs: 5}\nseeds: 5",
         "8: training: unknown key; did you mean 'base.training'? valid keys here: arms, base, "
         "checkpoints, claim, extends, figures, grid, note, resources, seeds, title, zip"),
        ("seeds: 5", "epochs: 5\nseeds: 5",
         "8: epochs: unknown key; did you mean 'base.training.epochs'? valid keys here: arms, base, "
         "checkpoints, claim, extends, figures, grid, note, resources, seeds, title, zip"),
        ("lr: 2e-3}", "learning_rate: 2e-3}",
         "18: training.optimizer.learning_rate: unknown key; did you mean 'training.optimizer.lr'? valid "
         "keys here: lr, momentum, name, weight_decay"),
        ("    epochs: 40", "    epochs: 40\n    lr: 0.1",
         "17: training.lr: unknown key; did you mean 'training.optimizer.lr'? valid keys here: batch_size,"
         " epochs, lr_drops, lr_factor, optimizer, precision, sam, test_batch_size, warmup_epochs"),
        ("lr: 2e-3", "lr: \"2e-3\"",
         "18: training.optimizer.lr: expected a number, found '2e-3'; without quotes: 2e-3?"),
        ("batch_size: 16", "batch: 16",
         "17: training.batch: unknown key; did you mean 'batch_size'? valid keys here: batch_size, epochs,"
         " lr_drops, lr_factor, optimizer, precision, sam, test_batch_size, warmup_epochs"),
        ("optimizer: {name: adam, lr: 2e-3}", "optimizer: adam",
         "18: training.optimizer: expected a mapping, found 'adam'; {name: adam}?"),
        ("name: adam", "name: Adam",
         "18: training.optimizer.name: expected 'adam' or 'sgd', found 'Adam'; did you mean 'adam'?"),
        ("name: adam", "name: adamw",
         "18: training.optimizer.name: expected 'adam' or 'sgd', found 'adamw'; did you mean 'adam'?"),
        ("name: adam,", "name: adam, momentum: 0.9,",
         "18: training.optimizer.momentum: momentum belongs to sgd; adam has its own (in arm 'No Pruning')"),
        ("epochs: 40", "epochs: 40.0",
         "16: training.epochs: expected a whole number, found 40.0"),
        ("epochs: 40", "epochs: forty",
         "16: training.epochs: expected a whole number, found 'forty'"),
        ("epochs: 40", "epochs: 0",
         "16: training.epochs: expected greater than or equal to 1, found 0"),
        ("end: 22", "end: 40",
         "26: pruning.end: pruning ends at epoch 40, but the last of 40 epochs is 39 (epochs count from 0)"
         " (in arm 'PruneS fraction=0.3')"),
        ("end: 22", "end: 2",
         "26: pruning.end: pruning ends (epoch 2) before it starts (epoch 4) (in arm 'PruneS "
         "fraction=0.3')"),
        ("[0.3, 0.8]}", "[30, 80]}",
         "33: pruning.fraction: expected less than or equal to 1 or a list, found 30; a share of 1: 0.3? "
         "(in arm 'PruneS fraction=30')"),
        ("[0.3, 0.8]}", "0.3}",
         "33: grid.pruning.fraction: expected a list, found 0.3"),
        ("grid: {pruning.fraction: [0.3, 0.8]}", "grid: {pruning: {fraction: [0.3, 0.8]}}",
         "33: grid.pruning: expected a list, found {\"fraction\": [0.3, 0.8]}"),
        ("grid: {pruning.fraction", "grid: {fraction",
         "33: grid.fraction: no arm has fraction; did you mean 'pruning.fraction'? valid keys here: data, "
         "from, measure, model, pruning, scale, training"),
        ("epochs: 40", "epochs: [40, 80]",
         "16: training.epochs: expected a whole number, found [40, 80]; several values go under `grid`"),
        ("lr: 2e-3", "lr: [2e-3, 1e-3]",
         "18: training.optimizer.lr: expected a number, found [0.002, 0.001]; several values go under "
         "`grid`"),
        ("target: smallest ", "target: [smallest, largest] ",
         "23: pruning.target: expected 'smallest', 'random' or 'largest', found [\"smallest\", \"largest\"]; "
         "several values go under `grid`"),
        ("kind: weights ", "kind: weight ",
         "21: pruning.kind: unknown kind 'weight'; did you mean 'weights'? there are: none, filters, "
         "weights, zeroing, gaussian, imp, extended"),
        ("kind: weights ", "kind: unstructured ",
         "21: pruning.kind: unknown kind 'unstructured'; there are: none, filters, weights, zeroing, "
         "gaussian, imp, extended"),
        ("    kind: weights  ", "    # ",
         "20: pruning: says no `kind`; give one, such as none, filters or weights (in arm 'PruneS "
         "fraction=0.3')"),
        ("{pruning: {kind: none}}", "{pruning.kind: none}",
         "30: pruning.kind: 'none' has no score, target, layers, start, end, every, fraction, which other "
         "kinds have; the mapping `pruning: {kind: none}` replaces the whole, and the dotted "
         "`pruning.kind` keeps the rest (in arm 'No Pruning')"),
        ("{pruning: {kind: none}}", "{pruning: none}",
         "30: pruning: expected a mapping, found 'none'; {kind: none}?"),
        ("{pruning: {kind: none}}", "{pruning: null}",
         "30: pruning: expected a mapping, found null; {kind: none}?"),
        ("{pruning.target: largest}", "{target: largest}",
         "32: target: unknown key; did you mean 'pruning.target'? valid keys here: data, from, measure, "
         "model, pruning, scale, training"),
        ("score: magnitude", "score: l2",
         "22: pruning.score: expected 'magnitude', 'snip', 'grasp', 'synflow' or 'movement', found 'l2'"),
        ("layers: [fc1]", "layers: fc1",
         "24: pruning.layers: expected a list of names, 'blocks' or 'last-N', found 'fc1'; [fc1]?"),
        ("layers: [fc1]", "layers: [fc3]",
         "24: pruning.layers: no layer 'fc3'; did you mean 'fc2'? the model has: conv1, conv2, fc1, fc2 "
         "(in arm 'PruneS fraction=0.3')"),
        ("layers: [fc1]", "layers: last4",
         "24: pruning.layers: expected a list of names, 'blocks' or 'last-N', found 'last4'; last-4?"),
        ("start: 4 ", "start: [4, 5] ",
         "25: pruning.start: 1 layer but 2 values of start (in arm 'PruneS fraction=0.3')"),
        ("seeds: 5", "seeds: 0-4",
         "8: seeds: expected a whole number or a list or a mapping, found '0-4'; {start: 0, count: 5}?"),
        ("seeds: 5", "seeds: range(5)",
         "8: seeds: expected a whole number or a list or a mapping, found 'range(5)'"),
        ("seeds: 5", "seed: 5",
         "8: seed: unknown key; did you mean 'seeds'? valid keys here: arms, base, checkpoints, claim, "
         "extends, figures, grid, note, resources, seeds, title, zip"),
        ("name: digits ", "name: CIFAR10 ",
         "11: data.name: expected 'digits', 'mnist', 'fashion_mnist', 'svhn', 'cifar10', 'cifar100', "
         "'tiny_imagenet', 'imagenet', 'folder' or 'module', found "
         "'CIFAR10'; did you mean 'cifar10'?"),
        ("    per_class: 20", "    # ",
         "10: data.per_class: digits has no split of its own: say how many images of a class to train on, "
         "per_class (in arm 'No Pruning')"),
        ("label_noise: 0.2", "label_noise: 20",
         "13: data.label_noise: expected less than or equal to 1, found 20; a share of 1: 0.2?"),
        ("label_noise: 0.2", "augment: yes",
         "13: data.augment: expected true or false, found 'yes'"),
        ("name: digits_cnn", "name: vgg",
         f"14: model.name: expected one of {len(get_args(AnyModelName))} names, found 'vgg'; "
         "did you mean 'vgg19'?"),
        ("name: digits_cnn", "name: vgg11",
         "14: model.name: vgg11 needs images of at least 32x32 pixels, and these are 8x8; models that take"
         " them: digits_cnn, lenet_300_100, resnet18, resnet20, resnet56, resnet20_conv, resnet32_conv, "
         "resnet50 (in arm 'No Pruning')"),
        ("{name: digits_cnn}", "{name: digits_cnn, width: 50}",
         "14: model.width: expected less than or equal to 1, found 50; a share of 1: 0.5?"),
        ("figures: [tradeoff]", "figures: tradeoff",
         "35: figures: expected a list, found 'tradeoff'; [tradeoff]?"),
        ("figures: [tradeoff]", "figures: [tradeof]",
         f"35: figures.0: expected one of {len(get_args(FigureName))} names, found 'tradeof'; "
         "did you mean 'tradeoff'?"),
        ("epochs: 40", "epochs: ${EPOCHS}",
         "16: ${EPOCHS} is not filled in: write the value itself; to vary one, list its values under "
         "`grid`, as in grid: {pruning.fraction: [0.3, 0.6]}"),
        ("lr: 2e-3", "lr: ${lr}",
         "18: ${lr} is not filled in: write the value itself; to vary one, list its values under `grid`, "
         "as in grid: {pruning.fraction: [0.3, 0.6]}"),
        ("epochs: 40", "epochs: !int 40",
         "16: tag !int is not allowed, plain values only"),
        ("    epochs: 40", "    epochs: 40\n    epochs: 50",
         "17: base.training.epochs: given twice"),
        ("", "resources: {gpu: 1}\n",
         "38: resources.gpu: unknown key; did you mean 'gpus'? valid keys here: cpus, gpus"),
        ("", "checkpoints: final\n",
         "38: checkpoints: expected a mapping, found 'final'; {keep: final}?"),
        ("", "extends: other\n",
         "38: extends: other: cannot be read: No such file or directory"),
        ("", "zip: {training.batch_size: [16, 32], training.epochs: [40]}\n",
         "38: zip: lists of one length are needed, found training.batch_size: 2, training.epochs: 1"),
        ("  PruneS: {}", "  PruneS: *base",
         "31: is not valid YAML: found undefined alias 'base'; a text that begins with * needs quotes"),
    ],
)  # fmt: skip
def test_a_mistake_is_answered_in_one_line(gst, refused, folder, right, wrong, answer):
    gst("new", "s")
    file = folder / "s.yaml"
    text = file.read_text()
    assert right in text
    file.write_text(text.replace(right, wrong, 1) if right else text + wrong)
    *remarks, line = refused("plan", "s.yaml").splitlines()
    assert line == f"gst: s.yaml:{answer}"
    assert all("leaves 1 arm without pruning.fraction" in remark for remark in remarks)
