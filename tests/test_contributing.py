"""The recipes of CONTRIBUTING.md: each, applied to a copy of the project, passes the tests that it names."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[1]
COPIED = ("gst", "sweeps", "db", "dashboards", "tests", "pyproject.toml", "README.md")


class Recipe(NamedTuple):
    """A heading, its changes as one patch, and the command at its end."""

    name: str
    patch: str
    command: list[str]


def recipes() -> list[Recipe]:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    return [
        Recipe(
            section.splitlines()[0],
            "".join(re.findall(r"^```diff\n(.*?)^```", section, re.DOTALL | re.MULTILINE)),
            shlex.split(re.findall(r"^```\n(python .*?)\n```", section, re.MULTILINE)[-1]),
        )
        for section in text.split("\n### ")[1:]
    ]


def files(patch: str) -> set[str]:
    return set(re.findall(r"^\+\+\+ b/(.*)$", patch, re.MULTILINE))


def apply(patch: str, folder: Path) -> None:
    """Change the files under the folder; what a change says is there must be there once."""
    for name, hunks in re.findall(r"^\+\+\+ b/(.*)\n((?:(?!--- ).*\n)*)", patch, re.MULTILINE):
        path = folder / name
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        for hunk in hunks.split("@@\n")[1:]:
            old, new = (
                "".join(line[1:] for line in hunk.splitlines(keepends=True) if line[0] in kinds)
                for kinds in (" -", " +")
            )
            assert old == text == "" or text.count(old) == 1, f"{name}: not there, or not once:\n{old}"
            text = text.replace(old, new) if old else new
        path.write_text(text, encoding="utf-8")


def test_there_are_recipes_for_what_people_add():
    assert [recipe.name for recipe in recipes()] == [
        "Add a score",
        "Add a model",
        "Add a figure",
        "Add a column",
    ]


@pytest.mark.parametrize("recipe", recipes(), ids=lambda recipe: recipe.name)
def test_a_recipe_brings_its_tests_along(recipe):
    assert any(name.startswith("tests/") for name in files(recipe.patch))


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("recipe", recipes(), ids=lambda recipe: recipe.name)
def test_a_recipe_works_as_written(recipe, tmp_path):
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, tmp_path / name)
    apply(recipe.patch, tmp_path)
    tested = subprocess.run(
        [sys.executable, *recipe.command[1:], "-n", "0", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert tested.returncode == 0, tested.stdout[-3000:] + tested.stderr[-2000:]
