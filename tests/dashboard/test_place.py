"""Several stores behind one dashboard, each at its place."""

from __future__ import annotations

import pytest
from serving import asked, serving
from stores import Run, fill

from gst.dashboard.app import create_app
from gst.dashboard.page import load_pages
from gst.dashboard.place import at, places
from gst.paths import project_folder
from gst.store import Store


def test_the_first_store_is_at_the_root_and_names_differ():
    urls = ["sqlite:////a/gst.db", "sqlite:////b/gst.db", "postgresql://u@h/my%20lab", "sqlite:////c/gst.db"]
    assert places(urls) == {
        "gst": "", "gst-2": "/store/gst-2", "my-20lab": "/store/my-20lab", "gst-3": "/store/gst-3",
    }  # fmt: skip
    assert at("/runs") == "/runs"


@pytest.fixture
def apps(store, tmp_path):
    known = {"one": "", "other": "/store/other"}
    pages = load_pages([project_folder("dashboards")])
    with Store.open(str(tmp_path / "other.db"), create=True) as other:
        fill(other, [Run("arm", seed, [0.25, 0.5]) for seed in (0, 1)], name="elsewhere")
        opened = zip(known.values(), (store, other), strict=True)
        yield {place: create_app(it, pages, place=place, others=known) for place, it in opened}


def test_a_token_leads_back_to_the_store_that_was_asked_for(apps):
    with serving(apps, token="t" * 16) as server:
        assert asked(server.port, "/store/other/runs").status == 401
        entered = asked(server.port, f"/store/other/runs?sweep=x&token={'t' * 16}")
        assert (entered.status, entered.headers["location"]) == (303, "/store/other/runs?sweep=x")
        # One cookie opens all of them.
        for path in ("/", "/runs", "/store/other/", "/store/other/runs"):
            assert asked(server.port, path, cookie=entered.cookie).status == 200


@pytest.mark.slow
def test_pages_are_of_the_chosen_store(apps, browser):
    with serving(apps) as server:
        address = f"http://127.0.0.1:{server.port}"
        browser.open(f"{address}/runs?sweep=hand")
        browser.until_text("6 runs", "#runs-table-count")
        assert browser.texts("#stores a") == ["one", "other"]
        browser.click("#stores a", 1)
        browser.until_text("2 runs", "#runs-table-count")
        assert browser.text("#stores .here") == "other"
        browser.choose("runs-sweep", "elsewhere")
        browser.until(
            lambda: "/store/other/runs?sweep=elsewhere" in browser.driver.current_url, "its address"
        )
        browser.run("arguments[0].click()", browser.until(lambda: browser.all("#runs-table a"), "a run")[0])
        browser.until_text("Run ", "h1")
        assert browser.driver.current_url.startswith(f"{address}/store/other/runs/")
        browser.click("#navigation a")
        browser.until_text("elsewhere")
        assert browser.driver.current_url == f"{address}/store/other/overview"
        assert browser.barriers() == []
        assert browser.errors() == []
