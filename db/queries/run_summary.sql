-- What came of each run of a sweep? One row is a run in one arm of the sweep :sweep.
SELECT m.arm, m.position, r.*
FROM sweep_runs m
JOIN run_summary r ON r.run_id = m.run_id
WHERE m.sweep_id = (
    SELECT sweep_id FROM sweep_addresses WHERE address = :sweep
)
ORDER BY m.position
