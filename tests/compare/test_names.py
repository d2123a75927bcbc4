from __future__ import annotations

import pytest

from gst.compare.loading import families, figures_named, load_published, shipped_file
from gst.errors import UnknownNameError

PUBLISHED = load_published(shipped_file())


@pytest.mark.parametrize(
    ("names", "figures"),
    [
        (["fig2_vgg11"], ("fig2_vgg11",)),
        (["fig2"], ("fig2_vgg11", "fig2_resnet18")),
        (["fig3"], ("fig3_left", "fig3_center", "fig3_right")),
        (["figE"], ("figE1", "figE2", "figE3", "figE4", "figE5", "figE6")),
        (["tabC1"], ("tabC1",)),
        (["tabC1", "fig2_vgg11", "fig2"], ("fig2_vgg11", "fig2_resnet18", "tabC1")),  # once, as in the file
        (["v1_figA3"], ("v1_figA3",)),  # a figure's own name, though another begins with it
    ],
)
def test_figures_and_families(names, figures):
    assert figures_named(PUBLISHED, names) == figures


def test_a_paper_is_all_its_figures():
    assert set(figures_named(PUBLISHED, ["gst2019"])) == set(figures_named(PUBLISHED, ["v1"]))
    assert len(figures_named(PUBLISHED, ["gst2020", "gst2019", "jin2022"])) == len(PUBLISHED.figures)


def test_an_unknown_figure_is_answered_with_the_nearest():
    with pytest.raises(UnknownNameError, match="no published figure 'fig2_vg11'; did you mean 'fig2_vgg11'"):
        figures_named(PUBLISHED, ["fig2_vg11"])
    for nothing in ("fig", "", "f"):
        with pytest.raises(UnknownNameError):
            figures_named(PUBLISHED, [nothing])


def test_families_stand_for_several_figures():
    assert {"fig2", "fig3", "fig4", "fig5", "figB2", "figE", "v1", "jin"} <= set(families(PUBLISHED))
    assert "v1_figA3" not in families(PUBLISHED)
    assert "figD" not in families(PUBLISHED)
