"""The page about other tools: each translated file is accepted, and is what its original is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from gst.cli import app
from gst.config.document import parse_document
from gst.config.sweep import expand
from gst.paths import project_folder

PAGE = (project_folder("sweeps") / "migrating.md").read_text(encoding="utf-8")
SECTIONS = dict(
    re.findall(r"^## A \w+ (?:of|with) (\w+|W&B)$(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
)
BLOCKS = {name: re.findall(r"^```\w*\n(.*?)^```$", text, re.M | re.S) for name, text in SECTIONS.items()}


def translated(name):
    original, file = BLOCKS[name]
    return original, expand(parse_document(file, Path("translated.yaml"))), yaml.safe_load(file)


def configurations(spec):
    return [it.config for it in spec.configs]


def test_there_are_four_tools_with_an_original_and_a_file_each():
    assert set(BLOCKS) == {"SEML", "W&B", "MLflow", "OpenLTH"}
    assert all(len(it) == 2 for it in BLOCKS.values())


@pytest.mark.parametrize("name", BLOCKS)
def test_a_translated_file_is_planned(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GST_DB_URL", raising=False)
    monkeypatch.setenv("GST_DATA_DIR", str(tmp_path / "nothing"))
    Path("translated.yaml").write_text(BLOCKS[name][1])
    result = CliRunner().invoke(app, ["plan", "translated.yaml"])
    assert result.exit_code == 0, result.output
    assert len(result.stdout.splitlines()) == 1 + len(translated(name)[1].configs)


def test_seml():
    original, spec, file = translated("SEML")
    theirs = yaml.safe_load(original)
    rates = theirs["grid"]["learning_rate"]["options"]
    collections = [name for name in theirs if name.endswith("_datasets")]
    assert len(spec.configs) == len(rates) * len(collections)
    assert {it.training.optimizer.lr for it in configurations(spec)} == set(rates)
    assert {it.training.epochs for it in configurations(spec)} == {theirs["fixed"]["max_epochs"]}
    assert file["resources"]["cpus"] == theirs["slurm"]["sbatch_options"]["cpus-per-task"]


def test_wandb():
    original, spec, _ = translated("W&B")
    theirs = yaml.safe_load(original)["parameters"]
    assert {it.training.optimizer.lr for it in configurations(spec)} == set(theirs["learning_rate"]["values"])
    assert {it.training.epochs for it in configurations(spec)} == {theirs["epochs"]["value"]}
    channels = theirs["channels_one"]["values"]
    widths = sorted({it.model.width for it in configurations(spec)})
    assert widths == pytest.approx([it / max(channels) for it in channels])
    assert len(spec.configs) == len(widths) * len(theirs["learning_rate"]["values"])


def test_mlflow():
    original, spec, _ = translated("MLflow")
    shares = [float(it) for it in re.search(r"in \((.*?)\)", original)[1].split(",")]
    (epochs,) = re.findall(r"for (\d+) epochs", original)
    pruned = [it for it in configurations(spec) if it.pruning.kind == "weights"]
    assert [it.pruning.fraction for it in pruned] == shares
    assert {it.training.epochs for it in configurations(spec)} == {2 * int(epochs)}
    assert {(it.pruning.start, it.pruning.end) for it in pruned} == {(int(epochs) - 1, int(epochs) - 1)}


def test_openlth():
    original, spec, _ = translated("OpenLTH")
    flags = dict(re.findall(r"--(\w+)=(\w+)", original))
    (config,) = configurations(spec)
    assert config.pruning.levels == int(flags["levels"])
    iterations = int(flags["rewinding_steps"].removesuffix("it"))
    assert config.pruning.rewind_epoch == round(iterations / (50_000 / config.training.batch_size))
    assert config.pruning.rewind == "weights"
