"""The pages of the dashboard: Python files in folders, found by their path."""

from __future__ import annotations

import importlib.util
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from dash import Dash

from gst.dashboard.context import Context
from gst.dashboard.pieces import failure, heading
from gst.dashboard.simple import simple_page
from gst.errors import InputError

LAST = 100.0
"""Where a page stands that does not say ORDER."""


class Page(NamedTuple):
    """One page: its file's stem, which is its address, and what makes it."""

    name: str
    title: str
    order: float
    layout: Callable[[Context], Any]
    register: Callable[[Dash, Context], None] | None


def load_pages(folders: Sequence[Path]) -> tuple[Page, ...]:
    """The pages of those folders, in order; one in a later folder replaces another of the same name.

    A file that cannot be loaded becomes a page that says why. Raises InputError for a missing folder.
    """
    found: dict[str, Page] = {}
    for folder in folders:
        if not folder.is_dir():
            raise InputError(f"{folder}: there is no such folder of pages")
        for path in sorted(folder.glob("*.py")):
            if not path.name.startswith(("_", ".")):
                found[path.stem] = load_page(path)
    return tuple(sorted(found.values(), key=lambda page: (page.order, page.title)))


def load_page(path: Path) -> Page:
    """The page in that file."""
    try:
        return _page(path, _executed(path))
    except Exception:
        # Whatever a page does wrong is its own affair: the others are not to suffer from it.
        return broken(path.stem, path.stem, LAST, str(path), traceback.format_exc())


def broken(name: str, title: str, order: float, what: str, trace: str) -> Page:
    """A page that shows what is wrong with it."""

    def layout(context: Context) -> Any:
        return [heading(title), failure(f"{what} cannot be shown", trace)]

    return Page(name, title, order, layout, None)


def _executed(path: Path) -> ModuleType:
    name = f"gst_dashboard_page_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # where dataclasses look for the module that they are in
    spec.loader.exec_module(module)
    return module


def _page(path: Path, module: ModuleType) -> Page:
    title = getattr(module, "TITLE", None)
    if not isinstance(title, str):
        raise InputError("a page has a TITLE, which is a string")
    order = float(getattr(module, "ORDER", LAST))
    layout, register = getattr(module, "layout", None), getattr(module, "register", None)
    figures = getattr(module, "figures", None)
    if callable(layout):
        return Page(path.stem, title, order, layout, register)
    if callable(figures):
        return Page(path.stem, title, order, *simple_page(path.stem, title, figures))
    raise InputError("a page has a function figures(store, selection), or layout(context)")
