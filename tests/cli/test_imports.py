"""What each command imports: whoever only reads waits for no library that computes, trains or draws."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from stores import Run, fill

from gst.store import Store

pytestmark = pytest.mark.slow

HEAVY = (
    "torch", "torchvision", "sympy", "ray", "pandas", "pyarrow", "numpy", "scipy", "scipy.stats", "sklearn",
    "plotly", "dash", "sqlalchemy", "alembic",
)  # fmt: skip
DATABASE = {"sqlalchemy"}
NUMBERS = DATABASE | {"numpy", "scipy", "pandas", "pyarrow"}
PICTURES = NUMBERS | {"plotly"}
ALLOWED = {
    "version": DATABASE,
    "ls": DATABASE,
    "show KEY": DATABASE,
    "logs KEY": DATABASE,
    "diff KEY OTHER": DATABASE,
    "sql @run_summary -p sweep=made": DATABASE,
    "db check": DATABASE,
    "gc": DATABASE,
    "tag KEY --add seen": DATABASE,
    "note KEY noted": DATABASE,
    "plan fig3": DATABASE,
    "sweep fig3 --dry-run": DATABASE | {"numpy", "scipy", "plotly"},
    "status": DATABASE | {"numpy", "scipy"},
    "export --to mlflow -o tracked": DATABASE,
    "compare made": NUMBERS,
    "figure": PICTURES,
    "figure tradeoff --sweep made -o tradeoff.json": PICTURES,
}

# Each command in a process of its own, forked before anything is imported that a command imports.
SCRIPT = """
import json, os, sys
from gst.cli.commands import run

heavy, commands = json.load(sys.stdin)
for words in commands:
    reading, writing = os.pipe()
    if not os.fork():
        for stream in (1, 2):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
        sys.argv = ["gst", *words]
        code = run()
        os.write(writing, json.dumps([code, [it for it in heavy if it in sys.modules]]).encode())
        os._exit(0)
    os.close(writing)
    print(os.read(reading, 10_000).decode())
    os.wait()
"""


@pytest.fixture(scope="module")
def imported(tmp_path_factory):
    """Exit code and heavy libraries of each command, on a small store and without any data set."""
    folder = tmp_path_factory.mktemp("imports")
    url = f"sqlite:///{folder / 'gst.db'}"
    with Store.open(url, create=True) as store:
        fill(store, [Run(arm, seed, [0.5, 0.6]) for arm in ("a", "b") for seed in range(3)], name="made")
        found = [key for (key,) in store.query("SELECT key FROM runs").rows]
    keys = dict(zip(("KEY", "OTHER"), found, strict=False))
    commands = [[keys.get(word, word) for word in command.split()] for command in ALLOWED]
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        input=json.dumps([HEAVY, commands]),
        env={"GST_DB_URL": url, "GST_DATA_DIR": str(folder), "HOME": str(folder), "PATH": ""},
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(zip(ALLOWED, map(json.loads, ran.stdout.splitlines()), strict=True))


@pytest.mark.parametrize("command", ALLOWED)
def test_a_command_imports_no_more_than_it_needs(imported, command):
    code, found = imported[command]
    assert code == 0
    assert set(found) <= ALLOWED[command]
