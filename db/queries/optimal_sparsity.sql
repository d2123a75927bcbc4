-- How sparse should a network be? One row is an arm of the sweep :sweep with levels, over its n completed runs.
-- The optimal level has the lowest mean error, by validation images or by test images, and is the first of
-- several. The sparsest better one is the last that beats level 0 by at least one standard deviation of the
-- difference, which is paired by seed (Jin et al. 2022), of runs that remove weights. What there is none of is NULL.
WITH
changes AS (
    SELECT
        m.arm,
        m.position,
        l.*,
        dense.test_accuracy - l.test_accuracy AS error_change,
        avg(dense.test_accuracy - l.test_accuracy) OVER (PARTITION BY m.arm, l.level) AS mean_change
    FROM sweep_runs m
    JOIN runs r ON r.run_id = m.run_id
    JOIN levels l ON l.run_id = m.run_id
    JOIN levels dense ON dense.run_id = m.run_id AND dense.level = 0
    WHERE r.status = 'completed' AND m.sweep_id = (
        SELECT sweep_id FROM sweep_addresses WHERE address = :sweep
    )
),
summary AS (
    SELECT
        arm,
        min(position) AS position,
        level,
        count(*) AS n,
        1 - avg(weights_left * 1.0 / weights) AS sparsity,
        avg(1 - test_accuracy) AS test_error,
        avg(1 - validation_accuracy) AS validation_error,
        CASE
            WHEN count(*) > 1 AND min(weights_left) < min(weights) AND avg(error_change) < 0 AND avg(error_change) * avg(error_change)
                >= sum((error_change - mean_change) * (error_change - mean_change)) / (count(*) - 1)
            THEN level
        END AS better
    FROM changes
    GROUP BY arm, level
),
ranked AS (
    SELECT
        summary.*,
        row_number() OVER (PARTITION BY arm ORDER BY validation_error, level) AS by_validation,
        row_number() OVER (PARTITION BY arm ORDER BY test_error, level) AS by_test,
        max(better) OVER (PARTITION BY arm) AS sparsest_better
    FROM summary
)
SELECT
    arm,
    max(n) AS n,
    max(CASE WHEN level = 0 THEN test_error END) AS dense_test_error,
    max(CASE WHEN by_validation = 1 AND validation_error IS NOT NULL THEN level END) AS level_by_validation,
    max(CASE WHEN by_validation = 1 AND validation_error IS NOT NULL THEN sparsity END) AS sparsity_by_validation,
    max(CASE WHEN by_validation = 1 AND validation_error IS NOT NULL THEN test_error END) AS error_by_validation,
    max(CASE WHEN by_test = 1 THEN level END) AS level_by_test,
    max(CASE WHEN by_test = 1 THEN sparsity END) AS sparsity_by_test,
    max(CASE WHEN by_test = 1 THEN test_error END) AS error_by_test,
    max(sparsest_better) AS sparsest_better_level,
    max(CASE WHEN level = sparsest_better THEN sparsity END) AS sparsest_better_sparsity,
    max(CASE WHEN level = sparsest_better THEN test_error END) AS sparsest_better_error
FROM ranked
GROUP BY arm
ORDER BY min(position)
