"""A comparison as one page that needs no network: pictures of the values, the claims as a table."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from pathlib import Path

import gst
from gst.compare.results import Comparison
from gst.compare.telling import (
    TITLE,
    TOO_WIDE,
    Block,
    ClaimRow,
    Claims,
    Differences,
    Heading,
    NotCompared,
    PartLine,
    Picture,
    Sentence,
    Summary,
    ValueRow,
    Values,
    tell,
)
from gst.figures.comparison_picture import draw
from gst.figures.files.export import write_whole
from gst.figures.files.page import CONFIG, drawn, page

SYMBOLS = {"held": "✓", "not held": "✗", "undecided": "?", "not run": "–", "left out": "–"}
AGREEMENT = {
    "agrees": ("held", "✓ "),
    "differs": ("not-held", "✗ "),
    TOO_WIDE: ("undecided", "? "),
    "": ("", ""),
}
"""Class and symbol of a value that agrees, differs, or cannot be told."""

PLAIN = {**CONFIG, "displayModeBar": False}
"""Without plotly's buttons, which would lie on the legend."""

# Blue, vermilion and orange of Okabe and Ito; each verdict has its symbol and its word as well.
STYLE = """
body { font: 16px/1.45 Helvetica, Arial, 'Liberation Sans', sans-serif; color: #222; max-width: 68rem;
  margin: 2rem auto; padding: 0 1rem; }
h2 { margin: 2.5rem 0 0.2rem; border-top: 1px solid #ccc; padding-top: 1.2rem; }
p { margin: 0.3rem 0; } .about { color: #555; }
table { border-collapse: collapse; margin: 0.8rem 0; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: 0.35rem 0.9rem 0.35rem 0;
  border-bottom: 1px solid #e6e6e6; }
td ul { margin: 0.2rem 0 0; padding-left: 1.1rem; color: #444; font-size: 0.92em; }
.verdict { white-space: nowrap; font-weight: bold; }
.held { color: #0072B2; } .not-held { color: #B04A00; }
.undecided { color: #8A6100; } .not-run { color: #666; } .left-out { color: #666; }
.reason { color: #555; font-size: 0.92em; }
""".strip()


def write_comparison(found: Comparison, path: Path) -> Path:
    """Write the page; the path. Raises InputError where it cannot be written."""
    write_whole(path, comparison_page(found).encode())
    return path


def comparison_page(found: Comparison) -> str:
    """The page as HTML, plotly's code included where something is drawn."""
    body = "\n".join([f"<h1>{TITLE}</h1>", *filter(None, map(_html, tell(found)))])
    return page(TITLE, body, tags=_tags(found), style=STYLE)


def _tags(found: Comparison) -> str:
    about = {"gst": gst.__version__, "published": found.published}
    for figure in found.figures:
        about |= {f"sweep_digest:{setting.sweep}": setting.digest for setting in figure.settings}
    return "".join(
        f'<meta name="gst:{escape(name)}" content="{escape(value)}">\n' for name, value in about.items()
    )


def _html(block: Block) -> str:
    match block:
        case Summary():
            return _summary(block)
        case Heading():
            title = f'<h2 id="{escape(block.figure)}">{escape(block.paper)}, {escape(block.title)}</h2>'
            return f'{title}\n<p class="about">{escape(block.citation)}</p>'
        case Sentence():
            label = f"<b>{escape(block.label.capitalize())}:</b> " if block.label else ""
            return f"<p>{label}{escape(block.text)}{'.' if label else ''}</p>"
        case Picture():
            return _picture(block)
        case Values():
            return _table(("Value", "Published", "Ours", ""), map(_value, block.rows))
        case Differences():
            rows = (_cells(map(escape, row)) for row in block.rows)
            head = ("Final test accuracy, paired by seed", "Difference")
            return f'{_table(head, rows)}\n<p class="about">{escape(block.method)}</p>'
        case Claims():
            return _table(("Verdict", "Claim"), map(_claim, block.rows))
        case NotCompared():
            cells = ((escape(name), escape(title), _faint(reason)) for name, title, reason in block.rows)
            return f"<h2>Not run</h2>\n{_table((), map(_cells, cells))}" if block.rows else ""


def _summary(summary: Summary) -> str:
    counts = ", ".join(
        f'<span class="{_class(verdict)}">{SYMBOLS[verdict]} {count} {verdict}</span>'
        for verdict, count in summary.counts
    )
    apart = summary.apart("below")
    return (
        f"<p>Claims: {counts}.</p>\n"
        + (f"<p>{escape(apart)}</p>\n" if apart else "")
        + f'<p class="about">{escape(" ".join(summary.methods))}</p>'
    )


def _picture(block: Picture) -> str:
    figure = draw(block.figure)
    return drawn(figure, f"plot-{block.figure.figure}", PLAIN) if figure else ""


def _value(row: ValueRow) -> str:
    if row.reason:
        ours = _faint(row.reason)
    else:
        ours = f"{escape(row.ours)} (n = {row.n}){_deviations(row.deviations)}"
    kind, symbol = AGREEMENT[row.verdict]
    verdict = f'<td class="verdict {kind}">{symbol}{row.verdict}</td>'
    return _cells((escape(row.name), f"{escape(row.published)}<br>{_faint(row.place)}", ours)) + verdict


def _claim(row: ClaimRow) -> str:
    symbol, kind = SYMBOLS[row.verdict], _class(row.verdict)
    if row.deviations:  # of another experiment than the paper's: in brackets, and without the colour
        symbol, kind = f"({symbol})", "not-run"
    place = ", ".join(filter(None, (row.place, row.significant)))
    words = f"{escape(row.name)} {_faint(place)}{_deviations(row.deviations)}"
    words += f"<br>{_faint(f'assumes {row.assumed}')}" if row.assumed else ""
    words += f"<br>{_faint(row.reason)}" if row.reason else ""
    if row.parts:
        words += f"<ul>{''.join(f'<li>{_part(part, row.several)}</li>' for part in row.parts)}</ul>"
    return f'<td class="verdict {kind}">{symbol} {row.verdict}</td>{_cells((words,))}'


def _part(part: PartLine, several: bool) -> str:
    mark = f'<span class="{_class(part.verdict)}">{SYMBOLS[part.verdict]}</span> ' if several else ""
    return f'<span title="{escape(part.method)}">{mark}{escape(part.name)}: {escape(part.numbers)}</span>'


def _deviations(deviations: str) -> str:
    return f"<br><b>{escape(deviations)}</b>" if deviations else ""


def _faint(text: str) -> str:
    return f'<span class="reason">{escape(text)}</span>'


def _cells(cells: Iterable[str]) -> str:
    return "".join(f"<td>{cell}</td>" for cell in cells)


def _table(columns: Iterable[str], rows: Iterable[str]) -> str:
    header = "".join(f"<th>{name}</th>" for name in columns)
    head = f"<thead><tr>{header}</tr></thead>" if header else ""
    return f"<table>{head}<tbody>{''.join(f'<tr>{row}</tr>' for row in rows)}</tbody></table>"


def _class(verdict: str) -> str:
    return verdict.replace(" ", "-")
