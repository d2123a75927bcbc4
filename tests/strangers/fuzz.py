"""Answers to hostile sweep files, archives, command lines and SQL: run by hand, from a checkout's root.

    PYTHONPATH=.:tests/support python tests/strangers/fuzz.py [sweeps|archives|commands|sql] [NUMBER]

Each answer comes from a process that may take 4 GB more than it has after its imports, and 30 seconds. One
line per kind has the number of tracebacks, the longest answer, the exit codes and the most memory; each fault
is written to `fuzz-KIND.txt` in the temporary folder. A case follows from its number alone.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import resource
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

from hostile import archive, command_line, statement, sweep_text

NUMBERS = {"sweeps": 1000, "archives": 500, "commands": 200, "sql": 200}
SECONDS = 30
MEMORY = 4 << 30


class Outcome(NamedTuple):
    """The exit code (None: a traceback), the seconds, the memory in MB, and the arguments with the answer."""

    code: int | str | None
    seconds: float
    memory: int
    told: str


def prepared(folder: Path) -> None:
    """A store with some of everything, the archives of it, and a working folder that is not a checkout."""
    from archives import populate

    from gst.store import Store

    with Store.open(str(folder / "gst.db"), create=True) as store:
        populate(store)
        for form in ("csv", "parquet"):
            store.export(folder / f"archive-{form}", form=form)
    Store.open(str(folder / "empty.db"), create=True).close()


def arguments(kind: str, number: int, folder: Path) -> list[str]:
    """The command line of that case; its files are made."""
    rng = random.Random(f"{kind}/{number}")
    if kind == "sweeps":
        (folder / "case.yaml").write_bytes(sweep_text(rng))
        return ["plan", "case.yaml"]
    if kind == "archives":
        shutil.copy(folder / "empty.db", folder / "case.db")
        return ["import", str(archive(rng, folder)), "--db", "case.db"]
    if kind == "sql":
        return [
            "sql",
            statement(rng),
            "--db",
            "gst.db",
            "--timeout",
            "5",
            "--format",
            rng.choice(["table", "csv", "json"]),
        ]
    return command_line(rng)


def answering(pipe: Connection, folder: Path) -> None:
    """Answer case after case, in the folder."""
    os.chdir(folder)
    from typer.testing import CliRunner

    import gst.launch.plan
    import gst.store  # noqa: F401
    from gst.cli import app

    now = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (now + MEMORY, now + MEMORY))
    while True:
        given = pipe.recv()
        began = time.perf_counter()
        result = CliRunner().invoke(app, given, prog_name="gst")
        seconds = time.perf_counter() - began
        code: int | None = result.exit_code
        told = result.output[-2000:]
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            code, told = None, "".join(traceback.format_exception(result.exception))[-3000:]
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        pipe.send(Outcome(code, seconds, memory, told))


class Answers:
    """A process that answers, begun again after one that hung or died."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: Any = None

    def of(self, given: list[str]) -> Outcome:
        """The answer to that command line."""
        if self._process is None:
            self._pipe, theirs = multiprocessing.get_context("spawn").Pipe()
            context = multiprocessing.get_context("spawn")
            self._process = context.Process(target=answering, args=(theirs, self._folder), daemon=True)
            self._process.start()
            theirs.close()
            self._pipe.send(["sql", "@"])
            self._pipe.recv()
        self._pipe.send(given)
        try:
            if self._pipe.poll(SECONDS):
                return Outcome(*self._pipe.recv())
            told = "no answer"
        except EOFError:
            told = "died"
        self.end()
        return Outcome(told, SECONDS, 0, told)

    def end(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process = None


def tried(kind: str, number: int, folder: Path) -> str:
    """The line of that kind."""
    answers = Answers(folder)
    codes: Counter[str] = Counter()
    longest, memory, slow = 0.0, 0, 0
    with (Path(tempfile.gettempdir()) / f"fuzz-{kind}.txt").open("w") as faults:
        for case in range(number):
            given = arguments(kind, case, folder)
            found = answers.of(given)
            codes["traceback" if found.code is None else str(found.code)] += 1
            longest, memory = max(longest, found.seconds), max(memory, found.memory)
            slow += found.seconds > 2
            if found.code is None or isinstance(found.code, str) or found.seconds > 2:
                faults.write(f"== {case} {found.seconds:.1f} s {json.dumps(given)[:300]}\n{found.told}\n")
                faults.flush()
    answers.end()
    words = ", ".join(f"{code}: {count}" for code, count in sorted(codes.items()))
    return f"{kind}: {number} cases; {words}; {slow} over 2 s, longest {longest:.1f} s; {memory} MB"


def main(kinds: list[str], number: int | None) -> None:
    """One line for each kind."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepared(folder)
        for kind in kinds:
            sys.stdout.write(tried(kind, number or NUMBERS[kind], folder) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    chosen: Callable[[str], bool] = lambda it: len(sys.argv) < 2 or it == sys.argv[1]  # noqa: E731
    main([it for it in NUMBERS if chosen(it)], int(sys.argv[2]) if len(sys.argv) > 2 else None)
