"""Every command has help, and help is fast because it imports nothing heavy."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("torch", "ray", "sqlalchemy", "pandas", "numpy", "scipy", "plotly", "dash", "sklearn")
COMMANDS = (
    "sweep",
    "new",
    "plan",
    "schema",
    "status",
    "ls",
    "show",
    "logs",
    "diff",
    "examples",
    "cancel",
    "retry",
    "rm",
    "archive",
    "tag",
    "note",
    "measure",
    "normality",
    "figure",
    "compare",
    "power",
    "verify",
    "sql",
    "dashboard",
    "mcp",
    "report",
    "version",
    "data",
    "data list",
    "data fetch",
    "data verify",
    "db",
    "db upgrade",
    "db check",
    "db copy",
    "train",
    "export",
    "import",
    "gc",
    "doctor",
    "help",
)


def imported_by(statements: str) -> set[str]:
    """Which of the heavy libraries a fresh Python has imported after these statements."""
    report = f"sys.stderr.write(' '.join(name for name in {HEAVY} if name in sys.modules))"
    script = f"import sys\n{statements}\n{report}"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stderr.split())


def test_analysis_waits_for_no_database_before_it_has_a_store():
    modules = "gst.analysis.contrasts, gst.analysis.levels, gst.analysis.quantities"
    assert imported_by(f"import {modules}") <= {"numpy", "scipy"}


@pytest.mark.parametrize("arguments", ["--help", "sweep --help", "--version"])
def test_help_imports_nothing_heavy(arguments):
    call = f"from gst.cli import app\ntry:\n    app({arguments.split()})\nexcept SystemExit:\n    pass"
    assert imported_by(call) == set()


def test_whoever_reads_a_store_waits_for_neither_torch_nor_ray():
    assert imported_by("from gst import Store") <= {"sqlalchemy", "numpy"}


def test_the_names_of_the_package_are_there():
    import gst

    assert set(gst.__all__) <= set(dir(gst))
    for name in gst.__all__:
        assert getattr(gst, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = gst.nothing


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_in_a_few_words(gst, command):
    result = gst(*command.split(), "--help")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[2].strip()


def test_no_command_is_missing_from_these_tests(gst):
    listed = gst("--help").stdout.partition("Commands:\n")[2].splitlines()
    assert {line.split()[0] for line in listed} == {command.split()[0] for command in COMMANDS}
    assert all(len(line) < 80 and not line.endswith("...") for line in listed)


def test_a_wrong_command_is_refused_with_the_nearest(gst):
    result = gst("swep")
    assert result.exit_code == 2
    assert "sweep" in result.stderr
