from __future__ import annotations

from inspect import unwrap

import pytest
from stores import Run, fill

from gst.config import load_sweep
from gst.errors import UnknownNameError
from gst.figures import FIGURES
from gst.figures.panels.curves import CurvesPanel
from gst.paths import project_folder

NOISE = [
    "No Noise",
    "PruneL",
    "Zeroing 1",
    "Zeroing 50",
    "Zeroing 1105",
    "Gaussian 1",
    "Gaussian 50",
    "Gaussian 1105",
]


@pytest.fixture
def noise(store):
    fill(
        store,
        [
            Run("No Noise", 0, [0.5, 0.5]),
            Run("PruneL", 0, [0.5, 0.5], events=[(0, 0.5, 0.25)]),
            *(Run(arm, 0, [0.5, 0.5], events=[(0, 0.5, 0.25)], ending=0.25) for arm in NOISE[2:]),
            Run("No Noise", 1, [0.5], status="failed"),
        ],
        name="fig5",
    )
    return store


@pytest.mark.parametrize(("name", "kind"), [("fig5_top", "Zeroing"), ("fig5_bottom", "Gaussian")])
def test_figure_5_shows_one_kind_of_noise_in_each_panel(noise, name, kind):
    figure = FIGURES[name]
    found = figure.numbers(noise, figure.sweep)
    panel = found.panel(CurvesPanel)
    assert [it.arm for it in panel.curves] == [
        "No Noise",
        "PruneL",
        *(f"{kind} {n}" for n in (1, 50, 1105)),
    ]
    assert [ending.name for ending in panel.endings] == [f"{kind} {n}" for n in (1, 50, 1105)]
    assert (len(found.source.keys), len(found.source.missing)) == (5, 5)
    assert "5 of 10 missing: 1 failed, 4 pending" in figure.draw(found).layout.title.subtitle.text


def test_other_arms_can_be_asked_for(noise):
    found = FIGURES["fig5_top"].numbers(noise, "fig5", arms="PruneL,Gaussian 50")
    assert [it.arm for it in found.panel(CurvesPanel).curves] == ["PruneL", "Gaussian 50"]


def test_a_sweep_without_these_arms_is_refused(hand):
    with pytest.raises(UnknownNameError, match="no arm of sweep hand 'No Noise'"):
        FIGURES["fig5_top"].numbers(hand, "hand")


@pytest.mark.parametrize("name", ["fig5_top", "fig5_bottom"])
def test_the_shipped_sweep_has_the_arms(name):
    arms = unwrap(FIGURES[name].numbers).keywords["arms"]
    assert set(arms) < set(load_sweep(project_folder("sweeps") / "fig5.yaml").arms)
