"""What each quantity of a run is called on an axis, and how its values are written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from gst.figures.style import percent


class Label(NamedTuple):
    """A quantity as an axis calls it, as a tooltip does, and its values in words; `ticks` is d3's format."""

    title: str
    short: str
    words: Callable[[float], str]
    ticks: str | None = ".2~%"


def _fine(value: float) -> str:
    return percent(value, 3)


def _coarse(value: float) -> str:
    return percent(value, 2)


LABELS: Mapping[str, Label] = MappingProxyType(
    {
        "stability": Label("Stability: mean over a run's pruning events", "stability", _fine),
        "mean_drop": Label("Drop in test accuracy: mean over a run's pruning events", "drop", _fine),
        "last_drop": Label("Drop in test accuracy at a run's last pruning event", "drop", _fine),
        "final_accuracy": Label("Final test accuracy", "accuracy", _coarse),
        "best_accuracy": Label("Best test accuracy since the last pruning event", "accuracy", _coarse),
        "final_gap": Label("Generalization gap after the last epoch", "gap", _coarse),
        "best_gap": Label("Generalization gap at the best test accuracy", "gap", _coarse),
        "hessian_trace": Label("Tr(H)", "Tr(H)", "{:.5g}".format, None),
        "gradient_trace": Label("Tr(C)", "Tr(C)", "{:.5g}".format, None),
        "epsilon": Label("ε", "epsilon", "{:.2f}".format, None),
        "tic": Label("Tr(C) / Tr(H)", "criterion", "{:.4g}".format, None),
    }
)
"""Labels by the field of RunResult or FlatnessResult; fractions of 1 are written in percent."""
