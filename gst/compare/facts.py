"""A comparison as plain values, for programs."""

from __future__ import annotations

from gst.compare.results import ClaimResult, Comparison, FigureResult, ValueResult
from gst.compare.verdict import VERDICTS


def comparison_facts(found: Comparison) -> dict[str, object]:
    """Everything in the comparison, as mappings, lists and numbers; percentages are of 100.

    `counts` says of a claim whether its verdict is about the published experiment, rather than about one
    that differs from it as `deviations` says.
    """
    return {
        "published": found.published,
        "tolerance": found.tolerance,
        "claims": {verdict: found.count(verdict) for verdict in VERDICTS} | {"elsewhere": found.elsewhere},
        "contradicted": found.contradicted,
        "incomplete": found.incomplete,
        "figures": [_figure(figure) for figure in found.figures],
    }


def _figure(figure: FigureResult) -> dict[str, object]:
    return figure._asdict() | {
        "settings": [setting._asdict() for setting in figure.settings],
        "values": [_value(value) for value in figure.values],
        "claims": [_claim(claim) for claim in figure.claims],
    }


def _value(value: ValueResult) -> dict[str, object]:
    return value._asdict() | {
        "name": value.name,
        "ours": value.ours._asdict() if value.ours else None,
        "difference": value.difference._asdict() if value.difference else None,
    }


def _claim(claim: ClaimResult) -> dict[str, object]:
    return claim._asdict() | {"counts": claim.counts, "parts": [part._asdict() for part in claim.parts]}
