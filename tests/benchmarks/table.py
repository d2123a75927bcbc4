"""The table of README.md: every benchmark that needs neither a GPU nor a browser, one after another.

    python tests/benchmarks/table.py [NAME ...]

`make bench` runs all of them; those that are named only print.

Of what each prints, its rows beside the fastest fair peer are kept, with date and machine.
"""

# ruff: noqa: T201

from __future__ import annotations

import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from judged import HEADER, is_row, machine

HERE = Path(__file__).parent
APART = {"gpu", "dashboard"}
ARGUMENTS = {
    "commands": ["3"],
    "levels": ["--rounds", "3"],
    "reads": ["1000"],
    "summary": ["1000"],
    "trial_overhead": ["32", "3"],
    "training": ["3", "512"],
    "flatness": ["--eigenpairs", "20", "--budget", "15"],
}
"""What makes some short enough to be run one after another."""
TABLE = re.compile(r"(?<=<!-- table -->\n).*?(?=<!-- end of table -->)", re.DOTALL)


def rows_of(name: str) -> list[str]:
    """The rows that a benchmark prints among all else, which is passed on."""
    command = [sys.executable, str(HERE / f"bench_{name}.py"), *ARGUMENTS.get(name, ())]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            print(line, end="", flush=True)
            lines.append(line)
    if process.returncode:
        sys.exit(f"bench_{name}.py: exit {process.returncode}; the table stays as it was")
    return [line for line in lines if is_row(line)]


def main(names: list[str]) -> None:
    found = sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))
    about = f"{datetime.now(UTC):%d %B %Y}, {machine()}"
    rows = [line for name in names or found if names or name not in APART for line in rows_of(name)]
    table = f"{about}.\n\n{HEADER}\n{''.join(rows)}"
    print(f"\n{table}")
    if not names:
        page = HERE / "README.md"
        page.write_text(TABLE.sub(lambda _: table, page.read_text()))


if __name__ == "__main__":
    main(sys.argv[1:])
