"""Python files beside a sweep file: their text is part of the configuration, and nothing of them is run."""

import hashlib

import pytest

from gst.config import config_from_json, config_hash, config_json
from gst.config.sweep import load_sweep
from gst.errors import ConfigError

SWEEP = """\
title: Mine
claim: None.
base:
  data: {name: digits, per_class: 5}
  model: {module: my_model.py:Net}
  training: {epochs: 2, batch_size: 8, optimizer: {name: adam, lr: 0.01}}
  pruning: {kind: none}
seeds: 1
arms:
  one: {}
"""
NET = "import json, torch\nraise RuntimeError('was run')\n\n\nclass Net:\n    pass\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "mine.yaml").write_text(SWEEP)
    (tmp_path / "my_model.py").write_text(NET)
    return tmp_path


def config(folder, **options):
    return load_sweep(folder / "mine.yaml", **options).configs[0].config


def refusal(folder, text=SWEEP, **options):
    (folder / "mine.yaml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_sweep(folder / "mine.yaml", **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_the_text_is_part_of_the_key_and_the_folder_is_not(folder, tmp_path_factory):
    first = config(folder)
    assert (first.model.name, first.model.module, first.model.source) == ("module", "my_model.py:Net", NET)
    assert config_from_json(config_json(first)) == first
    digest = hashlib.sha256(NET.encode()).hexdigest()
    assert first.settings()["model.source"] == digest
    assert first.model.label == f"my_model.py:Net@{digest[:8]}"
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "nets").mkdir()
    (elsewhere / "nets" / "my_model.py").write_bytes(NET.replace("\n", "\r\n").encode())
    (elsewhere / "mine.yaml").write_text(SWEEP.replace("my_model.py", "nets/my_model.py"))
    assert config(elsewhere) == first
    (folder / "my_model.py").write_text(NET + "# changed\n")
    assert config_hash(config(folder)) != config_hash(first)


def test_a_path_is_relative_to_the_file_that_has_it(folder):
    (folder / "inner").mkdir()
    (folder / "inner" / "mine.yaml").write_text("extends: ../mine.yaml\nseeds: 2\n")
    assert config(folder / "inner").model.source == NET
    (folder / "inner" / "other.py").write_text("def Net(): ...\n")
    text = "extends: ../mine.yaml\nbase: {model.module: other.py:Net}\n"
    (folder / "inner" / "mine.yaml").write_text(text)
    assert config(folder / "inner").model.module == "other.py:Net"
    assert config(folder, overrides=["model.module=inner/other.py:Net"]).model.module == "other.py:Net"


def test_files_can_be_varied(folder):
    (folder / "other.py").write_text("Net = print\n")
    grid = "  one:\n    grid: {model.module: [my_model.py:Net, other.py:Net]}\n"
    (folder / "mine.yaml").write_text(SWEEP.replace("  one: {}\n", grid))
    spec = load_sweep(folder / "mine.yaml")
    assert [it.config.model.module for it in spec.configs] == ["my_model.py:Net", "other.py:Net"]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("class Nett: pass", "has no 'Net'; did you mean 'Nett'? it defines: Nett"),
        ("", "has no 'Net'; it defines nothing"),
        ("def Net(:", "my_model.py:1: is no Python: invalid syntax"),
        ("import os\nfrom helpers import x\nNet = x", "my_model.py:2: imports 'helpers', a file beside it, which"),
        ("def Net():\n  import pack.inner", "my_model.py:2: imports 'pack', a file beside it"),
        ("from . import helpers\nNet = 1", "my_model.py:1: imports 'helpers', a file beside it"),
        ("Net = '" + 70_000 * "x" + "'", "cannot be read: it is too large, expected at most 65,536 bytes"),
        ("\0", "is no Python: source code string cannot contain null bytes"),
    ],
)  # fmt: skip
def test_a_file_that_will_not_do(folder, source, said):
    (folder / "helpers.py").write_text("x = 1")
    (folder / "pack").mkdir()
    (folder / "pack" / "__init__.py").write_text("")
    (folder / "my_model.py").write_text(source)
    found = refusal(folder)
    assert found.startswith(f"{folder}/mine.yaml:5: model.module: {folder}/my_model.py")
    assert said in found


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("my_model.py:Net", "my_modell.py:Net", "No such file or directory; did you mean 'my_model.py'?"),
        ("my_model.py:Net", "my_model:Net",
         "expected a Python file beside the sweep file and a name in it, such as my_model.py:Net, found 'my_m"),
        ("my_model.py:Net", "my_model.py:Net, source: x", "model.source: gst fills it in from the file: leave it"),
        ("module: my_model.py:Net", "name: module",
         "model.module: `module` and `name: module` belong together: give both or neither"),
        ("module: my_model.py:Net", "name: conv4, module: my_model.py:Net", "belong together"),
        ("my_model.py:Net", "my_model.py:Net, width: 0.5",
         "model.width: is for gst's own networks: what module is made of says how wide it is"),
        ("name: digits, per_class: 5", "name: digits, per_class: 5, module: my_model.py:Net", "belong together"),
        ("{module: my_model.py:Net}", "{name: torchvision/resnet8}",
         "names, found 'torchvision/resnet8'; did you mean 'torchvision/resnet18'?"),
    ],
)  # fmt: skip
def test_a_key_that_will_not_do(folder, old, new, said):
    assert said in refusal(folder, SWEEP.replace(old, new))


def test_a_text_without_its_file_is_refused():
    with pytest.raises(ValueError, match="is the text of the module's file"):
        config_from_json('{"model": {"name": "module", "module": "a.py:A"}, "data": {"name": "mnist"}, '
                         '"training": {"epochs": 1, "batch_size": 1, "optimizer": {"name": "sgd", "lr": 1}}, '
                         '"pruning": {"kind": "none"}}')  # fmt: skip
