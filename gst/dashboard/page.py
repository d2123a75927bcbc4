"""Pages of the dashboard: Python files found in folders, and what they are given to show."""

from __future__ import annotations

import importlib.util
import sys
import traceback
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import plotly.graph_objects as go
from dash import ClientsideFunction, Dash, Input, Output, State, html, no_update

from gst.dashboard.pieces import chooser, failure, field, graph, heading, message
from gst.errors import GstError, InputError
from gst.figures.style import TEMPLATE
from gst.store import Store, sweep_names

NOTHING: Mapping[str, str] = {}
LAST = 100.0
"""The place in the navigation of a page without an ORDER."""


class Context(NamedTuple):
    """What a page gets: the store, opened read-only, and the address after the page's name.

    `/figures/fig3?accuracy=best` is the page `figures` with rest `fig3` and query {"accuracy": "best"}.
    `editor` is the same store opened for writing, for tags and notes; None where the dashboard only reads.
    """

    store: Store
    rest: str = ""
    query: Mapping[str, str] = NOTHING
    editor: Store | None = None

    def runs(self) -> list[str]:
        """The keys of the runs that the address gives by their beginnings. Raises InputError."""
        return [self.store.resolve(key) for key in self.query.get("run", "").split(",") if key]

    def asked(self, name: str, known: Collection[str]) -> list[str]:
        """The known values that the address gives under that name, where they are separated by commas."""
        return [value for value in self.query.get(name, "").split(",") if value in known]

    @property
    def sweeps(self) -> list[str]:
        """The sweeps that the address gives as `sweep`, by name or address, as selectors call them."""
        given = filter(None, self.query.get("sweep", "").split(","))
        return [it for name in given if (it := called(self.store, name)) is not None]

    @property
    def choice(self) -> dict[str, str]:
        """The sweeps that selectors offer: all but archived ones, and those that the address gives."""
        return sweep_names(self.store, self.sweeps)


def called(store: Store, sweep: str) -> str | None:
    """What selectors call the version that this name or address means, if there is one."""
    try:
        return store.version(sweep).called
    except InputError:
        return None


class Selection(NamedTuple):
    """The sweep that the reader of a simple page chose; None in a store without sweeps."""

    sweep: str | None
    query: Mapping[str, str] = NOTHING


Layout = Callable[[Context], Any]
Register = Callable[[Dash, Context], None]
Figures = Callable[[Store, Selection], Any]
"""The function of a simple page. It returns a plotly figure, a list, or a mapping from headings."""


class Page(NamedTuple):
    """A page; `name` is the stem of its file and its address."""

    name: str
    title: str
    order: float
    layout: Layout
    register: Register | None


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
        # One broken page must not take the others down.
        return broken(path.stem, path.stem, LAST, str(path), traceback.format_exc())


def broken(name: str, title: str, order: float, what: str, trace: str) -> Page:
    """A page that shows why the real one cannot be shown."""

    def layout(context: Context) -> Any:
        return [heading(title), failure(f"{what} cannot be shown", trace)]

    return Page(name, title, order, layout, None)


def redrawn(
    app: Dash,
    mark: str,
    outputs: Sequence[Output],
    inputs: Sequence[Input],
    of: Callable[..., Any],
    *states: State,
) -> Callable[[Callable[..., Any]], None]:
    """Register a callback that answers only when what it shows has changed.

    The callback gets the values of inputs and states, and returns a tuple for the outputs. It is called when
    an input or the store changes, and then only if the values, or what `of` makes of them (of types that JSON
    has), differ from those of the last answer. The browser keeps these in the dcc.Store with the id `mark`:
    the server cannot, since a browser drops an answer when a newer one is on its way.
    """

    def register(drawn: Callable[..., Any]) -> None:
        def update(*values: Any) -> Any:
            given, (_, *more, before) = values[: len(inputs)], values[len(inputs) :]
            now = [*given, of(*given)]
            return (no_update,) * (len(outputs) + 1) if now == before else (*drawn(*given, *more), now)

        news, last = Input("version", "data"), State(mark, "data")
        app.callback(*outputs, Output(mark, "data"), *inputs, news, *states, last)(update)

    return register


def remembered(app: Dash, *inputs: Input) -> None:
    """Keep these values in the address, so that a reload, a link and the browser's way back have them.

    Each stands there under its component's id without the page's name before it: `runs-sweep` is `?sweep=`;
    a mapping stands there under its own keys, but for those that begin with `_`.
    """
    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("gst", "remembered"),
        Output("address", "search", allow_duplicate=True),
        Output("said", "data", allow_duplicate=True),
        *inputs,
        State("address", "pathname"),
        State("said", "data"),
        prevent_initial_call=True,
    )


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
        return Page(path.stem, title, order, *_figures_page(path.stem, title, figures))
    raise InputError("a page has a function figures(store, selection), or layout(context)")


def _figures_page(name: str, title: str, figures: Figures) -> tuple[Layout, Register]:
    """The layout and the callbacks of a simple page: a choice of a sweep, and the figures of it."""
    chosen, shown = f"{name}-sweep", f"{name}-figures"

    def layout(context: Context) -> Any:
        sweeps = context.choice
        control = chooser(chosen, sweeps, next(iter(context.sweeps), None))
        return [heading(title), field("Sweep", control), html.Div(id=shown)]

    def register(app: Dash, context: Context) -> None:
        def update(sweep: str | None, version: str) -> list[Any]:
            return drawn(figures, context.store, Selection(sweep))

        app.callback(Output(shown, "children"), Input(chosen, "value"), Input("version", "data"))(update)
        remembered(app, Input(chosen, "value"))

    return layout, register


def drawn(figures: Figures, store: Store, selection: Selection) -> list[Any]:
    """The figures as components, or why there are none."""
    try:
        found = list(_named(figures(store, selection)))
    except GstError as error:
        return [message(str(error))]
    except Exception:
        return [failure("the page's figures cannot be drawn", traceback.format_exc())]
    if not found:
        return [message("There is nothing to show.")]
    return [part for title, figure in found for part in _section(title, figure)]


def _named(found: Any) -> Iterator[tuple[str | None, go.Figure]]:
    if isinstance(found, go.Figure):
        yield None, found
    elif isinstance(found, Mapping):
        yield from ((str(title), _checked(figure)) for title, figure in found.items())
    else:
        yield from ((None, _checked(figure)) for figure in found or ())


def _checked(figure: Any) -> go.Figure:
    if not isinstance(figure, go.Figure):
        raise TypeError(f"figures() returns plotly figures, found {type(figure).__name__}")
    return figure


def _section(title: str | None, figure: go.Figure) -> Iterator[Any]:
    if title is not None:
        yield html.H2(title)
    house = go.Figure(figure)
    if figure.layout.template == go.Figure().layout.template:  # the author chose none
        house.update_layout(template=TEMPLATE)
    yield graph(house)
