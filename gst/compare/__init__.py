"""Published values and claims compared with the runs of a store: intervals for values, verdicts for claims.

A file of published numbers and claims (`sweeps/published.yaml`) says what is compared with which arms.
"""
