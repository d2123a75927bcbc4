"""`gst` as real processes, in a folder and a home of their own, and what they leave in the store."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy
from processes import PATIENCE
from short_folder import short_folder

from gst.store.connect import connect, parsed

Driver = subprocess.Popen[str]

SCRIPT = "from gst.cli import main; main()"


class Commands:
    """Starts `gst` with a store of its own: an SQLite file, or the database at another URL."""

    def __init__(self, folder: Path, scratch: Path) -> None:
        self.folder = folder
        self.drivers: list[Driver] = []
        self.environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("RAY_", "TUNE_", "GST_"))
        } | {
            "HOME": str(folder),
            "OMP_NUM_THREADS": "1",
            "TMPDIR": str(scratch),
            "RAY_TMPDIR": str(scratch),
            "RAY_worker_niceness": "0",  # at Ray's 15, workers starve where other tests run at the same time
        }
        self.use(f"sqlite:///{folder / 'gst.db'}")

    def use(self, url: str) -> None:
        """Have the store at that URL."""
        self.url = url
        self.environment["GST_DB_URL"] = url

    @property
    def store(self) -> Path:
        """The file of an SQLite store."""
        return Path(self.url.removeprefix("sqlite:///"))

    def write(self, text: str, name: str = "tiny.yaml") -> str:
        """Make a sweep file; its name."""
        (self.folder / name).write_text(text)
        return name

    def start(self, *arguments: object, **environment: str) -> Driver:
        """`gst` with those arguments, in the background and a session of its own."""
        driver = subprocess.Popen(
            [sys.executable, "-c", SCRIPT, *map(str, arguments)],
            cwd=self.folder,
            env=self.environment | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.drivers.append(driver)
        return driver

    def run(self, *arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
        """The same, once it has ended."""
        return ended(self.start(*arguments, **environment))

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """What the store answers, and nothing where there is no store, or none that answers."""
        engine = connect(parsed(self.url), readonly=True)
        try:
            with engine.connect() as connection:
                return [tuple(row) for row in connection.execute(sqlalchemy.text(statement))]
        except sqlalchemy.exc.DBAPIError:
            return []
        finally:
            engine.dispose()

    def wait_for(self, statement: str, driver: Driver | None = None) -> list[tuple[Any, ...]]:
        """The rows of the statement, once there are any; the driver must not end before."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if found := self.rows(statement):
                return found
            assert driver is None or driver.poll() is None, driver.communicate()
            time.sleep(0.05)  # to ask takes processor time from those who are waited for
        raise AssertionError(f"after {PATIENCE} s there is no row of: {statement}")


def ended(driver: Driver) -> subprocess.CompletedProcess[str]:
    """What became of that process, once it has ended by itself."""
    out, err = driver.communicate(timeout=PATIENCE)
    return subprocess.CompletedProcess(driver.args, driver.returncode, out, err)


@contextmanager
def commands_in(folder: Path) -> Iterator[Commands]:
    """Commands in that folder; none of their processes outlives the context, nor what Ray wrote."""
    with short_folder() as scratch:
        made = Commands(folder, scratch)
        try:
            yield made
        finally:
            for driver in made.drivers:
                driver.kill()
                driver.communicate()
