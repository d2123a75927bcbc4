-- Which levels beat the dense network? One row is a level of an arm of the sweep :sweep, over its n completed runs.
-- error_change is from level 0, paired by seed. A level is better or worse where that mean is at least one
-- standard deviation of it over the runs, and a match otherwise (Jin et al. 2022).
WITH
changes AS (
    SELECT
        m.arm,
        m.position,
        r.config_id,
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
        min(config_id) AS config_id,
        level,
        count(*) AS n,
        min(epoch) + 1 AS epochs,
        avg(weights_left * 1.0 / weights) AS weights_left,
        avg(1 - test_accuracy) AS test_error,
        avg(1 - validation_accuracy) AS validation_error,
        avg(train_loss) AS train_loss,
        avg(original_loss) AS original_loss,
        avg(noisy_loss) AS noisy_loss,
        avg(error_change) AS error_change,
        CASE WHEN count(*) > 1 THEN
            sum((error_change - mean_change) * (error_change - mean_change)) / (count(*) - 1)
        END AS variance
    FROM changes
    GROUP BY arm, level
)
SELECT
    s.arm,
    c.kind,
    c.label_noise,
    c.width,
    s.level,
    s.epochs,
    s.n,
    s.weights_left,
    s.test_error,
    s.validation_error,
    s.train_loss,
    s.original_loss,
    s.noisy_loss,
    s.error_change,
    sqrt(s.variance) AS deviation,
    CASE
        WHEN s.variance IS NULL THEN NULL
        WHEN s.error_change * s.error_change < s.variance OR s.error_change = 0 THEN 'match'
        WHEN s.error_change < 0 THEN 'better'
        ELSE 'worse'
    END AS against_dense
FROM summary s
JOIN configs c ON c.config_id = s.config_id
ORDER BY s.position, s.level
