"""A comparison with published results as text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from gst.cli.output import table

if TYPE_CHECKING:
    from gst.compare import ClaimResult, Comparison, FigureResult, Part, ValueResult

WIDTH = 110
ACCURACY = {"best": "best test accuracy since the last pruning event", "final": "final test accuracy"}


def comparison_text(found: Comparison) -> str:
    """Each figure with its values and claims, those without any run in a line each, and the sum of it all."""
    shown = [figure for figure in found.figures if not figure.reason]
    silent = [figure for figure in found.figures if figure.reason]
    blocks = ["\n".join(_figure(figure)) for figure in shown]
    if silent:
        blocks.append("\n".join(_silent(silent)))
    blocks.append("\n".join(_summary(found)))
    return "\n\n".join(blocks)


def _figure(figure: FigureResult) -> Iterator[str]:
    from gst.compare import setting_words

    yield f"{figure.figure}: {figure.paper}, {figure.title}"
    for setting in figure.settings:
        yield f"  {setting_words(setting)}"
    if figure.differs:
        yield f"  differs from the paper by design: {figure.differs}"
    if figure.values:
        if not any(setting.chosen_by for setting in figure.settings):
            yield f"  accuracy: {ACCURACY[figure.accuracy]}"
        yield ""
        yield from _values(figure.values)
    alike = _waiting(figure.claims)
    for claim in figure.claims:
        if claim not in alike:
            yield ""
            yield from _claim(claim)
    yield from _not_run_together(alike)


def _values(values: Sequence[ValueResult]) -> Iterator[str]:
    """A table of the values that have one of ours; the others below it, by the reason why not."""
    from gst.compare import counted, ours_words, published_words

    rows = []
    others: dict[str, list[str]] = {}
    for value in values:
        if value.ours is None:
            heading = f"{'not run' if value.measured else 'not measured'}: {value.reason}"
            others.setdefault(heading, []).append(f"{value.name} {published_words(value)}")
        else:
            n = f"(n = {counted(value.ours.n)})"
            rows.append((value.name, published_words(value), ours_words(value), n, _remark(value)))
    if rows:
        yield textwrap.indent(table(("value", "published", "ours", "", ""), rows), "  ")
    for heading, names in others.items():
        yield textwrap.fill(heading, WIDTH, initial_indent="  ", subsequent_indent="    ")
        yield from (f"    {name}" for name in names)


def _remark(value: ValueResult) -> str:
    words = {True: "agrees", False: "differs", None: ""}[value.agrees]
    return f"{words} ({'; '.join(value.deviations)})".lstrip() if value.deviations else words


def _claim(claim: ClaimResult) -> Iterator[str]:
    said = f" ({'; '.join(claim.deviations)})" if claim.deviations else ""
    heading = f"{claim.verdict}{said}: {claim.name} [{claim.place}]"
    yield textwrap.fill(heading, WIDTH, initial_indent="  ", subsequent_indent="    ")
    if claim.verdict == "not run":
        yield textwrap.fill(claim.reason, WIDTH, initial_indent="    ", subsequent_indent="    ")
    several = len(claim.parts) > 1
    for part in claim.parts:
        if part.verdict != "not run" or several:
            yield f"    {_part(part, several)}"


def _waiting(claims: Sequence[ClaimResult]) -> list[ClaimResult]:
    """Claims about a benchmark of which nothing was run."""
    return [it for it in claims if it.benchmark and it.verdict == "not run" and not it.parts]


def _not_run_together(claims: Sequence[ClaimResult]) -> Iterator[str]:
    """Those claims by the reason why they were not run, each with the benchmarks on which it waits."""
    reasons: dict[str, list[str]] = {}
    for claim in claims:
        reasons.setdefault(claim.reason, []).append(claim.name)
    for reason, names in reasons.items():
        yield ""
        yield textwrap.fill(f"not run: {reason}", WIDTH, initial_indent="  ", subsequent_indent="    ")
        for name in names:
            yield textwrap.fill(name, WIDTH, initial_indent="    ", subsequent_indent="      ")


def _part(part: Part, several: bool) -> str:
    from gst.compare import number, p_value, spread_words

    words = f"{part.verdict}: {part.name}" if several else part.name
    if part.value is None:
        return f"{words}: {part.reason}"
    numbers = [number(part.value, part.low, part.high, part.unit, difference=True), f"n = {_counted(part.n)}"]
    numbers += [spread_words(part)] if part.deviation is not None else []
    numbers += [] if part.p is None else [f"p = {p_value(part.p)}"]
    return f"{words}: {', '.join(numbers)}" + (f" ({part.reason})" if part.reason else "")


def _counted(n: tuple[int, ...]) -> str:
    from gst.compare import counted

    return counted(n)


def _silent(figures: Sequence[FigureResult]) -> Iterator[str]:
    """Figures of which nothing was compared, those with the same reason together."""
    reasons: dict[str, list[str]] = {}
    for figure in figures:
        reasons.setdefault(figure.reason, []).append(figure.figure)
    for reason, names in reasons.items():
        text = f"{', '.join(names)}: not run: {reason}"
        yield textwrap.fill(text, WIDTH, subsequent_indent="  ", break_on_hyphens=False)


def _summary(found: Comparison) -> Iterator[str]:
    from gst.compare import VERDICTS, methods

    counts = ", ".join(f"{found.count(verdict)} {verdict}" for verdict in VERDICTS)
    yield f"Claims: {counts}"
    if found.elsewhere:
        verb = "was" if found.elsewhere == 1 else "were"
        yield _wrapped(
            f"{found.elsewhere} more {verb} judged by runs that differ from the published experiment, as "
            "said above: these verdicts count neither for nor against the paper."
        )
    yield from map(_wrapped, methods(found))


def _wrapped(text: str) -> str:
    return textwrap.fill(text, WIDTH, break_long_words=False)
