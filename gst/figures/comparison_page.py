"""A comparison as one page that needs no network: pictures of the values, the claims as a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

import gst
from gst.compare import (
    VERDICTS,
    ClaimResult,
    Comparison,
    FigureResult,
    Part,
    ValueResult,
    counted,
    methods,
    number,
    ours_words,
    p_value,
    published_words,
    setting_words,
    spread_words,
)
from gst.figures.comparison import draw
from gst.figures.export import write_whole

SYMBOLS = {"held": "✓", "not held": "✗", "undecided": "?", "not run": "–"}
AGREES = {True: "✓ agrees", False: "✗ differs", None: ""}
ACCURACY = {"best": "best test accuracy since the last pruning event", "final": "final test accuracy"}

PLAIN = {"responsive": True, "displayModeBar": False, "showSendToCloud": False, "plotlyServerURL": ""}
"""Without plotly's buttons, which would lie on the legend, and its offer to send the data to its maker."""

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
.undecided { color: #8A6100; } .not-run { color: #666; }
.reason { color: #555; font-size: 0.92em; }
""".strip()


def write_comparison(found: Comparison, path: Path) -> Path:
    """Write the page; the path. Raises InputError where it cannot be written."""
    write_whole(path, comparison_page(found).encode())
    return path


def comparison_page(found: Comparison) -> str:
    """The page as HTML, plotly's code included where something is drawn."""
    parts = [part for figure in found.figures if not figure.reason for part in _figure(figure)]
    library = next((number for number, part in enumerate(parts) if 'class="plotly-graph-div"' in part), None)
    if library is not None:
        from plotly.offline import get_plotlyjs

        parts.insert(library, f"<script>{get_plotlyjs()}</script>")
    body = "\n".join([*_head(found), *parts, *_silent(found)])
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n'
        "<title>Comparison with published results</title>\n"
        f"{_tags(found)}<style>\n{STYLE}\n</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _tags(found: Comparison) -> str:
    about = {"gst": gst.__version__, "published": found.published}
    for figure in found.figures:
        about |= {f"sweep_digest:{setting.sweep}": setting.digest for setting in figure.settings}
    return "".join(
        f'<meta name="gst:{escape(name)}" content="{escape(value)}">\n' for name, value in about.items()
    )


def _head(found: Comparison) -> Iterator[str]:
    yield "<h1>Comparison with published results</h1>"
    counts = ", ".join(
        f'<span class="{_class(verdict)}">{SYMBOLS[verdict]} {found.count(verdict)} {verdict}</span>'
        for verdict in VERDICTS
    )
    yield f"<p>Claims: {counts}.</p>"
    if found.elsewhere:
        yield (
            f"<p>{found.elsewhere} more judged by runs that differ from the published experiment; these "
            "verdicts count neither for nor against the paper.</p>"
        )
    yield f'<p class="about">{escape(" ".join(methods(found)))}</p>'


def _figure(figure: FigureResult) -> Iterator[str]:
    yield f'<h2 id="{escape(figure.figure)}">{escape(figure.paper)}, {escape(figure.title)}</h2>'
    yield f'<p class="about">{escape(figure.citation)}</p>'
    for setting in figure.settings:
        yield f"<p>{escape(setting_words(setting))}</p>"
    if figure.differs:
        yield f"<p><b>Differs from the paper by design:</b> {escape(figure.differs)}.</p>"
    if figure.values:
        if not any(setting.chosen_by for setting in figure.settings):
            yield f"<p>Accuracy: {ACCURACY[figure.accuracy]}.</p>"
        if (picture := draw(figure)) is not None:
            yield picture.to_html(
                full_html=False,
                include_plotlyjs=False,
                include_mathjax=False,
                div_id=f"plot-{figure.figure}",
                config=PLAIN,
            )
        yield _values(figure.values)
    if figure.claims:
        yield _claims(figure.claims)


def _values(values: Sequence[ValueResult]) -> str:
    rows = []
    for value in values:
        if value.ours is None:
            words = "not run" if value.measured else "not measured"
            ours = f'<span class="reason">{words}: {escape(value.reason)}</span>'
        else:
            ours = f"{escape(ours_words(value))} (n = {counted(value.ours.n)}){_deviations(value.deviations)}"
        kind = {True: "held", False: "not-held", None: ""}[value.agrees]
        rows.append(
            f"<tr><td>{escape(value.name)}</td><td>{escape(published_words(value))}"
            f'<br><span class="reason">{escape(value.place)}</span></td>'
            f'<td>{ours}</td><td class="verdict {kind}">{AGREES[value.agrees]}</td></tr>'
        )
    return (
        "<table><thead><tr><th>Value</th><th>Published</th><th>Ours</th><th></th></tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table>"
    )


def _claims(claims: Sequence[ClaimResult]) -> str:
    rows = []
    for claim in claims:
        detail = "".join(f"<li>{_part(part, len(claim.parts) > 1)}</li>" for part in claim.parts)
        reason = f'<br><span class="reason">{escape(claim.reason)}</span>' if claim.reason else ""
        symbol, kind = SYMBOLS[claim.verdict], _class(claim.verdict)
        if claim.deviations:  # of another experiment than the paper's: in brackets, and without the colour
            symbol, kind = f"({symbol})", "not-run"
        rows.append(
            f'<tr><td class="verdict {kind}">{symbol} {claim.verdict}'
            f"</td><td>{escape(claim.name)} "
            f'<span class="reason">{escape(claim.place)}</span>{_deviations(claim.deviations)}{reason}'
            f"{f'<ul>{detail}</ul>' if detail else ''}</td></tr>"
        )
    return (
        f"<table><thead><tr><th>Verdict</th><th>Claim</th></tr></thead><tbody>{''.join(rows)}</tbody></table>"
    )


def _part(part: Part, several: bool) -> str:
    words = escape(part.name)
    if several:
        words = f'<span class="{_class(part.verdict)}">{SYMBOLS[part.verdict]}</span> {words}'
    if part.value is None:
        return f"{words}: {escape(part.reason)}"
    numbers = [number(part.value, part.low, part.high, part.unit, difference=True), f"n = {counted(part.n)}"]
    numbers += [spread_words(part)] if part.deviation is not None else []
    numbers += [] if part.p is None else [f"p = {p_value(part.p)}"]
    reason = f" ({escape(part.reason)})" if part.reason else ""
    return f'<span title="{escape(part.method)}">{words}: {", ".join(numbers)}{reason}</span>'


def _deviations(deviations: Sequence[str]) -> str:
    return f"<br><b>{escape('; '.join(deviations))}</b>" if deviations else ""


def _silent(found: Comparison) -> Iterator[str]:
    silent = [figure for figure in found.figures if figure.reason]
    if not silent:
        return
    yield "<h2>Not run</h2>"
    rows = "".join(
        f"<tr><td>{escape(figure.figure)}</td><td>{escape(figure.paper)}, {escape(figure.title)}</td>"
        f'<td class="reason">{escape(figure.reason)}</td></tr>'
        for figure in silent
    )
    yield f"<table><tbody>{rows}</tbody></table>"


def _class(verdict: str) -> str:
    return verdict.replace(" ", "-")
