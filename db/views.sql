-- The views of the newest schema, as the migrations leave them. A new SQLite file gets them from here.

CREATE VIEW run_summary AS
SELECT
    s.run_id, s.key, s.config_id, s.seed, s.status, s.reason, s.attempt, s.last_epoch,
    c.model, c.dataset, c.train_per_class, c.label_noise, c.optimizer, c.lr, c.epochs,
    c.kind, c.score, c.target, c.layers, c.scratch, c.prune_start, c.prune_end, c.retrain_period,
    c.iterative_rate, c.total_fraction, c.train_batches, c.scale,
    final.test_accuracy AS final_test_accuracy,
    best.test_accuracy AS best_test_accuracy,
    best.epoch AS best_epoch,
    final.train_accuracy AS final_train_accuracy,
    final.train_accuracy - final.test_accuracy AS final_gap,
    best.train_accuracy - best.test_accuracy AS best_gap,
    CASE WHEN s.last_epoch IS NULL THEN NULL WHEN s.events = 0 THEN 1.0 ELSE (
        SELECT avg(p.stability) FROM pruning_events p
        WHERE p.run_id = s.run_id AND p.epoch >= 0 AND p.removed > 0
    ) END AS mean_stability,
    CASE WHEN s.last_epoch IS NULL THEN NULL WHEN s.events = 0 THEN 0.0 ELSE (
        SELECT avg(p.test_accuracy_before - p.test_accuracy_after) FROM pruning_events p
        WHERE p.run_id = s.run_id AND p.epoch >= 0 AND p.removed > 0
    ) END AS mean_drop,
    CASE WHEN s.last_epoch IS NULL THEN NULL WHEN s.events = 0 THEN 0.0 ELSE (
        SELECT p.test_accuracy_before - p.test_accuracy_after FROM pruning_events p
        WHERE p.run_id = s.run_id AND p.epoch = s.last_event
    ) END AS last_drop,
    s.events,
    s.last_event,
    s.seconds
FROM (
    SELECT
        r.*,
        (
            SELECT count(*) FROM pruning_events p
            WHERE p.run_id = r.run_id AND p.epoch >= 0 AND p.removed > 0
        ) AS events,
        (
            SELECT max(p.epoch) FROM pruning_events p
            WHERE p.run_id = r.run_id AND p.epoch >= 0 AND p.removed > 0
        ) AS last_event,
        (
            SELECT e.epoch FROM epochs e
            WHERE e.run_id = r.run_id AND e.epoch >= COALESCE((
                SELECT max(p.epoch) FROM pruning_events p
                WHERE p.run_id = r.run_id AND p.epoch >= 0 AND p.removed > 0
            ), 0)
            ORDER BY e.test_accuracy DESC, e.epoch
            LIMIT 1
        ) AS best_epoch
    FROM runs r
) s
JOIN configs c ON c.config_id = s.config_id
LEFT JOIN epochs final ON final.run_id = s.run_id AND final.epoch = s.last_epoch
LEFT JOIN epochs best ON best.run_id = s.run_id AND best.epoch = s.best_epoch;

CREATE VIEW tradeoff AS
SELECT
    m.sweep_id, w.name AS sweep, m.arm, m.position,
    r.run_id, r.key, r.seed, r.config_id,
    r.mean_stability AS stability,
    r.mean_drop AS "drop",
    r.final_test_accuracy, r.best_test_accuracy, r.final_gap, r.best_gap,
    r.scale, r.dataset, r.model
FROM sweep_runs m
JOIN sweeps w ON w.sweep_id = m.sweep_id
JOIN run_summary r ON r.run_id = m.run_id
WHERE r.status = 'completed';

CREATE VIEW level_summary AS
SELECT
    s.*,
    CASE
        WHEN s.n < 2 THEN NULL
        WHEN s.error_change * s.error_change < s.error_change_variance THEN 'match'
        WHEN s.error_change < 0 THEN 'better'
        WHEN s.error_change > 0 THEN 'worse'
        ELSE 'match'
    END AS against_dense
FROM (
    SELECT
        x.config_id,
        x.level,
        count(*) AS n,
        avg(x.weights_left * 1.0 / x.weights) AS weights_left,
        avg(1 - x.test_accuracy) AS test_error,
        avg(1 - x.validation_accuracy) AS validation_error,
        avg(x.train_loss) AS train_loss,
        avg(x.original_loss) AS original_loss,
        avg(x.noisy_loss) AS noisy_loss,
        avg(x.error_change) AS error_change,
        CASE WHEN count(*) > 1 THEN
            sum((x.error_change - x.mean_change) * (x.error_change - x.mean_change)) / (count(*) - 1)
        END AS error_change_variance
    FROM (
        SELECT
            r.config_id,
            l.*,
            dense.test_accuracy - l.test_accuracy AS error_change,
            avg(dense.test_accuracy - l.test_accuracy) OVER (PARTITION BY r.config_id, l.level)
                AS mean_change
        FROM runs r
        JOIN levels l ON l.run_id = r.run_id
        JOIN levels dense ON dense.run_id = r.run_id AND dense.level = 0
        WHERE r.status = 'completed'
    ) x
    GROUP BY x.config_id, x.level
) s;

CREATE VIEW optimal_levels AS
SELECT t.*
FROM (
    SELECT
        'validation' AS chosen_by,
        v.*,
        row_number() OVER (PARTITION BY v.config_id ORDER BY v.validation_error, v.level) AS place
    FROM level_summary v
    WHERE v.validation_error IS NOT NULL
    UNION ALL
    SELECT
        'test' AS chosen_by,
        v.*,
        row_number() OVER (PARTITION BY v.config_id ORDER BY v.test_error, v.level) AS place
    FROM level_summary v
) t
WHERE t.place = 1;

CREATE VIEW sparsest_better AS
SELECT t.*
FROM (
    SELECT
        v.*,
        row_number() OVER (PARTITION BY v.config_id ORDER BY v.level DESC) AS place
    FROM level_summary v
    WHERE v.against_dense = 'better'
) t
WHERE t.place = 1;

CREATE VIEW sweep_addresses AS
SELECT name || '@' || substr(digest, 1, 7) AS address, sweep_id FROM sweeps
UNION ALL
SELECT name, sweep_id
FROM (
    SELECT name, sweep_id, row_number() OVER (
        PARTITION BY name
        ORDER BY
            CASE WHEN options = '' THEN 0 WHEN options IS NULL THEN 1 ELSE 2 END,
            registered DESC, sweep_id DESC
    ) AS place
    FROM sweeps
) ordered
WHERE place = 1
