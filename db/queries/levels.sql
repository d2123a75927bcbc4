-- What did each level of training come to? One row is a level of a run in one arm of the sweep :sweep.
-- Errors are fractions of 1; error_change and loss_change are from level 0 of the same run, and negative where the level is better.
SELECT
    m.arm,
    m.position,
    r.key,
    r.seed,
    r.status,
    c.kind,
    c.label_noise,
    c.width,
    l.level,
    l.epoch + 1 AS epochs,
    l.weights_left * 1.0 / l.weights AS weights_left,
    1 - l.test_accuracy AS test_error,
    1 - l.validation_accuracy AS validation_error,
    dense.test_accuracy - l.test_accuracy AS error_change,
    l.train_loss,
    l.train_loss - dense.train_loss AS loss_change,
    l.original_loss,
    l.noisy_loss,
    l.noisy_loss - l.original_loss AS noisy_gap
FROM sweep_runs m
JOIN runs r ON r.run_id = m.run_id
JOIN configs c ON c.config_id = r.config_id
JOIN levels l ON l.run_id = m.run_id
JOIN levels dense ON dense.run_id = m.run_id AND dense.level = 0
WHERE m.sweep_id = (
    SELECT sweep_id FROM sweep_addresses WHERE address = :sweep
)
ORDER BY m.position, l.level
