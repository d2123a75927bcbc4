"""The figures by name, and the shipped sweeps that they are drawn from."""

from __future__ import annotations

import inspect
from typing import get_args

import pytest

from gst.config import load_sweep
from gst.config.figure_name import FigureName
from gst.figures import FIGURES
from gst.paths import project_folder

OF_PAPERS = [(name, sweep) for name, figure in FIGURES.items() for sweep in figure.sweeps]


@pytest.mark.parametrize(("name", "sweep"), OF_PAPERS)
def test_a_papers_figure_is_named_by_the_sweeps_it_is_drawn_from(name, sweep):
    sweep = load_sweep(project_folder("sweeps") / f"{sweep}.yaml")
    assert name in sweep.figures
    # The papers' come first, and the general one is kept where anything is pruned on a schedule.
    kinds = {it.config.pruning.kind for it in sweep.configs}
    assert (sweep.figures[-1] == "tradeoff") == bool(kinds - {"none", "imp", "extended"})


def test_a_sweep_file_may_name_the_figures_that_there_are():
    assert set(get_args(FigureName)) == set(FIGURES)


@pytest.mark.parametrize("name", FIGURES)
def test_numbers_take_a_store_a_sweep_and_parameters_by_name(name):
    store, sweep, *others = inspect.signature(FIGURES[name].numbers).parameters.values()
    assert (store.name, sweep.name) == ("store", "sweep")
    assert all(parameter.default is not inspect.Parameter.empty for parameter in others)


@pytest.mark.parametrize("name", FIGURES)
def test_titles_say_in_a_line_what_a_figure_is(name):
    assert 10 < len(FIGURES[name].title) < 100


def test_a_figure_has_one_sweep_or_a_family_of_them():
    assert FIGURES["jin_fig4"].sweeps == FIGURES["jin_fig3"].family
    assert FIGURES["jin_fig3"].sweeps == tuple(
        f"jin_fig3_{it}" for it in ("lenet", "resnet20", "vgg16", "resnet32", "resnet50")
    )
    assert FIGURES["jin_fig1a"].sweeps == ("jin_fig1a",)
    assert FIGURES["tradeoff"].sweeps == ()
    assert not any(figure.sweep and figure.family for figure in FIGURES.values())


def test_the_page_of_figures_has_them_all():
    page = (project_folder("sweeps") / "figures.md").read_text(encoding="utf-8")
    for name, figure in FIGURES.items():
        where = ", ".join(f"`{sweep}`" for sweep in figure.sweeps)
        assert f"| `{name}` | {figure.title} | {where} |" in page if where else f"`{name}`" in page, name
