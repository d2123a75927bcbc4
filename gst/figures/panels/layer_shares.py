"""What pruning leaves of each layer, event by event."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from gst.analysis.curves import Curve, mean_curve
from gst.analysis.event_parts import LayerShares
from gst.errors import InputError
from gst.figures.frame import Pane, draw_panel
from gst.figures.panels.bands import add_band, add_curve
from gst.figures.sheet import Row
from gst.figures.style import COLOURS, plain

LOGARITHMIC = 0.05
"""The share below which the axis of all panels is logarithmic."""
DASHES = ("solid", "dash", "dot")


class LayersPanel(NamedTuple):
    """The mean share left of each layer of an arm after its events; the first epoch is the one before any."""

    arm: str
    runs: int
    layers: Mapping[str, Curve]
    lowest: float = 1.0
    """The least mean share above 0 of all panels of the sheet, which have one axis."""

    @property
    def heading(self) -> str:
        """The arm and its runs."""
        return f"<b>{plain(self.arm)}</b>, n = {self.runs} run{'s' if self.runs > 1 else ''}"

    def rows(self) -> Iterator[Row]:
        """A row for each layer after each event."""
        for layer, it in self.layers.items():
            for place, epoch in enumerate(it.x.tolist()):
                about = {"what": "share of a layer that is left", "arm": self.arm, "layer": layer}
                yield {**about, "epoch": epoch, **it.numbers(place), "n": it.n}

    def reading(self) -> Iterator[str]:
        """What a share is of."""
        yield (
            "Share of a layer's filters, or single weights, that is left after each event; means over runs, "
            "with bands where runs differ."
        )


def layers_panels(found: Sequence[LayerShares], arms: Sequence[str]) -> tuple[LayersPanel, ...]:
    """A panel for each of those arms that has runs with events. Raises InputError where none has."""
    by_arm = {arm: [it for it in found if it.arm == arm] for arm in arms}
    panels = tuple(_panel(arm, runs) for arm, runs in by_arm.items() if runs)
    if not panels:
        raise InputError("no run removed anything as it trained, so no layer has a share to show")
    means = np.concatenate([it.mean for panel in panels for it in panel.layers.values()])
    return tuple(it._replace(lowest=float(means[means > 0].min(initial=1))) for it in panels)


def _panel(arm: str, runs: Sequence[LayerShares]) -> LayersPanel:
    """The events that all of the runs have, and the layers that any of them prunes."""
    epochs = sorted(set.intersection(*(set(it.epochs) for it in runs)))
    layers = {}
    for layer in sorted({layer for it in runs for layer in it.left}):
        shares = [
            dict(zip(it.epochs, it.left[layer], strict=True)) if layer in it.left else {} for it in runs
        ]
        values = np.array([[of_run.get(epoch, 1.0) for epoch in epochs] for of_run in shares])
        layers[layer] = mean_curve(layer, values, epochs)
    return LayersPanel(arm, len(runs), layers)


@draw_panel.register
def _(panel: LayersPanel, pane: Pane) -> None:
    logarithmic = panel.lowest < LOGARITHMIC
    floor = panel.lowest / 2 if logarithmic else 0.0
    for place, (layer, it) in enumerate(panel.layers.items()):
        colour = COLOURS[place % len(COLOURS)]
        add_band(pane, it.mapped(lambda values: np.clip(values, floor, 1)), colour)
        add_curve(
            pane,
            it,
            {"color": colour, "width": 2, "dash": DASHES[place // len(COLOURS) % len(DASHES)]},
            mode="lines+markers",
            hovertemplate=f"<b>{plain(layer)}</b><br>epoch %{{x}}: %{{y:.2%}} left<extra></extra>",
        )
    pane.set_x(title_text="Epoch of the event")
    pane.set_y(title_text="Share left", tickformat="~%")
    if logarithmic:
        pane.set_y(type="log", dtick="D2", range=[math.log10(floor), 0.05])
    else:
        pane.set_y(range=[0, 1.03])
