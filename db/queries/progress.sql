-- How far is a sweep? One row is an arm of the sweep :sweep; runs by status, epochs over all its runs and their EL2N networks.
SELECT
    m.arm,
    count(*) AS runs,
    sum(CASE WHEN r.status = 'pending' THEN 1 ELSE 0 END) AS pending,
    sum(CASE WHEN r.status = 'running' THEN 1 ELSE 0 END) AS running,
    sum(CASE WHEN r.status = 'interrupted' THEN 1 ELSE 0 END) AS interrupted,
    sum(CASE WHEN r.status = 'completed' THEN 1 ELSE 0 END) AS completed,
    sum(CASE WHEN r.status = 'diverged' THEN 1 ELSE 0 END) AS diverged,
    sum(CASE WHEN r.status = 'failed' THEN 1 ELSE 0 END) AS failed,
    sum(CASE WHEN r.status = 'cancelled' THEN 1 ELSE 0 END) AS cancelled,
    sum(COALESCE(
        COALESCE(c.el2n_networks * c.el2n_epochs, 0) + r.last_epoch + 1 - COALESCE(c.branch_epoch, 0),
        COALESCE(c.el2n_networks * c.el2n_epochs, 0) + r.el2n_epoch + 1,
        0
    )) AS epochs_done,
    sum(c.epochs + COALESCE(c.el2n_networks * c.el2n_epochs, 0)) AS epochs,
    sum(r.seconds) AS seconds
FROM sweep_runs m
JOIN runs r ON r.run_id = m.run_id
JOIN configs c ON c.config_id = r.config_id
WHERE m.sweep_id = (
    SELECT sweep_id FROM sweep_addresses WHERE address = :sweep
)
GROUP BY m.arm
ORDER BY min(m.position)
