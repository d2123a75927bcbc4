-- How does accuracy develop? One row is an epoch of an arm of the sweep :sweep, over its n runs so far.
SELECT
    m.arm,
    e.epoch,
    count(*) AS n,
    avg(e.test_accuracy) AS mean_test_accuracy,
    avg(e.train_accuracy) AS mean_train_accuracy,
    avg(e.parameters_left) AS mean_parameters_left
FROM sweep_runs m
JOIN epochs e ON e.run_id = m.run_id
WHERE m.sweep_id = (
    SELECT sweep_id FROM sweep_addresses WHERE address = :sweep
)
GROUP BY m.arm, e.epoch
ORDER BY min(m.position), e.epoch
