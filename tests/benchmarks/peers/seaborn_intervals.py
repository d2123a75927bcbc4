"""Intervals of means by seaborn: `seaborn_intervals.py GROUPS N RESAMPLES` prints seconds as JSON."""

from __future__ import annotations

import json
import sys
import time

import numpy as np
from seaborn.algorithms import bootstrap
from seaborn.utils import ci


def main(groups: int, n: int, resamples: int) -> None:
    values = np.random.default_rng(0).normal(0.92, 0.005, size=(groups, n))
    began = time.perf_counter()
    for group in values:
        ci(bootstrap(group, func="mean", n_boot=resamples, seed=0))
    json.dump(time.perf_counter() - began, sys.stdout)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
