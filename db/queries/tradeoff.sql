-- Do less stable runs generalize better? One row is a completed run in one arm of the sweep :sweep.
SELECT *
FROM tradeoff
WHERE sweep_id = (
    SELECT sweep_id FROM sweep_addresses WHERE address = :sweep
)
ORDER BY position
