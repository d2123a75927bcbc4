"""Optuna storing epochs of six metrics each: `optuna_epochs.py URL COMMITS` prints milliseconds as JSON.

Its intermediate values are one number a step, so that an epoch is six reports.
"""

from __future__ import annotations

import json
import os
import sys
import time

import optuna


def main(url: str, commits: int) -> None:
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(storage=url, study_name=f"epochs-{os.getpid()}")
    trial = study.ask()
    taken = []
    for epoch in range(commits):
        began = time.perf_counter()
        for number in range(6):
            trial.report(0.5, step=6 * epoch + number)
        taken.append(1000 * (time.perf_counter() - began))
    assert len(study.trials[0].intermediate_values) == 6 * commits
    json.dump(taken, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
