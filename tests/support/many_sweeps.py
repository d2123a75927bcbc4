"""A store of 1,000 runs of 325 epochs and 25 levels in 20 sweeps, made in seconds by the database."""

from __future__ import annotations

import sqlalchemy as sa
from stores import DIGITS, run_config, sweep_of

from gst.store import Store
from gst.store.connect import connect, parsed, writing

SWEEPS, SEEDS, EPOCHS = 20, 25, 325
RUNS = SWEEPS * 2 * SEEDS
EVENTS = 30
"""Of a pruned run: one after every tenth epoch."""
LEVELS, GROUPS = 25, 20
"""Levels of a run, and the groups of images whose losses each has."""
PRUNING = {
    "kind": "filters", "score": "l2", "target": "largest", "layers": ("conv1",),
    "start": 0, "end": 290, "every": 10, "fraction": 0.5,
}  # fmt: skip

NUMBERS = "WITH RECURSIVE numbers(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM numbers WHERE i + 1 < {})"

# Rows of a run lie together, as they do when runs write them; numbers differ a little from run to run.
FILLING = (
    """
    UPDATE runs SET status = 'completed', attempt = 2, last_epoch = :last, furthest_epoch = :last,
      seconds = 0.25 * (:last + 1), started = created, heartbeat = created, ended = created, driver_epoch = 1
    """,
    """
    INSERT INTO datasets (name, train, test, classes, content_hash, source)
    VALUES (:name, :train, :test, :classes, :content_hash, :source)
    """,
    f"""
    INSERT INTO attempts (run_id, attempt, sweep_id, driver_epoch, first_epoch, dataset_id, host, pid, device,
      gpu, gpu_driver, torch, python, gst, precision, deterministic, started, ended, outcome, peak_memory,
      seconds)
    {NUMBERS.format(2)}
    SELECT r.run_id, i + 1, m.sweep_id, 1, 100 * i, 1, 'node', 1, 'cuda',
      'H200', CASE WHEN r.run_id % 2 = 0 THEN '550.1' ELSE '570.2' END, '2.8.0', '3.11.7', '0.1.0', 'fp32',
      r.key < '0', r.created, r.created, CASE WHEN i = 0 THEN 'lost' ELSE 'completed' END, 1000, 10.0
    FROM runs r JOIN sweep_runs m ON m.run_id = r.run_id CROSS JOIN numbers
    ORDER BY r.run_id, i
    """,
    f"""
    INSERT INTO epochs (run_id, epoch, level, train_loss, train_accuracy, test_loss, test_accuracy, lr,
      parameters_left, seconds)
    {NUMBERS.format(EPOCHS)}
    SELECT run_id, i, 0, 0.5, 0.875, 0.75, 0.5 + 0.001 * ((run_id * 31 + i * 17) % 400), 0.001, 1000, 0.25
    FROM runs CROSS JOIN numbers
    ORDER BY run_id, i
    """,
    f"""
    INSERT INTO pruning_events (run_id, epoch, kind, test_accuracy_before, test_accuracy_after, n_test,
      removed, mask_hash)
    {NUMBERS.format(EVENTS)}
    SELECT r.run_id, 10 * i, 'filters', 0.75, 0.5 + 0.001 * ((r.run_id * 37 + i * 13) % 200), 360, 1, 'mask'
    FROM runs r JOIN configs c ON c.config_id = r.config_id CROSS JOIN numbers
    WHERE c.kind = 'filters'
    ORDER BY r.run_id, i
    """,
    """
    INSERT INTO layer_prunings (run_id, epoch, layer, total, kept_before, kept_after)
    SELECT p.run_id, p.epoch, l.layer, 8, 8, 7
    FROM pruning_events p
    CROSS JOIN (SELECT 'conv1' AS layer UNION ALL SELECT 'conv2' UNION ALL SELECT 'fc1') l
    """,
    f"""
    INSERT INTO levels (run_id, level, epoch, weights, weights_left, test_accuracy, n_validation,
      validation_accuracy, train_loss, train_accuracy, n_original, original_loss, n_noisy)
    {NUMBERS.format(LEVELS)}
    SELECT run_id, i, 13 * i, 1000, 1000 - 40 * i, 0.5 + 0.001 * ((run_id * 31 + i * 17) % 400), 100,
      0.5 + 0.001 * ((run_id * 29 + i * 19) % 400), 0.5, 0.875, 1000, 0.5, 0
    FROM runs CROSS JOIN numbers
    ORDER BY run_id, i
    """,
    f"""
    INSERT INTO group_losses (run_id, level, epoch, bin, n_original, original_loss, n_noisy, loss)
    {NUMBERS.format(GROUPS)}
    SELECT l.run_id, l.level, l.epoch, i + 1, 50, 0.25 + 0.01 * i, 0, 0.25 + 0.01 * i + 0.001 * l.level
    FROM levels l CROSS JOIN numbers
    ORDER BY l.run_id, l.level, i
    """,
)


def fill_many_sweeps(url: str) -> None:
    """Fill the empty store at that URL: sweeps `sweep0`, `sweep1` and so on, each with two arms."""
    with Store.open(url) as store:
        for number in range(SWEEPS):
            rate = 0.001 * (number + 1)
            arms = {
                "none": run_config(epochs=EPOCHS, lr=rate),
                "pruned": run_config(epochs=EPOCHS, lr=rate, pruning=PRUNING),
            }
            store.register(sweep_of(arms, range(SEEDS), name=f"sweep{number}"))
    engine = connect(parsed(url))
    with writing(engine).begin() as connection:
        for statement in FILLING:
            connection.execute(sa.text(statement), {"last": EPOCHS - 1, **DIGITS._asdict()})
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")  # so that a database plans with the numbers of rows that it has
    engine.dispose()
