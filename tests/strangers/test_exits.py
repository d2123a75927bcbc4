"""Code that ends its process while it trains: the run has failed, the others go on, and the sweep ends."""

from __future__ import annotations

import pytest
from commands import commands_in
from tiny_sweep import RUNS, TINY

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

# Python imports it in each process. Runs with the first seed exit in their training.
CUSTOMIZE = """
import sys
from importlib.abc import MetaPathFinder
from importlib.util import find_spec

class Finder(MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name != "gst.training.train":
            return None
        sys.meta_path.remove(self)
        spec = find_spec(name)
        load = spec.loader.exec_module

        def exec_module(module):
            load(module)
            real = module.train
            module.train = lambda state: sys.exit(7) if state.spec.seed == 0 else real(state)

        spec.loader.exec_module = exec_module
        return spec

sys.meta_path.insert(0, Finder())
"""


@pytest.mark.parametrize("engine", [["--local"], ["--cpus", "2"]], ids=["local", "Ray"])
def test_a_run_that_exits_has_failed_and_the_others_go_on(tmp_path, engine):
    with commands_in(tmp_path) as commands:
        commands.write(TINY)
        (tmp_path / "site").mkdir()
        (tmp_path / "site" / "sitecustomize.py").write_text(CUSTOMIZE)
        done = commands.run("sweep", "tiny.yaml", *engine, PYTHONPATH=str(tmp_path / "site"))
        assert done.returncode == 3, done.stderr
        found = commands.rows("SELECT seed, status, attempt, reason FROM runs ORDER BY seed")
        failed = (0, "failed", 1, "RuntimeError: the code of the run exited with status 7")
        assert found == [failed] * (RUNS // 2) + [(1, "completed", 1, None)] * (RUNS // 2)
        assert "Traceback" not in done.stderr
