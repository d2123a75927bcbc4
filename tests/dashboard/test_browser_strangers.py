"""Pages in a real browser against those who mean harm: hostile texts in a store, other sites, no token."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, urlencode

import pytest
from browser import Browser
from evil_texts import ALL, TAG, spoil
from serving import serving
from stores import fill
from tradeoffs import HAND, TWINS
from troubled import TROUBLED

from gst.compare.loading import load_published, shipped_file
from gst.compare.papers import compare
from gst.dashboard.app import create_app
from gst.dashboard.page import load_pages
from gst.dashboard.report import write_report
from gst.figures import FIGURES, export
from gst.figures.comparison_page import write_comparison
from gst.paths import project_folder
from gst.store import Store

pytestmark = pytest.mark.slow

TOKEN = "a-token-of-somebody-s-own"
INTRUDERS = """\
const found = document.querySelectorAll(
  'img[src="x"], svg[onload], [onerror], [onload], [onmouseover], b.evil, a[href^="javascript:"]');
return [...(window.owned ? ["owned"] : []), ...Array.from(found).map((it) => it.outerHTML)];"""
"""What hostile texts have become in a page, if it took them for HTML."""
BREAK_IN = """\
document.body.insertAdjacentHTML('beforeend', arguments[0]);
const script = document.createElement('script');
script.textContent = 'window.owned = 1';
document.body.append(script);
const link = document.createElement('a');
link.href = 'javascript:window.owned=1';
document.body.append(link);
link.click();"""
"""As if a page had taken them for HTML."""


class Site(NamedTuple):
    address: str
    store: Store
    sweep: str
    key: str


@pytest.fixture(scope="module")
def site(empty: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A dashboard with a token, of a store whose texts are hostile, one of its sweeps' names included."""
    path = Path(shutil.copy(empty, tmp_path_factory.mktemp("evil") / "gst.db"))
    with Store.open(str(path)) as store:
        fill(store, HAND, name="paired", configs=TWINS)
        fill(store, TROUBLED, name="troubled")
        key = store.query("SELECT key FROM tradeoff WHERE sweep = 'paired' AND arm = 'hard'").rows[0][0]
        store.tag([key], add=["tag"])
        store.note("note", keys=[key])
    spoil(path)
    with Store.open(str(path), readonly=True) as store:
        app = create_app(store, load_pages([project_folder("dashboards")]), seconds=0.5)
        with serving(app, token=TOKEN) as server:
            yield Site(f"http://127.0.0.1:{server.port}", store, f"paired{TAG}", key)


@pytest.fixture
def entered(browser, site) -> Site:
    """The same, for a browser that has come by the printed address."""
    browser.open(f"{site.address}/?token={TOKEN}")
    browser.until_text("paired", "#overview-sweeps")
    return site


@pytest.fixture(params=["wide", "narrow and dark"])
def screen(request, browser) -> Iterator[None]:
    """A screen of a desk, then that of a telephone in the dark."""
    narrow = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    dark = {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
    if request.param != "wide":
        browser.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", narrow)
        browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", dark)
    yield
    browser.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


PAGES = {
    "/": ("#overview-sweeps", ALL),
    "/runs?sweep={sweep}&run={key}": ("#runs-table", TAG),
    "/tradeoff?sweep={sweep}&colour=arm&facet=arm": ("#tradeoff-graph .legend", TAG[:10]),
    "/levels": ("main", "level"),
    "/figures": ("#figures-missing", "gst sweep"),
    "/figures/tradeoff?sweep={sweep}": ("#figures-graph", TAG[:10]),
    "/figures/dynamics?sweep={sweep}": ("#figures-graph", TAG[:10]),
    "/compare": ("#compare-summary", "Claims"),
    "/sql": ("main", "Download CSV"),
    f"/{quote(TAG)}": ("main", "There is no page at"),
    f"/figures/{quote(TAG)}": ("main", TAG),
}
"""Addresses, an element of each page, and words of it that are there as text."""


@pytest.mark.usefixtures("screen")
@pytest.mark.parametrize("path", PAGES)
def test_hostile_texts_are_text_on_every_page(browser, entered, path):
    selector, words = PAGES[path]
    browser.open(entered.address + path.format(sweep=quote(entered.sweep), key=entered.key))
    browser.until(lambda: words in browser.run(TEXT, selector), f"{words!r} in {selector}")
    for summary in filter(lambda it: it.is_displayed(), browser.all("main summary")):
        summary.click()
    assert browser.run(INTRUDERS) == []
    assert browser.errors() == []


TEXT = "return (document.querySelector(arguments[0]) || {}).textContent || '';"
DRAWN = """\
return [...document.querySelectorAll(".plotly-graph-div")].every((it) => it.querySelector(".main-svg"));"""
HOVER = """\
return [...document.querySelectorAll(".js-plotly-plot")].map((graph) => graph.data.map((trace, place) => {
  if (!trace.hovertemplate) return "";
  const axes = (trace.xaxis || "x") + (trace.yaxis || "y");
  Plotly.Fx.hover(graph, [{curveNumber: place, pointNumber: 0}], axes);
  return graph.querySelector(".hoverlayer").textContent;
})).flat().join(" ");"""
"""The words of tooltips over every figure of a page."""


def test_a_tooltip_is_text(browser, entered):
    browser.open(f"{entered.address}/tradeoff?sweep={quote(entered.sweep)}")
    browser.until(lambda: browser.all("#tradeoff-graph .legendtext"), "the graph")
    browser.until(lambda: TAG in browser.run(HOVER), "the tooltip")
    assert browser.run(INTRUDERS) == []
    assert browser.errors() == []


def test_answers_and_downloads_are_text(browser, entered, tmp_path):
    downloads = {"behavior": "allow", "downloadPath": str(tmp_path)}
    browser.driver.execute_cdp_cmd("Browser.setDownloadBehavior", downloads)
    browser.open(f"{entered.address}/sql")
    browser.until_text("Download CSV")
    text = browser.all("#sql-text")[0]
    browser.run("arguments[0].select()", text)
    text.send_keys("SELECT title AS a, traceback AS b FROM sweeps, attempts")
    browser.click("#sql-run")
    browser.until(lambda: ALL in browser.run(TEXT, "#sql-answer"), "the answer")
    assert browser.run(INTRUDERS) == []
    browser.click("#sql-download")
    browser.until((tmp_path / "answer.csv").exists, "the file")
    browser.open(f"{entered.address}/figures/tradeoff?sweep={quote(entered.sweep)}")
    browser.until(lambda: browser.all("#figures-graph .main-svg"), "the figure")
    browser.click("main .download summary")
    browser.click("#figures-json")
    browser.until(lambda: list(tmp_path.glob("*.json")), "the figure's file")
    browser.run("document.querySelector('.modebar-btn[data-title*=PNG]').click()")
    browser.until(lambda: list(tmp_path.glob("*.png")), "the picture of the toolbar")
    assert browser.errors() == []


def files(site: Site, folder: Path) -> Iterator[Path]:
    """A report, two figures and the comparison of the hostile sweep."""
    yield write_report(site.store, site.sweep, folder / "report.html")
    for name in ("tradeoff", "dynamics"):
        numbers = FIGURES[name].numbers(site.store, site.sweep)
        yield export(FIGURES[name].draw(numbers), numbers, folder / f"{name}.html", name=name)
    found = compare(site.store, load_published(shipped_file()), (), others=[site.sweep])
    yield write_comparison(found, folder / "comparison.html")


@pytest.mark.usefixtures("screen")
def test_hostile_texts_are_text_in_files(browser, site, tmp_path):
    for path in files(site, tmp_path):
        browser.open(path.as_uri())
        browser.until(lambda: browser.run(DRAWN), "the figures")
        assert TAG[:10] in browser.run(TEXT, "body")
        for summary in browser.all("summary"):
            summary.click()
        if browser.all(".js-plotly-plot"):
            assert TAG in browser.run(HOVER)
        assert browser.run(INTRUDERS) == []
        assert browser.errors() == []


def refused(browser: Browser) -> bool:
    """Whether the page ran none of what was put into it, and its policy was the reason."""
    browser.run(BREAK_IN, TAG)
    errors: list[str] = []

    def all_three() -> bool:
        errors.extend(it for it in browser.errors() if "Content Security Policy" in it)
        return len(errors) >= 3

    browser.until(all_three, "three refusals")
    return not browser.run("return window.owned")


def test_no_page_runs_a_script_that_got_into_it(browser, entered, tmp_path):
    for path in ("/", "/sql"):
        browser.open(entered.address + path)
        browser.until(lambda: browser.all("main h1"), "the page")
        assert refused(browser)
    browser.driver.delete_all_cookies()
    browser.open(entered.address)
    assert refused(browser)  # the page that asks for the token
    for path in files(entered, tmp_path):
        browser.open(path.as_uri())
        assert refused(browser)


def test_the_token_leaves_the_address_and_is_kept_from_scripts(browser, entered):
    assert browser.driver.current_url == f"{entered.address}/"
    assert browser.run("return document.cookie") == ""
    assert TOKEN not in browser.run(
        "return JSON.stringify([document.referrer, localStorage, sessionStorage])"
    )
    assert TOKEN not in browser.driver.page_source


def test_a_link_from_elsewhere_opens_the_page_it_names(browser, site, tmp_path):
    browser.driver.delete_all_cookies()
    query = urlencode({"sweep": site.sweep, "token": TOKEN})
    mail = tmp_path / "mail.html"
    mail.write_text(f'<a href="{site.address}/runs?{query.replace("&", "&amp;")}">see there</a>')
    browser.open(mail.as_uri())
    browser.click("a")
    browser.until_text("6 runs")
    assert TOKEN not in browser.driver.current_url
    browser.open(mail.as_uri())
    mail.write_text(f'<a href="{site.address}/sql">see there</a>')
    browser.open(mail.as_uri())
    browser.click("a")
    browser.until_text("Download CSV")


def test_the_token_can_be_typed(browser, site):
    browser.driver.delete_all_cookies()
    browser.open(f"{site.address}/sql")
    assert "opens with a token" in browser.text()
    for token, words in (("wrong", "That is not the token"), (TOKEN, "Download CSV")):
        browser.all("#token")[0].send_keys(token)
        browser.click("button")
        browser.until_text(words, "body")
    assert browser.driver.current_url == f"{site.address}/sql"


def test_no_page_of_another_site_shows_or_asks_the_dashboard(browser, entered, tmp_path):
    page = tmp_path / "page.html"
    page.write_text(f'<iframe src="{entered.address}/"></iframe>')
    browser.open(page.as_uri())
    browser.until(lambda: any("frame" in it for it in browser.errors()), "the refusal")
    ask = (
        "const done = arguments[1]; fetch(arguments[0], {credentials: 'include'})"
        ".then((it) => it.text()).then(done, (error) => done('refused'));"
    )
    assert browser.driver.execute_async_script(ask, f"{entered.address}/_dash-layout") == "refused"
