"""A real browser without a screen and without a network, for tests of pages."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

import pytest
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException, WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

SECONDS = 90
"""How long a page may take to show what it must; the machine may be busy."""
OPTIONS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--window-size=1400,1000",
    # Nothing but this machine has a name: whatever a page fetched from elsewhere would be an error.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


_GRID = """\
const all = (place, selector) => Array.from(place.querySelectorAll(selector));
const number = (it, name) => Number(it.getAttribute(name));
const cells = (row) => all(row, ".ag-cell, .ag-header-cell")
  .sort((a, b) => number(a, "aria-colindex") - number(b, "aria-colindex")).map((it) => it.innerText.trim());
const grid = document.querySelector(arguments[0]);
const rows = {};
for (const row of all(grid, ".ag-row")) (rows[number(row, "row-index")] ||= []).push(...cells(row));
const head = all(grid, ".ag-header-row").flatMap(cells);
return [head, ...Object.keys(rows).map(Number).sort((a, b) => a - b).map((it) => rows[it])];"""

_BARRIERS = """\
const done = arguments[arguments.length - 1];
axe.run({resultTypes: ["violations"]}).then((found) => done(found.violations));"""

T = TypeVar("T")


@cache
def _axe() -> str:
    """The code of axe-core, which looks for what keeps people from using a page."""
    return (files("axe_core_python") / "axe.min.js").read_text(encoding="utf-8")


class Browser:
    """A Chromium that waits for what a test expects."""

    def __init__(self) -> None:
        chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
        if not (chromium and driver):
            pytest.skip("needs chromium and chromedriver")
        options = webdriver.ChromeOptions()
        options.binary_location = chromium
        for option in OPTIONS:
            options.add_argument(option)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        # The driver is named, so that none is looked for in the network.
        self.driver = webdriver.Chrome(options=options, service=Service(executable_path=driver))

    def open(self, address: str) -> None:
        """Go there; what the page before had to complain about is forgotten."""
        self._log()
        self.driver.get(address)

    def errors(self) -> list[str]:
        """What the page complained about since it was opened."""
        return [line["message"] for line in self._log() if line["level"] == "SEVERE"]

    def barriers(self) -> list[tuple[str, str]]:
        """What axe-core calls a serious or critical barrier to readers: its rule and the first element."""
        self.run(_axe())
        found = self.driver.execute_async_script(_BARRIERS)
        return [(it["id"], it["nodes"][0]["html"]) for it in found if it["impact"] in ("serious", "critical")]

    def seen(self, *, width: int = 1400, theme: str = "light") -> None:
        """Look at pages in a window of that many pixels, on a system that is light or dark."""
        size = {"width": width, "height": 1000, "deviceScaleFactor": 1, "mobile": width < 600}
        preferred = {"features": [{"name": "prefers-color-scheme", "value": theme}]}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", preferred)

    def downloads(self, folder: Path) -> None:
        """Put what is saved into that folder."""
        where = {"behavior": "allow", "downloadPath": str(folder)}
        self.driver.execute_cdp_cmd("Browser.setDownloadBehavior", where)

    def all(self, selector: str) -> list[Any]:
        """The elements of that CSS selector."""
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def table(self, selector: str) -> list[list[str]]:
        """The cells of the rows of a table, its head included, as they are at one moment."""
        script = (
            "return Array.from(document.querySelectorAll(arguments[0] + ' tr'))"
            ".map((row) => Array.from(row.children).map((cell) => cell.innerText.trim()))"
        )
        return list(self.run(script, selector))

    def grid(self, selector: str) -> list[list[str]]:
        """The same of a table that scrolls, as far as it is in sight."""
        return list(self.run(_GRID, selector))

    def texts(self, selector: str) -> list[str]:
        """The words of all such elements, as they are at one moment."""
        script = "return Array.from(document.querySelectorAll(arguments[0])).map((each) => each.innerText)"
        return list(self.run(script, selector))

    def text(self, selector: str = "body") -> str:
        """The words of the first such element, as they are seen."""
        return self.driver.find_element(By.CSS_SELECTOR, selector).text

    def until(self, found: Callable[[], T | None], what: str) -> T:
        """What that returns as soon as it is true."""
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            try:
                if result := found():
                    return result
            except (StaleElementReferenceException, WebDriverException):
                pass  # the page is being drawn
            time.sleep(0.05)
        raise AssertionError(f"{what} did not come; the page says:\n{self.text()}\n{self.errors()}")

    def until_text(self, words: str, selector: str = "main") -> str:
        """The words of that element, once these are among them."""
        return self.until(
            lambda: text if words in (text := self.text(selector)) else None, f"{words!r} in {selector}"
        )

    def click(self, selector: str, number: int = 0) -> None:
        """Click on an element as soon as it is there."""

        def clicked() -> bool:
            self.all(selector)[number].click()
            return True

        self.until(lambda: len(self.all(selector)) > number and clicked(), selector)

    def choose(self, dropdown: str, label: str) -> None:
        """Choose an option of a dropdown by its words."""
        self.click(f"#{dropdown}")
        xpath = (
            f"//label[contains(@class, 'dash-options-list-option')][.//*[text()='{label}'] or .='{label}']"
        )

        def clicked() -> bool:
            self.driver.find_element(By.XPATH, xpath).click()
            return True

        self.until(clicked, f"option {label!r} of {dropdown}")

    def run(self, script: str, *arguments: Any) -> Any:
        """What JavaScript returns."""
        return self.driver.execute_script(script, *arguments)

    def _log(self) -> list[dict[str, str]]:
        """What the browser noted since it was last asked."""
        return list(self.driver.get_log("browser"))  # type: ignore[no-untyped-call]

    def close(self) -> None:
        """End it."""
        self.driver.quit()
