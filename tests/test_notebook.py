"""What a notebook has: a store that shows itself, figures, one arm less another; and the shipped one."""

from __future__ import annotations

import nbformat
import pytest
from nbclient import NotebookClient
from stores import fill, run_config, sweep_of
from students import student
from tradeoffs import HAND, TWINS

import gst
from gst import Store
from gst.paths import project_folder


@pytest.fixture
def store(empty, tmp_path):
    path = tmp_path / "gst.db"
    path.write_bytes(empty.read_bytes())
    with Store.open(str(path)) as opened:
        fill(opened, HAND, configs=TWINS)
        opened.register(sweep_of({"a": run_config(lr=0.5)}, name="<b>", title="<i>"))
        yield opened


def test_a_store_shows_its_sweeps_and_no_markup_of_them(store):
    page = store._repr_html_()
    assert "<td>hand<td>6 of 6<td>" in page
    assert "<td>&lt;b&gt;<td>0 of 1<td>&lt;i&gt;" in page
    assert "<b>" not in page


def test_a_figure_is_plotlys_and_that_of_the_command_line(store):
    figure = gst.figure(store, "tradeoff", "hand", accuracy="best")
    assert {trace.name for trace in figure.data if trace.name} >= {"hard", "soft"}
    with pytest.raises(gst.GstError, match="no figure 'tradoff'; did you mean 'tradeoff'"):
        gst.figure(store, "tradoff", "hand")
    with pytest.raises(gst.GstError, match=r"of several sweeps; say of which: sweep="):
        gst.figure(store, "tradeoff")


def test_one_arm_less_another_is_paired_by_seed(store):
    found = gst.contrast(store, "hand", "soft", "none")
    differences = [0.625 - 0.25, 0.25 - 0.5]
    assert found.test[:3] == pytest.approx((sum(differences) / 2, *student(differences)))
    assert found.test.n[0] == 2
    for arguments, message in (
        (("hand", "sofd", "none"), "no arm of sweep hand 'sofd'; did you mean 'soft'"),
        (("hant", "soft", "none"), "no sweep 'hant'; did you mean 'hand'"),
        (("hand", "soft", "none", "acc"), "no quantity 'acc'"),
    ):
        with pytest.raises(gst.GstError, match=message):
            gst.contrast(store, *arguments)


NOTEBOOK = project_folder("dashboards") / "analysis.ipynb"


def test_the_notebook_that_is_shipped_has_no_outputs():
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert len(code) > 5
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code)


@pytest.mark.slow
def test_the_notebook_that_is_shipped_runs_and_tells_the_numbers(tmp_path):
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    NotebookClient(notebook, timeout=240, kernel_name="python3").execute(cwd=str(tmp_path))
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    told = "\n".join(it.text if "text" in it else it.data.get("text/plain", "") for it in outputs)
    with Store.open(str(tmp_path / "own.db"), create=True) as store:
        store.merge(project_folder("sweeps") / "results" / "fig2_vgg11_tenth_jpeg.zip")
        test = gst.contrast(store, "fig2_vgg11", "PruneL 13%", "No Pruning").test
        seed = gst.importance(store, "fig2_vgg11").shares["seed"]
    assert f"{100 * test.value:.2f}" in told
    assert f"{seed.value:.3f}" in told
    assert "\\begin{tabular}" in told
    assert any("application/vnd.plotly.v1+json" in it.get("data", {}) for it in outputs)
