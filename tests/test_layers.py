"""Which module imports which: the table of layers, read from the source and not from what happens to run."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROWS = (
    ("words",),
    ("errors", "grouping", "machine", "paths", "records"),
    ("archive", "config", "stats"),
    ("networks", "published"),
    ("data", "models", "store"),
    ("pruning", "measure", "analysis"),
    ("training", "compare"),
    ("launch", "figures", "trackers"),
    ("dashboard", "cli"),
)
ROW = {name: number for number, names in enumerate(ROWS) for name in names}

# Rows below that a layer could reach and does not: training never sees the database, figures never see torch.
APART = {
    "pruning": ("store",),
    "measure": ("store",),
    "training": ("store",),
    "analysis": ("data", "models"),
    "compare": ("data", "models", "pruning", "measure"),
    "figures": ("data", "models", "pruning", "measure", "training"),
}

# A third-party library, and the modules that may import it. What is not here is nobody's business.
HOMES = {
    "pydantic": ("gst.config", "gst.compare"),
    "pydantic_core": ("gst.config",),
    "torch": ("gst.data", "gst.models", "gst.pruning", "gst.measure", "gst.training", "gst.launch"),
    "torchvision": ("gst.data", "gst.models"),
    "sklearn": ("gst.data",),
    "sqlalchemy": ("gst.store",),
    "alembic": ("gst.store",),
    "psycopg": ("gst.store",),
    "pandas": ("gst.store",),
    "ray": ("gst.launch.ray", "gst.launch.tune", "gst.launch.tune_faults"),
    "plotly": ("gst.figures", "gst.dashboard"),
    "pyarrow": ("gst.archive",),
    "kaleido": ("gst.figures",),
    "dash": ("gst.dashboard",),
    "dash_ag_grid": ("gst.dashboard",),
    "tensorboardX": ("gst.trackers.tensorboard",),
    "wandb": ("gst.trackers.wandb_offline",),
    "typer": ("gst.cli",),
    "apprise": ("gst.cli.notify",),
    "mcp": ("gst.cli.mcp_server",),
}
# The lowest rows are read on every machine, so what they import is listed in full.
ONLY = {
    "errors": (),
    "grouping": (),
    "machine": (),
    "paths": ("platformdirs",),
    "records": (),
    "words": (),
    "archive": ("pyarrow",),
    "config": ("pydantic", "pydantic_core", "yaml"),
    "stats": ("numpy", "scipy"),
}


class Import(NamedTuple):
    line: int
    module: str
    runs_at_once: bool  # when the file is imported, rather than when a function of it is called


def imports(source: str) -> list[Import]:
    found: list[Import] = []

    def visit(node: ast.AST, at_once: bool) -> None:
        if isinstance(node, ast.Import):
            found.extend(Import(node.lineno, alias.name, at_once) for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: a relative import"
            names = [f"gst.{alias.name}" for alias in node.names] if node.module == "gst" else [node.module]
            found.extend(Import(node.lineno, name, at_once) for name in names if name)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "gst":
            found.append(Import(node.lineno, f"gst.{node.attr}", at_once))
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            for child in node.body:
                visit(child, False)
            for child in node.orelse:
                visit(child, at_once)
            return
        inside = at_once and not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for child in ast.iter_child_nodes(node):
            visit(child, inside)

    visit(ast.parse(source), True)
    return found


def is_within(module: str, home: str) -> bool:
    return f"{module}.".startswith(f"{home}.")


def breaches(module: str, source: str) -> list[str]:
    """What the module of that name may not import and does, with the line."""
    layer = module.split(".")[1]
    found = []
    for line, name, at_once in imports(source):
        top = name.partition(".")[0]
        if top == "gst":
            problem = _inner(layer, name, at_once)
        elif top in HOMES and not any(is_within(module, home) for home in HOMES[top]):
            problem = f"{top} belongs to {', '.join(HOMES[top])}"
        elif layer in ONLY and top not in sys.stdlib_module_names and top not in ONLY[layer]:
            problem = f"gst.{layer} may import only {', '.join(ONLY[layer]) or 'the standard library'}"
        elif layer == "cli" and at_once and top in HOMES and top not in ("typer", "mcp"):
            problem = "slows every command down: import it inside the function"
        else:
            continue
        if problem:
            found.append(f"{module}:{line}: imports {name}: {problem}")
    return found


def _inner(layer: str, name: str, at_once: bool) -> str | None:
    parts = name.split(".")
    if len(parts) == 1 or parts[1] in ("__version__", "__file__"):
        return None
    other = parts[1]
    if other not in ROW:
        return f"gst.{other} is in no row of the table"
    if other == layer:
        return None
    if other in APART.get(layer, ()):
        return f"gst.{layer} and gst.{other} know nothing of each other"
    if layer == "cli" and at_once and ROW[other] > ROW["errors"]:
        return "the command line imports its layers inside the commands, for a fast --help"
    if layer == "cli" and other == "dashboard":
        return None  # the one sibling: a command starts the dashboard
    return None if ROW[other] < ROW[layer] else f"gst.{layer} may import only from rows above its own"


def modules() -> dict[str, Path]:
    found = {}
    for path in sorted((ROOT / "gst").rglob("*.py")):
        if "_project" in path.parts:
            continue
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    del found["gst"]  # only names, each loaded from its home on first use
    return found


@pytest.mark.parametrize("module", list(modules()))
def test_a_module_imports_only_from_rows_above(module):
    assert breaches(module, modules()[module].read_text(encoding="utf-8")) == []


def test_every_module_has_a_row_and_every_row_its_modules():
    present = {module.split(".")[1] for module in modules()}
    assert present == set(ROW)


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("gst.config.run", "import torch"),
        ("gst.config.run", "from gst.stats import estimate"),
        ("gst.config.run", "def f():\n    import numpy"),
        ("gst.records", "import attrs"),
        ("gst.errors", "from gst.paths import data_folder"),
        ("gst.store.store", "from gst.models import build"),
        ("gst.store.store", "from gst import models"),
        ("gst.store.store", "import gst\ngst.RunConfig"),
        ("gst.store.store", "import gst\nmodels = gst.models"),
        ("gst.store.store", "import gst.nowhere"),
        ("gst.figures.fig2", "import torch"),
        ("gst.figures.fig2", "from gst.launch import plan"),
        ("gst.figures.fig2", "from gst.training import train"),
        ("gst.training.train", "from gst.store import Store"),
        ("gst.training.train", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import sqlalchemy"),
        ("gst.launch.plan", "import ray.tune"),
        ("gst.launch.rays", "import ray"),
        ("gst.launch.plan", "from plotly import graph_objects"),
        ("gst.figures.style", "import dash"),
        ("gst.cli.sweep", "from gst.launch import plan"),
        ("gst.cli.sweep", "import pandas"),
        ("gst.dashboard", "from gst.cli import main"),
    ],
)
def test_the_check_finds(module, source):
    assert len(breaches(module, source)) == 1


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("gst.config.run", "import json, pydantic\nfrom gst.errors import ConfigError"),
        ("gst.training.train", "import torch\nfrom gst.pruning import select"),
        ("gst.launch.ray", "import ray\nfrom gst.training import train"),
        ("gst.launch.ray", "import gst\nversion = gst.__version__"),
        (
            "gst.cli.sweep",
            "import typer\ndef f():\n    from gst.launch import plan\n    import gst.dashboard",
        ),
        ("gst.cli.sweep", "from gst.errors import GstError\nfrom gst.cli.output import table"),
    ],
)
def test_the_check_lets_pass(module, source):
    assert breaches(module, source) == []


ASKING = ("store", "analysis")  # who puts questions to the database; others call their functions


def sql(source: str) -> list[int]:
    """The lines of texts with a SELECT in them, docstrings apart."""
    tree = ast.parse(source)
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    texts = [it for it in ast.walk(tree) if isinstance(it, ast.Constant) and id(it) not in told]
    return [it.lineno for it in texts if isinstance(it.value, str) and re.search(r"\bSELECT\b", it.value)]


@pytest.mark.parametrize("module", [it for it in modules() if it.split(".")[1] not in ASKING])
def test_sql_stands_in_the_store_and_in_analysis_alone(module):
    assert sql(modules()[module].read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ('"""As in: SELECT 1."""\nchosen = "SELECTED"', []),
        ('def f(table):\n    """SELECT."""\n    return ask(f"SELECT * FROM {table}")', [3]),
        ('ONE = (\n    "WITH one AS"\n    " (SELECT 1) SELECT * FROM one"\n)', [2]),
    ],
)
def test_sql_is_found(source, lines):
    assert sql(source) == lines


BARE_MACHINE = """
import importlib, pkgutil, sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {absent}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Absent())
for name in {wanted}:
    module = importlib.import_module("gst." + name)
    for inner in pkgutil.walk_packages(getattr(module, "__path__", []), module.__name__ + "."):
        importlib.import_module(inner.name)
"""


def bare_machine(absent: set[str], wanted: list[str]) -> subprocess.CompletedProcess[str]:
    script = BARE_MACHINE.format(absent=absent, wanted=wanted)
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_a_borrowed_machine_with_little_more_than_torch_can_train():
    absent = {"ray", "sqlalchemy", "alembic", "psycopg", "plotly", "kaleido", "dash", "typer", "rich"}
    absent |= {"pyarrow"}
    wanted = ["errors", "paths", "archive", "config", "records", "data", "models", "pruning", "training"]
    done = bare_machine(absent, wanted)
    assert done.returncode == 0, done.stderr


def test_whoever_only_plans_needs_neither_torch_nor_a_database():
    absent = {"torch", "torchvision", "ray", "sqlalchemy", "alembic", "pandas", "plotly", "dash", "sklearn"}
    done = bare_machine(absent, ["errors", "paths", "archive", "config", "records", "stats"])
    assert done.returncode == 0, done.stderr


def test_the_bare_machine_is_bare():
    done = bare_machine({"pydantic"}, ["config"])
    assert "No module named 'pydantic'" in done.stderr
