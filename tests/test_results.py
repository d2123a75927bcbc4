"""Runs that come with gst: each archive can be imported, and says what sweeps/README.md says."""

from __future__ import annotations

import pytest

from gst.analysis import find_source, run_results
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
    sheet = FIGURES[sweep].numbers(store, sweep)
    assert FIGURES[sweep].draw(sheet).data
    assert sheet.source.keys


def test_figure_2_a_tenth_as_long_is_as_the_readme_has_it(empty, tmp_path):
    path = tmp_path / "gst.db"
    path.write_bytes(empty.read_bytes())
    with Store.open(str(path)) as store:
        store.merge(project_folder("sweeps") / "results" / "fig2_vgg11_tenth_jpeg.zip")
        runs = run_results(store, find_source(store, "fig2_vgg11"))
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
