"""The figures over levels of runs that were trained in earnest, though not for long."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from gst.cli import app
from gst.figures import FIGURES
from gst.store import Store

JIN = [name for name in FIGURES if name.startswith("jin_")]
SWEEP = f"""\
title: Handwritten digits, level by level
seeds: 2
base:
  data: {{name: digits, per_class: 6, draw: 0, validation: 0.2}}
  model: {{name: digits_cnn}}
  training: {{epochs: 2, batch_size: 16, optimizer: {{name: sgd, lr: 0.1}}}}
  pruning: {{kind: imp, score: magnitude, target: smallest, fraction: 0.5, levels: 2, rewind_epoch: 1}}
  measure: {{examples: {{el2n: {{epochs: 1, replicates: 1}}, groups: 5}}}}
arms:
  IMP: {{}}
  Extended dense:
    pruning: {{kind: extended, levels: 2, rewind_epoch: 1}}
    measure: {{examples: {{el2n: null}}}}
  Width: {{pruning: {{kind: none}}, model: {{width: 0.5}}, measure: {{examples: {{el2n: null}}}}}}
grid: {{data.label_noise: [0.0, 0.3]}}
figures: [{", ".join([*JIN, "dynamics", "tradeoff"])}]
"""


@pytest.mark.slow
def test_every_figure_over_levels_is_drawn_of_a_sweep(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny.yaml").write_text(SWEEP)
    result = CliRunner().invoke(app, ["sweep", "tiny.yaml", "--local"])
    assert result.exit_code == 0, result.output
    for name in (*JIN, "dynamics", "tradeoff"):
        assert (tmp_path / f"tiny-{name}.html").exists()
    with Store.open("gst.db", readonly=True) as store:
        errors = FIGURES["jin_fig3"].numbers(store, "tiny")
        assert [[mark.about.weights_left for mark in it.marks] for it in errors.panels[0].series] == [
            pytest.approx([1, 0.5, 0.25], abs=0.001)
        ] * 2
        pairs = FIGURES["jin_fig1a"].numbers(store, "tiny").panels[0].levels
        assert [(it.level, it.epochs) for it in pairs] == [(0, 2), (1, 3), (2, 4)]
        assert pairs[0].rule.value == pairs[0].rule.deviation == 0  # both are the same dense training
        widths = FIGURES["jin_fig7"].numbers(store, "tiny")
        assert [[mark.runs[0].width for mark in it.marks] for it in widths.panels[0].sides[1].series] == [
            [1, 0.5]
        ] * 2
        (panel,) = FIGURES["jin_fig2a"].numbers(store, "tiny").panels
        assert all(len(it.groups) == 5 for it in panel.arms)
