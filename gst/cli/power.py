"""gst power: how many seeds a question needs, from the variances in the store."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, NamedTuple

from gst.cli.options import Db, Form, argument, opened, option
from gst.cli.output import note, print_rows
from gst.cli.selection import told_version
from gst.errors import InputError, UnknownNameError
from gst.words import counted

if TYPE_CHECKING:
    from gst.analysis.spreads import ContrastSpread
    from gst.stats.spread import Spread

SEEDS = (5, 10, 20, 40)
"""Numbers of seeds whose widths are shown where nothing is asked for."""
_OF = ("arm", "baseline", "pairs", "sd_arm", "sd_baseline", "correlation", "sd_difference")


class Question(NamedTuple):
    """What is asked of a difference: the names of its answers, the answers, and both in words.

    `so` says what follows for the answers from how uncertain a standard deviation is.
    """

    names: tuple[str, ...]
    answers: Callable[[Spread], tuple[float, ...]]
    words: str
    so: str


def power_command(
    sweep: Annotated[str, argument("SWEEP", "A sweep of the store.")],
    width: Annotated[
        float | None, option("POINTS", "Seeds until the 95% t interval of a difference is that wide.")
    ] = None,
    difference: Annotated[
        float | None, option("POINTS", "Seeds until a true difference of that size is found.")
    ] = None,
    power: Annotated[float | None, option("CHANCE", "With --difference: how surely.", default="0.8")] = None,
    alpha: Annotated[
        float | None, option("CHANCE", "With --difference: of the two-sided t-test.", default="0.05")
    ] = None,
    of: Annotated[str, option("QUANTITY", "A quantity of runs.")] = "final_accuracy",
    form: Form = "table",
    db: Db = None,
) -> None:
    """Say how many seeds an interval or a difference needs.

    From how much each arm, its baseline and their difference by seed vary in the store: for arms that share
    seeds (paired) and arms that do not (unpaired). Without --width and --difference, the full width of the
    95% interval that 5, 10, 20 and 40 seeds give.
    """
    from gst.analysis.contrasts import baselines
    from gst.analysis.quantities import RUN_QUANTITIES
    from gst.analysis.results import run_results
    from gst.analysis.source import find_source
    from gst.analysis.spreads import contrast_spreads

    if of not in RUN_QUANTITIES:
        raise UnknownNameError("quantity of a run", of, RUN_QUANTITIES)
    quantity = RUN_QUANTITIES[of]
    question = _question(width, difference, power, alpha)
    with opened(db) as store:
        told_version(store, sweep)
        source = find_source(store, sweep)
        runs, twins = run_results(store, source), baselines(store, source)
    spreads = contrast_spreads(runs, twins.items(), quantity)
    _refuse_without_spread(sweep, of, spreads)
    columns = (f"{kind}_{name}" for kind in ("unpaired", "paired") for name in question.names)
    print_rows((*_OF, *columns), [_row(it, question) for it in spreads], form)
    unit = "percentage points" if quantity.is_share else quantity.unit
    note(f"{question.words} Widths and standard deviations (sd) are in {unit} of {quantity.words}.")
    seeds = [it.pairs for it in spreads if it.paired] or [min(it.runs) for it in spreads if it.unpaired]
    note(f"{uncertainty(seeds)}, {question.so}.")


def uncertainty(seeds: Sequence[int]) -> str:
    """How well standard deviations from these numbers of seeds are known: the fewest, and the most."""
    from gst.stats.spread import deviation_factors

    said = []
    for n in sorted({min(seeds), max(seeds)}):
        low, high = deviation_factors(n - 1)
        said.append(f"between {low:.2f} and {high:.2f} times its estimate from {counted(n, 'seed')}")
    return f"A true standard deviation lies {', and '.join(said)} (95% chi-square interval)"


def _question(
    width: float | None, difference: float | None, power: float | None, alpha: float | None
) -> Question:
    """The question that the options ask. Raises InputError for options that ask two, or for none's values."""
    from gst.stats.power import interval_half_width, seeds_for_difference, seeds_for_half_width

    if width is not None and difference is not None:
        raise InputError("--width and --difference are two questions: give one of them")
    if difference is None and (power is not None or alpha is not None):
        raise InputError("--power and --alpha are of a test: give --difference too")
    power, alpha = 0.8 if power is None else power, 0.05 if alpha is None else alpha
    for name, value, most in (
        ("--width", width, math.inf),
        ("--difference", difference, math.inf),
        ("--power", power, 1),
        ("--alpha", alpha, 1),
    ):
        if value is not None and not 0 < value < most:
            wanted = "a number between 0 and 1" if most == 1 else "a positive number of points"
            raise InputError(f"{name} {value:g}: expected {wanted}")
    if width is not None:
        return _seeds(
            lambda it: seeds_for_half_width(it.deviation, width / 2, per_seed=it.per_seed),
            f"Seeds of each arm until the 95% t interval of the difference is {width:g} wide or less.",
        )
    if difference is not None:
        return _seeds(
            lambda it: seeds_for_difference(
                difference, it.deviation, alpha=alpha, power=power, per_seed=it.per_seed
            ),
            f"Seeds of each arm until a t-test at a two-sided alpha of {alpha:g} finds a true difference of "
            f"{difference:g} with a chance of {power:g}.",
        )
    return Question(
        tuple(str(n) for n in SEEDS),
        lambda it: tuple(2 * interval_half_width(it.deviation, n, per_seed=it.per_seed) for n in SEEDS),
        "Columns unpaired_N and paired_N: full width of the difference's 95% t interval from N seeds an arm.",
        "and so do the widths",
    )


def _seeds(needed: Callable[[Spread], int], words: str) -> Question:
    """A question whose answer is a number of seeds: for the estimated deviation, and for its upper end."""
    return Question(
        ("seeds", "seeds_upper"),
        lambda it: (needed(it), needed(it.upper())),
        words,
        "and the columns *_upper are planned on its upper end",
    )


def _row(it: ContrastSpread, question: Question) -> tuple[object, ...]:
    nothing = (None,) * len(question.names)
    unpaired, paired = (nothing if of is None else question.answers(of) for of in (it.unpaired, it.paired))
    deviation = None if it.paired is None else it.paired.deviation
    known = (it.deviation_arm, it.deviation_baseline, it.correlation, deviation)
    return (it.arm, it.baseline, it.pairs, *known, *unpaired, *paired)


def _refuse_without_spread(sweep: str, of: str, spreads: Sequence[ContrastSpread]) -> None:
    if not spreads:
        raise InputError(
            f"sweep {sweep!r} has no pruned arm with a baseline: an unpruned arm whose configuration differs "
            "in `pruning` alone"
        )
    if all(it.unpaired is None and it.paired is None for it in spreads):
        if max(min(it.runs) for it in spreads) < 2:
            raise InputError(
                f"sweep {sweep!r}: a standard deviation needs at least 2 completed seeds, of an arm and of "
                f"its baseline, that have a {of}; run more"
            )
        raise InputError(
            f"sweep {sweep!r}: {of} does not vary over seeds, which says nothing of how many are needed"
        )
