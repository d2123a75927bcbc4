-- Where and with what was each run trained? One row is an attempt at a run in one arm of the sweep :sweep.
SELECT
    m.arm,
    m.position,
    r.key,
    r.seed,
    a.attempt,
    a.outcome,
    a.started,
    a.ended,
    a.seconds,
    a.first_epoch,
    a.host,
    a.pid,
    a.device,
    a.gpu,
    a.gpu_driver,
    a.cuda,
    a.cpus,
    a.gpus,
    a.torch,
    a.python,
    a.gst,
    a.git_commit,
    a.git_dirty,
    a.precision,
    a.deterministic,
    a.peak_memory,
    d.name AS dataset,
    d.content_hash AS dataset_hash
FROM sweep_runs m
JOIN runs r ON r.run_id = m.run_id
JOIN attempts a ON a.run_id = r.run_id
LEFT JOIN datasets d ON d.dataset_id = a.dataset_id
WHERE m.sweep_id = (
    SELECT sweep_id FROM sweep_addresses WHERE address = :sweep
)
ORDER BY m.position, a.attempt
