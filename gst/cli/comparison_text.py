"""A comparison with published results as text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

from gst.cli.output import table, width_up_to

if TYPE_CHECKING:
    from gst.compare.results import Comparison
    from gst.compare.telling import Block, ClaimRow, Summary, ValueRow, Values

WIDEST = 110


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
    from gst.compare.telling import Claims, Differences, Heading, NotCompared, Sentence, Summary, Values

    match block:
        case Heading():
            yield f"{block.figure}: {block.paper}, {block.title}"
        case Sentence():
            yield _wrapped(": ".join(filter(None, (block.label, block.text))), 2)
        case Values():
            yield "\n".join(_values(block))
        case Differences():
            rows = table(("final test accuracy, paired by seed", "difference"), block.rows)
            yield "\n".join(filter(None, (textwrap.indent(rows, "  "), _wrapped(block.method, 2))))
        case Claims():
            yield from ("\n".join(_claim(claim)) for claim in block.rows if not claim.waiting)
            for reason, names in block.waiting.items():
                yield "\n".join([_wrapped(f"not run: {reason}", 2), *(_wrapped(name, 4) for name in names)])
        case NotCompared():
            said = (f"{', '.join(names)}: not run: {reason}" for reason, names in block.names.items())
            yield "\n".join(
                textwrap.fill(text, width_up_to(WIDEST), subsequent_indent="  ", break_on_hyphens=False)
                for text in said
            )
        case Summary():
            yield "\n".join(_summary(block))


def _values(values: Values) -> Iterator[str]:
    """A table of the values that have one of ours; the others below it, by the reason why not."""
    rows = [it for it in values.rows if not it.reason]
    ours = [(it.name, it.published, it.ours, f"(n = {it.n})", _remark(it)) for it in rows]
    if ours:
        yield textwrap.indent(table(("value", "published", "ours", "", ""), ours), "  ")
    for reason, names in values.lacking.items():
        yield _wrapped(reason, 2)
        yield from (f"    {name}" for name in names)


def _remark(row: ValueRow) -> str:
    return f"{row.verdict} ({row.deviations})".lstrip() if row.deviations else row.verdict


def _claim(claim: ClaimRow) -> Iterator[str]:
    assumed = f"assumes {claim.assumed}" if claim.assumed else ""
    words = "; ".join(filter(None, (claim.deviations, assumed)))
    said = f" ({words})" if words else ""
    place = ", ".join(filter(None, (claim.place, claim.significant)))
    yield _wrapped(f"{claim.verdict}{said}: {claim.name} [{place}]", 2)
    if claim.verdict == "not run":
        yield _wrapped(claim.reason, 4, 4)
    for part in claim.parts:
        if claim.several:
            yield f"    {part.verdict}: {part.name}: {part.numbers}"
        elif claim.verdict != "not run":
            yield f"    {part.name}: {part.numbers}"


def _summary(summary: Summary) -> Iterator[str]:
    yield f"Claims: {', '.join(f'{count} {verdict}' for verdict, count in summary.counts)}"
    for sentence in filter(None, (summary.apart("above"), *summary.methods)):
        yield textwrap.fill(sentence, width_up_to(WIDEST), break_long_words=False)


def _wrapped(text: str, indent: int, further: int | None = None) -> str:
    further = indent + 2 if further is None else further
    return textwrap.fill(
        text, width_up_to(WIDEST), initial_indent=" " * indent, subsequent_indent=" " * further
    )
