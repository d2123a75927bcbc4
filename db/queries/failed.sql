-- Which runs failed, where and why? One row is a failed run in one arm of the sweep :sweep.
SELECT
    m.arm,
    r.key,
    r.seed,
    r.reason,
    r.attempt AS attempts,
    r.last_epoch,
    r.ended,
    a.host,
    a.device,
    a.outcome,
    a.traceback,
    a.log_tail
FROM sweep_runs m
JOIN runs r ON r.run_id = m.run_id
LEFT JOIN attempts a ON a.run_id = r.run_id AND a.attempt = r.attempt
WHERE r.status = 'failed' AND m.sweep_id = (
    SELECT sweep_id FROM sweep_addresses WHERE address = :sweep
)
ORDER BY m.position
