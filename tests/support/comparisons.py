"""Files of published numbers with one figure, of hand-made stores."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from stores import Run

from gst.compare.papers import compare
from gst.compare.published import Published
from gst.compare.results import Comparison, FigureResult
from gst.store import Store


def published(
    *,
    claims: Iterable[Any] = (),
    values: Iterable[Any] = (),
    tolerance: float = 0.5,
    unmeasured: dict[str, Any] | None = None,
    replicates: int | None = None,
    sweeps: dict[str, Any] | None = None,
    **figure: Any,
) -> Published:
    """A file of published numbers with one figure, `fig`, of the sweep `hand` unless it has benchmarks.

    With `replicates` the paper has a rule of its own for what differs, over so many seeds.
    """
    rule: dict[str, Any] = {} if replicates is None else {"rule": "one_std", "replicates": replicates}
    figure = ({} if "benchmarks" in figure else {"sweep": "hand"}) | figure
    content = {
        "papers": {"paper": {"name": "A paper", "citation": "Somebody: A paper"} | rule},
        "tolerance": tolerance,
        "unmeasured": unmeasured or {},
        "sweeps": sweeps or {},
        "figures": {
            "fig": {
                "paper": "paper", "title": "Figure", "accuracy": "final",
                "values": list(values), "claims": list(claims),
            } | figure,
        },
    }  # fmt: skip
    return Published.model_validate_json(json.dumps(content))


def compared(store: Store, **content: Any) -> FigureResult:
    """The one figure, compared."""
    (figure,) = whole(store, **content).figures
    return figure


def whole(store: Store, **content: Any) -> Comparison:
    return compare(store, published(**content), ["fig"])


def runs_of(arm: str, accuracies: Sequence[float], first: int = 0) -> list[Run]:
    """Unpruned runs of one epoch with these final accuracies, seeds from `first` on."""
    return [Run(arm, seed, [accuracy]) for seed, accuracy in enumerate(accuracies, start=first)]
