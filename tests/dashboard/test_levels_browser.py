"""The page of levels in a real browser."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import Browser
from level_stores import fill_levels
from level_sweeps import configs_of, runs_of

from gst.dashboard.app import create_app
from gst.dashboard.pages import load_pages
from gst.dashboard.server import server_of
from gst.paths import project_folder
from gst.store import Store

pytestmark = pytest.mark.slow

ARMS = ("IMP", "noisy", "extended", "half")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = Browser()
    yield found
    found.close()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a dashboard of a store with levels."""
    path: Path = tmp_path_factory.mktemp("levels") / "gst.db"
    with Store.open(str(path), create=True) as store:
        fill_levels(store, runs_of(*ARMS), configs_of(*ARMS), name="jin_fig3_lenet")
    with Store.open(str(path), readonly=True) as store:
        server = server_of(
            create_app(store, load_pages([project_folder("dashboards")]), seconds=0.5), "127.0.0.1", 0
        )
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.port}"
        server.shutdown()
        thread.join(10)
        server.server_close()


def names(browser: Browser, graph: str) -> list[str]:
    """What the legend of that graph lists."""
    script = (
        "const graph = document.querySelector(arguments[0] + ' .js-plotly-plot');"
        "return graph ? graph.data.filter((it) => it.showlegend !== false).map((it) => it.name) : []"
    )
    return list(browser.run(script, graph))


def test_levels_are_shown_and_follow_the_choices(browser, address):
    browser.open(f"{address}/levels")
    browser.until_text("validation error", "#levels-optimal")
    browser.until(lambda: names(browser, "#levels-errors") == ["IMP", "noisy", "half"], "three arms")
    rows = browser.table("#levels-optimal")
    assert [row[0] for row in rows[1:]] == list(ARMS)
    assert rows[1][2:6] == ["1", "50%", "5", "42.71%"]
    browser.until(lambda: names(browser, "#levels-groups") == ["IMP, level 1", "noisy, level 2"], "groups")
    browser.choose("levels-across", "epochs trained")
    browser.until(lambda: names(browser, "#levels-errors") == list(ARMS), "four arms")
    browser.choose("levels-level", "level 3")
    browser.until(lambda: names(browser, "#levels-groups") == ["IMP, level 3", "noisy, level 3"], "level 3")
    assert browser.errors() == []


def test_figures_of_several_benchmarks_are_listed_with_their_sweeps(browser, address):
    browser.open(f"{address}/figures")
    browser.until_text("jin_fig3_lenet", "#figures-index")
    rows = [row for row in browser.table("#figures-index") if row[1] == "jin_fig4"]
    assert [row[2] for row in rows][:2] == ["jin_fig3_lenet", "jin_fig3_resnet20"]
    assert rows[0][3] == "12 of 12"
    assert rows[1][4] == "gst sweep jin_fig3_resnet20"
    browser.open(f"{address}/figures/jin_fig4?sweep=jin_fig3_lenet")
    browser.until_text("Training loss", "#figures-graph")
    assert browser.errors() == []
    browser.open(f"{address}/figures/jin_fig4?sweep=jin_fig3_vgg16")
    browser.until_text("gst sweep jin_fig3_vgg16")
