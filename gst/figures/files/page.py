"""HTML files that open without a network: plotly, figures as data, and a policy against other scripts."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from functools import cache
from html import escape
from typing import Any

import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

# By default plotly offers to send the data of a graph to its maker's server.
CONFIG: Mapping[str, Any] = {
    "displaylogo": False,
    "responsive": True,
    "showSendToCloud": False,
    "plotlyServerURL": "",
}
"""Plotly's settings for every graph."""

NARROWEST = "640px"
"""Width below which a figure is not squeezed, but scrolls: on a telephone."""
DATA = '<script type="application/json" class="figure">'
"""Before a figure's data in a page, which are JSON of the figure and of plotly's settings."""
_DRAW = """
for (const each of document.querySelectorAll("script.figure")) {
  const [figure, config] = JSON.parse(each.textContent);
  Plotly.newPlot(each.previousElementSibling, figure.data, figure.layout, config);
}
"""


def drawn(figure: go.Figure, name: str, config: Mapping[str, Any] = CONFIG) -> str:
    """The figure as HTML for the body of a page, in an element of that name."""
    height = f"{figure.layout.height}px" if figure.layout.height else "100%"
    # Plotly's JSON has no "<" that could end the element.
    return (
        f'<div style="height: {height}; overflow: auto hidden">\n'
        f'<div id="{escape(name)}" class="plotly-graph-div" style="height: 100%; min-width: {NARROWEST}">'
        "</div>\n"
        f"{DATA}[{figure.to_json()}, {json.dumps(dict(config))}]</script>\n</div>"
    )


def page(title: str, body: str, *, tags: str = "", style: str = "") -> str:
    """The page of that title and HTML, with plotly's code where figures are drawn in it.

    Browsers run plotly and what draws with it, and no other script that a text might bring along.
    """
    draws = DATA in body
    scripts = " ".join(_hashes()) if draws else "'none'"
    policy = (
        f"default-src 'none'; script-src {scripts}; style-src 'unsafe-inline'; img-src data: blob:; "
        "base-uri 'none'; form-action 'none'"
    )
    library, draw = (
        (f"<script>{get_plotlyjs()}</script>\n", f"\n<script>{_DRAW}</script>") if draws else ("", "")
    )
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n{tags}<style>\n{style}\n</style>\n"
        f"{library}</head>\n<body>\n{body}{draw}\n</body>\n</html>\n"
    )


@cache
def _hashes() -> tuple[str, ...]:
    """The scripts of a page, as a policy names them."""
    digests = (hashlib.sha256(script.encode()).digest() for script in (get_plotlyjs(), _DRAW))
    return tuple(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
