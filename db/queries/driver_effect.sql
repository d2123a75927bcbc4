-- Did the driver matter to the tradeoff? One row is what completed pruned runs of the sweep :sweep were trained on, with Pearson's r over n of them.
-- r is that of mean stability and final test accuracy, and NULL for fewer than three runs. A run belongs
-- to where its last attempt was; `mixed` counts runs with an earlier attempt somewhere else.
WITH
members AS (
    SELECT DISTINCT run_id
    FROM sweep_runs
    WHERE sweep_id = (
        SELECT sweep_id FROM sweep_addresses WHERE address = :sweep
    )
),
measured AS (
    SELECT
        a.device, a.gpu, a.gpu_driver, a.torch,
        s.final_test_accuracy AS accuracy,
        s.mean_stability AS stability,
        CASE WHEN EXISTS (
            SELECT 1
            FROM attempts b
            WHERE b.run_id = a.run_id AND b.attempt < a.attempt AND (
                b.device <> a.device OR b.torch <> a.torch
                OR COALESCE(b.gpu, '') <> COALESCE(a.gpu, '')
                OR COALESCE(b.gpu_driver, '') <> COALESCE(a.gpu_driver, '')
            )
        ) THEN 1 ELSE 0 END AS mixed
    FROM members m
    JOIN run_summary s ON s.run_id = m.run_id
    JOIN attempts a ON a.run_id = s.run_id AND a.attempt = s.attempt
    WHERE s.status = 'completed' AND s.events > 0 AND s.mean_stability IS NOT NULL
),
-- Differences from the group's means first, for sums of squares would lose all digits of nearly equal numbers.
centred AS (
    SELECT
        measured.*,
        accuracy - avg(accuracy) OVER (PARTITION BY device, gpu, gpu_driver, torch) AS y,
        stability - avg(stability) OVER (PARTITION BY device, gpu, gpu_driver, torch) AS x
    FROM measured
)
SELECT
    device,
    gpu,
    gpu_driver,
    torch,
    count(*) AS n,
    sum(mixed) AS mixed,
    avg(accuracy) AS mean_test_accuracy,
    avg(stability) AS mean_stability,
    CASE
        WHEN count(*) > 2 AND min(accuracy) < max(accuracy) AND min(stability) < max(stability)
        THEN sum(x * y) / (sqrt(sum(x * x)) * sqrt(sum(y * y)))
    END AS r
FROM centred
GROUP BY device, gpu, gpu_driver, torch
ORDER BY count(*) DESC, device, COALESCE(gpu, ''), COALESCE(gpu_driver, ''), torch
