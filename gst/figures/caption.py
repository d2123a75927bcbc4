"""The words of every figure: its title, what it rests on, and how to read it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

import plotly.graph_objects as go

from gst.analysis import Source
from gst.figures.style import FAINT, HEIGHT, TEMPLATE, plain, wrapped


class Rested(Protocol):
    """What the subtitle says of any figure's numbers: which runs they rest on."""

    @property
    def source(self) -> Source:
        """The sweep and its runs."""
        ...

    @property
    def datasets(self) -> tuple[str, ...]:
        """The data sets that occur."""
        ...

    @property
    def models(self) -> tuple[str, ...]:
        """The models that occur."""
        ...

    @property
    def scales(self) -> tuple[float, ...]:
        """The scales below 1 that occur."""
        ...


def subtitle(
    found: Rested,
    *parts: str,
    interval: str = "95% bootstrap intervals over runs",
    scaled: str = "open symbols: ",
) -> str:
    """Model, data, the figure's own `parts`, the number of runs, and in bold what is missing or scaled.

    `interval` says what stands around the means, `scaled` how runs that were scaled down are marked.
    """
    source = found.source
    runs = len(source.keys)
    about = (
        f"{', '.join(found.models)} on {', '.join(found.datasets)}",
        *parts,
        "1 run" if runs == 1 else f"{runs:,} runs",
        interval,
    )
    warnings = []
    if source.missing:
        warnings.append(f"{len(source.missing):,} of {len(source.members):,} missing: {source.statuses()}")
    if found.scales:
        scales = ", ".join(f"{scale:g}" for scale in found.scales)
        warnings.append(f"{scaled}scaled down to {scales} of the published configuration")
    return plain(" · ".join(about)) + (f"<br><b>{' · '.join(warnings)}</b>" if warnings else "")


def title_layout(figure: go.Figure, title: str, about: str, **layout: Any) -> None:
    """Give the figure the template, its title and that subtitle, and room for both."""
    figure.update_layout(
        template=TEMPLATE,
        title={"text": wrapped(title, 100), "subtitle": {"text": about}, "y": 0.97, "yanchor": "top"},
        **{
            "margin": {"l": 90, "r": 30, "t": 150, "b": 150},
            "height": HEIGHT,
            "showlegend": False,
            "modebar": {"orientation": "v"},  # beside the panels: a row of buttons would hide a long title
            **layout,
        },
    )


def add_note(figure: go.Figure, sentences: Iterable[str], *, below: int = 68, width: int = 112) -> None:
    """Write those sentences under the panels, that many pixels below them, in lines of that many letters."""
    figure.add_annotation(
        text="<br>".join(wrapped(sentence, width) for sentence in sentences),
        xref="paper",
        x=0,
        xanchor="left",
        yref="paper",
        y=0,
        yanchor="top",
        yshift=-below,
        align="left",
        font={"size": 12, "color": FAINT},
    )
