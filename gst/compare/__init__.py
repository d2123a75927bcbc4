"""What papers report beside what a store has: values with intervals, and claims with verdicts.

A file of published numbers and claims (`sweeps/published.yaml`) says what is compared with which arms.
"""

from gst.compare.comparison import compare
from gst.compare.loading import figures_named, load_published, shipped_file
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
    "figures_named",
    "load_published",
    "number",
    "published_words",
    "shipped_file",
    "to_dict",
]
