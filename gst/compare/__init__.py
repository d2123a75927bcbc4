"""What papers report beside what a store has: values with intervals, and claims with verdicts.

A file of published numbers and claims (`sweeps/published.yaml`) says what is compared with which arms.
"""

from gst.compare.comparison import compare
from gst.compare.facts import comparison_facts
from gst.compare.loading import load_published, shipped_file
from gst.compare.names import figures_named
from gst.compare.results import ClaimResult, Comparison, FigureResult, Ours, Setting, ValueResult
from gst.compare.telling import number, published_words
from gst.compare.verdict import VERDICTS, Part, Verdict

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
    "comparison_facts",
    "figures_named",
    "load_published",
    "number",
    "published_words",
    "shipped_file",
]
