"""Which tests run in one process, one after another, where others run in a second process beside them."""

from __future__ import annotations

from typing import Any

GROUPS = {
    # Side by side, clusters would be found by each other's drivers, race for ports and starve.
    "ray": (
        "tests/cluster/",
        "tests/faults/",
        "tests/launch/test_doctor.py",
        "tests/launch/test_cluster.py",
        "tests/launch/test_ray.py",
        "tests/strangers/test_exits.py",
        "tests/strangers/test_places.py",
        "tests/strangers/test_terminal.py",
        "tests/strangers/test_workers.py",
    ),
    # One site for all its tests, to which some write.
    "browser": (
        "tests/dashboard/test_browser.py",
        "tests/dashboard/test_browser_strangers.py",
        "tests/dashboard/test_place.py",
    ),
    # What all their tests ask about takes long to make, and each process makes its own.
    "packaging": ("tests/test_packaging.py",),
    "readme": ("tests/test_readme.py",),
    "measure": ("tests/cli/test_measure.py",),
    "imports": ("tests/cli/test_imports.py",),
    "keys": ("tests/config/test_key.py",),
    "evil": ("tests/figures/test_evil_texts.py",),
}


def group(nodeid: str) -> str:
    """The group of a test, and for a test that may run beside any other, its own name."""
    return next((name for name, places in GROUPS.items() if nodeid.startswith(places)), nodeid)


def together(config: Any, log: Any) -> Any:
    """A scheduler of pytest-xdist: the largest groups first, and each in one process."""
    from xdist.scheduler import LoadScopeScheduling

    class Together(LoadScopeScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            return group(nodeid)

    return Together(config, log)
