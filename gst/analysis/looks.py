"""What a sweep with a group-sequential design decided, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gst.config.design import Design
    from gst.store import Look, Store


def decision_in_words(store: Store, sweep_id: int) -> str | None:
    """The sweep's last decision, or what it waits for; None for a sweep without a design."""
    design = store.design(sweep_id)
    if design is None:
        return None
    looks = store.looks(sweep_id)
    if not looks:
        return f"Before look 1 of {len(design.looks)}, which comes at {design.looks[0]} seeds."
    return look_in_words(design, looks[-1])


def look_in_words(design: Design, look: Look) -> str:
    """The difference, its interval, the bound and what was decided, in a line.

    `Look 2 of 4, 10 seeds: final test accuracy, PruneL less No Pruning: +0.65 points [+0.21, +1.09] (repeated
    95% interval), p = 0.003 below the bound 0.0054: stop.`
    """
    first, second = design.question.difference
    pairs = (
        "" if look.pairs == look.seeds else f" ({look.pairs} pairs; a run of each other seed has no result)"
    )
    what = f"{design.question.of.replace('_', ' ')}, {first} less {second}"
    head = f"Look {look.look} of {len(design.looks)}, {look.seeds} seeds{pairs}: {what}: "
    return head + f"{_found(design, look)}: {_decision(design, look)}."


def _found(design: Design, look: Look) -> str:
    if look.estimate is None or look.p is None:
        return "nothing to test, for the pairs are too few or their differences all equal"
    text = f"{100 * look.estimate:+.2f} points"
    if look.low is not None and look.high is not None:
        text += f" [{100 * look.low:+.2f}, {100 * look.high:+.2f}]"
        text += f" (repeated {100 * (1 - design.alpha):g}% interval)"
        if design.width is not None:
            return f"{text}, {100 * (look.high - look.low):.2f} wide of {design.width:g} wanted"
    side = "below" if look.p <= look.level else "above"
    return f"{text}, p = {look.p:.2g} {side} the bound {look.level:.2g}"


def _decision(design: Design, look: Look) -> str:
    match look.decision:
        case "continue":
            return f"go on, to {design.looks[look.look]} seeds"
        case "futility":
            return "stop, for going on would hardly find a difference"
        case "last":
            return "stop, at the last look"
        case _:
            return "stop"
