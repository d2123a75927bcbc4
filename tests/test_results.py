"""Runs that come with gst: each archive can be imported, and says what sweeps/README.md says."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gst.analysis.levels import level_results
from gst.analysis.results import run_results
from gst.analysis.source import find_source
from gst.cli.comparison_text import comparison_text
from gst.compare.loading import load_published, shipped_file
from gst.compare.papers import compare
from gst.config import load_sweep
from gst.figures import FIGURES
from gst.paths import project_folder
from gst.store import Store

ARCHIVES = sorted((project_folder("sweeps") / "results").glob("*.zip"))


@pytest.fixture(params=ARCHIVES, ids=lambda path: path.stem)
def imported(request, empty, tmp_path):
    path = tmp_path / "gst.db"
    path.write_bytes(empty.read_bytes())
    with Store.open(str(path)) as store:
        store.merge(request.param)
        yield request.param.stem, store


def test_an_archive_draws_the_figure_of_its_sweep(imported):
    _, store = imported
    (sweep,) = [row[0] for row in store.query("SELECT name FROM sweeps").rows]
    for name in load_sweep(project_folder("sweeps") / f"{sweep}.yaml").figures:
        sheet = FIGURES[name].numbers(store, sweep)
        assert FIGURES[name].draw(sheet).layout.title.text
        assert sheet.source.keys


def test_figure_2_a_tenth_as_long_is_as_the_readme_has_it(empty, tmp_path):
    path = tmp_path / "gst.db"
    path.write_bytes(empty.read_bytes())
    with Store.open(str(path)) as store:
        store.merge(project_folder("sweeps") / "results" / "fig2_vgg11_tenth_jpeg.zip")
        runs = run_results(store, find_source(store, "fig2_vgg11"))
        compared = compare(store, load_published(shipped_file()), ["fig2_vgg11"])
    found = {}
    for run in runs:
        found.setdefault(run.arm, []).append(100 * run.final_accuracy)
    means = {arm: (len(values), round(sum(values) / len(values), 2)) for arm, values in found.items()}
    assert means == {
        "No Pruning": (5, 83.02),
        "PruneS 1%": (5, 83.29),
        "PruneS 13%": (5, 83.37),
        "PruneL 13%": (5, 83.32),
    }
    text = (project_folder("sweeps") / "README.md").read_text(encoding="utf-8")
    for arm, (_, mean) in means.items():
        assert any(line.startswith(f"| {arm} |") and f"{mean:.2f}%" in line for line in text.splitlines()), (
            arm
        )
    quoted = (project_folder("sweeps").parent / "README.md").read_text(encoding="utf-8")
    told = comparison_text(compared)
    for part in quoted.split("`gst compare fig2_vgg11`:\n\n```\n")[1].split("```")[0].split("...\n"):
        assert part in told


def test_lenet_at_the_scale_of_jin_2022_is_as_the_readme_has_it(empty, tmp_path):
    path = tmp_path / "gst.db"
    path.write_bytes(empty.read_bytes())
    published = load_published(shipped_file())
    with Store.open(str(path)) as store:
        store.merge(project_folder("sweeps") / "results" / "jin_fig2_lenet.zip")
        levels = list(level_results(store, find_source(store, "jin_fig2_lenet")))
        found = {
            by: compare(store, published, ["jin_fig2a"], sweep="jin_fig2_lenet", select_by=by)
            for by in ("validation", "test")
        }
    text = (project_folder("sweeps") / "README.md").read_text(encoding="utf-8")
    for number in (0, 1, 2, 8, 16, 20, 24):
        of_level = [it for it in levels if it.level == number]
        error = sum(100 * (1 - it.test_accuracy) for it in of_level) / len(of_level)
        assert len(of_level) == 3
        assert any(
            line.startswith(f"| {number} |") and f"| {error:.2f}% |" in line for line in text.splitlines()
        )
    assert [it.verdict for it in found["test"].claims] == ["held", "held"]
    assert not any(it.deviations for it in found["test"].claims)
    assert [it.verdict for it in found["validation"].claims] == ["not run", "not run"]


@pytest.mark.parametrize("sweep", ["criteria", "criteria_mnist"])
def test_criteria_are_as_the_readme_has_them(sweep, empty, tmp_path):
    path = tmp_path / "gst.db"
    path.write_bytes(empty.read_bytes())
    with Store.open(str(path)) as store:
        store.merge(project_folder("sweeps") / "results" / f"{sweep}.zip")
        runs = [it for it in run_results(store, find_source(store, sweep)) if it.target is not None]
    text = (project_folder("sweeps") / "README.md").read_text(encoding="utf-8")
    (row,) = [
        line
        for line in text.splitlines()
        if line.startswith(f"| `{sweep}` | -") or line.startswith(f"| `{sweep}` | +")
    ]
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    for cell, some in ((cells[1], runs), (cells[4], [it for it in runs if not it.arm.startswith("GraSP")])):
        arms = list(dict.fromkeys(it.arm for it in some))
        means = np.array(
            [
                [np.mean([it.stability for it in some if it.arm == arm]) for arm in arms],
                [np.mean([it.final_accuracy for it in some if it.arm == arm]) for arm in arms],
            ]
        )
        value = np.corrcoef(means)[0, 1]
        low, high = np.tanh(np.arctanh(value) + np.array([-1, 1]) * 1.959964 / math.sqrt(len(arms) - 3))
        assert cell == f"{value:+.2f} [{low:+.2f}, {high:+.2f}]"
        assert len(arms) == (24 if some is runs else 20)
