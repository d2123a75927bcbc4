-- What did it cost? One row is a device in one arm of the sweep :sweep, over all attempts that ended.
-- Attempts count whichever sweep drove them, and are timed from claim to end: loading and testing included.
-- Hours count the share of CPUs and GPUs that an attempt had, or one of each where that is not known.
SELECT
    m.arm,
    a.device,
    a.gpu,
    count(DISTINCT a.run_id) AS runs,
    count(*) AS attempts,
    sum(CASE WHEN a.outcome = 'lost' THEN 1 ELSE 0 END) AS lost,
    sum(a.seconds) AS seconds,
    sum(CASE WHEN a.outcome = 'completed' THEN 0 ELSE a.seconds END) AS seconds_not_completed,
    sum(a.seconds * COALESCE(a.cpus, 1)) / 3600 AS cpu_hours,
    sum(CASE WHEN a.device LIKE 'cuda%' THEN a.seconds * COALESCE(a.gpus, 1) ELSE 0 END) / 3600 AS gpu_hours,
    max(a.peak_memory) AS peak_memory
FROM (
    SELECT arm, run_id, min(position) AS position
    FROM sweep_runs
    WHERE sweep_id = (
        SELECT sweep_id FROM sweep_addresses WHERE address = :sweep
    )
    GROUP BY arm, run_id
) m
JOIN attempts a ON a.run_id = m.run_id
WHERE a.ended IS NOT NULL
GROUP BY m.arm, a.device, a.gpu
ORDER BY min(m.position), a.device, COALESCE(a.gpu, '')
