-- How far does error rise between two orders of batches? One row is a line of the sweep :sweep: its highest error less the mean of both ends (Frankle et al. 2020).
SELECT
    m.arm,
    r.key,
    r.seed,
    c.branch_epoch,
    l.settings,
    count(*) AS points,
    avg(CASE WHEN l.share IN (0, 1) THEN 1 - l.test_accuracy END) AS test_error_of_ends,
    max(1 - l.test_accuracy) - avg(CASE WHEN l.share IN (0, 1) THEN 1 - l.test_accuracy END) AS test_barrier,
    max(1 - l.train_accuracy) - avg(CASE WHEN l.share IN (0, 1) THEN 1 - l.train_accuracy END) AS train_barrier,
    max(l.test_loss) - avg(CASE WHEN l.share IN (0, 1) THEN l.test_loss END) AS test_loss_barrier
FROM sweep_runs m
JOIN runs r ON r.run_id = m.run_id
JOIN configs c ON c.config_id = r.config_id
JOIN connectivity l ON l.run_id = r.run_id
WHERE m.sweep_id = (
    SELECT sweep_id FROM sweep_addresses WHERE address = :sweep
)
GROUP BY m.arm, r.key, r.seed, c.branch_epoch, l.settings, m.position
ORDER BY m.position, l.settings
