"""MLflow storing epochs of six metrics each: `mlflow_epochs.py URL COMMITS` prints milliseconds as JSON."""

from __future__ import annotations

import json
import logging
import os
import sys
import time
import warnings

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ["GIT_PYTHON_REFRESH"] = "quiet"
logging.disable(logging.WARNING)
warnings.simplefilter("ignore")

from mlflow import MlflowClient  # noqa: E402 - it reads the environment
from mlflow.entities import Metric  # noqa: E402


def main(url: str, commits: int) -> None:
    client = MlflowClient(tracking_uri=url)
    experiment = client.create_experiment(f"epochs-{os.getpid()}", artifact_location=os.devnull)
    run = client.create_run(experiment).info.run_id
    taken = []
    for epoch in range(commits):
        began = time.perf_counter()
        moment = int(time.time() * 1000)
        metrics = [Metric(f"metric{number}", 0.5, moment, epoch) for number in range(6)]
        client.log_batch(run, metrics=metrics, synchronous=True)
        taken.append(1000 * (time.perf_counter() - began))
    stored = sum(len(client.get_metric_history(run, f"metric{number}")) for number in range(6))
    assert stored == 6 * commits, stored
    json.dump(taken, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
