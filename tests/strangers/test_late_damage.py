"""A picture whose damage shows once its batch is decoded."""

from __future__ import annotations

from pathlib import Path

import pytest
from pictures import write_pictures
from tiny_sweep import statuses
from typer.testing import CliRunner

from gst.cli import app


@pytest.fixture
def data(tmp_path) -> Path:
    """A data folder."""
    return tmp_path / "data"


@pytest.fixture
def gst(data, tmp_path, monkeypatch):
    """Call `gst` in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GST_DATA_DIR", str(data))
    monkeypatch.setenv("GST_DB_URL", "pets.db")
    return lambda *arguments: CliRunner().invoke(app, arguments, prog_name="gst")


LATE = """\
title: Pictures
seeds: 3
base:
  data: {name: imagenet, folder: late}
  model: {name: resnet50, width: 0.05}
  training: {epochs: 1, batch_size: 6, optimizer: {name: sgd, lr: 0.05}}
  pruning: {kind: none}
arms: {Dense: {}}
"""


class TestDamageThatShowsLate:
    """A picture of ImageNet is decoded when its batch comes: it ends the sweep, not run after run."""

    @pytest.fixture
    def mend(self, data):
        """Damage a picture; what mends it."""
        file = write_pictures(data / "late", classes=2, train=2) / "val" / "n00000001" / "1.JPEG"
        whole = file.read_bytes()
        file.write_bytes(whole[: len(whole) // 2])
        Path("late.yaml").write_text(LATE)
        return lambda: file.write_bytes(whole)

    def test_a_sweep(self, gst, mend):
        stopped = gst("sweep", "late.yaml", "--local")
        assert stopped.exit_code == 2
        assert stopped.stderr.count("late/val/n00000001/1.JPEG: is not a readable image") == 1
        assert statuses(Path("pets.db")) == ["interrupted", "pending", "pending"]
        mend()
        assert gst("sweep", "late.yaml", "--local").exit_code == 0
        assert statuses(Path("pets.db")) == ["completed"] * 3

    def test_a_batch_job(self, gst, mend):
        stopped = gst("train", "late.yaml", "-o", "out")
        assert stopped.exit_code == 2
        assert stopped.stderr.count("late/val/n00000001/1.JPEG: is not a readable image") == 1
        assert [it.name.partition("-")[0] for it in Path("out").iterdir()] == ["sweep"]
        mend()
        assert gst("train", "late.yaml", "-o", "out").exit_code == 0
        assert len(list(Path("out").glob("run-*.zip"))) == 3
