"""What a group-sequential design asks, and the seeds that it will take, in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gst.config.design import Design
    from gst.stats.resample import FloatArray

EFFECTS = (0.0, 0.5, 0.8, 1.2)
"""Mean differences that a plan tells the price of, in standard deviations of the differences."""
DEVIATIONS = (0.25, 0.5, 1.0)
"""Standard deviations of the differences that a plan tells the price of, in widths that are wanted."""


def design_in_words(design: Design) -> str:
    """The question, the looks with their bounds, and the number of seeds to expect, in a few lines."""
    from gst.stats.sequential import nominal_levels

    levels = nominal_levels(design.looks, design.fractions, alpha=design.alpha, spending=design.spends)
    first, second = design.question.difference
    lines = [f"{design.question.of.replace('_', ' ')}, {first} less {second}, with looks"]
    lines += _test(design, levels) if design.width is None else _width(design, design.width, levels)
    return "\n  ".join(lines)


def _test(design: Design, levels: FloatArray) -> Iterator[str]:
    import numpy as np

    from gst.stats.operating import operating

    looks = zip(design.looks, levels, strict=True)
    yield ", ".join(f"at {seeds} seeds (p below {level:.2g})" for seeds, level in looks)
    yield f"two-sided alpha {design.alpha:g}, {design.spends}{', futility' if design.futility else ''}"
    for effect in EFFECTS:
        found = operating(design.looks, levels, effect, np.random.default_rng(0), futility=design.futility)
        case = f"a difference of {effect:g} standard deviations" if effect else "no difference"
        yield f"{case}: {found.seeds:.1f} seeds expected, one is found in {found.rejected:.1%} of sweeps"


def _width(design: Design, width: float, levels: FloatArray) -> Iterator[str]:
    import numpy as np

    from gst.stats.operating import coverage

    yield f"at {', '.join(map(str, design.looks))} seeds"
    yield f"until its repeated {100 * (1 - design.alpha):g}% interval is at most {width:g} points wide"
    for deviation in DEVIATIONS:
        found = coverage(design.looks, levels, 1 / deviation, np.random.default_rng(0))
        case = f"differences with a standard deviation of {deviation * width:g} points"
        yield f"{case}: {found.seeds:.1f} seeds expected, as narrow in {found.reached:.1%} of sweeps"
