"""Published values and claims compared with the runs of a store: intervals for values, verdicts for claims.

A file of published numbers and claims (`sweeps/published.yaml`) says what is compared with which arms.
"""

from gst.compare.loading import (
    figures_and_sweeps,
    figures_named,
    load_published,
    shipped_file,
    without_figure,
)
from gst.compare.papers import compare
from gst.compare.results import (
    VERDICTS,
    ClaimResult,
    Comparison,
    FigureResult,
    Ours,
    Part,
    Setting,
    ValueResult,
    Verdict,
    to_dict,
)
from gst.compare.telling import number, published_words

__all__ = [
    "VERDICTS",
    "ClaimResult",
    "Comparison",
    "FigureResult",
    "Ours",
    "Part",
    "Setting",
    "ValueResult",
    "Verdict",
    "compare",
    "figures_and_sweeps",
    "figures_named",
    "load_published",
    "number",
    "published_words",
    "shipped_file",
    "to_dict",
    "without_figure",
]
