-- What did each pruning event do? One row is an event of a run in one arm of the sweep :sweep.
SELECT
    m.arm,
    m.position,
    r.key,
    r.seed,
    p.epoch,
    p.kind,
    p.removed,
    p.test_accuracy_before,
    p.test_accuracy_after,
    p.test_accuracy_before - p.test_accuracy_after AS "drop",
    p.instability,
    p.stability,
    p.mean_score,
    p.n_test
FROM sweep_runs m
JOIN runs r ON r.run_id = m.run_id
JOIN pruning_events p ON p.run_id = m.run_id
WHERE m.sweep_id = (
    SELECT sweep_id FROM sweep_addresses WHERE address = :sweep
)
ORDER BY m.position, p.epoch
