"""How often each p and interval finds what is not there, and what is: sweeps drawn from a model.

    python tests/support/null.py [SWEEPS]

prints the tables of sweeps/statistics.md. x and y have the variances that stability and accuracy have in a
sweep on digits, and are independent, or y rises with x.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

import numpy as np
from drawn_sweeps import ACCURACY, STABILITY_OF_SEEDS, Design, drawn
from scipy import stats
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from gst.stats.correlation import Correlation, correlation
from gst.stats.crossed import CrossedRuns, between_correlation, pooled_correlation, within_correlation
from gst.stats.mixed import mixed_model
from gst.stats.tests import holm, paired_t_test

SHAPES = (Design(4, 20), Design(12, 10), Design(21, 10))
"""The quickstart's before it had twelve configurations, a sweep of two knobs, and Figure 3 of GST 2020."""
LEVEL = 0.05
Finds = Callable[[CrossedRuns], bool]


def shape(design: Design) -> str:
    """The design as people write it: `12 x 10`."""
    return f"{design.configurations} x {design.seeds}"


def outside(found: Correlation) -> bool:
    """Whether the interval excludes 0."""
    return found.low is not None and found.high is not None and not found.low <= 0 <= found.high


def significant(p: float | None) -> bool:
    """Whether the p is below the level."""
    return p is not None and p < LEVEL


def differences(runs: CrossedRuns) -> Iterator[float]:
    """The p of y in each configuration less the first one, paired by seed."""
    of = [runs.y[runs.configurations == it] for it in range(runs.configuration_count)]
    for other in of[1:]:
        yield paired_t_test(other, of[0]).p


def shown(resamples: int) -> Mapping[str, Finds]:
    """Each p and interval that users see, and whether it finds something."""
    pooled = partial(pooled_correlation, resamples=resamples)
    return {
        "between configurations, p": lambda runs: significant(between_correlation(runs).p),
        "between configurations, interval": lambda runs: outside(between_correlation(runs)),
        "within configurations, p and interval": lambda runs: outside(within_correlation(runs)),
        "all runs, Pearson's interval": lambda runs: outside(pooled("pearson", runs)),
        "all runs, Kendall's interval": lambda runs: outside(pooled("kendall", runs)),
    }


def of_slopes() -> Mapping[str, Finds]:
    """The same of the two slopes of the mixed model, which takes longer."""
    return {
        "mixed model, slope between": lambda runs: significant(mixed_model(runs).between.p),
        "mixed model, slope within": lambda runs: significant(mixed_model(runs).within.p),
    }


def of_differences() -> Mapping[str, Finds]:
    """The same of differences between arms; all of a family at once."""
    return {
        "one difference of arms, paired, p": lambda runs: significant(next(differences(runs))),
        "any difference, Holm's p": lambda runs: significant(min(holm([*differences(runs)]))),
    }


def as_papers(resamples: int) -> Mapping[str, Finds]:
    """What takes runs as independent."""
    return {
        "all runs as independent, p": lambda runs: significant(float(stats.pearsonr(runs.x, runs.y).pvalue)),
        "all runs as independent, bootstrap": lambda runs: outside(
            correlation("pearson", runs.x, runs.y, resamples=resamples)
        ),
    }


def rates(
    design: Design, finds: Mapping[str, Finds], sweeps: int, slope: float = 0.0, *, first: int = 0
) -> dict[str, float]:
    """The share of that many sweeps in which each finds something."""
    found = dict.fromkeys(finds, 0)
    with threadpool_limits(1):  # matrices are small
        for seed in range(first, first + sweeps):
            runs = drawn(design, seed, slope)
            for name, of in finds.items():
                found[name] += of(runs)
    return {name: count / sweeps for name, count in found.items()}


def table(title: str, columns: Mapping[str, Mapping[str, float]]) -> str:
    """The rates in percent, a row for each name, as Markdown."""
    names = next(iter(columns.values()))
    lines = [f"| {title} | {' | '.join(columns)} |", f"|---|{'---|' * len(columns)}"]
    lines += [
        f"| {name} | {' | '.join(f'{100 * it[name]:.1f}' for it in columns.values())} |" for name in names
    ]
    return "\n".join(lines)


def say(text: str) -> None:
    """Print the text."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main(arguments: Sequence[str]) -> None:
    """Print the tables."""
    sweeps, resamples = int(arguments[0]) if arguments else 2000, 1000
    everything = {**as_papers(resamples), **shown(resamples), **of_slopes()}
    null: dict[str, Mapping[str, float]] = {}
    for design in SHAPES:
        name = shape(design)
        arms = design._replace(y=ACCURACY._replace(configuration=0.0))
        null[name] = rates(design, everything, sweeps) | rates(arms, of_differences(), sweeps)
        sys.stderr.write(f"{name}\n")
    say(table("nothing is there", null))
    seeded = {
        shape(design): rates(design._replace(x=STABILITY_OF_SEEDS), everything, sweeps) for design in SHAPES
    }
    say("\n" + table("the same, x depends on the seed, too", seeded))
    power = {
        f"{shape(design)}, slope {slope:g}": rates(
            design, {**shown(resamples), **of_slopes()}, sweeps // 2, -slope
        )
        for design in SHAPES
        for slope in (0.25, 0.5)
    }
    say("\n" + table("y falls with x", power))


if __name__ == "__main__":
    np.seterr(all="ignore")
    main(sys.argv[1:])
