"""What a value or claim is asked of, and why some cannot be asked at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from gst.compare.published import PublishedFigure
from gst.compare.quantities import QUANTITIES
from gst.compare.selection import Sweeps


class Question(NamedTuple):
    """A figure, the sweeps of the store that stand for its own, and what gst does not measure."""

    figure: PublishedFigure
    sweeps: Sweeps
    tolerance: float
    unmeasured: Mapping[str, str]

    def refusal(self, unavailable: str, quantities: Sequence[str]) -> str:
        """Why it cannot be measured, whatever is run; an empty text where it can."""
        if reason := unavailable or self.figure.unavailable:
            return reason
        missing = [name for name in quantities if name not in QUANTITIES]
        return "; ".join(dict.fromkeys(self.unmeasured[name] for name in missing))
