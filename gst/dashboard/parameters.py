"""The parameters of figures as controls of a page: what can be chosen, and what a chosen text means."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from functools import cache, partial
from typing import Any, Literal, NamedTuple, get_args, get_origin, get_type_hints

from dash import dcc

from gst.dashboard.pieces import chooser
from gst.errors import GstError, InputError
from gst.figures import FIGURES
from gst.store import Store


class Parameter(NamedTuple):
    """A parameter of a figure. `parts` are its type, the types of a union, and what annotates them."""

    name: str
    default: Any
    parts: tuple[Any, ...]

    def choices(self, store: Store, sweep: str | None) -> list[str] | None:
        """What the parameter can be for that sweep; None where any text may do."""
        for part in self.parts:
            if get_origin(part) is Literal:
                return [it for it in get_args(part) if it]
            if inspect.isfunction(part):
                try:
                    return list(part(store, sweep)) if sweep else []
                except GstError:
                    return []  # drawing the figure says why
        return None

    def meant(self, text: str) -> Any:
        """The value that the text stands for. Raises InputError for a text that is no number."""
        for kind in (int, float):
            if kind in self.parts:
                try:
                    return kind(text)
                except ValueError:
                    raise InputError(f"{self.name} {text!r}: expected a number") from None
        return text

    def control(self, name: str, store: Store, sweep: str | None, value: str | None) -> Any:
        """The control with the id `name` that has this value, or the default."""
        known = self.choices(store, sweep)
        if known is None:
            said = "" if self.default is None else str(self.default)
            return dcc.Input(value or "", "text", id=name, placeholder=said, debounce=True)
        if self.default:
            known = [*dict.fromkeys([*known, str(self.default)])]
            return chooser(name, known, value if value in known else str(self.default))
        given = [value] if value and value not in known else []  # the end of a key's name is enough
        return dcc.Dropdown([*known, *given], value or None, id=name, placeholder="default")


@cache
def parameters(figure: str) -> Mapping[str, Parameter]:
    """The parameters of the figure of that name, by their names."""
    numbers = FIGURES[figure].numbers
    written = inspect.unwrap(numbers)
    written = written.func if isinstance(written, partial) else written
    hints = get_type_hints(written, localns={"Store": Any}, include_extras=True)
    _, _, *own = inspect.signature(numbers).parameters.values()
    return {
        it.name: Parameter(it.name, it.default, (hints[it.name], *get_args(hints[it.name]))) for it in own
    }
