"""Numbers of a comparison as people read them."""

from __future__ import annotations

import math

from gst.compare.results import Comparison, Setting, ValueResult
from gst.compare.verdict import Part

SUFFIX = {"percent": "%", "points": " points", "epochs": " epochs", "batches": " batches"}
MOST_DIGITS = 4


def number(
    value: float, low: float | None, high: float | None, unit: str, *, difference: bool = False
) -> str:
    """The number and its interval with as many digits as the interval warrants: `85.22% [85.12, 85.31]`.

    A correlation and a `difference` have their sign before them, also where it is a plus.
    """
    if unit == "p":
        return p_value(value)
    sign = "+" if unit == "correlation" or difference else ""
    if low is None or high is None or low == high:
        return f"{_plain(value, sign, unit)}{SUFFIX.get(unit, '')}"
    digits = _digits(low, high, unit)
    spread = f"[{low:{sign}.{digits}f}, {high:{sign}.{digits}f}]"
    return f"{value:{sign}.{digits}f}{SUFFIX.get(unit, '')} {spread}"


def p_value(p: float) -> str:
    """A p with two digits: `0.015`, `4.4e-06`."""
    return f"{p:.2g}"


def counted(n: tuple[int, ...]) -> str:
    """How many runs or pairs: `30`, or `10 and 3`; of many, the sum."""
    return " and ".join(map(str, n)) if len(n) < 3 else str(sum(n))


def spread_words(part: Part) -> str:
    """The standard deviation that the paper's rule judges a part by: `sd 0.21`; nothing where it does not."""
    return "" if part.deviation is None else f"sd {part.deviation:.2g}"


def _plain(value: float, sign: str, unit: str) -> str:
    if value == round(value):
        return f"{value:{sign},.0f}"
    return f"{value:{sign}.2f}" if unit == "correlation" else f"{value:{sign}.5g}"


def _digits(low: float, high: float, unit: str) -> int:
    """Decimals that show one digit of the interval's half-width, two where the first is a 1."""
    if unit == "correlation":
        return 2
    half = (high - low) / 2
    power = math.floor(math.log10(half))
    return min(MOST_DIGITS, max(1, (1 if half < 2 * 10.0**power else 0) - power))


def published_words(value: ValueResult) -> str:
    """The published value as printed, with what the paper says of its spread and runs."""
    words = value.printed
    if value.range:
        words = f"{value.range[0]:g} to {value.range[1]:g}"
    words += SUFFIX.get(value.unit, "")
    if value.deviation is not None:
        words += f" ± {value.deviation:g}"
    return words + (f" (n = {value.runs})" if value.runs else "")


def ours_words(value: ValueResult) -> str:
    """Our number and its interval, or nothing."""
    ours = value.ours
    return "" if ours is None else number(ours.value, ours.low, ours.high, value.unit)


def setting_words(setting: Setting) -> str:
    """What was measured: `sweep fig2_vgg11: vgg11 on cifar10, 40 runs, 2 missing (2 failed)`."""
    data = ", ".join(setting.datasets)
    if setting.train_per_class:
        data += f" ({', '.join(map(str, setting.train_per_class))} images of a class)"
    words = f"sweep {setting.sweep}: {', '.join(setting.models)} on {data}, {setting.runs} runs"
    if setting.missing:
        words += f", {setting.missing} missing ({setting.statuses})"
    scales = [f"{scale:g}" for scale in setting.scales if scale != 1]
    words += f", at scale {' and '.join(scales)}" if scales else ""
    return words + (f"; levels chosen by {setting.chosen_by}" if setting.chosen_by else "")


def methods(found: Comparison) -> tuple[str, ...]:
    """How the numbers were made and the verdicts reached, in sentences."""
    sentences = []
    if any(claim.compared for claim in found.claims) or any(value.compared for value in found.values):
        sentences.append(
            "Brackets: 95% intervals (90% where the paper tests at 10%), bootstrapped over runs and paired "
            "by seed; Student's t and Fisher's z with fewer than 8."
        )
    if any(claim.compared and not claim.by_rule for claim in found.claims):
        sentences.append(
            "A claim is undecided where an interval includes the boundary; of several parts, all must hold. "
            "Parts are not corrected for their number."
        )
    if any(claim.by_rule for claim in found.claims):
        sentences.append(
            "Where an sd is given the paper's own rule decides: two results differ where the mean of the "
            "differences by seed is at least one standard deviation (sd) of them, and match otherwise; the "
            "interval stands beside it, and fewer seeds than the paper's leave it undecided."
        )
    if any(claim.compared and claim.kind == "match" and not claim.by_rule for claim in found.claims):
        sentences.append(f"Two means match where they differ by {found.tolerance:g} points at most.")
    if any(value.agrees is not None for value in found.values):
        sentences.append(
            "A published value agrees where it lies in our interval, or where it has a deviation, where "
            "Welch's test finds no difference at 5%."
        )
    return tuple(sentences)
