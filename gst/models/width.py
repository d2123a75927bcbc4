"""How wide a layer is in a network that was made narrower."""

from __future__ import annotations

from fractions import Fraction


def units(base: int, width: Fraction) -> int:
    """The share of the published number of units, rounded (halves to even), but at least 1."""
    return max(1, round(base * width))
