"""The JSON Schema takes what gst takes, and refuses the typos and types that gst refuses."""

from __future__ import annotations

import json
import re

import pytest
from jsonschema import Draft7Validator
from sweep_text import SWEEP, changed
from tiny_sweep import LONG, LOOKING

from gst.config.document import load_document, parse_value
from gst.config.page import schema_text
from gst.errors import ConfigError
from gst.paths import project_folder

SWEEPS = project_folder("sweeps")
FILES = sorted(path for path in SWEEPS.glob("*.yaml") if path.stem != "published")
SCHEMA = json.loads(schema_text())
VALIDATOR = Draft7Validator(SCHEMA)


def values(text):
    return parse_value("\n " + text.replace("\n", "\n "))


def faults(text):
    return [error.message for error in VALIDATOR.iter_errors(values(text))]


def test_the_shipped_file_is_current_and_a_schema():
    shipped = (SWEEPS / "gst.schema.json").read_text(encoding="utf-8")
    assert shipped == schema_text(), "write it again with `make schema`"
    Draft7Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_shipped_sweep_names_the_schema_and_fits_it(path):
    assert path.read_text(encoding="utf-8").startswith("# yaml-language-server: $schema=gst.schema.json\n")
    assert list(VALIDATOR.iter_errors(load_document(path).values)) == []


@pytest.mark.parametrize(
    "text",
    [
        SWEEP,
        LOOKING,
        LONG,
        changed("seeds: 2", "seeds: [3, 5]"),
        changed("seeds: 2", "seeds: {start: 3, count: 5}"),
        changed("  S: {}", "  S:\n  T: {seeds: 3, grid: {pruning.every: [4, 5]}, zip: {scale: [0.5]}}"),
        changed(
            "  S: {}", "  S: {pruning: {every: 5}, training.optimizer: {lr: 1}, training: {optimizer.lr: 1}}"
        ),
        changed("  S: {}", "  S: {pruning.kind: zeroing, pruning.train_batches: 1}"),
        changed("  S: {}", "  S: {measure.flatness: null, measure.normality: {}}"),
        SWEEP + "grid: {pruning: [{kind: none}, {kind: extended, levels: 1, rewind_epoch: 0}]}",
        "extends: base.yaml",
        "extends: base.yaml\narms: {S: {pruning.every: 5}}",
    ],
)
def test_what_gst_reads_fits(text):
    assert faults(text) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (changed("title:", "titel:"), "'titel' was unexpected"),
        (changed("title: A sweep for tests\n", ""), "'title' is a required property"),
        (changed("arms:\n  S: {}\n", "arms: {}\n"), "{} should be non-empty|does not have enough properties"),
        (changed("arms:\n  S: {}\n", "arms: [S]\n"), "is not of type 'object'"),
        (changed("batch_size", "batchsize"), "'batchsize' was unexpected"),
        (changed("  data:", "  training.lr: 1\n  data:"), "'training.lr' was unexpected"),
        (changed("epochs: 325", "epochs: many"), "'many' is not of type 'integer'"),
        (changed("epochs: 325", "epochs: 0"), "less than the minimum of 1"),
        (changed("lr: 1e-3", "lr: -1"), "less than or equal to the minimum of 0"),
        (changed("[0.3, 0.3, 0.3, 0.9]", "[0.3, 3]"), r"\[0.3, 3\] is not valid under any"),
        (changed("target: smallest", "target: smalest"), "'smalest' is not one of"),
        (changed("name: vgg11", "name: vgg12"), "'vgg12' is not one of"),
        (changed("every: 40", "train_batches: 4"), "'train_batches' is not one of"),
        (changed("  S: {}", "  S: {pruning.evry: 4}"), "'pruning.evry' was unexpected"),
        (changed("  S: {}", "  S: {grid: {pruning.every: 4}}"), "4 is not of type 'array'"),
        (changed("seeds: 2", "seeds: 0"), "0 is not valid under any"),
        (changed("seeds: 2", "seeds: ten"), "'ten' is not valid under any"),
        (changed("seeds: 2", "seeds: {start: 3, cuont: 5}"), "is not valid under any"),
        (SWEEP + "grid: {pruning.every: []}", r"\[\] should be non-empty|is too short"),
        (SWEEP + "zip: {pruning.evry: [4]}", "'pruning.evry' was unexpected"),
        (SWEEP + "figures: [tradeof]", "'tradeof' is not one of"),
        (SWEEP + "resources: {cpu: 2}", "'cpu' was unexpected"),
        (SWEEP + "checkpoints: {keep: all}", "'all' is not one of"),
    ],
)  # fmt: skip
def test_what_gst_refuses_is_found(load, text, fault):
    found = faults(text)
    assert found
    assert any(re.search(fault, message) for message in found), found
    with pytest.raises(ConfigError):
        load(text)
