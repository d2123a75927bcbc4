"""What a page of the dashboard costs: time until it shows, bytes that are sent, time in the database.

    python tests/benchmarks/bench_dashboard.py [RUNS ...]      (1000 runs of 325 epochs unless given)

Each page is opened in a Chromium without a screen, with an empty cache. First paint is the browser's own
(first contentful paint: the frame); shown is when the page's own content is there, its figure included.
Medians over LOADS loads.
"""

# ruff: noqa: T201

from __future__ import annotations

import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
from big_store import fill_big
from browser import SECONDS, Browser
from serving import serving

from gst.dashboard.app import create_app
from gst.dashboard.page import load_pages
from gst.paths import project_folder
from gst.store import Store, queries

LOADS = 3
EPOCHS = 325
PAGES = {
    "/": "#overview-sweeps .sweep",
    "/sweep/big": "#sweep-results .main-svg",
    "/runs": "#runs-table .ag-row",
    "/runs?sweep=big": "#runs-table .ag-row",
    "/runs?sweep=big&run={key}": "#runs-graph .main-svg",
    "/tradeoff?sweep=big": "#tradeoff-graph .legendtext",
    "/figures": "#figures-index .ag-row",
    "/compare": "#compare-summary",
    "/sql": "#sql-run",
    "/figures/tradeoff?sweep=big": "#figures-graph .main-svg",
}
"""Addresses, and what is there once the page shows; the slowest last, which would hold up the others."""

WATCH = """\
window.shownAfter = null;
const look = () => {
  if (window.shownAfter === null && document.querySelector(%r)) {
    window.shownAfter = performance.now();
  }
};
new MutationObserver(look).observe(document, {childList: true, subtree: true});"""
MEASURE = """\
const resources = performance.getEntriesByType('resource');
const answers = resources.filter((each) => each.name.includes('_dash-update-component'));
const total = (entries) => entries.reduce((sum, each) => sum + each.encodedBodySize, 0);
const paint = performance.getEntriesByName('first-contentful-paint')[0];
return [paint.startTime, window.shownAfter, total(resources), total(answers)];"""


class Clock:
    """The time that questions to the store have taken."""

    def __init__(self) -> None:
        self.seconds = 0.0
        queries.ask, queries.chosen = self.timed(queries.ask), self.timed(queries.chosen)

    def timed(self, question: Callable[..., Any]) -> Callable[..., Any]:
        def asked(*arguments: Any) -> Any:
            began = time.perf_counter()
            try:
                return question(*arguments)
            finally:
                self.seconds += time.perf_counter() - began

        return asked


@contextmanager
def served(path: Path) -> Iterator[str]:
    """The address of a dashboard of that store."""
    pages = load_pages([project_folder("dashboards")])
    with Store.open(str(path), readonly=True) as store, serving(create_app(store, pages)) as server:
        yield f"http://127.0.0.1:{server.port}"


def loaded(browser: Browser, address: str, selector: str, clock: Clock) -> tuple[float, ...]:
    """Milliseconds to first paint and to the content, bytes in all and of answers, milliseconds of SQL."""
    browser.driver.execute_cdp_cmd("Network.enable", {})
    browser.driver.execute_cdp_cmd("Network.setCacheDisabled", {"cacheDisabled": True})
    script = browser.driver.execute_cdp_cmd(
        "Page.addScriptToEvaluateOnNewDocument", {"source": WATCH % selector}
    )
    clock.seconds = 0.0
    browser.open(address)
    browser.until(lambda: browser.run("return window.shownAfter"), selector)
    time.sleep(0.5)  # for what comes after the content, such as correlations
    taken = clock.seconds
    paint, shown, size, answers = browser.run(MEASURE)
    browser.driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", script)
    assert not browser.errors()
    return paint, shown, size, answers, 1000 * taken


def main(runs: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "gst.db"
        began = time.perf_counter()
        fill_big(path, runs=runs, epochs=EPOCHS)
        filled = time.perf_counter() - began
        size = path.stat().st_size / 2**20
        print(f"{runs:,} runs of {EPOCHS} epochs: {size:.0f} MiB, filled in {filled:.1f} s")
        print(f"{'page':30} {'first paint':>12} {'shown':>9} {'all bytes':>11} {'answers':>10} {'SQL':>9}")
        clock, browser = Clock(), Browser()
        with served(path) as address:
            with Store.open(str(path), readonly=True) as store:
                key = store.query("SELECT key FROM runs ORDER BY run_id DESC LIMIT 1").rows[0][0]
            for page, selector in PAGES.items():
                try:
                    times = [
                        loaded(browser, address + page.format(key=key), selector, clock) for _ in range(LOADS)
                    ]
                except AssertionError:
                    print(f"{page.format(key='KEY'):30} did not show within {SECONDS} s")
                    continue
                paint, shown, total, answers, asked = map(statistics.median, zip(*times, strict=True))
                print(
                    f"{page.format(key='KEY'):30} {paint:9.0f} ms {shown:6.0f} ms {total / 2**20:7.2f} MiB"
                    f" {answers / 2**10:6.1f} KiB {asked:6.1f} ms"
                )
        browser.close()


if __name__ == "__main__":
    print(f"{platform.platform()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, ", end="")
    print(f"Python {platform.python_version()}; medians of {LOADS} loads with an empty cache")
    for count in [int(argument) for argument in sys.argv[1:]] or [1000]:
        main(count)
