"""Components of Dash as HTML, for files that no server answers for."""

from __future__ import annotations

import re
from html import escape
from typing import Any

_NAMES = {"className": "class"}


class Markup(str):
    """HTML, as opposed to text."""

    __slots__ = ()


def as_html(found: Any) -> str:
    """The HTML of components, of lists of them, and of text, which is escaped unless it is Markup."""
    if found is None:
        return ""
    if isinstance(found, Markup):
        return str(found)
    if isinstance(found, list | tuple):
        return "".join(map(as_html, found))
    if not hasattr(found, "to_plotly_json"):
        return escape(str(found))
    described = found.to_plotly_json()
    tag, properties = described["type"].lower(), described["props"]
    inside = as_html(properties.pop("children", None))
    return f"<{tag}{''.join(_attribute(name, value) for name, value in properties.items())}>{inside}</{tag}>"


def _attribute(name: str, value: Any) -> str:
    if value == "":
        return ""
    if name == "style":
        value = "; ".join(f"{_hyphened(key)}: {it}" for key, it in value.items())
    return f' {_NAMES.get(name, name)}="{escape(str(value))}"'


def _hyphened(name: str) -> str:
    return re.sub("([A-Z])", lambda match: f"-{match[1].lower()}", name)
