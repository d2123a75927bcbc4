"""What holds for all tests, several of which run at once, on machines that may be busy."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from together import together

# Before anything imports torch. The tests' tensors are small, and threads that wait for each other would
# keep other tests from the cores.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# A shell's script that starts the tests in the background has them, and all that they start, ignore Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)

# How long an example takes says more about what else is running than about what is tested.
settings.register_profile("gst", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("gst")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """What `--dist loadgroup` means here; the mark that it goes by is lost with pytest 9.2 and xdist 3.8."""
    return together(config, log) if config.getvalue("dist") == "loadgroup" else None


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty store, to be copied: migrations take longer than most tests."""
    from gst.store import Store

    path = tmp_path_factory.mktemp("empty") / "gst.db"
    Store.open(str(path), create=True).close()
    return path
