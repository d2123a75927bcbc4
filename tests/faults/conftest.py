"""A sweep to be hurt, and what it yields when nothing happens to it."""

from __future__ import annotations

import pytest
from commands import Commands, commands_in
from tiny_sweep import LONG, results


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple]]:
    """All results of the long sweep, from one process, without Ray and without a fault."""
    with commands_in(tmp_path_factory.mktemp("undisturbed")) as commands:
        done = commands.run("sweep", commands.write(LONG), "--local")
        assert done.returncode == 0, done.stderr
        found = results(commands.url)
        empty = {table for table, rows in found.items() if not rows}
        assert empty == {"connectivity"}, (
            "a table without rows shows nothing; pairs of branches have their own test"
        )
        return found


@pytest.fixture
def commands(tmp_path) -> Commands:
    """Commands in a folder with the long sweep in it."""
    with commands_in(tmp_path) as made:
        made.write(LONG)
        yield made
