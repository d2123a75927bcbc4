from __future__ import annotations

import copy
import itertools
import json
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel, ValidationError
from sweep_text import changed

from gst.config import RunConfig, RunSpec, config_from_json, config_hash, config_json, run_key
from gst.config.expand import lay_over
from gst.config.measure import MeasureConfig
from gst.config.torchvision_names import TorchvisionName

STORED = json.loads((Path(__file__).parent / "keys.json").read_text(encoding="utf-8"))

FIRST = {
    "data": {"name": "mnist"},
    "model": {"name": "conv4"},
    "training": {"epochs": 9, "batch_size": 8, "optimizer": {"name": "sgd", "lr": 0.1}},
}
SCHEDULE = {
    "layers": ["fc1"], "start": 0, "end": 0, "every": 1, "fraction": 0.5, "score": "l1", "target": "smallest",
}  # fmt: skip
LEVELS = {"levels": 2, "rewind_epoch": 0}
KINDS = {
    "none": {},
    "weights": SCHEDULE | {"score": "magnitude"},
    "filters": SCHEDULE,
    "zeroing": SCHEDULE | {"train_batches": 1},
    "gaussian": SCHEDULE | {"train_batches": 1},
    "imp": LEVELS | {"fraction": 0.2, "score": "magnitude", "target": "smallest"},
    "extended": LEVELS,
}

OF_2022 = ["lenet_300_100", "vgg16", "resnet20_conv", "resnet32_conv", "resnet50"]

NONE = FIRST | {"pruning": {"kind": "none"}}
EXTENDED = FIRST | {"pruning": {"kind": "extended", **LEVELS}}

# Other values of every field, each of another meaning than the first and than each other.
OTHERS = {
    "data.name": ["fashion_mnist", "svhn", "cifar10", "cifar100", "tiny_imagenet", "imagenet"],
    "data.per_class": [5, 6],
    "data.augment": [True],
    "data.label_noise": [0.2, 1],
    "data.validation": [0.1, 0.2],
    "model.name": ["digits_cnn", "vgg11", "vgg19", "resnet18", "resnet20", "resnet56", *OF_2022],
    "model.width": [0.5, 0.8],
    "training.epochs": [10],
    "training.batch_size": [16],
    "training.sam.rho": [0.05, 1],
    "training.lr_drops": [[3], [5], [3, 5]],
    "training.lr_factor": [0.2],
    "training.warmup_epochs": [1, 2],
    "training.test_batch_size": [128],
    "training.precision": ["tf32", "bf16"],
    "training.optimizer.lr": [0.01, 1],
    "training.optimizer.momentum": [0.9],
    "training.optimizer.weight_decay": [1e-4],
    "scale": [0.5],
    # fields and values that need each other
    "model": [
        {"name": "module", "module": "a.py:A", "source": "A = 1"},
        {"name": "module", "module": "a.py:A", "source": "A = 2"},
        {"name": "module", "module": "a.py:B", "source": "A = 1"},
    ],
    "data": [
        {"name": "module", "module": "a.py:A", "source": "A = 1"},
        {"name": "module", "module": "a.py:A", "source": "A = 2"},
        {"name": "module", "module": "a.py:B", "source": "A = 1"},
        {"name": "digits", "per_class": 5},
        {"name": "mnist", "per_class": 5, "draw": 0},
        {"name": "mnist", "per_class": 5, "draw": 1},
        {"name": "mnist", "test_per_class": 5},
        {"name": "mnist", "test_per_class": 6},
        {"name": "folder", "folder": "a"},
        {"name": "folder", "folder": "b"},
        {"name": "imagenet", "folder": "a"},
        {"name": "cifar10", "normalisation": "imagenet"},
    ],
    "training.optimizer": [{"name": "adam", "momentum": 0.0}],
    "measure": [
        {"normality": {}},
        {"normality": {"layers": 4}},
        {"normality": {"images": 64}},
        {"flatness": {"epoch": 0}, "normality": {}},
        {"each_example": {"levels": "ends"}},
        {"each_example": {"levels": "all"}},
        {"each_example": {"levels": (0,), "epochs": (0, 1)}},
        *({"connectivity": {"order": 3} | other} for other in ({}, {"order": 4}, {"points": 5})),
        {"connectivity": {"order": 3, "statistics": "reestimated"}},
        {"examples": {}},
        {"examples": {"groups": 10}},
        {"examples": {"el2n": {"epochs": 1}}},
        {"examples": {"el2n": {"epochs": 2}}},
        {"examples": {"el2n": {"epochs": 2, "replicates": 3}}},
        {"examples": {"el2n": {"epochs": 2, "width": "full"}}},
        *(
            {"flatness": {"epoch": 0} | other}
            for other in (
                {},
                {"epoch": 1},
                {"images": 5},
                {"eigenpairs": 20},
                {"method": "power"},
                {"method": "power", "iterations": 20},
                {"tolerance": 0.1},
                {"trace_products": 0},
                {"directions": 2},
                {"curve": 0.1},
            )
        ),
    ],
}
CHOOSER = EXTENDED | {"measure": {"examples": {"el2n": {"epochs": 1}}}}
HELD_OUT = CHOOSER | {"data": CHOOSER["data"] | {"validation": 0.1}}
OTHERS["data.leave_out"] = [
    {"indices": [1, 2]},
    {"indices": [1]},
    {"rule": "random", "share": 0.2},
    {"rule": "random", "share": 0.3},
    {"rule": "improved", "arm": CHOOSER, "level": 1, "share": 0.2},
    {"rule": "worsened", "arm": CHOOSER, "level": 1, "share": 0.2},
    {"rule": "misclassified", "arm": CHOOSER, "level": 1},
    {"rule": "misclassified", "arm": CHOOSER, "level": 1, "at_random": True},
    {"rule": "highest_el2n", "arm": CHOOSER, "share": 0.2},
    {"rule": "misclassified", "arm": HELD_OUT, "level": "optimal"},
    {"rule": "misclassified", "arm": HELD_OUT, "level": "sparsest_better"},
]
OTHERS["from"] = [
    {"arm": NONE, "epoch": 0},
    {"arm": NONE, "epoch": 0, "order": 1},
    {"arm": NONE, "epoch": 1},
    {"arm": NONE, "epoch": 1, "order": 1},
    {"arm": NONE, "epoch": 1, "order": 2},
    {"arm": NONE | {"from": {"arm": NONE, "epoch": 1}}, "epoch": 1},
]
# Many names of one field, each as good as the other: one by one, and not in pairs with other changes.
ALONE = [{"model.name": name} for name in get_args(TorchvisionName)]
OTHER_SCHEDULES = {
    "pruning.layers": [["fc2"], ["fc1", "fc2"], ["fc2", "fc1"], "last-1", "last-2", "blocks"],
    "pruning.start": [1],
    "pruning.end": [1, 2],
    "pruning.every": [2],
    "pruning.fraction": [0.25, 1],
    "pruning.target": ["random", "largest"],
}
OTHER_FRACTIONS = [
    {"layers": ["fc1", "fc2"], "fraction": [0.5, 0.25]},
    {"layers": ["fc1", "fc2"], "fraction": [0.25, 0.5]},
]
OF_LOSS = [{"score": name, "score_images": n} for name in ("snip", "grasp") for n in (4, 5)]
TAYLOR = {"score": "taylor", "score_images": 4}
IN_ROUNDS = [{"score": "synflow", "rounds": 2}, {"score": "synflow", "rounds": 3}]
OTHER_REMOVED = {"pruning.scratch": [True], "pruning.ramp": ["cubic"]}
OTHER_SCORES = {"pruning.score": ["l2", "activation", "ebn", "ebn_alt", "synflow", "movement"]}
GROWN = {"by": "random", "share": 0.3, "decay": "constant", "target": "smallest", "entry": "zero"}
REGROWN = [
    GROWN, GROWN | {"share": 0.2}, GROWN | {"decay": "cosine"}, GROWN | {"target": "largest"}, GROWN | {"target": "random"},
    GROWN | {"entry": "initial"}, GROWN | {"by": "gradient", "images": 8}, GROWN | {"by": "gradient", "images": 9},
]  # fmt: skip
OTHER_NOISE = {"pruning.train_batches": [2], "pruning.which": ["cumulative"]}
OTHER_LEVELS = {"pruning.levels": [1, 3], "pruning.rewind_epoch": [1, 8]}
OTHER_REMOVALS = {
    "pruning.fraction": [0.5],
    "pruning.target": ["random", "largest"],
    "pruning.exclude": [["fc1"], ["fc2"], ["fc1", "fc2"]],
    "pruning.rewind": ["weights"],
}
OTHERS_OF_KIND = {
    "none": {},
    "weights": OTHER_SCHEDULES | OTHER_REMOVED | {
        "pruning.score": ["synflow", "movement"], "pruning.distribution": ["global", "erk"],
        "pruning": [*OTHER_FRACTIONS, *OF_LOSS, *IN_ROUNDS],
        "pruning.regrow": REGROWN,
    },
    "filters": OTHER_SCHEDULES | OTHER_REMOVED | OTHER_SCORES | {
        "pruning.mask_bn": [False], "pruning": [*OTHER_FRACTIONS, *OF_LOSS, TAYLOR, *IN_ROUNDS],
    },
    "zeroing": OTHER_SCHEDULES | OTHER_SCORES | OTHER_NOISE | {
        "pruning.restore": [True], "pruning": [*OTHER_FRACTIONS, *OF_LOSS, TAYLOR],
    },
    "gaussian": OTHER_SCHEDULES | OTHER_SCORES | OTHER_NOISE | {
        "pruning": [*OTHER_FRACTIONS, *OF_LOSS, TAYLOR],
    },
    "imp": OTHER_LEVELS | OTHER_REMOVALS | {"pruning.score": ["synflow", "movement"], "pruning": OF_LOSS},
    "extended": OTHER_LEVELS | {"from": [{"arm": EXTENDED, "level": 1}, {"arm": EXTENDED, "epoch": 1}]},
}  # fmt: skip


def config_of(values):
    return RunConfig.model_validate_json(json.dumps(values))


def small_world():
    """Every valid configuration that differs from the first of its kind in one field or in two."""
    for kind, values in KINDS.items():
        others = OTHERS | OTHERS_OF_KIND[kind]
        axes = [[{key: value} for value in values] for key, values in others.items()]
        pairs = [pair for two in itertools.combinations(axes, 2) for pair in itertools.product(*two)]
        points = {}  # some pairs are another pair in other words, such as data and data.per_class
        one_by_one = [*itertools.chain.from_iterable(axes), *(ALONE if kind == "none" else [])]
        for changes in [(), *((change,) for change in one_by_one), *pairs]:
            point = copy.deepcopy(FIRST | {"pruning": {"kind": kind, **values}})
            for change in changes:
                lay_over(point, change)
            points[json.dumps(point, sort_keys=True)] = point
        for point in points.values():
            try:
                yield config_of(point)
            except ValidationError:
                continue  # two changes that exclude each other, such as scratch and a start


def parts(model=RunConfig):
    """The models that a configuration is made of."""
    yield model
    for field in model.model_fields.values():
        for inner in models_in(field.annotation):
            yield from parts(inner)


def models_in(annotation):
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [inner for argument in getattr(annotation, "__args__", ()) for inner in models_in(argument)]


def trained_like(config):
    """The same configuration without what is measured of the network as it stands."""
    of_run = MeasureConfig(examples=config.measure.examples)
    return config.model_copy(update={"measure": of_run})


@pytest.fixture(scope="module")
def configs():
    """The configurations of the small world."""
    return tuple(small_world())


@pytest.mark.slow
def test_no_two_runs_of_a_small_world_share_a_key(configs):
    assert len(configs) > 3000
    trained = {trained_like(config) for config in configs}
    assert len({config_hash(config) for config in configs}) == len(trained) < len(configs)
    configs = tuple(trained)
    some = configs[:: len(configs) // 300]
    assert len({run_key(RunSpec(config, seed)) for config in some for seed in range(3)}) == 3 * len(some)


@pytest.mark.slow
def test_the_small_world_varies_every_field_and_every_choice(configs):
    """A new field or choice must be added above, or nothing says that its values get different keys."""
    seen = {}
    for config in configs:
        for part in (
            config,
            config.data,
            config.data.leave_out,
            config.model,
            config.training,
            config.training.optimizer,
            config.training.sam,
            config.pruning,
            getattr(config.pruning, "regrow", None),
            config.branch,
            config.measure,
            config.measure.flatness,
            config.measure.normality,
            config.measure.each_example,
            config.measure.connectivity,
            config.measure.examples,
            config.measure.examples and config.measure.examples.el2n,
        ):
            if part is None:
                continue
            for name in type(part).model_fields:
                seen.setdefault((type(part).__name__, name), set()).add(str(getattr(part, name)))
    for part in parts():
        for name, field in part.model_fields.items():
            choices = {str(choice) for choice in literals(field.annotation)}
            assert seen[part.__name__, name] >= choices, (part, name)
            assert len(seen[part.__name__, name]) > 1 or len(choices) == 1, (part, name)


def literals(annotation):
    arguments = getattr(annotation, "__args__", ())
    return [it for it in arguments if isinstance(it, str)] + [x for it in arguments for x in literals(it)]


@pytest.mark.parametrize("part", list(dict.fromkeys(parts())), ids=lambda part: part.__name__)
def test_what_tells_variants_apart_has_no_default(part):
    for name in {"kind", "name", "score", "target"} & set(part.model_fields):
        assert part.model_fields[name].is_required(), name


@pytest.mark.parametrize("name", list(STORED))
def test_stored_runs_keep_their_keys(name):
    """These keys never change: a database full of runs is known by them.

    Each configuration spells out every default, so that a default that changes is noticed. A field
    that is new since is absent here, and must leave the key as it is.
    """
    stored = STORED[name]
    assert run_key(RunSpec(config_of(stored["config"]), stored["seed"])) == stored["key"]


def test_stored_runs_are_of_every_kind():
    assert {stored["config"]["pruning"]["kind"] for stored in STORED.values()} == set(KINDS)


@pytest.mark.parametrize("name", list(STORED))
def test_an_explicit_default_is_no_other_experiment(name):
    config = config_of(STORED[name]["config"])
    short = config.model_dump(mode="json", exclude_defaults=True)
    assert short != STORED[name]["config"]
    assert config_hash(config_of(short)) == config_hash(config)


@pytest.mark.parametrize("name", list(STORED))
def test_json_and_back(name):
    config = config_of(STORED[name]["config"])
    assert config_from_json(config_json(config)) == config
    assert config_json(config_from_json(config_json(config))) == config_json(config)


def test_json_is_canonical():
    config = config_of(FIRST | {"pruning": {"kind": "none"}})
    assert config_json(config) == (
        '{"data":{"name":"mnist"},"model":{"name":"conv4"},"pruning":{"kind":"none"},'
        '"training":{"batch_size":8,"epochs":9,"optimizer":{"lr":0.1,"name":"sgd"}}}'
    )


def test_a_key_is_sha256_in_hexadecimal_and_the_seed_is_part_of_it():
    config = config_of(FIRST | {"pruning": {"kind": "none"}})
    keys = {run_key(RunSpec(config, seed)) for seed in range(100)} | {config_hash(config)}
    assert len(keys) == 101
    assert all(len(key) == 64 and set(key) <= set("0123456789abcdef") for key in keys)


SPELLINGS = {
    "a scalar is a list of equals": (
        ("start: [3, 4, 5, 6]", "start: 3"),
        ("start: [3, 4, 5, 6]", "start: [3, 3, 3, 3]"),
    ),
    "so it is for fractions": (
        ("fraction: [0.3, 0.3, 0.3, 0.9]", "fraction: 1"),
        ("fraction: [0.3, 0.3, 0.3, 0.9]", "fraction: [1.0, 1, 1.0, 1]"),
    ),
    "dotted and nested": (
        ("  S: {}", "  S: {training.epochs: 400, training.optimizer.weight_decay: 0.5}"),
        ("  S: {}", "  S: {training: {epochs: 400, optimizer.weight_decay: 0.5}}"),
        ("  S: {}", "  S:\n    training:\n      epochs: 400\n      optimizer: {weight_decay: 0.5}"),
    ),
    "numbers": (
        ("lr: 1e-3", "lr: 1e-3"), ("lr: 1e-3", "lr: 0.001"), ("lr: 1e-3", "lr: 1.0e-03"),
        ("lr: 1e-3", "lr: .001"), ("lr: 1e-3", "lr: +1E-3"), ("lr: 1e-3", "lr: 10e-4"),
    ),
    "whole numbers where fractions are wanted": (("lr: 1e-3", "lr: 1"), ("lr: 1e-3", "lr: 1.0")),
    "the order of keys": (
        ("data: {name: cifar10}", "data: {name: cifar10, augment: true, label_noise: 0.1}"),
        ("data: {name: cifar10}", "data: {label_noise: 0.1, name: cifar10, augment: true}"),
    ),
    "defaults": (
        ("data: {name: cifar10}", "data: {name: cifar10}"),
        ("data: {name: cifar10}", "data: {name: cifar10, augment: false, label_noise: 0, per_class: null}"),
        ("data: {name: cifar10}", "data: {name: cifar10, label_noise: -0.0, folder: ~}"),
        ("  S: {}", "  S: {scale: 1, training.test_batch_size: 256, pruning.mask_bn: true}"),
    ),
    "lists": (("lr_drops: [150, 300]", "lr_drops: [150, 300]"), ("lr_drops: [150, 300]", "lr_drops:\n    - 150\n    - 300")),
    "quotes and anchors": (
        ("target: smallest", "target: smallest"),
        ("target: smallest", "target: 'smallest'"),
        ("target: smallest", "'target': &t smallest"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", list(SPELLINGS))
def test_one_experiment_has_one_key_however_it_is_spelled(name, load):
    specs = [load(changed(old, new)) for old, new in SPELLINGS[name]]
    assert len({config_hash(spec.configs[0].config) for spec in specs}) == 1
