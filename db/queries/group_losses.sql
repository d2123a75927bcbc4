-- On which training images does a level change the loss? One row is a percentile group of EL2N scores at a level of an arm of the sweep :sweep, over its n completed runs.
-- Group 1 has the lowest scores. loss_change is from level 0, paired by seed; deviation is its standard
-- deviation over the runs.
WITH changes AS (
    SELECT
        m.arm,
        m.position,
        g.level,
        g.bin,
        g.n_noisy * 1.0 / (g.n_original + g.n_noisy) AS noisy_share,
        dense.loss AS dense_loss,
        g.loss,
        g.loss - dense.loss AS loss_change,
        avg(g.loss - dense.loss) OVER (PARTITION BY m.arm, g.level, g.bin) AS mean_change
    FROM sweep_runs m
    JOIN runs r ON r.run_id = m.run_id
    JOIN group_losses g ON g.run_id = m.run_id
    JOIN group_losses dense ON dense.run_id = m.run_id AND dense.level = 0 AND dense.bin = g.bin
    WHERE r.status = 'completed' AND m.sweep_id = (
        SELECT sweep_id FROM sweep_addresses WHERE address = :sweep
    )
)
SELECT
    arm,
    level,
    bin,
    count(loss_change) AS n,
    avg(noisy_share) AS noisy_share,
    avg(dense_loss) AS dense_loss,
    avg(loss) AS loss,
    avg(loss_change) AS loss_change,
    CASE WHEN count(loss_change) > 1 THEN
        sqrt(sum((loss_change - mean_change) * (loss_change - mean_change)) / (count(loss_change) - 1))
    END AS deviation
FROM changes
GROUP BY arm, level, bin
ORDER BY min(position), level, bin
