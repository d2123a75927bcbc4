"""gst, a pruning laboratory: sweeps of pruning experiments into a results database, and what they show.

>>> from gst import Store
>>> with Store.open("sqlite:///gst.db", readonly=True) as store:  # doctest: +SKIP
...     store.frame("tradeoff", sweep="quickstart")
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gst.analysis.contrasts import contrast
    from gst.analysis.importance import importance
    from gst.config import RunConfig, RunSpec, SweepSpec, load_sweep, run_key
    from gst.errors import GstError
    from gst.figures import figure
    from gst.launch.single_examples import examples
    from gst.store import Store
    from gst.training import start, train

    __version__: str

_HOMES = {
    "GstError": "gst.errors",
    "RunConfig": "gst.config",
    "RunSpec": "gst.config",
    "Store": "gst.store",
    "SweepSpec": "gst.config",
    "contrast": "gst.analysis.contrasts",
    "examples": "gst.launch.single_examples",
    "figure": "gst.figures",
    "importance": "gst.analysis.importance",
    "load_sweep": "gst.config",
    "run_key": "gst.config",
    "start": "gst.training",
    "train": "gst.training",
}

__all__ = [
    "GstError",
    "RunConfig",
    "RunSpec",
    "Store",
    "SweepSpec",
    "__version__",
    "contrast",
    "examples",
    "figure",
    "importance",
    "load_sweep",
    "run_key",
    "start",
    "train",
]


def __getattr__(name: str) -> Any:
    """Public names on first use: whoever reads a store need not wait for torch, nor a plan for pandas."""
    if name == "__version__":
        from importlib.metadata import version

        return version("gst")
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'gst' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
