"""Texts of a store in figures: plotly takes some HTML, and no text of a stranger may be such."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import worlds_gst2019
import worlds_gst2020
import worlds_jin2022
from evil_texts import spoil
from worlds import World, fill_world

from gst.archive.shipped import chosen_archives
from gst.figures import FIGURES
from gst.store import Store

UNSEEN = ("legendgroup", "meta")
"""Texts of a figure that no reader sees."""
OWN_TAGS = {f"<{end}{name}" for end in ("", "/") for name in ("b", "br", "extra", "i", "span", "sub", "sup")}
OF_KNOWN_ARMS = ("fig5_top", "fig5_bottom", "tabF1")
"""Figures that look for arms by their names, and draw no others."""
SHIPPED = {"predictors": "predictors", "barrier": "branches_lenet", "disagreement": "branches_lenet"}
"""Figures of what hand-made sweeps lack, and the shipped sweeps that have it."""


def shown(value: Any) -> Iterator[str]:
    """The texts of a figure that plotly shows, and so reads as HTML."""
    if isinstance(value, dict):
        for name, inside in value.items():
            if name not in UNSEEN:
                yield from shown(inside)
    elif isinstance(value, list):
        for inside in value:
            yield from shown(inside)
    elif isinstance(value, str):
        yield value


@pytest.fixture(scope="module")
def evil(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store with the first sweep of each figure, in the papers' words and somebody hostile's."""
    path = tmp_path_factory.mktemp("evil") / "gst.db"
    Store.open(str(path), create=True).close()
    modules = (worlds_gst2019, worlds_gst2020, worlds_jin2022)
    worlds = [it for module in modules for it in vars(module).values() if isinstance(it, World)]
    wanted = {figure.sweeps[0] for figure in FIGURES.values() if figure.sweeps}
    fill_world(path, {name: it for world in worlds for name, it in world.tables().items() if name in wanted})
    with Store.open(str(path)) as store:
        for archive in chosen_archives(sorted(set(SHIPPED.values()))):
            store.merge(archive)
    spoil(path, names=False)
    with Store.open(str(path), readonly=True) as store:
        yield store


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in FIGURES if name not in OF_KNOWN_ARMS])
def test_no_figure_takes_a_text_of_the_store_for_html(evil, name):
    sweep = SHIPPED.get(name) or next(iter(FIGURES[name].sweeps), "fig3")
    figure = FIGURES[name].draw(FIGURES[name].numbers(evil, sweep))
    texts = list(shown(json.loads(figure.to_json())))
    assert any("&lt;img" in text for text in texts)
    assert not any("<b class" in text for text in texts)
    assert {tag for text in texts for tag in re.findall("<[^ >]*", text)} <= OWN_TAGS
