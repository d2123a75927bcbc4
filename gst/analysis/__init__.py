"""From rows to arrays: which runs a sweep has, what each came to, and how its accuracy developed.

Figures, comparisons and pages start from here, so that they agree on what a run's numbers are.
"""
