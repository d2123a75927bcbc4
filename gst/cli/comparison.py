"""A comparison with published results as text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from gst.cli.output import table

if TYPE_CHECKING:
    from gst.compare.telling import Block, ClaimRow, Comparison, Summary, ValueRow

WIDTH = 110


def comparison_text(found: Comparison) -> str:
    """The comparison as paragraphs; the summary at the end, which a terminal still shows."""
    from gst.compare.telling import Sentence, tell

    summary, *rest = tell(found)
    text = ""
    for block in (*rest, summary):
        gap = "\n" if isinstance(block, Sentence) else "\n\n"
        text = gap.join(filter(None, (text, *_paragraphs(block))))
    return text


def _paragraphs(block: Block) -> Iterator[str]:
    from gst.compare.telling import Claims, Heading, NotCompared, Sentence, Summary, Values

    match block:
        case Heading():
            yield f"{block.figure}: {block.paper}, {block.title}"
        case Sentence():
            yield "  " + ": ".join(filter(None, (block.label, block.text)))
        case Values():
            yield "\n".join(_values(block.rows))
        case Claims():
            yield from ("\n".join(_claim(claim)) for claim in block.rows if not claim.waiting)
            yield from _waiting([claim for claim in block.rows if claim.waiting])
        case NotCompared():
            yield "\n".join(_not_compared(block.rows))
        case Summary():
            yield "\n".join(_summary(block))


def _values(rows: Sequence[ValueRow]) -> Iterator[str]:
    """A table of the values that have one of ours; the others below it, by the reason why not."""
    from gst.compare.telling import by_reason

    ours = [
        (row.name, row.published, row.ours, f"(n = {row.n})", _remark(row)) for row in rows if not row.reason
    ]
    if ours:
        yield textwrap.indent(table(("value", "published", "ours", "", ""), ours), "  ")
    others = ((row.reason, f"{row.name} {row.published}") for row in rows if row.reason)
    for reason, names in by_reason(others).items():
        yield _wrapped(reason, 2)
        yield from (f"    {name}" for name in names)


def _remark(row: ValueRow) -> str:
    return f"{row.verdict} ({row.deviations})".lstrip() if row.deviations else row.verdict


def _claim(claim: ClaimRow) -> Iterator[str]:
    said = f" ({claim.deviations})" if claim.deviations else ""
    yield _wrapped(f"{claim.verdict}{said}: {claim.name} [{claim.place}]", 2)
    if claim.verdict == "not run":
        yield _wrapped(claim.reason, 4, 4)
    for part in claim.parts:
        if claim.several:
            yield f"    {part.verdict}: {part.name}: {part.numbers}"
        elif part.verdict != "not run":
            yield f"    {part.name}: {part.numbers}"


def _waiting(claims: Sequence[ClaimRow]) -> Iterator[str]:
    """Claims about benchmarks of which nothing was run, by the reason why."""
    from gst.compare.telling import by_reason

    for reason, names in by_reason((claim.reason, claim.name) for claim in claims).items():
        yield "\n".join([_wrapped(f"not run: {reason}", 2), *(_wrapped(name, 4) for name in names)])


def _not_compared(rows: Sequence[tuple[str, str, str]]) -> Iterator[str]:
    from gst.compare.telling import by_reason

    for reason, names in by_reason((reason, name) for name, _, reason in rows).items():
        text = f"{', '.join(names)}: not run: {reason}"
        yield textwrap.fill(text, WIDTH, subsequent_indent="  ", break_on_hyphens=False)


def _summary(summary: Summary) -> Iterator[str]:
    yield f"Claims: {', '.join(f'{count} {verdict}' for verdict, count in summary.counts)}"
    for sentence in filter(None, (summary.apart("above"), *summary.methods)):
        yield textwrap.fill(sentence, WIDTH, break_long_words=False)


def _wrapped(text: str, indent: int, further: int | None = None) -> str:
    further = indent + 2 if further is None else further
    return textwrap.fill(text, WIDTH, initial_indent=" " * indent, subsequent_indent=" " * further)
